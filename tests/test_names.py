import pytest

from diagnosis import names
from diagnosis.names import role_of, understand, words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Loss/valTop1", ("loss", "val", "top1")),
        ("metrics/mAP50-95(B)", ("metrics", "map50", "95", "b")),
        ("  val_F1Score ", ("val", "f1", "score")),
        ("TrainLoss", ("train", "loss")),
        ("VAL_LOSS", ("val", "loss")),
        ("top1Accuracy", ("top1", "accuracy")),
        ("testacc", ("test", "acc")),
        ("val_loss12", ("val", "loss", "12")),
        ("threshold_out", ("threshold", "out")),
        ("", ()),
    ],
)
def test_a_name_is_cut_where_people_join_words(name: str, expected: tuple[str, ...]):
    """Slashes, underscores, blanks, brackets and capitals; not inside mAP."""
    assert expected == words(name)


@pytest.mark.parametrize(
    "name",
    [
        "val_loss",
        "val/loss",
        "eval_loss",
        "validation_loss",
        "Loss/val",
        "valid loss",
        "Validation Loss",
        "dev-loss",
        "ValLoss",
        "valloss",
        "heldout_loss",
        "held-out loss",
        "heldOutLoss",
        "hold_out_loss",
        "loss/va",
        "evaluating_loss",
        "unseen loss",
        "L_val",
    ],
)
def test_a_validation_loss_is_one_however_it_is_written(name: str):
    """Kind, split and nothing else."""
    meaning = understand(name)

    assert ("loss", "val", "") == (meaning.kind, meaning.split, meaning.qualifier)


@pytest.mark.parametrize(
    ("name", "metric", "split", "direction"),
    [
        ("acc", "accuracy", None, "max"),
        ("val_acc", "accuracy", "val", "max"),
        ("eval_top1", "accuracy", "val", "max"),
        ("val_top_5_accuracy", "top5_accuracy", "val", "max"),
        ("test_f1", "f1", "test", "max"),
        ("F1Score", "f1", None, "max"),
        ("metrics/mAP50(B)", "map50", "val", "max"),
        ("metrics/mAP50-95(B)", "map50_95", "val", "max"),
        ("metrics/mAP_0.5:0.95", "map50_95", "val", "max"),
        ("metrics/precision(B)", "precision", "val", "max"),
        ("train_rmse", "rmse", "train", "min"),
        ("val_mean_absolute_error", "mae", "val", "min"),
        ("eval/perplexity", "perplexity", "val", "min"),
        ("neg_mean_squared_error", "mse", None, "max"),
        ("eval_bleu4", "bleu", "val", "max"),
        ("roc_auc", "auc", None, "max"),
        ("val_auc_pr", "average_precision", "val", "max"),
        ("brier_score", "brier", None, "min"),
        ("val_c_index", "c_index", "val", "max"),
        ("eval_rewards/accuracies", "accuracy", "val", "max"),
        ("val_dice_coef", "dice", "val", "max"),
        ("hr@10", "hits", None, "max"),
        ("pass@1", "success rate", None, "max"),
        ("eval_exact_match", "exact_match", "val", "max"),
        ("val_score", "score", "val", "max"),
        ("val_smape", "smape", "val", "min"),
    ],
)
def test_a_metric_has_its_name_split_and_direction(name: str, metric: str, split: str | None, direction: str):
    """As people and frameworks write them."""
    meaning = understand(name)

    assert ("metric", metric, split, direction) == (meaning.kind, meaning.metric, meaning.split, meaning.direction)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lr", "learning_rate"),
        ("lr/pg0", "learning_rate"),
        ("x/lr2", "learning_rate"),
        ("train_lr", "learning_rate"),
        ("lr-Adam", "learning_rate"),
        ("learning_rates", "learning_rate"),
        ("grad_norm", "grad_norm"),
        ("train/grad_norm", "grad_norm"),
        ("true_positives", "tp"),
        ("val_fn", "fn"),
        ("weird", "other"),
        ("hr", "other"),
        ("kl_coef", "other"),
        ("rewards/margins", "other"),
    ],
)
def test_what_is_no_loss_and_no_metric_is_known_too(name: str, kind: str):
    """Rates, norms and counts; the rest is kept, and judged by nobody."""
    assert kind == understand(name).kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("optimizer/learning_rate", "learning_rate"), ("Loss/learning_rate", "learning_rate"), ("info/last_lr", "learning_rate"),
        ("lr_loss", "loss"), ("optim/total_grad_norm", "grad_norm"), ("grad_2.0_norm_total", "grad_norm"),
        ("grad_2.0_norm/layer1.weight", "other"), ("norm", "other"), ("train-logloss-mean", "loss"), ("train-logloss-std", "other"),
        ("val_acc_std", "other"), ("errD", "loss"), ("rewards/chosen", "other"), ("rewards/step", "metric"),
        ("val/info_nce", "loss"), ("infonce_accuracy", "metric"), ("info_nce_acc1", "metric"), ("contrastive_temperature", "other"),
        ("recon_grad_norm", "other"), ("triplet_ratio", "other"), ("loss_contrastive", "loss"), ("Loss/distance", "loss"), ("neg_cosine", "loss"), ("train/acc_contrastive", "metric"), ("recon_mse", "metric"),
        ("em_distance", "other"), ("hausdorff_distance", "metric"), ("kl_divergence", "other"), ("AR@100", "metric"), ("val_minADE", "metric"),
    ],
)  # fmt: skip
def test_what_stands_before_or_behind_the_word_does_not_hide_it(name: str, kind: str):
    """Panels, optimisers and groups; what is measured of one layer, or over folds, is another quantity."""
    assert kind == understand(name).kind


@pytest.mark.parametrize(
    "name",
    ["epoch", "Step", "time", "train_time", "epoch_time (s)", "Wall time", "created_at", "batch_size", "eval_runtime",
     "train_samples_per_second", "total_flos", "n_parameters", "hp_metric", "gpu_mem", "time/epoch", "Unnamed: 0"],
)  # fmt: skip
def test_a_clock_or_a_counter_is_no_curve(name: str):
    """They are set aside, and listed."""
    assert "clock" == understand(name).kind


def test_a_view_is_told_from_the_name():
    """Lightning logs one quantity at steps and at epochs."""
    assert ("step", "epoch", None) == tuple(
        understand(n).view for n in ("train_loss_step", "train_loss_epoch", "train_loss")
    )


def test_a_part_of_a_loss_is_told_from_the_whole():
    """`total`, `avg` and the like say that it is the whole."""
    assert "box" == understand("train/box_loss").qualifier
    assert "" == understand("avg_total_loss").qualifier


def test_a_test_split_stands_in_for_validation_only_where_there_is_none():
    """Then it is judged, and that is noted where roles are given."""
    meaning = understand("test_loss")

    assert "val_loss" == role_of(meaning, has_validation=False)
    assert "other" == role_of(meaning, has_validation=True)


def test_what_is_kept_of_names_does_not_grow_with_them() -> None:
    """A stranger may call a series as they like, and send another every second."""
    kept = names._understood.cache_info().currsize
    for at in range(10):
        assert "other" == understand(f"loss {at}" + " x" * 1000).kind

    assert kept == names._understood.cache_info().currsize
