import json
import time

import pytest

from diagnosis.reading import console
from schemas.limits import Limits, TooMany
from schemas.question import Said
from service import create_app
from service.question.allowance import Allowance
from service.question.documents import question_of
from service.question.parts import Part
from service.question.query import Query
from service.settings import Settings

RUNS = json.dumps({"runs": [{"history": {"loss": [3, 2, 1]}}] * 3}).encode()


def test_what_is_within_the_allowance_goes_on() -> None:
    """Time that passes while nothing is computed does not count."""
    allowance = Allowance(0.05)
    time.sleep(0.1)

    allowance.look("Waiting")


def test_what_takes_longer_is_refused_and_says_with_what() -> None:
    """So that the client knows what to send less of."""
    allowance = Allowance(0.01)
    while time.thread_time() - allowance.began <= 0.01:
        pass

    with pytest.raises(TooMany, match=r"Judging takes more than the 0\.01 s"):
        allowance.look("Judging")


def test_a_question_that_takes_too_long_gets_a_problem() -> None:
    """The operator sets how long."""
    response = create_app(Settings(seconds=0)).test_client().post("/diagnose", data=RUNS)

    assert (422, True) == (response.status_code, response.get_json()["type"].endswith("/too-many"))
    assert "s of computing" in response.get_json()["detail"]


def test_a_single_text_that_takes_too_long_is_left_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of ever new names are the slowest there are: the clock is looked at while they are read."""
    monkeypatch.setattr(console, "PIECE", 1 << 14)
    lines = (" ".join(f"{at} w{line}x{at}" for at in range(300)) for line in range(200))
    text = "\n".join(("step 1 loss 0.5", "step 2 loss 0.4", "step 3 loss 0.3", *lines))

    with pytest.raises(TooMany, match="Reading what was sent takes more than"):
        question_of([Part("file", text.encode())], Query(), Said(), Limits(), Allowance(0.2))
