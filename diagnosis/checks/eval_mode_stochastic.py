"""The model answers by chance in eval mode too.

What it means
    Dropout, or other randomness, is not switched off by eval(): predictions differ from call to call, and validation is
    worse than it need be.

How it is detected
    Two passes in eval mode with different seeds differ by more than `MOST` of the output's size.

When it is wrong
    A model that samples by design (a variational autoencoder, Monte Carlo dropout) does so in eval mode too.

Sources
    PyTorch documentation, torch.nn.functional.dropout: training=True is its default.
"""

from diagnosis.advice.fix import Fix
from diagnosis.examining.examined import examined
from diagnosis.examining.model_check import Fires, Quiet, found, model_check
from diagnosis.examining.sections import Dependence, Graph
from diagnosis.rule import Cause, Evidence, Finding, Skipped

MOST = 1e-6  # of the size of the output; the same question twice gives the same bits

CAUSES = (
    Cause("F.dropout without training=self.training.", "Search forward for F.dropout."),
    Cause("The model was traced in train mode.", "Script it, or call eval() before tracing."),
    Cause("It samples by design.", "Search forward for rand, normal and multinomial."),
    Cause("A hidden state is kept between calls.", "Search forward for what is assigned to self."),
)
EXAMPLES = (
    Fires("dropout that is always on", examined(dependence={"eval_differs": 0.4, "random": ["bernoulli"]})),
    Quiet("dropout that follows the mode", examined(dependence={"eval_differs": 0.0})),
)


@model_check(severity="warning", causes=CAUSES, examples=EXAMPLES)
def check(dependence: Dependence, graph: Graph | None) -> Finding | Skipped | None:
    """Ask twice."""
    if dependence.eval_differs is None:
        return Skipped("the output is a loss")
    if dependence.eval_differs <= MOST:
        return None
    by = ", ".join(dependence.random) or "no operation draws: forward keeps something from one call to the next"
    pass_mode = Fix(
        "use_eval_mode",
        "Use nn.Dropout, or F.dropout(x, p, training=self.training).",
        "Only then eval() switches it off.",
    )
    script = Fix(
        "script_model",
        "Export by torch.jit.script, or trace after eval().",
        "Tracing in train mode writes dropout into the graph for good.",
    )
    if not dependence.random:
        pass_mode = Fix(
            "detach_state",
            "Hand the state in and out of forward, or reset it before each batch.",
            "An answer then depends on its question only.",
        )
    return found(
        f"In eval mode two answers to the same question differ by {dependence.eval_differs:.2g} of their size ({by}).",
        Evidence("differs", dependence.eval_differs, MOST, "share of the output's size", "between two passes in eval mode"),
        fixes=(pass_mode,) if not dependence.random else (script, pass_mode) if graph and graph.traced else (pass_mode, script),
        causes=CAUSES[3:] if not dependence.random else (CAUSES[1], CAUSES[0], CAUSES[2]) if graph and graph.traced else CAUSES[:3],
    )  # fmt: skip
