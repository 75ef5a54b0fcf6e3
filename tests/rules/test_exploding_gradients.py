import numpy as np
import pytest

from diagnosis import diagnose
from diagnosis.features.gradients import BURST
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.rule import Skipped, all_rules
from diagnosis.rules.exploding_gradients import BURSTS, GROWN, GROWN_LOST
from diagnosis.run import Context, Position
from diagnosis.synthetic import falling, flat, growing, run, spiked
from tests.rules.asking import ask, faintest, numbers

RULE = all_rules()["exploding_gradients"]
judge, found = ask("exploding_gradients")
AT = (25, 35, 45, 52)


def bursting(height: float, count: int = BURSTS) -> np.ndarray:
    """Norms of one, with bursts."""
    norms = flat(level=1.0, noise=0.01)
    norms[list(AT[:count])] = height
    return norms


def jumping(count: int = BURSTS) -> np.ndarray:
    """A fall with as many jumps."""
    return spiked(falling(), at=AT[:count], height=1.5)


def test_growth_just_over_the_bound_fires():
    """And just under it does not; both are told in the evidence."""

    def norms(times: float) -> np.ndarray:
        return np.concatenate((np.ones(20), np.geomspace(1, times, 20), np.full(20, times)))

    for loss, bound in ((growing(times=50), GROWN_LOST), (falling(), GROWN)):

        def fires(times: float, loss: np.ndarray = loss) -> bool:
            return judge(loss=loss, grad_norm=norms(times)) is not None

        assert faintest(fires, 10.0, 1e6) == pytest.approx(bound, rel=1e-4)
        growth = numbers(found(loss=loss, grad_norm=norms(1.1 * bound)))["growth"]
        assert growth.value == pytest.approx(1.1 * bound)
        assert growth.bound == bound


def test_what_grew_without_harm_so_far_asks_for_nothing_yet():
    """It is as grave, and may still be clipped."""
    lost = found(loss=growing(times=50), grad_norm=growing(times=1e5))
    calm = found(loss=falling(), grad_norm=growing(times=1e5))

    assert (True, False) == (lost.asks, calm.asks)
    assert RULE.severity == ("error",)
    assert "is not lost yet" in calm.against[0]


def test_logged_before_it_is_clipped_is_harmless_while_the_loss_is_not_lost():
    """Norms and bursts that never reach the weights."""
    clipped = Context(gradient_clipping=1.0)

    assert judge(clipped, loss=falling(), grad_norm=growing(times=1e5)) is None
    assert judge(clipped, loss=jumping(), grad_norm=bursting(50.0)) is None
    assert judge(clipped, loss=growing(times=50), grad_norm=growing(times=1e5)) is not None
    assert judge(loss=falling(), grad_norm=bursting(50.0)) is None


def test_bursts_count_only_together_with_the_loss():
    """The named number of them, as high as named."""
    assert judge(loss=jumping(BURSTS - 1), grad_norm=bursting(50.0)) is None
    assert judge(loss=jumping(), grad_norm=bursting(0.9 * BURST)) is None

    finding = found(loss=jumping(), grad_norm=bursting(1.1 * BURST))

    assert (Position("epoch", AT[0]), Position("epoch", AT[BURSTS - 1])) == (finding.since, finding.until)
    assert numbers(finding)["bursts"].value == BURSTS


def test_a_burst_that_ended_the_run_counts_though_its_norms_are_calm_again():
    """A dead network has small gradients: the highest norm tells."""
    norms = np.concatenate((np.ones(40), np.array([10.0, 1e3, 1e5]), np.full(17, 0.2)))
    loss = np.concatenate((falling(n=42), np.full(18, 5.0)))

    assert found(loss=loss, grad_norm=norms).since == Position("epoch", 41)


@pytest.mark.parametrize(
    "norms",
    [
        falling(start=1e5, floor=1.0, tau=0.02),
        flat(level=1e6),
        np.append(flat(level=1.0, n=59), np.inf),
        np.concatenate(([np.inf, np.inf], flat(level=1.0, n=58))),
        np.zeros(60),
        growing(times=60),
    ],
    ids=["large first", "large unit", "one infinite at the end", "loss scaling", "zero", "a sharper likelihood"],
)
def test_look_alikes_stay_quiet(norms: np.ndarray):
    """A large norm is a matter of units, an infinite one of loss scaling, a large first one of beginnings."""
    assert judge(loss=falling(), grad_norm=norms) is None


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_gradients_are_counted_in_units_of_their_loss(factor: float):
    """Loss and norms together in other units are the same run."""
    ours = found(loss=growing(times=50), grad_norm=growing(times=1e5))
    theirs = found(loss=factor * growing(times=50), grad_norm=factor * growing(times=1e5))

    assert (ours.since, ours.severity) == (theirs.since, theirs.severity)
    assert numbers(ours)["growth"].value == pytest.approx(numbers(theirs)["growth"].value)


def test_the_rate_comes_first_and_the_clip_is_read_off_the_norms_before_the_explosion():
    """A little above what was usual then, in whatever unit."""
    norms = np.concatenate((np.linspace(1, 2, 40), np.geomspace(3, 1e6, 20)))
    loss = np.concatenate((falling(n=40), growing(start=0.2, times=1e4, n=20)))
    fixes = found(loss=loss, grad_norm=norms).fixes

    large = found(loss=loss, grad_norm=500 * norms).fixes

    assert ("lower_learning_rate", {"factor": 0.3}) == (fixes[0].action, fixes[0].params)
    assert fixes[1].params["max_norm"] == pytest.approx(1.9, abs=0.2)
    assert large[1].params["max_norm"] == pytest.approx(500 * 1.9, rel=0.1)


def test_norms_that_are_infinite_again_and_again_to_the_end_explode():
    """They overflow, and the loss gets nowhere; a loss scale that is sought makes a few so, and a sound one none."""
    often, seldom = flat(n=60, level=1e17), flat(n=60, level=1.0)
    often[::2], seldom[:6], seldom[40:43] = np.inf, np.inf, np.inf

    assert "infinite at 50 % of" in found(loss=flat(level=1e9), grad_norm=often).summary
    assert judge(loss=falling(), grad_norm=seldom) is None


def test_a_mean_over_an_epoch_is_infinite_by_one_step_that_was_skipped():
    """A run in half precision that learns by all the others; of single steps as many would be too many."""
    norms = flat(n=60, level=1.0)
    norms[::2] = np.inf
    by_epoch = (Series("loss", falling()), Series("grad_norm", norms))
    by_step = tuple(Series(s.name, s.values, np.arange(60.0), "step") for s in by_epoch)
    said = [{j.condition for j in diagnose(assemble(Log(s, "test"))).findings} for s in (by_epoch, by_step)]

    assert ["exploding_gradients" in conditions for conditions in said] == [False, True]


def test_no_norm_of_an_explosion_is_a_bound():
    """Exploded when the first tenth was over, they tell nothing that would help; the usual bound does."""
    norms, loss = growing(start=3.0, times=1e12), growing(start=4.0, times=1e12)
    fixes = {fix.action: fix.params for fix in found(loss=loss, grad_norm=norms).fixes}

    assert fixes["clip_gradients"] == {"max_norm": 1.0}


def test_a_warm_up_is_advised_where_the_norms_explode_at_the_start():
    """Later it is long over, and bounds nothing."""
    norms = np.concatenate((np.ones(4), np.full(56, 1e5)))
    late = found(loss=falling(), grad_norm=growing(times=1e5)), found(loss=jumping(), grad_norm=bursting(50.0))

    assert [f.action for f in found(loss=falling(), grad_norm=norms).fixes][:3] == [
        "lower_learning_rate",
        "clip_gradients",
        "warm_up",
    ]
    for finding in late:
        assert "warm_up" not in {fix.action for fix in finding.fixes}


def test_a_restart_has_somewhere_to_go():
    """The best value before the growth."""
    norms = np.concatenate((np.ones(40), np.geomspace(3, 1e6, 20)))
    loss = np.concatenate((falling(n=40), growing(start=0.2, times=1e4, n=20)))
    report = diagnose(run(loss=loss, grad_norm=norms))

    assert {"exploding_gradients", "divergence"} <= {j.condition for j in report.findings}
    assert "intervene" == report.decision.action
    assert report.decision.restore is not None


def test_it_needs_norms():
    """Without them nothing is claimed."""
    assert isinstance(judge(loss=growing(times=1e9)), Skipped)
