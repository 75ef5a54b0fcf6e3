"""From bytes to facts: what is refused, what is bounded, what is the same twice."""

import io
import json
import time
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from diagnosis.examining.check import CheckReport, check
from diagnosis.examining.examination import Examination
from service.examination import Refused, examine, warm_up
from service.examination.refused import of_the_jail
from tests.zoo.case import archive, packed
from tests.zoo.healthy import flat, mlp

pytestmark = pytest.mark.filterwarnings("ignore")


class Flipping(nn.Module):
    """Refuses eval mode, writes to its inputs, grows with training."""

    def __init__(self, how: int) -> None:
        super().__init__()
        self.net, self.how = mlp(20, 64, 4), how
        self.first = next(self.net.parameters())

    def forward(self, x: Tensor) -> Tensor:
        """Answer, or not."""
        if self.how == 0 and not self.training:
            raise RuntimeError("no eval mode")
        if self.how == 1:
            x.add_(1.0)
        if self.how == 2 and bool((self.first.abs() > 1e9).any()):
            return x
        return self.net(x)


class Odd(nn.Module):
    """Answers in numbers that no loss is taken of."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.net, self.how = mlp(20, 64, 4), how

    def forward(self, x: Tensor) -> Tensor:
        """Answer."""
        y = self.net(x)
        if self.how == "sparse":
            return y.to_sparse()
        if self.how == "rows":
            return y.to_sparse_csr()
        return torch.complex(y, y)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    torch.set_num_threads(1)
    warm_up()


def quiet(_line: dict[str, Any]) -> None:
    """Nobody listens."""


def asked(model: bytes, batch: bytes | None, **config: Any) -> CheckReport:
    """Examine and judge; the facts go through JSON as they do through a pipe."""
    facts = examine({"loss": "cross_entropy", "device": "cpu", **config}, model, batch, quiet)
    return check(Examination.of(json.loads(json.dumps(facts, allow_nan=False))))


def sound(how: str = "script") -> tuple[bytes, bytes]:
    """A small classifier and its batch."""
    torch.manual_seed(0)
    inputs, targets = flat()
    return archive(mlp(20, 64, 4), inputs, how), packed(inputs, targets)


@pytest.mark.parametrize(
    ("kind", "model", "batch", "config"),
    [
        ("not_torchscript", b"hello", sound()[1], {}),
        ("not_torchscript", b"", sound()[1], {}),
        ("invalid", sound()[0], None, {}),
        ("invalid", sound()[0], sound()[1], {"loss": None}),
        ("invalid", sound()[0], sound()[1], {"output": "nothing"}),
        ("shapes_refused", sound()[0], packed((torch.randn(8, 7),), torch.arange(8)), {}),
        ("shapes_refused", sound()[0], packed((torch.randn(8, 20), torch.randn(8, 20)), torch.arange(8)), {}),
        ("shapes_refused", sound()[0], packed((torch.randn(8, 20),), torch.arange(5)), {}),
        ("shapes_refused", sound()[0], sound()[1], {"loss": "bce_with_logits"}),
    ],
)
def test_what_cannot_be_examined_is_refused(kind: str, model: bytes, batch: bytes | None, config: dict[str, Any]):
    """With its kind, and a sentence."""
    with pytest.raises(Refused) as refused:
        asked(model, batch, **config)

    assert kind == refused.value.kind
    assert len(refused.value.detail) < 500


def test_a_state_dict_is_refused_unread():
    """It is no TorchScript."""
    file = io.BytesIO()
    torch.save(mlp(20, 64, 4).state_dict(), file)

    with pytest.raises(Refused, match=r"cannot be loaded"):
        asked(file.getvalue(), sound()[1])


def test_cuda_is_refused_where_there_is_none():
    """Asked for, it is not silently replaced."""
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")

    with pytest.raises(Refused, match="GPU"):
        asked(*sound(), device="cuda")


@pytest.mark.parametrize("how", ["script", "trace"])
def test_the_same_question_has_the_same_answer(how: str):
    """Bit by bit: losses, findings, id."""
    first, again = asked(*sound(how), seed=5), asked(*sound(how), seed=5)

    assert first.id == again.id
    assert first.examination.curve == again.examination.curve


def test_a_batch_is_made_where_there_is_none_and_that_is_said():
    """Of the shapes in the config."""
    report = asked(sound()[0], None, input_shapes=[[16, 20]], num_classes=4)

    assert "overfits" == report.verdict
    assert report.examination.batch.made
    assert any("random" in note for note in report.examination.notes)


@pytest.mark.parametrize("how", [0, 1, 2])
def test_odd_models_are_judged_all_the_same(how: int):
    """A question that they refuse is left open."""
    inputs, targets = flat()

    assert "overfits" == asked(archive(Flipping(how), (inputs[0].clone(),), "script"), packed(inputs, targets)).verdict


def test_too_few_steps_are_inconclusive():
    """Nothing is claimed of five steps."""
    assert ("inconclusive", 5) == ((report := asked(*sound(), steps=5)).verdict, report.learning_rate.tried[0].steps)


def test_the_deadline_ends_training_by_itself():
    """What was reached is judged."""
    torch.manual_seed(0)
    x, y = torch.randn(256, 20), torch.randint(0, 4, (256,))
    begun = time.monotonic()
    report = asked(archive(mlp(20, 8, 4), (x,), "script"), packed((x,), y), deadline_s=0.5, steps=100_000)

    assert time.monotonic() - begun < 2.0
    assert report.verdict in ("inconclusive", "cannot_overfit")


def test_progress_is_told():
    """Steps and losses, plain JSON."""
    told: list[dict[str, Any]] = []
    model, batch = sound()
    examine({"loss": "cross_entropy", "device": "cpu", "lr": 1e-7}, model, batch, told.append)

    assert told
    assert all({"step", "loss"} == set(line) for line in told)


def test_the_facts_are_bounded():
    """However many layers there are, and however many steps."""
    torch.manual_seed(0)
    x, y = torch.randn(64, 4), torch.arange(64) % 2
    facts = examine(
        {"loss": "cross_entropy", "device": "cpu", "steps": 3000, "deadline_s": 10},
        archive(nn.Linear(4, 2), (x,), "script"),
        packed((x,), y),
        quiet,
    )

    assert len(facts["curve"]["loss"]) <= 2001
    assert len(json.dumps(facts)) < 300_000


class Own(nn.Module):
    """Raises by itself, asks for a GPU, or holds the size of its example."""

    def __init__(self, how: int) -> None:
        super().__init__()
        self.net, self.how = mlp(20, 64, 4), how

    def forward(self, x: Tensor) -> Tensor:
        """Answer, or not."""
        if self.how == 0:
            raise ValueError("I will not")
        if self.how == 1:
            raise ValueError("expected images of 3 channels")
        if self.how == 3:
            return self.net(x.view(int(x.shape[0]), 20))
        return self.net(x) + torch.zeros(4, device=torch.device("cuda:0"))


class Sum(nn.Module):
    """Takes two inputs, one of them under the name that targets have."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(4, 4)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Answer."""
        found: Tensor = self.net(x) + y
        return found


class ByName(nn.Module):
    """Takes its inputs by name."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(20, 64, 4)

    def forward(self, named: dict[str, Tensor]) -> Tensor:
        """Answer."""
        return self.net(named["x"])


class Double(nn.Module):
    """Returns features, and scores."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(20, 64), nn.Linear(64, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Answer twice."""
        h = self.a(x).relu()
        return h, self.b(h)


def test_an_exception_of_the_models_own_is_no_refusal_of_shapes():
    """What it raises by itself is told as that, unless it minds what it was given."""
    inputs, targets = flat()
    with pytest.raises(torch.jit.Error, match="I will not"):
        asked(archive(Own(0), inputs, "script"), packed(inputs, targets))
    with pytest.raises(Refused, match="3 channels") as refused:
        asked(archive(Own(1), inputs, "script"), packed(inputs, targets))

    assert "shapes_refused" == refused.value.kind


def test_a_device_of_its_own_is_told_in_words():
    """Not in those of torch, which speak of backends and builds."""
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    inputs, targets = flat()

    with pytest.raises(Refused, match=r"x\.device"):
        asked(archive(Own(2), inputs, "script"), packed(inputs, targets))


def test_an_index_that_an_embedding_lacks_is_no_matter_of_shapes():
    """The tokenizer has more words than the model."""
    inputs = torch.arange(40).reshape(8, 5)
    model = nn.Sequential(nn.Embedding(10, 4), nn.Flatten(), nn.Linear(20, 4))

    with pytest.raises(Refused, match="num_embeddings") as refused:
        asked(archive(model, (inputs % 10,), "script"), packed((inputs,), torch.arange(8) % 4))

    assert "invalid" == refused.value.kind


def test_where_targets_were_passed_as_an_input_that_is_said():
    """An argument is called y, and is no target."""
    x, y = torch.randn(8, 4), torch.randn(8, 16)

    with pytest.raises(Refused, match="The targets were passed as y: if that is an input"):
        asked(archive(Sum(), (x, x), "script"), packed((x,), y), loss="mse")


def test_a_dictionary_is_refused_with_what_to_do():
    """A batch has no names for its inputs."""
    inputs, targets = flat()

    with pytest.raises(Refused, match="wrapper"):
        asked(archive(ByName(), inputs, "script"), packed(inputs, targets))


def test_a_size_that_tracing_wrote_down_is_told():
    """The batch is sound, and the archive is not."""
    inputs, targets = flat()

    with pytest.raises(Refused, match="traced"):
        asked(archive(Own(3), inputs, "trace"), packed((inputs[0][:5],), targets[:5]))


def test_labels_of_one_column_are_told_to_be_squeezed():
    """As a table gives them."""
    inputs, targets = flat()

    with pytest.raises(Refused, match="squeeze"):
        asked(archive(mlp(20, 64, 4), inputs, "script"), packed(inputs, targets[:, None]))


@pytest.mark.parametrize("output", [None, 1, -1])
def test_of_several_outputs_the_one_with_the_classes_is_judged(output: int | None):
    """Or the one asked for, counted from either end; the rest is no defect."""
    inputs, targets = flat()
    config = {} if output is None else {"output": output}
    report = asked(archive(Double(), inputs, "script"), packed(inputs, targets), **config)

    assert ("overfits", [16, 4]) == (report.verdict, list(report.examination.output.shape))
    assert report.examination.model.outputs == 2


def test_an_error_that_speaks_of_a_memory_format_is_not_one_of_memory():
    """Torch has such words in names of operators."""
    assert not of_the_jail(RuntimeError("Could not run 'aten::empty.memory_format'"))
    assert of_the_jail(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"))


@pytest.mark.parametrize("loss", ["cross_entropy", "nll", "bce_with_logits", "mse", "l1", "huber"])
@pytest.mark.parametrize(("how", "said"), [("sparse", "sparse"), ("rows", "sparse"), ("complex", "complex numbers")])
@pytest.mark.parametrize("made", [False, True])
def test_an_output_that_no_loss_is_taken_of_is_refused_in_words_of_our_own(
    how: str,
    said: str,
    loss: str,
    made: bool,  # noqa: FBT001
) -> None:
    """What came, what is expected, what to do; nothing of operations inside."""
    inputs, labels = flat()
    targets = labels if loss in {"cross_entropy", "nll"} else torch.ones(len(labels), 4)
    model = archive(Odd(how), inputs, "script")
    shapes = {"input_shapes": [list(inputs[0].shape)], "num_classes": 4} if made else {}

    with pytest.raises(Refused, match=f"forward returns .*{said}") as refused:
        asked(model, None if made else packed(inputs, targets), loss=loss, **shapes)

    assert "invalid" == refused.value.kind
    assert "aten" not in refused.value.detail


@pytest.mark.parametrize("loss", ["cross_entropy", "nll", "bce_with_logits", "mse", "l1", "huber"])
def test_complex_targets_of_a_real_output_are_refused_in_words_of_our_own(loss: str) -> None:
    """Whichever loss is asked for."""
    inputs, _ = flat()
    targets = torch.complex(inputs[0][:, :4], inputs[0][:, :4])

    with pytest.raises(Refused, match="forward returns real numbers, and the targets are complex ones"):
        asked(sound()[0], packed(inputs, targets), loss=loss)


def test_complex_numbers_are_learnt_where_the_targets_are_complex() -> None:
    """By their two parts."""
    inputs, _ = flat()
    targets = torch.complex(inputs[0][:, :4], inputs[0][:, :4])

    assert asked(archive(Odd("complex"), inputs, "script"), packed(inputs, targets), loss="mse", steps=60).status
