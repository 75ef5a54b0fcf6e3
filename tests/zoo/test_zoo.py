"""A quick tour of the zoo; `python -m benchmarks.zoo` makes the whole one."""

import pytest
import torch

from diagnosis.examining.model_check import all_checks
from service.examination import warm_up
from tests.zoo.case import Case, ask, wrong
from tests.zoo.defects import DEFECTS
from tests.zoo.healthy import HEALTHY
from tests.zoo.unusual import ILL, SOUND

QUICK = [
    pytest.param(case, case.how[i % len(case.how)], id=case.name)
    for i, case in enumerate((*HEALTHY, *DEFECTS, *SOUND, *ILL))
    if case.quick
]
HEALTHY_LEAST, VARIANTS = 40, 3

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
    warm_up()


@pytest.mark.parametrize(("case", "how"), QUICK)
def test_every_animal_is_judged_rightly(case: Case, how: str):
    """The verdict is right, the planted defect named, and nothing else said."""
    assert [] == wrong(case, ask(case, how))


def test_the_zoo_is_large_enough():
    """Forty sound models, and three variants of every defect."""
    variants = {name: sum(name in case.named for case in DEFECTS) for name in all_checks()}

    assert len(HEALTHY) >= HEALTHY_LEAST
    assert {} == {name: count for name, count in variants.items() if count < VARIANTS}
