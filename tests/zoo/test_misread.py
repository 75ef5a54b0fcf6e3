"""Small real models that were misread once: each with what must be said of it, and what must not."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from diagnosis.examining.check import CheckReport, check
from diagnosis.examining.examined import attempt, examined
from diagnosis.report import Judged
from service.examination import Refused, examine
from tests.zoo.case import Case, archive, ask, packed
from tests.zoo.healthy import flat, made, mlp

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def seen(module: nn.Module, data: Any, loss: str = "cross_entropy", how: str = "script", **config: Any) -> CheckReport:
    """Examined and judged, with its bugs looked at."""
    report = ask(Case("one", made(lambda: module, data), loss), how, **{"deadline_s": 60.0, **config})
    assert {} == report.bugs
    return report


def loud(report: CheckReport) -> list[str]:
    """The conditions above an info."""
    return [j.condition for j in report.findings if j.severity != "info"]


def found(report: CheckReport, condition: str) -> Judged:
    """The finding of this name."""
    return next(j for j in report.findings if j.condition == condition)


def advised(report: CheckReport) -> list[str]:
    """Every verb that is advised."""
    return [fix.action for j in report.findings for fix in j.fixes]


def exclusive_or() -> tuple[tuple[Tensor, ...], Tensor]:
    """The textbook's four examples."""
    return (torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]),), torch.tensor([[0.0], [1.0], [1.0], [0.0]])


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("act", [nn.Sigmoid, nn.Tanh, nn.ReLU])
def test_a_sigmoid_before_a_squared_error_is_given_every_rate_and_learns(act: type[nn.Module], optimizer: str):
    """It is no mistake there, as it is before a loss that takes logits: the textbook's exclusive or learns."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 8), act(), nn.Linear(8, 1), nn.Sigmoid())

    report = seen(model, exclusive_or(), "mse", optimizer=optimizer)

    assert ("overfits", []) == (report.verdict, loud(report))


@pytest.mark.parametrize(("more", "said"), [({}, "more steps"), ({"stopped": "deadline"}, "later deadline_s")])
def test_a_loss_that_still_falls_says_what_it_lacked(more: dict[str, Any], said: str):
    """Steps are not time: neither is named for the other."""
    best = attempt(final=0.9, falling=True, **({"stopped": "steps"} | more))

    report = check(examined(attempts=[best], settled=False))

    assert report.headline.endswith(f"ask for {'a ' * ('later' in said)}{said}.")


class OfItsOwn(nn.Module):
    """Returns a loss: with its sign turned, lowered by ten, of a narrow Gaussian, or as it should be."""

    def __init__(self, how: int) -> None:
        super().__init__()
        self.net, self.how = mlp(20, 64, 4), how

    def forward(self, x: Tensor, targets: Tensor) -> Tensor:
        y = self.net(x)
        if self.how == 0:
            return -F.cross_entropy(y, targets)
        if self.how == 1:
            return F.mse_loss(torch.ones_like(y), y) - 10.0
        if self.how == 2:
            return (0.5 * ((F.one_hot(targets, 4) - y) / 0.01) ** 2 - 4.6).mean()
        return F.cross_entropy(y, targets)


@pytest.mark.parametrize("how", [0, 1, 2])
def test_a_loss_of_the_models_own_that_goes_below_zero_is_no_pass(how: int):
    """Where it ends is not known, be it negated or a density."""
    torch.manual_seed(0)
    report = seen(OfItsOwn(how), flat)

    assert ("inconclusive", ["unbounded_loss"]) == (report.verdict, loud(report))


def test_a_loss_of_the_models_own_that_ends_at_zero_is_learnt():
    """As it was, and in as many steps."""
    torch.manual_seed(0)
    report = seen(OfItsOwn(3), flat, lr=1e-2)

    assert ("overfits", []) == (report.verdict, loud(report))
    assert report.learning_rate.tried[0].steps < 200


@pytest.mark.parametrize("kind", [torch.int64, torch.int32, torch.uint8])
def test_an_absolute_error_takes_whole_numbers_as_torch_does(kind: torch.dtype):
    """Ages in years: torch's l1_loss converts them."""
    torch.manual_seed(0)
    report = seen(mlp(20, 64, 1), lambda: ((torch.randn(16, 20),), torch.arange(16)[:, None].to(kind)), "l1", lr=1e-2)

    assert ("overfits", []) == (report.verdict, loud(report))


class Ordered(nn.Module):
    """A recurrence that takes time first; `last` keeps one answer of each row, as with examples first."""

    def __init__(self, last: bool) -> None:
        super().__init__()
        self.rnn, self.head, self.last = nn.GRU(8, 32), nn.Linear(32, 4), last

    def forward(self, x: Tensor) -> Tensor:
        h = self.rnn(x)[0]
        return self.head(h[:, -1] if self.last else h)


@pytest.mark.parametrize("shape", [(6, 3), (12,)])
def test_time_first_is_a_warning_that_names_both_readings(shape: tuple[int, ...]):
    """As torch has it by default, of several sequences or of one; a forgotten batch_first looks the same."""
    torch.manual_seed(0)
    report = seen(Ordered(last=False), lambda: ((torch.randn(*shape, 8),), torch.randint(0, 4, shape)), lr=1e-2)

    assert ("overfits", ["batch_leakage"]) == (report.verdict, loud(report))
    assert "warning" == (leakage := found(report, "batch_leakage")).severity
    assert all(word in leakage.finding.summary for word in ("time first", "batch_first"))


def test_one_answer_of_each_example_is_not_read_as_time():
    """There batch_first is missing for certain."""
    torch.manual_seed(0)
    report = seen(Ordered(last=True), lambda: ((torch.randn(8, 12, 8),), torch.arange(8) % 4), lr=1e-2)

    assert "error" == found(report, "batch_leakage").severity


def with_weight(value: float) -> nn.Sequential:
    """A classifier of which one weight is this."""
    model = mlp(20, 64, 4)
    with torch.no_grad():
        model.get_parameter("2.weight")[1, 2] = value
    return model


@pytest.mark.parametrize(("value", "held"), [(math.nan, "1 NaN"), (math.inf, "1 infinity")])
def test_a_weight_that_is_no_number_is_named(value: float, held: str):
    """It came so in the archive: no operation is to be guarded, no step was taken."""
    report = seen(with_weight(value), flat)

    assert f"2.weight holds {held}" in report.headline
    assert ["fix_initialization"] == advised(report)


def test_a_mask_of_minus_infinity_is_no_broken_weight():
    """Held in a buffer, it is how attention is masked."""
    model = nn.Sequential(nn.Linear(20, 4))
    model.register_buffer("mask", torch.full((3, 3), -math.inf))

    assert "NaN" not in (report := seen(model, lambda: ((torch.full((4, 20), math.nan),), torch.arange(4)))).headline
    assert "check_batch" in advised(report)


class Broken(nn.Module):
    """A logarithm of what a ReLU cut, attention without a key, a deviation of one value."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.net, self.how = mlp(20, 64, 4), how

    def forward(self, x: Tensor) -> Tensor:
        y = self.net(x)
        if self.how == "log":
            return torch.log(torch.relu(y))
        if self.how == "softmax":
            return torch.softmax(y.masked_fill(x[:, :1] < 10.0, -math.inf), 1)
        return self.net(x / x[:1].std(0))


@pytest.mark.parametrize(
    ("how", "said"), [("log", "argument of log"), ("softmax", "not masked"), ("std", "more than one value")]
)
def test_the_operation_that_broke_is_named_with_what_mends_it(how: str, said: str):
    """And neither clipping nor a lower rate is advised before any step."""
    report = seen(Broken(how), lambda: ((torch.randn(16, 20),), torch.randn(16, 4)), "mse")
    fixes = [fix for j in report.findings for fix in j.fixes]

    assert ["guard_operation"] == [fix.action for fix in fixes]
    assert said in fixes[0].advice


def test_weights_that_start_too_large_for_the_depth_are_to_be_initialised():
    """Nothing is bounded away from zero where activations overflow."""
    layers = mlp(20, *[64] * 30, 4)
    with torch.no_grad():
        for p in layers.parameters():
            p.mul_(300.0)

    assert "fix_initialization" == advised(seen(layers, flat))[0]


def test_a_rate_that_was_tried_in_vain_is_not_advised():
    """Half precision breaks at every rate under Adam."""
    torch.manual_seed(0)
    report = seen(mlp(20, 64, 4).half(), lambda: ((torch.randn(16, 20).half(),), torch.arange(16) % 4))

    assert "use_bf16" == advised(report)[0]
    assert {"lower_learning_rate", "guard_operation"}.isdisjoint(advised(report))


class Scored(nn.Module):
    """Scores that are normalised, or multiplied by next to nothing."""

    def __init__(self, tiny: bool) -> None:
        super().__init__()
        self.net, self.rows, self.tiny = mlp(20, 64, 32), nn.Parameter(torch.randn(4, 32)), tiny

    def forward(self, x: Tensor) -> Tensor:
        if self.tiny:
            return self.net(x)[:, :4] * 1e-8
        return F.linear(F.normalize(self.net(x)), F.normalize(self.rows))


def all_held_but(name: str) -> nn.Module:
    """A classifier of which one parameter trains."""
    model = mlp(20, 64, 4)
    for own, p in model.named_parameters():
        p.requires_grad_(own == name)
    return model


def far() -> tuple[tuple[Tensor, ...], Tensor]:
    """Numbers far outside what a sigmoid gives."""
    return (torch.randn(16, 20),), 10.0 * torch.randn(16, 1)


def parity() -> tuple[tuple[Tensor, ...], Tensor]:
    """Exclusive or, as classes."""
    (inputs,), targets = exclusive_or()
    return (inputs,), targets[:, 0].long()


@pytest.mark.parametrize(
    ("model", "data", "loss", "said", "first"),
    [
        (lambda: nn.Sequential(mlp(20, 64, 1), nn.Sigmoid()), far, "mse", "gives 0 to 1 only", "remove_output_activation"),
        (lambda: nn.Sequential(mlp(20, 64, 1), nn.Tanh()), far, "l1", "gives -1 to 1 only", "remove_output_activation"),
        (lambda: Scored(tiny=False), flat, "cross_entropy", "scores do not grow", "scale_output"),
        (lambda: Scored(tiny=True), flat, "cross_entropy", "scores do not grow", "scale_output"),
        (lambda: nn.Sequential(nn.Linear(2, 16), nn.Linear(16, 2)), parity, "cross_entropy", "one linear layer", "change_activation"),
        (lambda: all_held_but("2.bias"), flat, "cross_entropy", "1600 of 1604 parameters are frozen", "check_trainable_parameters"),
    ],
)  # fmt: skip
def test_why_a_batch_cannot_be_learnt_is_read_off_the_model(model: Any, data: Any, loss: str, said: str, first: str):
    """Neither the labels nor the width is blamed."""
    torch.manual_seed(0)
    report = seen(model(), data, loss)

    assert "cannot_overfit" == report.verdict
    assert said in report.headline
    assert first == advised(report)[0]
    assert {"check_labels", "increase_capacity"}.isdisjoint(advised(report))


def test_a_regression_has_as_many_targets_as_numbers():
    """Three hundred of them in six examples are too many for two hundred parameters."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 50))

    report = seen(model, lambda: ((torch.randn(20, 4),), torch.randn(20, 50)), "mse")

    assert "increase_capacity" == advised(report)[0]
    assert "1000 targets" in found(report, "cannot_overfit").fixes[0].because


class Keeping(nn.Module):
    """Keeps its state from one call to the next, with its graph."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.head = nn.GRUCell(20, 32), nn.Linear(32, 4)
        self.register_buffer("state", torch.zeros(16, 32))

    def forward(self, x: Tensor) -> Tensor:
        self.state = self.cell(x, self.state)  # type: ignore[has-type]
        return self.head(self.state)


def test_a_state_that_is_kept_with_its_graph_is_told_to_be_detached():
    """That answers change from call to call is no leak between examples."""
    report = seen(Keeping(), flat)

    assert "detach_state" == advised(report)[0]
    assert "keeps a tensor from one call to the next" in report.headline
    assert {"batch_leakage"}.isdisjoint(loud(report))


class Odd(nn.Module):
    """Answers that nothing can be learnt of."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.net, self.how = mlp(20, 64, 4), how

    def forward(self, x: Tensor) -> Tensor:
        y = self.net(x)
        if self.how == "argmax":
            return y.argmax(1)
        if self.how == "clamp":
            return (y + 50.0).clamp(0.0, 1.0)
        return y


class Silent(nn.Module):
    """Forgets to return."""

    def __init__(self) -> None:
        super().__init__()
        self.net = mlp(20, 64, 4)

    def forward(self, x: Tensor) -> None:
        self.net(x)


@pytest.mark.parametrize(("model", "said"), [(Odd("argmax"), "int64"), (Silent(), "returns nothing")])
def test_what_forward_returns_instead_of_scores_is_named(model: nn.Module, said: str):
    """Whole numbers of an argmax, or nothing at all."""
    with pytest.raises(Refused, match=said):
        seen(model, flat)


def shut() -> nn.Module:
    """Ends in a ReLU that is shut from the start."""
    model = mlp(20, 64, 1)
    with torch.no_grad():
        model.get_parameter("2.bias").fill_(-50.0)
    return nn.Sequential(model, nn.ReLU())


def test_a_last_relu_that_is_shut_is_why_nothing_reaches_the_output():
    """Of a regression to positive targets too, where it would be sound if it were open."""
    torch.manual_seed(0)
    report = seen(shut(), lambda: ((torch.randn(16, 20),), torch.rand(16, 1)), "mse")

    assert ("cannot_overfit", "relu_output") == (report.verdict, report.findings[0].condition)
    assert "all of it is zero" in report.headline


def test_a_clamp_is_not_called_a_relu():
    """All of the output is at its bound."""
    report = seen(Odd("clamp"), flat)

    assert "bound of a clamp" in report.headline
    assert "ReLU" not in report.headline


@pytest.mark.parametrize("labels", [torch.arange(8) % 2, torch.zeros(8, dtype=torch.int64)])
def test_one_score_under_cross_entropy_is_told_the_loss_for_it(labels: Tensor):
    """Two classes, one output: the labels are not to be brought into 0 to 0."""
    report = seen(mlp(20, 64, 1), lambda: ((torch.randn(8, 20),), labels))

    assert "change_loss" == advised(report)[0]
    assert {"to": "bce_with_logits"} == report.findings[0].fixes[0].params


class Zeroed(nn.Module):
    """Residual branches whose last layer starts at zero, and a head that does too."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.head = nn.Linear(20, 64), nn.Linear(64, 20), nn.Linear(20, 4)
        for layer in (self.b, self.head):
            nn.init.zeros_(layer.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x + self.b(torch.relu(self.a(x))))


def test_layers_that_start_at_zero_on_purpose_are_not_named():
    """Their gradients are zero at first, and the batch is learnt."""
    torch.manual_seed(0)
    report = seen(Zeroed(), flat, lr=1e-2)

    assert ("overfits", []) == (report.verdict, loud(report))


def test_converted_targets_are_said_to_be_learnt():
    """The batch as it came stops torch; an accuracy of one beside that is of the converted one."""
    torch.manual_seed(0)
    report = seen(mlp(20, 64, 4), lambda: ((torch.randn(16, 20),), (torch.arange(16) % 4).double()), lr=1e-2)

    assert report.headline.startswith("Cannot overfit this batch as it is. torch stops at targets of float64")
    assert "Converted for this check, the batch is learnt" in report.headline


class Detached(nn.Module):
    """A backbone that is cut off, or a step that passes nothing."""

    def __init__(self, cut: bool) -> None:
        super().__init__()
        self.a, self.b, self.cut = nn.Linear(20, 64), nn.Linear(64, 4), cut

    def forward(self, x: Tensor) -> Tensor:
        h = self.a(x)
        return self.b(h.detach() if self.cut else torch.sign(h))


@pytest.mark.parametrize(
    ("cut", "first", "other"),
    [(True, "attach_graph", "check_trainable_parameters"), (False, "check_trainable_parameters", "attach_graph")],
)
def test_of_two_fixes_that_exclude_each_other_one_is_given(cut: bool, first: str, other: str):
    """No path leads there, or nothing comes through it."""
    torch.manual_seed(0)
    verbs = [fix.action for fix in found(seen(Detached(cut), flat, lr=1e-2), "dead_parameters").fixes]

    assert first in verbs
    assert other not in verbs


class Flattened(nn.Module):
    """Flattens to the example's number of rows, which tracing writes down."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(48, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x.reshape(int(x.shape[0]), -1))


def test_a_batch_size_that_tracing_wrote_down_is_told_of_a_product_too():
    """Four rows were traced, six are sent: the view fits, and the layer after it does not."""
    model = archive(Flattened(), (torch.randn(4, 3, 4, 4),), "trace")

    with pytest.raises(Refused, match="was traced"):
        examine(
            {"loss": "cross_entropy", "device": "cpu"},
            model,
            packed((torch.randn(6, 3, 4, 4),), torch.arange(6) % 4),
            print,
        )


def test_masks_of_one_channel_are_told_to_be_squeezed():
    """Labels of (N, 1, H, W) beside scores of (N, C, H, W)."""
    with pytest.raises(Refused, match=r"squeeze\(1\)"):
        seen(nn.Conv2d(3, 2, 1), lambda: ((torch.randn(2, 3, 8, 8),), torch.zeros(2, 1, 8, 8, dtype=torch.int64)))


def test_an_index_that_is_out_of_range_is_told_with_the_rows_there_are():
    """Up to 89, of fifty."""
    with pytest.raises(Refused, match="go from 0 to 89, and it has 50 rows"):
        seen(
            nn.Sequential(nn.Embedding(50, 8), nn.Flatten(), nn.Linear(80, 4)),
            lambda: (
                (
                    torch.arange(90)[:80].reshape(8, 10)
                    + torch.tensor([0] * 9 + [10]) * (torch.arange(8) == 7)[:, None],
                ),
                torch.arange(8) % 4,
            ),
        )


def test_a_floor_above_zero_is_said_beside_what_was_reached():
    """A loss of 1.4 learnt by heart wants a word."""
    report = seen(mlp(20, 64, 4), lambda: ((torch.ones(16, 20),), torch.arange(16) % 4))

    assert "no less than 1.4 is possible" in report.headline


def pictures() -> tuple[tuple[Tensor, ...], Tensor]:
    """Dark, with three bright rectangles each, to be given back."""
    x = torch.zeros(16, 28, 28)
    for picture in x:
        for _ in range(3):
            top, left, tall, wide = (
                int(torch.randint(low, high, ())) for low, high in ((3, 19), (3, 19), (1, 8), (1, 8))
            )
            picture[top : top + tall, left : left + wide] = 0.5 + 0.5 * torch.rand(())
    return (x.flatten(1),), x.flatten(1).clone()


def test_outputs_held_at_the_ends_of_a_sigmoid_are_no_matter_of_labels():
    """Of an autoencoder that learns most of its pictures: nothing is claimed of the model."""
    torch.manual_seed(0)
    model = nn.Sequential(mlp(784, 128, 32, 128, 784), nn.Sigmoid())

    report = seen(model, pictures, "mse")

    assert "inconclusive" == report.verdict
    assert ["saturated_activations"] == loud(report)
    assert "remove_output_activation" == advised(report)[0]


def test_a_trace_that_torch_cannot_go_back_through_is_told_what_to_do():
    """Spectral norm takes a step of its own in train mode, in place."""
    model = nn.utils.parametrizations.spectral_norm(nn.Linear(20, 4))
    inputs, targets = flat()

    with pytest.raises(Refused, match=r"Trace after eval\(\)"):
        examine(
            {"loss": "cross_entropy", "device": "cpu"}, archive(model, inputs, "trace"), packed(inputs, targets), print
        )
