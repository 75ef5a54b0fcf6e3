import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from diagnosis import Run
from diagnosis.identity import identify
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context, Source
from diagnosis.synthetic import falling, run

BASE = run(Context(num_classes=10, labels={"team": "a", "seed": 1}), loss=falling(), val_loss=falling(seed=1))


def changed(index: int = 0, **fields: object) -> Run:
    """The run with one curve changed."""
    curves = list(BASE.curves)
    before = curves[index]
    kept = {"values": before.values.copy(), "steps": before.steps.copy()}
    curves[index] = replace(before, **{**kept, **fields})
    return replace(BASE, curves=tuple(curves))


def test_it_is_thirty_two_hexadecimal_digits():
    """Short enough for a file name."""
    assert len(identify(BASE)) == 32
    assert set(identify(BASE)) <= set("0123456789abcdef")


SAME = {
    "a copy": replace(BASE),
    "curves in another order": replace(BASE, curves=BASE.curves[::-1]),
    "another format": replace(BASE, source=Source("keras_csv", {}, ("lr",), ("a note",))),
    "labels in another order": replace(BASE, context=replace(BASE.context, labels={"seed": 1, "team": "a"})),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_question_has_the_same_id(name: str):
    """However it was written."""
    assert identify(BASE) == identify(SAME[name])


nudged = falling()
nudged[30] = np.nextafter(nudged[30], np.inf)
OTHER = {
    "one value by one bit": changed(values=nudged),
    "one value missing": changed(values=falling()[1:].copy(), steps=np.arange(1.0, 60)),
    "other steps": changed(steps=2 * np.arange(60.0)),
    "steps from one": changed(steps=np.arange(60.0) + 1),
    "another axis": changed(axis="step"),
    "another direction": changed(direction="max"),
    "another role": changed(role="val_loss"),
    "another name": changed(name="nll"),
    "values swapped between curves": replace(
        BASE,
        curves=tuple(
            replace(c, values=o.values, steps=c.steps) for c, o in zip(BASE.curves, BASE.curves[::-1], strict=True)
        ),
    ),
    "a curve less": replace(BASE, curves=BASE.curves[:1]),
    "another context": replace(BASE, context=replace(BASE.context, num_classes=11)),
    "another label": replace(BASE, context=replace(BASE.context, labels={"team": "b", "seed": 1})),
    "a name": replace(BASE, name="fold 1"),
}


@pytest.mark.parametrize("name", OTHER)
def test_another_question_has_another_id(name: str):
    """Anything that could change the answer."""
    assert identify(BASE) != identify(OTHER[name])


def test_no_two_of_them_are_alike():
    """Not only different from the first."""
    assert len(OTHER) + 1 == len({identify(BASE), *map(identify, OTHER.values())})


def test_what_is_ignored_belongs_to_the_question():
    """In whatever order and number it was said."""
    assert identify(BASE) != identify(BASE, ["plateau"])
    assert identify(BASE, ["plateau", "overfitting"]) == identify(BASE, ("overfitting", "plateau", "plateau"))


def test_steps_that_were_counted_and_steps_that_were_said_are_the_same():
    """0, 1, 2, … by default or in writing."""
    counted = assemble(Log((Series("loss", falling()),), "a"))
    said = assemble(Log((Series("loss", falling(), np.arange(60.0)),), "b"))

    assert identify(counted) == identify(said)


def test_values_that_are_not_finite_have_an_identity_too():
    """A NaN is a NaN."""
    first, second = (run(loss=np.array([1.0, np.nan, np.inf])) for _ in range(2))

    assert identify(first) == identify(second)
    assert identify(first) != identify(run(loss=np.array([1.0, np.nan, -np.inf])))


def test_another_process_finds_the_same_id():
    """Nothing depends on the seed of Python's hashes."""
    code = (
        "from diagnosis.identity import identify; from diagnosis.synthetic import falling, run; "
        "print(identify(run(loss=falling()), {'plateau', 'overfitting', 'divergence'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert identify(run(loss=falling()), ["divergence", "overfitting", "plateau"]) == found.stdout.strip()
