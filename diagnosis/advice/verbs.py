"""What can be advised: one table of verbs with typed parameters, so that a machine can apply a fix.

A verb that `context` says is already in use is not advised again; `done` says how that is seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from diagnosis.run import Context


@dataclass(frozen=True)
class Param:
    """One parameter of a verb, with its unit in words."""

    type: Literal["number", "integer", "string", "array"]
    says: str


@dataclass(frozen=True)
class Verb:
    """Something one can do about a run."""

    says: str
    params: Mapping[str, Param] = field(default_factory=dict)
    done: Callable[[Context], bool] = lambda _context: False


FACTOR = Param("number", "multiply by this")
LEARNING_RATE = Param("number", "the new learning rate, where context.learning_rate is known")
EPOCH = Param("number", "position in epochs, as logged")
STEP = Param("number", "position in steps, as logged")
EXAMPLES = Param("integer", "how many examples")
MORE = Param("number", "this many times the amount")
BELOW = Param("number", "what the loss gets below if it was that, in its own unit")
BETWEEN = Param("array", "first and last position between which to look, as logged")
NAMES = Param("array", "names of parameters")

NONE = {"none", "no", "off", "false", "null"}  # of a scheduler
RESTARTS = re.compile(r"warm[ _-]?restarts?")  # a schedule's, which is no warm-up
PLENTY = 100_000  # validation examples: they tell an accuracy to within a fifth of a point, and more change nothing

VERBS: dict[str, Verb] = {
    "restore_best": Verb("Go back to the best checkpoint.", {"epoch": EPOCH, "step": STEP}),
    "stop_early": Verb(
        "Stop when validation has not improved for a while.",
        {"patience": Param("integer", "validations without improvement to wait"), "min_delta": Param("number", "smallest change that counts, in the curve's unit")},
        lambda c: bool(c.early_stopping),
    ),
    "train_longer": Verb("Train longer.", {"factor": MORE, "epochs": Param("integer", "epochs in all")}),
    "lower_learning_rate": Verb("Lower the learning rate.", {"factor": FACTOR, "learning_rate": LEARNING_RATE}),
    "raise_learning_rate": Verb("Raise the learning rate.", {"factor": FACTOR, "learning_rate": LEARNING_RATE}),
    "schedule_learning_rate": Verb(
        "Let the learning rate fall over the run.",
        {"kind": Param("string", "step, cosine or linear"), "at": Param("number", "position of the drop, as logged"), "factor": FACTOR},
        lambda c: bool(c.scheduler) and str(c.scheduler).lower() not in NONE and not str(c.scheduler).lower().startswith("constant"),
    ),
    "warm_up": Verb("Warm the learning rate up.", {"steps": Param("integer", "optimiser steps to full rate")}, lambda c: "warm" in RESTARTS.sub("", str(c.scheduler).lower())),
    "shorten_warm_up": Verb("Shorten the warm-up.", {"steps": Param("integer", "optimiser steps to full rate"), "factor": FACTOR}),
    "clip_gradients": Verb("Clip gradients.", {"max_norm": Param("number", "largest global norm let through")}, lambda c: bool(c.gradient_clipping)),
    "increase_batch_size": Verb("Use larger batches.", {"factor": FACTOR, "batch_size": Param("integer", "the new size")}),
    "increase_regularization": Verb("Regularise more.", {"weight_decay": Param("number", "new weight decay"), "dropout": Param("number", "new dropout rate, 0–1")}),
    "decrease_regularization": Verb("Regularise less.", {"weight_decay": Param("number", "new weight decay"), "dropout": Param("number", "new dropout rate, 0–1")}),
    "augment_data": Verb("Augment the training data.", {"variants": Param("integer", "different versions of each example, over the run")}, lambda c: bool(c.augmentation)),
    "add_data": Verb("Collect more training data.", {"factor": MORE, "size": Param("integer", "training examples in all")}),
    "increase_capacity": Verb("Use a larger model.", {"factor": MORE}),
    "decrease_capacity": Verb("Use a smaller model.", {"factor": FACTOR}),
    "shuffle_data": Verb("Shuffle the training data every epoch.", {"period": Param("number", "after which the same order came again, as logged")}, lambda c: bool(c.shuffle)),
    "enlarge_validation_set": Verb("Validate on more examples.", {"size": Param("integer", "examples"), "share": Param("number", "of all data, 0–1"), "factor": MORE}, lambda c: (c.val_size or 0) >= PLENTY),
    "reweight_classes": Verb("Weight the classes by their rarity.", {"weights": Param("array", "one weight a class"), "scheme": Param("string", "balanced: n / (C n_c) of n examples, n_c of them of that class, in C classes")}),
    "move_threshold": Verb("Move the decision threshold.", {"threshold": Param("number", "of the positive class's probability, 0–1")}),
    "smooth_labels": Verb("Smooth the labels.", {"label_smoothing": Param("number", "share of a label spread over all classes, 0–1")}),
    "recompute_metric": Verb("Compute the metric by hand on one batch, and compare.", {"metric": Param("string", "its name in the log"), "examples": EXAMPLES}),
    "scale_temperature": Verb("Divide the logits by a temperature fitted on validation data.", {"low": Param("number", "least temperature to try"), "high": Param("number", "largest temperature to try")}),
    "change_metric": Verb("Watch another metric.", {"to": Param("string", "name of the metric")}),
    "fix_initialization": Verb("Initialise differently.", {"scheme": Param("string", "name of the scheme"), "bias": Param("number", "of the last layer")}),
    "normalize_inputs": Verb("Normalise the inputs.", {"mean": Param("number", "of each input afterwards"), "deviation": Param("number", "standard deviation of each input afterwards")}),
    "flip_loss_sign": Verb("Flip the sign of the loss.", {"below": BELOW}),
    "remove_output_activation": Verb("Remove the activation after the last layer.", {"activation": Param("string", "its name"), "below": BELOW}),
    "check_labels": Verb(
        "Check labels and their pairing with inputs.",
        {"examples": EXAMPLES, "at": BETWEEN, "low": Param("number", "lowest label that is allowed"), "high": Param("number", "highest label that is allowed"),
         "add": Param("number", "to each label"), "divide": Param("number", "each label by, after adding"), "ignore": Param("integer", "label that stands for none")},
    ),
    "check_trainable_parameters": Verb("Check that parameters receive gradients and steps.", {"at": Param("array", "positions of two checkpoints whose weights must differ, as logged"), "names": NAMES}),
    "overfit_one_batch": Verb("Try to overfit one batch.", {"examples": EXAMPLES, "below": BELOW}),
    "average_over_epoch": Verb("Average training values over each epoch.", {"values": Param("integer", "logged values in one average")}),
    "use_eval_mode": Verb("Evaluate in evaluation mode.", {"examples": EXAMPLES}),
    "skip_batches": Verb("Look at these batches, and leave them out.", {"at": Param("array", "positions as logged"), "width": Param("number", "positions before each that its value may stand for")}),
    "use_bf16": Verb("Train in bfloat16."),
    "change_optimizer": Verb("Change the optimiser.", {"to": Param("string", "its name"), "learning_rate": Param("number", "that goes with it")}, lambda c: "adam" in str(c.optimizer).lower()),
    "add_normalization_layers": Verb("Add normalisation layers.", {"mean": Param("number", "of what goes into each activation"), "deviation": Param("number", "standard deviation of the same")}),
    "register_parameters": Verb("Register weights as parameters."),
    "match_shapes": Verb("Give output and targets the same shape.", {"shape": Param("array", "what both should have")}),
    "cast_targets": Verb("Convert the targets.", {"to": Param("string", "dtype")}),
    "change_loss": Verb("Use another loss.", {"to": Param("string", "its name")}),
    "resize_output": Verb("Change the number of outputs.", {"size": Param("integer", "outputs of the last layer")}),
    "script_model": Verb("Export by scripting instead of tracing."),
    "attach_graph": Verb("Remove what cuts the gradient.", {"names": NAMES}),
    "detach_state": Verb("Detach what is kept from one call to the next."),
    "scale_output": Verb("Let the scores grow.", {"factor": FACTOR}),
    "separate_examples": Verb("Keep the examples of a batch apart."),
    "standardize_targets": Verb("Standardise the targets.", {"mean": Param("number", "to subtract"), "deviation": Param("number", "to divide by")}),
    "use_inputs": Verb("Let the output depend on the inputs."),
    "change_activation": Verb("Use another activation.", {"to": Param("string", "its name")}),
    "check_batch": Verb("Look at the batch."),
    "guard_operation": Verb("Keep the arguments of a division, root, logarithm or exponential in range.", {"epsilon": Param("number", "smallest value let through")}),
    "explore_more": Verb("Let a policy try more.", {"entropy": Param("number", "of the policy, that is kept at least, in the unit logged")}),
    "log_losses": Verb("Log the training and the validation loss.", {"values": Param("integer", "of each, over the run")}),
    "inspect_run": Verb("Look at one of the runs.", {"name": Param("string", "its name")}),
}  # fmt: skip

# What only a check of a model advises: code to change, which no training recipe can.
OF_A_MODEL = frozenset(
    ("register_parameters", "match_shapes", "cast_targets", "change_loss", "resize_output", "script_model", "attach_graph",
     "detach_state", "scale_output", "separate_examples", "use_inputs", "change_activation", "check_batch")
)  # fmt: skip

# What only a network has: no tree that is boosted can do it.
OF_NETWORKS = frozenset(
    ("schedule_learning_rate", "warm_up", "shorten_warm_up", "clip_gradients", "increase_batch_size", "increase_regularization",
     "augment_data", "shuffle_data", "smooth_labels", "fix_initialization",
     "normalize_inputs", "standardize_targets", "remove_output_activation", "check_trainable_parameters", "overfit_one_batch", "average_over_epoch",
     "use_eval_mode", "guard_operation", "skip_batches", "use_bf16", "change_optimizer", "add_normalization_layers")
)  # fmt: skip
