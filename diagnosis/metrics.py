"""The metrics that are known by name, with the way each gets better, and what guessing and perfection score where that is fixed."""

from dataclasses import dataclass

from diagnosis.run import Direction


@dataclass(frozen=True)
class Metric:
    """A known metric; `chance` and `perfect` on its 0–1 scale, where guessing has a fixed score."""

    name: str
    direction: Direction
    chance: float | None = None
    perfect: float | None = None


METRICS: dict[str, Metric] = {
    **dict.fromkeys(("acc", "accuracy", "accuracies", "rewards accuracies", "top1", "top 1", "top1 accuracy", "accuracy top1", "top1 acc", "acc1",
        "top 1 acc", "top 1 accuracy", "aacc",
        "binary accuracy", "categorical accuracy", "sparse categorical accuracy"), Metric("accuracy", "max", None, 1.0)),
    **dict.fromkeys(("top5", "top 5", "top 5 accuracy", "acc5", "accuracy top5", "top5 acc", "top5 accuracy", "top 5 acc", "top k categorical accuracy"),
        Metric("top5_accuracy", "max", None, 1.0)),
    **dict.fromkeys(("balanced accuracy", "bal acc"), Metric("balanced_accuracy", "max", None, 1.0)),
    **dict.fromkeys(("exact match", "em"), Metric("exact_match", "max", None, 1.0)),
    "macc": Metric("mean_accuracy", "max", None, 1.0),  # over classes, of which segmentation has many
    **dict.fromkeys(("f1", "f1 score", "f1score", "fscore", "macro f1", "micro f1", "f1 macro", "f1 micro"), Metric("f1", "max", None, 1.0)),
    **dict.fromkeys(("precision", "prec", "ppv"), Metric("precision", "max", None, 1.0)),
    **dict.fromkeys(("recall", "sensitivity", "tpr"), Metric("recall", "max", None, 1.0)),
    **dict.fromkeys(("specificity", "tnr"), Metric("specificity", "max", None, 1.0)),
    **dict.fromkeys(("mcc", "matthews", "matthews correlation", "phi"), Metric("mcc", "max", 0.0, 1.0)),
    **dict.fromkeys(("kappa", "cohen kappa", "qwk"), Metric("kappa", "max", 0.0, 1.0)),
    **dict.fromkeys(("auc", "roc auc", "auroc", "auc roc", "roc auc score"), Metric("auc", "max", 0.5, 1.0)),
    **dict.fromkeys(("c index", "cindex", "concordance", "concordance index"), Metric("c_index", "max", 0.5, 1.0)),
    **dict.fromkeys(("prc", "auprc", "pr auc", "prauc", "auc pr", "auc prc", "aucpr", "average precision", "average precision score", "ap"),
        Metric("average_precision", "max", None, 1.0)),
    **dict.fromkeys(("r2", "r2 score", "r squared", "explained variance"), Metric("r2", "max", 0.0, 1.0)),
    **dict.fromkeys(("ep rew mean", "ep reward mean", "eprewmean", "ep rew", "episode reward", "episode reward mean", "mean reward",
        "average ep ret", "average episode return", "average return", "ep ret", "episode return", "mean episode reward", "eval reward"),
        Metric("reward", "max")),
    **dict.fromkeys(("hits", "hit", "hit rate", "hit ratio"), Metric("hits", "max")),
    **dict.fromkeys(("dice", "dsc", "dice coef", "dice coefficient", "dice similarity coefficient"), Metric("dice", "max")),
    **dict.fromkeys(("spearman", "spearmanr", "spearman corr", "spearman r", "spearman correlation", "spearman rho"), Metric("spearman", "max")),
    **dict.fromkeys(("pearson", "pearsonr", "pearson corr", "pearson r", "pearson correlation"), Metric("pearson", "max")),
    **dict.fromkeys(("cosine similarity", "cos sim"), Metric("cosine_similarity", "max")),
    **dict.fromkeys(("si sdr", "sisdr", "si snr", "sisnr", "sdr", "snr"), Metric("sdr", "max")),
    **{w: Metric(w, "max") for w in ("map", "iou", "miou", "jaccard", "tversky", "bleu", "sacrebleu", "chrf", "rouge", "meteor", "cider",
        "psnr", "ssim", "pesq", "stoi", "pck", "reward", "return", "score", "ndcg", "mrr", "elbo", "mean reciprocal rank",
        "likelihood", "log likelihood", "success rate", "win rate", "pq", "ari", "nmi", "comet", "mota", "idf1", "lrap", "silhouette", "g mean", "gmean", "average recall")},
    **dict.fromkeys(("kendall", "kendall tau", "kendalltau", "kendall s tau"), Metric("kendall", "max")),
    **dict.fromkeys(("map50", "map 0 5"), Metric("map50", "max", None, 1.0)),
    **dict.fromkeys(("map50 95", "map 0 5 0 95"), Metric("map50_95", "max", None, 1.0)),
    **dict.fromkeys(("mse", "mean squared error"), Metric("mse", "min")),
    **dict.fromkeys(("rmse", "root mean squared error"), Metric("rmse", "min")),
    **dict.fromkeys(("mae", "mean absolute error"), Metric("mae", "min")),
    **dict.fromkeys(("mape", "mean absolute percentage error"), Metric("mape", "min")),
    **dict.fromkeys(("msle", "mean squared logarithmic error"), Metric("msle", "min")),
    **dict.fromkeys(("brier", "brier score"), Metric("brier", "min")),
    **dict.fromkeys(("ppl", "perplexity"), Metric("perplexity", "min")),
    **dict.fromkeys(("bpc", "bpb", "bpd", "bits per byte", "bits per character", "bits per char", "bits per dim"), Metric("bits", "min")),
    **{w: Metric(w, "min") for w in ("error", "err", "max error", "median absolute error", "wer", "cer", "ter", "fid", "lpips", "ece", "eer", "hamming",
        "smape", "wape", "wmape", "mase", "nmse", "nrmse", "rmsle", "crps", "pinball", "huber", "mpjpe", "deviance", "kid", "hd95", "hausdorff", "hausdorff distance", "assd", "asd",
        "ade", "fde", "min ade", "min fde", "minade", "minfde", "epe", "aepe", "logcosh", "log cosh", "medae", "ibs", "mean rank", "collision rate")},
}  # fmt: skip
NUMBERED = {"map", "ap", "bleu", "ndcg", "rouge", "iou", "acc", "accuracy", "f1", "hits", "hit"}  # `ndcg@10`, `rougeL`
NUMBERED_ONLY = {
    "ar": "average recall",
    "hr": "hit rate",
    "pass": "success rate",
}  # metrics only with a number: `hr@10`, `pass@1`
