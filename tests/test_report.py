import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from diagnosis import Report, Run, diagnose, masking, report
from diagnosis.advice.fix import Fix
from diagnosis.advice.stopping import restore
from diagnosis.confidence import confidence
from diagnosis.features import Features, measure
from diagnosis.masking import explained_by, gravest, order_of_judgement
from diagnosis.reading.assemble import Log, Series, assemble
from diagnosis.reconcile import one_checkpoint, one_number, unless_last
from diagnosis.report import (
    Judged,
    decide,
    outcomes,
    rank,
    status_of,
)
from diagnosis.rule import EVERYTHING, Evidence, Finding, Rule, Severity, Skipped, Subject, Verdict, all_rules
from diagnosis.run import Context, Position
from diagnosis.synthetic import broken, falling, flat, linear, run, spiked, turning

TURN = turning(at=20)
OVERFITTED = run(loss=falling(), val_loss=TURN)
FEATURES = measure(OVERFITTED)
ANY = all_rules()["overfitting"]


def finding(
    *, severity: Severity | None = None, sure: float = 1.0, summary: str = "It is so.", **more: object
) -> Finding:
    """Any finding, `sure` doublings past its bound."""
    evidence = (Evidence("measure", 2.0**sure, 1.0, "noise levels", "what was measured"),)
    return Finding(summary, evidence, ("loss",), None, (), severity=severity, points=10**4, **more)


def judged(name: str, severity: Severity, *, decides: Verdict | None = None, asks: bool = True) -> Judged:
    """A finding that stands, of a rule that is like any other."""
    rule = replace(ANY, name=name, decides=decides)
    found = finding(summary=f"{name} was found.", asks=asks, restore=Position("epoch", 20))
    return Judged(rule, found, severity, 0.9, ())


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Rule]]:
    """A catalogue: `king` explains all, `duke` `page`, `page` `mouse`; `fly` doubts `duke`; all rest on what `root` is about."""

    def rule(
        name: str, severity: Severity, *explains: str, lowers: tuple[str, ...] = (), about: Subject = "validation"
    ) -> Rule:
        return replace(ANY, name=name, severity=(severity,), supersedes=explains, lowers=lowers, about=about)

    catalogue = {
        r.name: r
        for r in (
            rule("king", "error", *EVERYTHING),
            rule("duke", "warning", "page"),
            rule("page", "warning", "mouse"),
            rule("mouse", "info"),
            rule("fly", "info", lowers=("duke",)),
            rule("root", "warning", about="learning"),
        )
    }
    for remembered in (order_of_judgement, explained_by, gravest):
        remembered.cache_clear()
    for module in (report, masking):
        monkeypatch.setattr(module, "all_rules", lambda: catalogue)
    yield catalogue
    for remembered in (order_of_judgement, explained_by, gravest):
        remembered.cache_clear()


@pytest.mark.usefixtures("rules")
def test_what_another_condition_explains_is_folded_under_it():
    """And only that; who masks whom is told."""
    standing, masked = rank({"duke": finding(), "page": finding(), "fly": finding()}, FEATURES)

    assert ["duke", "fly"] == [each.condition for each in standing]
    assert masked == {"page": "duke"}


@pytest.mark.usefixtures("rules")
def test_what_is_worse_is_not_folded_under_what_explains_it():
    """A warning hides no error."""
    standing, masked = rank({"duke": finding(), "page": finding(severity="error")}, FEATURES)

    assert ["page", "duke"] == [each.condition for each in standing]
    assert "page" not in masked


@pytest.mark.usefixtures("rules")
def test_what_is_masked_masks_nothing_itself():
    """A page that is only there because of the duke does not hide the mouse."""
    standing, masked = rank({"duke": finding(), "page": finding(), "mouse": finding()}, FEATURES)

    assert ["duke", "mouse"] == [each.condition for each in standing]
    assert "mouse" not in masked


@pytest.mark.usefixtures("rules")
def test_what_explains_everything_stands_alone():
    """Whatever else was found, and in whatever order."""
    for names in (("mouse", "duke", "king"), ("king", "fly", "page")):
        standing, masked = rank({name: finding() for name in names}, FEATURES)

        assert ["king"] == [each.condition for each in standing]
        assert set(masked) == {"duke", "page", "mouse", "fly", "root"}


@pytest.mark.usefixtures("rules")
def test_a_condition_that_speaks_against_another_makes_it_less_sure():
    """By name, and only that one."""
    (alone,), _ = rank({"duke": finding()}, FEATURES)
    doubted, _ = rank({"duke": finding(), "fly": finding()}, FEATURES)

    assert alone.confidence == confidence(finding())
    assert [confidence(finding(), lowered=True), confidence(finding())] == [each.confidence for each in doubted]


@pytest.mark.usefixtures("rules")
def test_findings_are_ordered_by_severity_then_confidence_then_name():
    """Worst and surest first."""
    found = {
        "mouse": finding(sure=3),
        "fly": finding(sure=3, severity="error"),
        "duke": finding(sure=0.2),
    }
    first, _ = rank(found, FEATURES)
    second, _ = rank({"mouse": finding(sure=1), "fly": finding(sure=2)}, FEATURES)
    third, _ = rank({"mouse": finding(sure=1), "fly": finding(sure=1)}, FEATURES)

    assert ["fly", "duke", "mouse"] == [each.condition for each in first]
    assert ["fly", "mouse"] == [each.condition for each in second] == [each.condition for each in third]


@pytest.mark.usefixtures("rules")
def test_of_findings_as_severe_what_the_others_rest_on_comes_first():
    """However much surer they are; but a worse one is worse."""
    equal, _ = rank({"duke": finding(sure=8), "root": finding(sure=0.2)}, FEATURES)
    worse, _ = rank({"duke": finding(sure=0.2, severity="error"), "root": finding(sure=8)}, FEATURES)

    assert ["root", "duke"] == [each.condition for each in equal]
    assert ["duke", "root"] == [each.condition for each in worse]


@pytest.mark.usefixtures("rules")
def test_what_speaks_against_another_finding_is_said_before_it():
    """Else its reader would learn too late how much to believe."""
    found, _ = rank({"duke": finding(sure=8), "fly": finding(sure=0.2, severity="warning")}, FEATURES)

    assert ["fly", "duke"] == [each.condition for each in found]


@pytest.mark.usefixtures("rules")
def test_the_severity_is_the_findings_else_the_usual_one_of_its_rule():
    """The step between two severities is the rule's to take."""
    plain, _ = rank({"duke": finding()}, FEATURES)
    severe, _ = rank({"duke": finding(severity="error")}, FEATURES)

    assert ("warning", "error") == (plain[0].severity, severe[0].severity)


def test_what_is_already_done_is_left_out_of_the_fixes():
    """The finding keeps them; the report does not advise them."""
    fixes = (Fix("augment_data", "Augment.", "Why."), Fix("add_data", "Collect.", "Why."))
    features = measure(replace(OVERFITTED, context=Context(augmentation=True)))
    (found,), _ = rank({"overfitting": replace(finding(), fixes=fixes)}, features)

    assert ["add_data"] == [fix.action for fix in found.fixes]


def test_explaining_conditions_come_before_explained_ones():
    """For every rule there is, and every one is in the order."""
    order = order_of_judgement()

    assert sorted(all_rules()) == sorted(order)
    for name, rule in all_rules().items():
        for other in rule.supersedes:
            if other != "*":
                assert order.index(name) < order.index(other)
    assert order.index("non_finite") == 0


def test_every_condition_is_put_in_one_place():
    """Failed, skipped, masked, found or clear, in this order of precedence."""
    bug = ZeroDivisionError()
    verdicts = {"a": bug, "b": Skipped("lacks a loss"), "c": finding(), "d": None, "e": finding(), "f": None}
    became = outcomes(verdicts, {"c": "e", "d": "e"}, (judged("e", "warning"),))

    assert became.failed == ("a",)
    assert became.skipped == {"b": "lacks a loss", "c": "masked by e", "d": "masked by e"}
    assert became.clear == ("f",)


STATUSES = [
    ((), "healthy"),
    (("info",), "healthy"),
    (("info", "warning"), "attention"),
    (("warning", "error", "info"), "failing"),
]


@pytest.mark.parametrize(("severities", "status"), STATUSES)
def test_the_status_is_the_worst_of_the_findings(severities: tuple[Severity, ...], status: str):
    """Infos alone are healthy."""
    assert status == status_of(tuple(judged("any", severity) for severity in severities), enough=True)


@pytest.mark.parametrize(
    ("severity", "status"), [("info", "inconclusive"), ("warning", "attention"), ("error", "failing")]
)
def test_too_little_data_is_worse_than_nothing_found(severity: Severity, status: str):
    """But a warning outranks it, and an error does."""
    assert status == status_of((judged("insufficient_data", "info"), judged("any", severity)), enough=False)


UNDER_WAY, OVER = Context(finished=False), Context(finished=True)
DECISIONS = [
    # what stands, whether the run goes on, what to do
    ((), OVER, "none"),
    ((), UNDER_WAY, "continue"),
    ((("warning", None),), OVER, "none"),
    ((("warning", None),), UNDER_WAY, "continue"),
    ((("error", "intervene"),), OVER, "intervene"),
    ((("error", "intervene"),), UNDER_WAY, "intervene"),
    ((("warning", "stop"),), OVER, "stop"),
    ((("warning", "stop"),), UNDER_WAY, "stop"),
    ((("info", "stop"),), OVER, "none"),
    ((("info", "stop"),), UNDER_WAY, "stop"),
    ((("warning", "continue"),), OVER, "continue"),
    ((("info", "continue"),), OVER, "none"),
    ((("info", "continue"),), UNDER_WAY, "continue"),
    ((("warning", "continue"), ("warning", "stop")), OVER, "stop"),
    ((("warning", "continue"), ("info", "stop")), OVER, "continue"),
    ((("warning", "stop"), ("error", "intervene")), OVER, "intervene"),
]


@pytest.mark.parametrize(("standing", "context", "action"), DECISIONS)
def test_the_strongest_wish_decides(
    standing: tuple[tuple[Severity, Verdict | None], ...], context: Context, action: str
):
    """Intervene before stop before continue; what is merely worth knowing asks nothing of a run that is over."""
    findings = tuple(judged(f"c{i}", severity, decides=wish) for i, (severity, wish) in enumerate(standing))
    features = measure(replace(OVERFITTED, context=context))
    decision = decide(findings, features, status_of(findings, enough=True))

    assert action == decision.action
    if decision.because:
        wishes = [f"c{i}" for i, (_, wish) in enumerate(standing) if wish == action]
        assert wishes == list(decision.because)


def test_a_finding_may_ask_nothing():
    """Then its rule's wish does not count."""
    findings = (judged("any", "warning", decides="stop", asks=False),)

    assert decide(findings, measure(OVERFITTED), "attention").action == "none"


def test_with_too_little_data_nothing_is_decided():
    """Not even to go on, though the run does."""
    features = measure(run(UNDER_WAY, loss=falling(n=3)))

    assert decide((judged("insufficient_data", "info"),), features, "inconclusive").action == "none"


@pytest.mark.parametrize(("wish", "restored"), [("intervene", True), ("stop", True), ("continue", False)])
def test_the_best_point_is_named_where_going_back_makes_sense(wish: Verdict, *, restored: bool):
    """Whoever continues needs no checkpoint."""
    decision = decide((judged("any", "error", decides=wish),), FEATURES, "failing")

    assert restored == (decision.restore is not None)


def restored_in(context: Context | None = None, **series: np.ndarray) -> Position | None:
    """The checkpoint that a pipeline is told to go back to."""
    return diagnose(run(context, **series)).decision.restore


def test_the_checkpoint_to_go_back_to_is_the_findings():
    """Overfitting names validation's best."""
    assert Position("epoch", int(TURN.argmin())) == restored_in(loss=falling(), val_loss=TURN)


def test_the_monitored_curve_decides_where_to_stop():
    """By its name, or by its metric, and then validation's; an unknown name is passed over."""
    accuracy = 1 - turning(at=40, floor=0.1, rise=0.01)
    at = Position("epoch", int(accuracy.argmax()))
    history = {"loss": falling(), "val_loss": TURN, "f1": 1 - falling(), "val_f1": accuracy}

    for monitor in ("val_f1", "f1"):
        expected = at if monitor == "val_f1" else Position("epoch", int((1 - falling()).argmax()))
        assert expected == restored_in(Context(monitor=monitor), **history)
    assert at == restored_in(Context(monitor="f1"), **{n: v for n, v in history.items() if n != "f1"})
    assert Position("epoch", int(TURN.argmin())) == restored_in(
        Context(monitor="gremlins"), loss=falling(), val_loss=TURN
    )


def test_what_broke_is_not_restored():
    """Training is NaN from epoch 30: the checkpoint to go back to is older."""
    loss = falling()
    loss[30:] = np.nan
    at = restored_in(loss=loss, val_loss=falling(seed=1))

    assert at is not None
    assert at.at < 30


def test_where_nothing_was_gained_there_is_nothing_to_go_back_to():
    """Rising from the start, or a level."""
    assert restored_in(loss=linear(start=1.0, end=5.0)) is None
    assert restored_in(Context(num_classes=10), loss=flat(level=2.303)) is None


def test_a_judged_finding_is_called_by_the_name_of_its_rule():
    """One word."""
    assert judged("overfitting", "warning").condition == "overfitting"


BROKEN = falling()
BROKEN[30:] = math.nan
WHOLE = [
    pytest.param(OVERFITTED, "attention", "stop", "overfitting", id="overfitting"),
    pytest.param(run(loss=BROKEN), "failing", "intervene", "non_finite", id="NaN"),
    pytest.param(run(loss=broken(falling(), at=slice(6, 7))), "failing", "intervene", "non_finite", id="NaN once"),
    pytest.param(run(loss=falling(n=3)), "inconclusive", "none", "insufficient_data", id="three epochs"),
    pytest.param(run(loss=falling(), val_loss=falling(seed=1)), "healthy", "none", None, id="healthy"),
    pytest.param(run(UNDER_WAY, loss=falling(n=20, tau=0.5)), "healthy", "continue", None, id="under way"),
    pytest.param(run(loss=flat(level=2.3)), "attention", "none", "not_learning", id="flat"),
    pytest.param(run(loss=turning(rise=0.1)), "failing", "intervene", "divergence", id="divergence"),
    pytest.param(
        run(loss=falling(tau=0.6), val_loss=falling(tau=0.6, seed=1)),
        "attention",
        "continue",
        "undertrained",
        id="undertrained",
    ),
    pytest.param(run(loss=linear()), "attention", "continue", "slow_convergence", id="a line"),
    pytest.param(
        run(loss=spiked(falling(n=200), at=(60, 100, 140), height=2.0)), "attention", "none", "loss_spike", id="spikes"
    ),
]


@pytest.mark.parametrize(("asked", "status", "action", "worst"), WHOLE)
def test_the_whole_answer(asked: Run, status: str, action: str, worst: str | None):
    """Status, decision and headline agree with the findings."""
    answer: Report = diagnose(asked)

    assert (status, action) == (answer.status, answer.decision.action)
    if worst is not None:
        assert worst == answer.findings[0].condition
        assert answer.headline == answer.findings[0].finding.summary
    assert all(j.condition in all_rules() for j in answer.findings)


def test_the_decision_of_overfitting_is_to_go_back_to_its_best_epoch():
    """The same one that the finding and its first fix name."""
    answer = diagnose(OVERFITTED)
    (overfitting,) = answer.findings

    assert answer.decision.because == ("overfitting",)
    assert answer.decision.restore == overfitting.finding.since == Position("epoch", int(TURN.argmin()))
    assert overfitting.fixes[0].params == {"epoch": int(TURN.argmin())}


def test_what_is_masked_is_said_to_be():
    """By whom, beside the reasons of the other skipped ones."""
    skipped = diagnose(OVERFITTED).outcomes.skipped

    assert skipped["generalization_gap"] == "masked by overfitting"
    assert skipped["plateau"] == "masked by overfitting"


def test_features_are_handed_on_as_measured():
    """A representation draws them."""
    assert isinstance(diagnose(OVERFITTED).features, Features)


def sent_back(*epochs: int) -> tuple[Judged, ...]:
    """Findings that each send back to an epoch, and advise something else."""
    other = Fix("augment_data", "Augment.", "It helps.")
    fixes = [(restore(Position("epoch", at), "It is best."), other) for at in epochs]
    return tuple(replace(judged(f"rule-{i}", "warning"), fixes=both) for i, both in enumerate(fixes))


@pytest.mark.parametrize(("chosen", "left"), [(None, [12]), (Position("epoch", 20), [20]), (Position("epoch", 7), [7])])
def test_a_report_sends_back_to_one_checkpoint(chosen: Position | None, left: list[int]):
    """The decision's, though no finding looked at what is monitored, else that of the first: nobody can restore two."""
    found = one_checkpoint(sent_back(12, 20), chosen)

    assert left == [fix.params["epoch"] for each in found for fix in each.fixes if fix.action == "restore_best"]
    assert [True, True] == [each.fixes[-1].action == "augment_data" for each in found]


def test_findings_that_agree_on_the_checkpoint_keep_it():
    """And where none sends back, nothing changes."""
    agreed, none = sent_back(12, 12), (judged("rule", "warning"),)

    assert agreed == one_checkpoint(agreed, Position("epoch", 12))
    assert none == one_checkpoint(none, Position("epoch", 12))


def test_a_rule_to_stop_goes_with_the_checkpoint_it_would_stop_at():
    """Patience with one curve contradicts a checkpoint chosen by another."""
    first, second = sent_back(12, 20)
    stop = Fix("stop_early", "Stop.", "It is past its best.", {"patience": 6, "min_delta": 0.1})
    both = (first, replace(second, fixes=(*second.fixes, stop)))

    assert "stop_early" not in {fix.action for fix in one_checkpoint(both, Position("epoch", 12))[1].fixes}
    assert "stop_early" in {fix.action for fix in one_checkpoint(both, Position("epoch", 20))[1].fixes}


def test_a_report_gives_a_verb_one_set_of_numbers():
    """Those of what is said first; other places to look at stay, and no finding is left without advice."""
    slow = Fix("raise_learning_rate", "×10.", "It is slow.", {"factor": 10.0})
    slower = Fix("raise_learning_rate", "×3.", "It still falls.", {"factor": 3.0})
    longer = Fix("train_longer", "Twice.", "It still falls.", {"factor": 2.0})
    here, there = (Fix("check_labels", "Look.", "It broke.", {"at": [at, at]}) for at in (1, 2))
    given = ((slow, here), (slower, longer, there), (slower,))
    found = tuple(replace(judged(f"rule-{i}", "warning"), fixes=fixes) for i, fixes in enumerate(given))

    assert [(slow, here), (longer, there), (slower,)] == [each.fixes for each in one_number(found)]


def test_a_later_fix_gives_way_to_another_findings_only_one():
    """Twice as long, or four times: a pipeline is told one number."""
    slow = Fix("raise_learning_rate", "×10.", "It is slow.", {"factor": 10.0})
    thrice, four = (Fix("train_longer", f"×{times}.", "It still falls.", {"factor": times}) for times in (3.0, 4.0))
    found = tuple(
        replace(judged(f"rule-{i}", "warning"), fixes=each) for i, each in enumerate(((slow, thrice), (four,)))
    )

    assert [(slow,), (four,)] == [each.fixes for each in one_number(found)]


def test_a_later_fix_is_not_said_twice_where_it_is_anothers_only_one():
    """Shuffle, or average over an epoch; and average over an epoch: the first finding leaves it to the second."""
    mix = Fix("shuffle_data", "Shuffle.", "It repeats.", {"period": 23.0})
    mean = Fix("average_over_epoch", "Average.", "It is noisy.", {"values": 23})
    found = tuple(replace(judged(f"rule-{i}", "warning"), fixes=each) for i, each in enumerate(((mix, mean), (mean,))))

    assert [(mix,), (mean,)] == [each.fixes for each in one_number(found)]


def test_a_log_that_begins_in_the_middle_of_a_run_is_not_told_to_warm_up():
    """Its beginning is over; the rest of the advice stands."""
    rising = np.linspace(0.2, 3.0, 60)
    advised = []
    for first in (0.0, 200.0):
        log = Log((Series("loss", rising, first + np.arange(60.0), "epoch"),), "example")
        advised.append([fix.action for fix in diagnose(assemble(log)).findings[0].fixes])

    assert "warm_up" in advised[0]
    assert advised[1] == [action for action in advised[0] if action != "warm_up"]


@pytest.mark.parametrize(("late", "at_loss"), [(0.5, False), (0.06, True)])
def test_a_metric_that_had_much_to_gain_since_the_loss_turned_names_the_checkpoint(late: float, *, at_loss: bool):
    """A detector's mAP rises for long after its loss is best; an accuracy that is at its top by then does not count."""
    precision, turn = 1.0 - falling(start=0.9, floor=0.2, tau=late, noise=0.003), turning(at=20)
    precision[-1] -= 0.01  # its best is not the last checkpoint, to which nobody has to go back
    report = diagnose(run(loss=falling(), val_loss=turn, val_accuracy=precision))
    restored = report.decision.restore

    assert "metric_loss_mismatch" in {j.condition for j in report.findings}
    assert restored is not None
    assert restored.at == int(turn.argmin() if at_loss else precision.argmax())
    assert [restored.at] == [f.params["epoch"] for j in report.findings for f in j.fixes if f.action == "restore_best"]


def test_nothing_sends_back_to_the_last_checkpoint():
    """Whoever has the model has that; one before it is named as ever."""
    logged = run(loss=falling(n=60))
    for at, kept in ((59, False), (58, True)):
        (told,) = unless_last(sent_back(at), logged)

        assert kept == any(fix.action == "restore_best" for fix in told.fixes)
        assert "augment_data" == told.fixes[-1].action


def test_an_answer_does_not_send_back_to_the_last_checkpoint():
    """The metric is best at its end, where the loss had turned long before."""
    loss, accuracy = falling(n=40, noise=0.0), np.linspace(0.6, 0.9, 40)
    answer = diagnose(run(loss=loss, val_loss=turning(n=40, at=10), val_accuracy=accuracy))

    assert "overfitting" in {judged.condition for judged in answer.findings}
    assert answer.decision.restore == Position("epoch", 39)
    assert not [fix for judged in answer.findings for fix in judged.fixes if fix.action == "restore_best"]
