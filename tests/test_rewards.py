"""What is learnt for is judged, whatever panel of whatever library it is logged under."""

import numpy as np
import pytest

from diagnosis import diagnose, read
from diagnosis.features import measure
from diagnosis.rewards import is_reward
from diagnosis.rule import all_rules
from diagnosis.run import Context, Run
from diagnosis.synthetic import falling, run, turning
from schemas.catalogue import condition

RISES = 200.0 - 80.0 * falling(noise=0.02)
CRITIC = 500.0 * (3.0 - falling(noise=0.02))  # the better a policy, the more there is to foresee


def logged(**series: np.ndarray) -> Run:
    """A run whose curves have these names, `__` for a slash."""
    return run(**{name.replace("__", "/"): values for name, values in series.items()})


@pytest.mark.parametrize(
    "name",
    [
        "reward", "episode_reward", "rewards", "critic/rewards/mean", "rewards/step", "rollout/ep_rew_mean", "charts/episodic_return", "Environment/Cumulative Reward",
        "env_runners/episode_return_mean", "objective/rlhf_reward", "eval/mean_reward",
    ],
)  # fmt: skip
def test_where_a_reward_is_logged_a_loss_that_rises_is_no_divergence(name: str):
    """A critic's error grows with the rewards it foretells; that is no fault of the run, and said."""
    report = diagnose(
        run(**{name: RISES, "train/loss": CRITIC, "train/approx_kl": np.abs(falling(start=0.02, floor=0.01))})
    )

    assert not [j.condition for j in report.findings if j.severity != "info"]
    assert any("the reward is judged" in note for note in report.features.notes)


def test_the_whole_reward_is_judged_before_its_parts_and_other_metrics():
    """Whichever is logged first."""
    parts = logged(train__explained_variance=falling(), Episode_Reward__speed=-RISES, Train__mean_reward=RISES)
    judged = measure(parts).train_metric

    assert judged is not None
    assert judged.name == "Train/mean_reward"
    assert [is_reward(c) for c in parts.curves] == [False, False, True]


def test_a_reward_that_collapses_is_an_error():
    """All that a policy had learnt is gone again."""
    collapsed = np.concatenate((RISES[:30], 20.0 + 5.0 * falling(n=30)))
    report = diagnose(logged(rollout__ep_rew_mean=collapsed, train__loss=falling()))

    assert [("divergence", "rollout/ep_rew_mean")] == [(j.condition, j.finding.series[0]) for j in report.findings[:1]]


def test_scores_of_preferences_are_no_reward_that_is_learnt_for():
    """`rewards/chosen` of a preference tuning stands beside a loss that does tell progress."""
    report = diagnose(
        logged(loss=falling(start=0.69, floor=0.3), rewards__chosen=-falling(), rewards__margins=2.0 - falling())
    )
    loss = report.features.train_loss

    assert loss is not None
    assert loss.name == "loss"


def test_a_return_beside_a_validation_loss_is_one_of_money():
    """Policies are not validated by their loss; a forecast of prices is."""
    report = diagnose(run(loss=falling(), val_loss=falling(seed=1), val_return=RISES))
    loss = report.features.val_loss

    assert loss is not None
    assert loss.name == "val_loss"


def test_a_model_of_rewards_is_judged_by_its_loss():
    """Its answers are right or wrong; the rewards that it gives only have to differ."""
    report = diagnose(
        run(mean_reward=-RISES, loss=falling(start=0.69, floor=0.3), accuracy=1.0 - falling(start=0.5, floor=0.2))
    )

    assert not [j.condition for j in report.findings if j.severity != "info"]
    assert report.features.train_loss is not None
    assert report.features.train_metric is not None
    assert ("loss", "accuracy") == (report.features.train_loss.name, report.features.train_metric.name)


OF_LOSSES_ALONE = [rule for rule in all_rules().values() if rule.not_of_rewards]


def test_what_does_not_hold_of_a_reward_is_said_on_its_page_and_in_the_report():
    """Spikes, slow starts and straight lines are how policies learn."""
    report = diagnose(run(reward=RISES, val_reward=RISES))
    skipped = report.outcomes.skipped

    assert len(OF_LOSSES_ALONE) > 5
    for rule in OF_LOSSES_ALONE:
        page = condition(rule.name)
        assert "is a reward" in skipped[rule.name]
        assert page is not None
        assert rule.not_of_rewards in page.when_wrong


@pytest.mark.parametrize(
    "rewards",
    [
        np.linspace(22.0, 300.0, 20),
        np.concatenate((np.full(15, -500.0), np.linspace(-500.0, -80.0, 45), np.full(40, -80.0))),
        np.concatenate((RISES[:20], [40.0], RISES[21:40], [60.0], RISES[41:])),
        200.0 + 10.0 * np.sin(np.arange(60) / 2) - 150.0 * falling(n=60),
    ],
    ids=["a straight line", "nothing until exploration found it", "episodes that failed", "ups and downs that repeat"],
)
def test_a_policy_that_learns_as_policies_do_is_healthy(rewards: np.ndarray):
    """None of it is a fault."""
    report = diagnose(logged(rollout__ep_rew_mean=rewards))

    assert not [j.condition for j in report.findings if j.severity != "info"]


def test_an_evaluation_of_a_few_episodes_is_no_alarm():
    """It scatters, is better than training's episodes, which explore, and repeats once it is perfect."""
    noise = np.random.default_rng(0).standard_normal(60)
    evaluated = np.minimum(20.0 + np.linspace(40.0, 560.0, 60) + 40.0 * noise, 500.0)
    report = diagnose(
        logged(rollout__ep_rew_mean=np.minimum(np.linspace(20.0, 560.0, 60), 500.0), eval__mean_reward=evaluated)
    )

    assert not [j.condition for j in report.findings if j.severity != "info"]


def test_returns_that_do_not_vary_leave_nothing_to_explain():
    """0/0 of a critic is no number, and no broken run."""
    explained = np.where(np.arange(60) < 5, 0.1, np.nan)
    report = diagnose(logged(rollout__ep_rew_mean=RISES, train__explained_variance=explained))
    broken = diagnose(run(loss=falling(), val_r2=explained))
    blown = diagnose(
        logged(rollout__ep_rew_mean=RISES, train__explained_variance=np.where(np.isnan(explained), -np.inf, 0.1))
    )

    assert not [j.condition for j in report.findings if j.severity != "info"]
    assert "non_finite" in {j.condition for j in broken.findings}
    assert "non_finite" in {j.condition for j in blown.findings}


def test_what_a_critic_explains_is_no_better_play():
    """The policy never left where it was."""
    stuck = 9.3 + 0.1 * np.random.default_rng(0).standard_normal(20)
    report = diagnose(logged(rollout__ep_rew_mean=stuck, train__explained_variance=1.0 - falling(n=20)))

    assert ["not_learning"] == [j.condition for j in report.findings if j.severity != "info"]


def test_episodes_won_or_lost_that_are_won_ever_more_often_are_learning():
    """Their middle is 1 from early on; that most of the first ones were lost is no blow-up of anything."""
    chance = np.random.default_rng(0).uniform(size=600)
    won = np.where((chance < np.minimum(0.35 + np.arange(600) / 200, 0.98)) | (np.arange(600) < 5), 1.0, -1.0)

    assert "not_learning" not in {j.condition for j in diagnose(run(reward=won)).findings}


@pytest.mark.parametrize(("finished", "fires"), [(True, True), (False, False)])
def test_a_policy_that_lost_much_may_come_back_while_it_is_trained(*, finished: bool, fires: bool):
    """By two thirds of what it had gained: at the end that is an error."""
    fallen = np.concatenate((RISES[:40], np.full(20, RISES[0] + 0.35 * (RISES[39] - RISES[0]))))
    report = diagnose(run(Context(finished=finished), reward=fallen))

    assert fires == ("divergence" in {j.condition for j in report.findings})


@pytest.mark.parametrize("beside", ["train/approx_kl", "train/explained_variance"])
@pytest.mark.parametrize("level", [-200.0, 0.0, 500.0])
def test_a_reward_that_never_moves_is_judged_and_nothing_in_its_place(level: float, beside: str):
    """A divergence from the policy before rises while it learns; what a critic explains comes and goes."""
    report = diagnose(
        run(**{"rollout/ep_rew_mean": np.full(60, level), beside: np.linspace(0.0, 0.1, 60), "train/loss": CRITIC})
    )

    assert ["not_learning"] == [j.condition for j in report.findings if j.severity != "info"]
    assert report.features.reward is not None
    assert "rollout/ep_rew_mean" == report.features.reward.name


def test_what_is_advised_of_a_policy_needs_no_labels():
    """It has no examples, and no batch of them to overfit."""
    (stuck,) = (
        j.finding for j in diagnose(run(reward=9.3 + 0.1 * np.random.default_rng(0).standard_normal(40))).findings
    )

    assert not {"check_labels", "overfit_one_batch"} & {fix.action for fix in stuck.fixes}
    assert not [cause for cause in stuck.causes if "abel" in cause.cause]
    assert "policy" in stuck.against[0]


def test_a_reward_of_evaluations_alone_is_one_too():
    """Nothing of training was logged."""
    report = diagnose(run(**{"eval/mean_reward": np.linspace(20.0, 300.0, 40)}))

    assert [("undertrained", "info")] == [(j.condition, j.severity) for j in report.findings]


def test_a_reward_of_evaluations_beside_a_loss_that_is_validated_is_none_that_is_learnt_for():
    """A fine-tune on examples logs the entropy of its answers as well."""
    report = diagnose(run(loss=falling(), eval_loss=turning(at=20), eval_reward=RISES, entropy=falling(start=0.7)))

    assert "overfitting" in {j.condition for j in report.findings}


def test_a_handful_of_episodes_is_no_policy_that_diverged():
    """While it is trained; at the end they are all there is."""
    fallen = np.array([20.0, 40.0, 90.0, 15.0, 14.0, 13.0])

    assert "divergence" not in {j.condition for j in diagnose(run(Context(finished=False), reward=fallen)).findings}


@pytest.mark.parametrize(("broken", "fires"), [(3, True), (0, False)])
def test_losses_beside_a_reward_that_are_no_numbers_are_not_passed_over(broken: int, *, fires: bool):
    """They tell no progress; that they are NaN to the end tells why the policy collapsed."""
    rows = [
        f"{RISES[i]:.3f},{2048 * (i + 1)},{'nan' if i >= 60 - 20 * broken else f'{CRITIC[i]:.3f}'}" for i in range(60)
    ]
    log = "\n".join(["rollout/ep_rew_mean,time/total_timesteps,train/value_loss", *rows])
    (policy,) = read(log.encode(), "progress.csv")

    assert policy.having("other")
    assert fires == ("non_finite" in {judged.condition for judged in diagnose(policy).findings})
