"""Stable-Baselines3 and OpenAI baselines `progress.csv`: one row a log interval, in any order of columns.

    rollout/ep_len_mean,rollout/ep_rew_mean,time/fps,time/total_timesteps,train/loss
    22.1,22.1,1530,2048,
    26.5,26.5,1204,4096,6.5

Recognised by a total of time steps beside a mean reward of episodes. Positions are environment steps. Rewards should
rise, and are judged; losses of a policy and its critic tell no progress.
"""

from diagnosis.reading.assemble import Log
from diagnosis.reading.document import Document
from diagnosis.reading.rows import logged
from diagnosis.reading.table import read_table
from diagnosis.rewards import judged_by_reward

COUNTERS = {"time total timesteps", "total timesteps", "timesteps so far", "misc total timesteps"}
REWARDS = {"rollout ep rew mean", "ep rew mean", "eprewmean", "rollout ep reward mean", "eval mean reward"}


def recognises(document: Document) -> bool:
    """Whether time steps are counted beside rewards."""
    header = document.header
    if header is None or header.delimiter != ",":
        return False
    return bool(COUNTERS & set(header.phrases)) and bool(REWARDS & set(header.phrases))


def read(document: Document) -> Log:
    """Every column at the environment steps."""
    assert document.header is not None  # noqa: S101 - recognised
    return judged_by_reward(logged(read_table(document.text, document.header), "sb3_progress"))
