from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from diagnosis import Run, diagnose
from diagnosis.across import ELSEWHERE, Reports, compare
from diagnosis.features.scattered import APART, ENOUGH, SPREAD
from diagnosis.features.siblings import TIMES
from diagnosis.rule import Fires, Quiet, all_rules
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, run

RULE = all_rules()["unstable_across_runs"]
NAME = RULE.name


def together(runs: Sequence[Run], context: Context | None = None) -> Reports:
    """Judge runs as if they had been sent together."""
    named = [replace(r, name=r.name or f"fold-{i}", context=context or r.context) for i, r in enumerate(runs)]
    return compare([diagnose(r) for r in named])


def conditions(reports: Reports) -> set[str]:
    """What was found across them."""
    assert not reports.bugs
    return {judged.condition for judged in reports.findings}


def folds(floors: Sequence[float], *, train_floor: float = 0.1) -> list[Run]:
    """Runs that train alike, and whose validation ends at these levels."""
    return [
        run(loss=falling(floor=train_floor, seed=i), val_loss=falling(floor=floor, noise=0.005, seed=i + 9))
        for i, floor in enumerate(floors)
    ]


CALM = (0.40, 0.42, 0.44, 0.46, 0.48)
ODD = (0.40, 0.42, 1.90, 0.44, 0.46)
WIDE = (0.10, 0.60, 1.10, 1.50, 1.90)


ACCURATE = (0.90, 0.91, 0.89, 0.90, 0.905)


def scored(
    levels: Sequence[float], *, first: float = 0.1, name: str = "val_accuracy", percent: float = 1.0
) -> list[Run]:
    """Runs that train alike, and whose validation metric ends at these levels."""
    return [
        run(loss=falling(floor=0.1, seed=i), **{name: percent * (level - falling(start=level - first, floor=0.0, noise=0.002, seed=i + 9))})
        for i, level in enumerate(levels)
    ]  # fmt: skip


@pytest.mark.parametrize("example", RULE.examples, ids=lambda e: e.says)
def test_examples_hold(example: Fires | Quiet):
    """What is said to fire fires, and the near miss stays quiet."""
    assert isinstance(example, Fires) == (NAME in conditions(together([example.run, *example.others])))


@pytest.mark.parametrize("logged", [1, 2, 4])
@pytest.mark.parametrize(("floors", "found"), [(CALM, set()), (ODD, {NAME})], ids=["calm", "odd"])
def test_runs_that_hardly_logged_their_training_are_judged_by_what_is_watched(
    floors: Sequence[float], found: set[str], logged: int
):
    """Only the watched curve must have values enough; one training loss, logged at the end, tells nothing of learning."""
    runs = [
        run(loss=falling(floor=0.1, seed=i)[-logged:], val_loss=falling(floor=floor, noise=0.005, seed=i + 9))
        for i, floor in enumerate(floors)
    ]

    assert found == conditions(together(runs))


CHANGES: dict[str, Callable[[Run], Run]] = {
    "times a thousand": lambda r: altered(r, lambda v: 1000 * v),
    "by a thousand": lambda r: altered(r, lambda v: v / 1000),
    "plus ten": lambda r: altered(r, lambda v: v + 10),
    "negative": lambda r: altered(r, lambda v: v - 100),
    "maximised": lambda r: replace(
        r, curves=tuple(replace(c, values=-c.values, steps=c.steps.copy(), direction="max") for c in r.curves)
    ),
    "in steps": lambda r: replace(
        r, curves=tuple(replace(c, values=c.values.copy(), steps=50 * c.steps, axis="step") for c in r.curves)
    ),
    "thinned": lambda r: replace(
        r, curves=tuple(replace(c, values=c.values[::2].copy(), steps=c.steps[::2].copy()) for c in r.curves)
    ),
}


def altered(one: Run, change: Callable[[np.ndarray], np.ndarray]) -> Run:
    """The run with other values."""
    return replace(
        one, curves=tuple(replace(c, values=change(c.values.copy()), steps=c.steps.copy()) for c in one.curves)
    )


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("floors", [CALM, ODD, WIDE], ids=["calm", "odd", "wide"])
def test_the_verdict_does_not_depend_on_units(floors: Sequence[float], change: str):
    """Loss times a thousand, a constant added, turned over, counted in steps, thinned."""
    ours, theirs = together(folds(floors)), together([CHANGES[change](r) for r in folds(floors)])

    assert conditions(ours) == conditions(theirs)
    assert ours.outcomes == theirs.outcomes
    for judged, other in zip(ours.findings, theirs.findings, strict=True):
        assert [f.action for f in judged.fixes] == [f.action for f in other.fixes]


def test_one_that_stands_apart_is_named_and_looked_at_first():
    """By its name, as a pipeline needs it."""
    (judged,) = together(folds(ODD)).findings

    assert "warning" == judged.severity
    assert "fold-2" in judged.finding.summary
    assert ("inspect_run", {"name": "fold-2"}) == (judged.fixes[0].action, judged.fixes[0].params)
    assert {"distance": ENOUGH, "distance_over_spread": pytest.approx(TIMES, rel=0.05)} == {
        e.name: e.bound for e in judged.finding.evidence
    }
    assert "the others' sd" in judged.finding.against[0]


def test_one_that_is_far_better_is_looked_at_too():
    """An easier fold, or a leak."""
    (judged,) = together(folds((1.5, 1.52, 0.1, 1.54, 1.56))).findings

    assert "fold-2" in judged.finding.summary
    assert "better" in judged.finding.summary


@pytest.mark.parametrize(("times", "told"), [(0.93, "Unstable across runs"), (1.07, "One run stands apart")])
def test_a_distance_just_over_the_bound_is_one_that_stands_apart_and_just_under_it_is_spread(times: float, told: str):
    """As a share of what the median run gained, where the others are apart as well."""
    gained = 2.3 - 0.42  # of validation, from where training begins
    (judged,) = together(folds((0.22, 0.34, 0.50, 0.60, 0.42 + times * APART * gained))).findings

    assert judged.finding.summary.startswith(told)


@pytest.mark.parametrize("others", [5, 7, 11])
def test_one_that_is_far_off_for_others_that_agree_stands_apart_however_many_they_are(others: int):
    """It moves the spread of twelve by less than that of four; less of the progress is enough then."""
    gained, agreed = 2.3 - 0.42, list(np.linspace(0.41, 0.43, others))
    (judged,) = together(folds([*agreed, 0.42 + 1.6 * ENOUGH * gained])).findings

    assert judged.finding.summary.startswith("One run stands apart")
    assert not together(folds([*agreed, 0.42 + 0.9 * ENOUGH * gained])).findings


def test_a_spread_just_under_the_bound_is_quiet_and_just_over_it_is_found():
    """As a share of what the median run gained, however evenly they are spread."""
    gained, evenly = 2.3 - 0.6, np.array([-2.0, -1.0, 0.0, 1.0, 2.0]) / np.std([-2, -1, 0, 1, 2], ddof=1)
    for times, found in ((0.93, False), (1.07, True)):
        floors = 0.6 + times * SPREAD * gained * evenly
        assert found == (NAME in conditions(together(folds(floors.tolist()))))


def test_all_apart_on_validation_alone_is_the_validation_sets():
    """They trained alike: no learning rate can help what they were validated on."""
    (judged,) = together(folds(WIDE)).findings

    assert "differs by" in judged.finding.summary
    assert judged.finding.evidence[0].bound == SPREAD
    assert {"inspect_run", "enlarge_validation_set"} == {fix.action for fix in judged.fixes[:2]}


def test_all_apart_in_training_too_wants_steadier_steps():
    """The validation set is not to blame."""
    runs = [run(loss=falling(floor=f, seed=i), val_loss=falling(floor=f + 0.1, seed=i + 9)) for i, f in enumerate(WIDE)]
    (judged,) = together(runs, Context(learning_rate=0.1)).findings

    assert ("lower_learning_rate", 0.03) == (judged.fixes[0].action, judged.fixes[0].params["learning_rate"])


def test_some_that_never_learn_are_a_mixed_outcome():
    """At the edge of what trains: the start decides."""
    runs = [run(loss=falling(seed=i) if i % 2 else flat(seed=i), val_loss=falling(seed=i) if i % 2 else flat(seed=i)) for i in range(6)]  # fmt: skip
    (judged,) = together(runs).findings

    assert "3 of 6 runs never learnt (fold-0, fold-2, fold-4)" in judged.finding.summary
    assert {"lower_learning_rate", "fix_initialization"} == {fix.action for fix in judged.fixes[:2]}


def test_none_that_learns_is_no_instability():
    """Each run says so itself."""
    reports = together([run(loss=flat(seed=i), val_loss=flat(seed=i + 9)) for i in range(5)])

    assert "hardly any run has gained" in reports.outcomes.skipped[NAME]


DESIGNS: dict[str, Callable[[int, Run], Run]] = {
    "learning rate": lambda i, r: replace(r, context=Context(learning_rate=10.0**-i)),
    "optimizer": lambda i, r: replace(r, context=Context(optimizer=("sgd", "adam")[i % 2])),
    "train_size": lambda i, r: replace(r, context=Context(train_size=1000 * (i + 1))),
    "labels.model": lambda i, r: replace(r, context=Context(labels={"model": f"m{i}"})),
    "settings in names": lambda i, r: replace(r, name=f"lr={10.0**-i}"),
    "models in names": lambda i, r: replace(r, name=("resnet18", "vgg16", "vit", "mlp", "unet")[i]),
    "logged rates": lambda i, r: replace(r, curves=(*r.curves, *run(lr=np.full(60, 10.0**-i)).curves)),
    "names of losses": lambda i, r: run(**{("loss", "train_loss")[i % 2]: r.curves[0].values}),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_what_differs_by_design_is_not_compared(design: str):
    """A sweep is no set of folds, and is told so."""
    reports = together([DESIGNS[design](i, r) for i, r in enumerate(folds(ODD))])

    assert NAME in reports.outcomes.skipped
    assert not reports.findings


def test_what_differs_between_folds_does_not_keep_them_from_being_compared():
    """Sizes within a tenth, labels that count."""
    runs = [
        replace(r, context=Context(learning_rate=0.1, train_size=800 + i, val_size=200 - i, labels={"fold": i}))
        for i, r in enumerate(folds(ODD))
    ]

    assert {NAME} == conditions(together(runs))


@pytest.mark.parametrize("count", [1, 2])
def test_three_are_needed(count: int):
    """Of two, nobody knows which is odd."""
    reports = together(folds(ODD)[:count])

    assert f"needs at least 3 runs of one configuration, {count}" in reports.outcomes.skipped[NAME]


@pytest.mark.parametrize("percent", [1.0, 100.0])
def test_without_a_validation_loss_the_validation_metric_tells(percent: float):
    """Training losses agree, and say nothing of what a fold is worth; the cause is sought in what was validated."""
    odd, wide = together(scored((*ACCURATE, 0.6), percent=percent)), together(scored((0.55, 0.7, 0.85, 0.62, 0.93)))
    finding = odd.findings[0].finding

    assert ("val_accuracy",) == finding.series
    assert finding.summary.startswith("One run stands apart: fold-5")
    assert {NAME} == conditions(wide)
    assert "small" in wide.findings[0].finding.causes[0].cause


@pytest.mark.parametrize("first", [0.1, 0.85])
def test_folds_whose_metric_agrees_are_quiet_however_much_of_it_the_first_epoch_brought(first: float):
    """What they differ by is held against all that is beyond guessing."""
    assert not conditions(together(scored(ACCURATE, first=first)))


def test_a_metric_that_tells_half_of_the_story_or_that_one_run_lacks_is_not_asked():
    """Recall is easily had at the cost of precision; of one run without it nothing could be said."""
    recalls = scored((*ACCURATE, 0.6), name="val_recall")
    lacking = [*scored((*ACCURATE, 0.6)), run(loss=falling(floor=0.1, seed=7))]

    assert not conditions(together(recalls))
    assert not conditions(together(lacking))


def test_runs_of_one_value_without_a_loss_or_of_very_different_length_are_said():
    """Never an error."""
    for runs in (
        [run(loss=np.array([1.0]))] * 4,
        [run(lr=np.ones(9))] * 4,
        [run(loss=np.full(20, np.nan))] * 4,
        [run(loss=falling(n=n)) for n in (10, 60, 60, 60)],
        [run(loss=np.ones(30))] * 4,
    ):
        reports = together(runs)
        assert not reports.bugs
        assert NAME in reports.outcomes.skipped


def test_every_condition_across_runs_is_in_exactly_one_place():
    """And each run says where to look."""
    for floors in (CALM, ODD):
        reports = together(folds(floors))
        became = reports.outcomes
        assert [NAME] == [*conditions(reports), *became.clear, *became.skipped, *became.failed]
        assert {ELSEWHERE} == {report.outcomes.skipped[NAME] for report in reports.runs}


def test_a_run_by_itself_says_what_it_lacks():
    """Others of its kind."""
    assert "at least 3" in diagnose(folds(CALM)[0]).outcomes.skipped[NAME]


def test_what_is_ignored_is_not_judged():
    """As for a single run."""
    reports = compare([diagnose(r, [NAME]) for r in folds(ODD)])

    assert {NAME: "ignored, as asked"} == reports.outcomes.skipped
    assert "ignored, as asked" == reports.runs[0].outcomes.skipped[NAME]


def test_a_warning_across_healthy_runs_makes_the_whole_attention():
    """Each may be well by itself."""
    floors = (0.11, 0.12, 0.90, 0.12, 0.11)
    runs = [run(loss=falling(floor=f, seed=i), val_loss=falling(floor=f + 0.02, seed=i + 9)) for i, f in enumerate(floors)]  # fmt: skip
    reports = together(runs)

    assert {"healthy"} == {report.status for report in reports.runs}
    assert "attention" == reports.status
    assert reports.headline.endswith("Each run by itself is healthy.")


def test_a_run_that_fell_behind_the_others_is_not_clear_of_it_by_itself():
    """Half-way, a slow start looks the same; beside siblings that learnt it does not."""
    context = Context(planned_epochs=120, finished=False)
    runs = [replace(run(context, loss=falling(seed=i) if i % 2 else flat(seed=i)), name=f"seed-{i}") for i in range(4)]
    reports = compare([diagnose(each) for each in runs])

    assert "seed-0, seed-2" in reports.headline
    assert reports.headline.endswith("No run by itself would have told.")
    assert "see across" in reports.runs[0].outcomes.skipped["not_learning"]
    assert "see across" not in reports.runs[1].outcomes.skipped["not_learning"]


def test_one_bad_fold_of_runs_that_trained_alike_asks_for_its_data_and_no_other_rate():
    """What is right for four of five is not changed for the fifth, nor are all of them validated on more."""
    (judged,) = together(folds(ODD)).findings
    runs = [run(loss=falling(floor=f, seed=i), val_loss=falling(floor=f + 0.1, seed=i + 9)) for i, f in enumerate((0.4, 0.42, 1.2, 0.44, 0.46))]  # fmt: skip
    (other,) = together(runs).findings

    assert ["inspect_run", "check_labels"] == [fix.action for fix in judged.fixes]
    assert ["inspect_run", "lower_learning_rate"] == [fix.action for fix in other.fixes]
