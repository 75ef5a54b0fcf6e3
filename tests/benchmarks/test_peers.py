"""Peers answer as their authors' rules do, and are read kindly."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import peers as package
from benchmarks.beside import answer, by_condition, kindly, standing, table
from benchmarks.outcomes import Outcome
from benchmarks.peers import History, Peer, all_peers, history_of, sk_autod, trainpulse
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.run import Context
from diagnosis.synthetic import falling, flat, linear, spiked, turning

PEERS = {peer.name: peer for peer in all_peers()}
BY_NAME = pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS.keys())
SINGLE = np.array([1.0])
UP = np.geomspace(0.5, 60.0, 400)


def history(loss: np.ndarray, val_loss: np.ndarray | None = None, **others: np.ndarray) -> History:
    """A history of two losses, logged together."""
    val = loss if val_loss is None else val_loss
    nothing = np.empty(0)
    blank = dict.fromkeys(("accuracy", "val_accuracy", "grad_norm", "learning_rate"), nothing)
    return History(loss=loss, val_loss=val, paired=loss, **{**blank, **others})


SHAPES = {
    "empty": history(np.empty(0)),
    "one point": history(SINGLE),
    "constant": history(np.ones(50)),
    "not a number": history(np.full(50, np.nan)),
    "negative": history(falling() - 9.0, turning() - 9.0),
    "zero": history(np.zeros(50)),
    "training only": History(falling(), *[np.empty(0)] * 6),
    "long": history(falling(n=600), turning(n=600, at=200)),
}
ACCURACY = 0.9 - falling(start=0.8)
FIRES = {
    "AUTOTRAINER": history(falling(), accuracy=np.tile([0.5, 0.7], 30), val_accuracy=np.full(60, 0.6)),
    "DeepDiagnosis": history(np.ones(60)),
    "Keras EarlyStopping": history(falling(), turning()),
    "Keras EarlyStopping, patience 10": history(falling(), turning()),
    "Lightning EarlyStopping": history(falling(), turning()),
    "Keras ReduceLROnPlateau": history(flat()),
    "PyTorch ReduceLROnPlateau": history(flat()),
    "OverfitGuard: gap": history(falling(), turning()),
    "OverfitGuard: curve": history(falling(), turning()),
    "OverfitGuard: statistics": history(falling(), turning()),
    "OverfitGuard: Spearman": history(falling(), linear(end=2.8)),
    "OverfitGuard: Pearson": history(falling(), turning()),
    "OverfitGuard: autocorrelation": history(falling(), turning()),
    "Ray TrialPlateauStopper": history(flat(noise=0.001)),
    "dlib steps without decrease": replace(history(UP), iterations=50.0),
    "Prechelt GL 5": history(falling(), turning()),
    "Prechelt PQ 1": history(falling(tau=0.03, noise=0.001), turning(rise=0.05)),
    "Prechelt UP 4": history(falling(), turning()),
    "SageMaker Debugger": history(falling(), turning()),
    "sk-autod": history(falling(), turning()),
    "llm-foundry KillLossSpike": history(np.append(np.ones(150), np.full(50, 3.0))),
    "OLMo 2 spike score": history(spiked(flat(n=300), at=(200,), height=5.0)),
    "trainpulse": history(spiked(flat(n=300), at=(200,), height=50.0)),
    "UMLAUT": history(falling(), turning()),
}
CALM = history(falling(noise=0.0), falling(noise=0.0) * 1.01, accuracy=ACCURACY, val_accuracy=ACCURACY)


def plain(name: str) -> str:
    """The name without how it is answered."""
    return name.removesuffix(", re-implemented")


@BY_NAME
def test_a_peer_fires_on_what_it_looks_for(peer: Peer):
    """One example for every rule or tool."""
    assert answer(peer, FIRES[plain(peer.name)], {"context": {}})


@BY_NAME
def test_a_peer_is_quiet_on_its_calmest_run(peer: Peer):
    """A smooth fall of both losses; what stays above rests for a while near its end."""
    shouts = {"OverfitGuard: statistics", "Ray TrialPlateauStopper", "SageMaker Debugger"}

    assert bool(answer(peer, CALM, {"context": {}})) == (peer.name in shouts)


@BY_NAME
@pytest.mark.parametrize("given", SHAPES.values(), ids=SHAPES.keys())
def test_a_peer_never_raises(peer: Peer, given: History):
    """Odd curves are part of the corpus."""
    answer(peer, given, {"context": {}})


@BY_NAME
def test_a_peer_claims_what_its_alarms_name_first(peer: Peer):
    """What is scored is what can be said: every first word of an alarm is claimed."""
    said = {alarm.split("|")[0] for given in [*SHAPES.values(), *FIRES.values()] for alarm in answer(peer, given, {"context": {}})}  # fmt: skip

    assert said <= peer.claims


@pytest.mark.parametrize(("module", "name"), [(sk_autod, "sk_autod"), (trainpulse, "trainpulse")])
def test_what_is_re_implemented_answers_like_the_package(module, name: str):
    """Where the package is installed, both say the same of every example."""
    if not importlib.util.find_spec(name):
        pytest.skip(f"{name} is not installed; the extra bench brings it")

    for given in [*SHAPES.values(), *FIRES.values()]:
        if given.loss.size:
            assert module.packaged(given, {}) == module.judge(given, {})


def test_every_module_of_a_peer_is_found():
    """A file is all it takes."""
    modules = [path for path in Path(package.__file__).parent.glob("*.py") if not path.stem.startswith("__")]

    assert len(modules) <= len(PEERS)
    assert set(FIRES) == {plain(name) for name in PEERS}


@pytest.mark.parametrize(
    ("expected", "tolerated", "read"),
    [
        ("plateau", "", {"plateau"}),
        ("", "plateau", set()),
        ("", "", {"overfitting"}),
        ("divergence", "", {"overfitting"}),
    ],
)
def test_an_alarm_is_read_as_what_is_due(expected: str, tolerated: str, read: set[str]):
    """Due before tolerated, tolerated before wrong, and wrong is the first word."""
    assert read == kindly({"overfitting|plateau"}, frozenset(expected.split()), frozenset(tolerated.split()))


def test_a_training_loss_by_step_is_averaged_between_validations():
    """Peers that want pairs get one mean for every validation."""
    series = (
        Series("loss", np.array([4.0, 2.0, 2.0, 1.0]), np.array([10.0, 20.0, 30.0, 40.0]), "step"),
        Series("val_loss", np.array([3.0, 2.0]), np.array([20.0, 40.0]), "step"),
    )
    given = history_of(assemble(Log(series, "test"), Context()))

    assert [3.0, 1.5] == given.paired.tolist()
    assert 10.0 == given.iterations


def test_a_peer_that_changes_its_mind_with_the_units_is_counted():
    """The same run × 1000 is another run to a rule in absolute units."""
    record = {"name": "r", "fault": "healthy", "expected": [], "tolerated": [], "context": {}}
    peer = PEERS["Ray TrialPlateauStopper"]
    quiet, loud = history(flat(noise=1.0)), history(flat(noise=1e-3))

    assert 1 == standing(peer, [record], [[quiet, loud]]).flipped
    assert 0 == standing(peer, [record], [[quiet, quiet]]).flipped


def test_where_a_peer_is_ahead_it_is_said():
    """Nothing is kept back."""
    record = {"name": "r", "fault": "overfitting", "expected": ["overfitting"], "tolerated": [], "context": {}}
    theirs = standing(PEERS["Prechelt UP 4"], [record], [[FIRES["Prechelt UP 4"]]])
    ours = [Outcome("r", "r", "overfitting", frozenset({"overfitting"}), frozenset(), {})]

    assert "| 1.00 | 0.00 (0.00 to 0.00) | **the peer** |" in by_condition(ours, [theirs])
    assert "| Prechelt UP 4 | 1 | 1.00 | 0.00 |" in table(ours, [theirs])
