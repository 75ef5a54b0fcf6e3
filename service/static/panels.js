// Which curves belong into one picture: a loss or a metric with its validation, counted along the same axis.

const SPLIT = /(^|[/_.\- ])(train(ing)?|val(id(ation)?)?|eval(uation)?|test|dev)(?=$|[/_.\- ])/gi;
const EDGES = /^[/_.\- ]+|[/_.\- ]+$/g;
const KINDS = {
  train_loss: "loss",
  val_loss: "loss",
  train_metric: "metric",
  val_metric: "metric",
  learning_rate: "rate",
  grad_norm: "gradient",
  tp: "counts",
  fp: "counts",
  tn: "counts",
  fn: "counts",
  other: "other",
};
const ORDER = ["loss", "metric", "gradient", "rate", "counts", "other"];

/** What is derived from counts, and says more than they do of a class that is not found. */
const DERIVED = /^derived\/.*(recall|specificity|precision|f1)$/;

/** A series' name without the part that says which split it is of. */
const stem = (name) => name.replace(SPLIT, "$1").replace(EDGES, "") || name;

/** What a finding marks on the axis of a panel: its number, where it begins and ends. */
function marksOf(findings, panel, counts) {
  const names = new Set(panel.curves.map((curve) => curve.name));
  const derived = panel.curves.every((curve) => DERIVED.test(curve.name));
  const about = (name) => names.has(name) || (derived && counts.has(name));
  return findings
    .map((finding, index) => ({
      ...finding,
      number: index + 1,
      mark: finding.mark?.axis === panel.axis && names.has(finding.mark.series) ? finding.mark : null,
    }))
    .filter(
      ({ since, series }) =>
        since &&
        since.axis === panel.axis &&
        (series.length ? series.some(about) : panel.kind === "loss"),
    );
}

/** The panels of a run, those that show a finding first within their kind; `shown` at once are these, the first of each kind and
 * axis, and one at least. */
export function panelsOf(report) {
  const drawn = report.curves.filter((curve) => curve.steps.length);
  const alone = (role) => drawn.filter((curve) => curve.role === role).length === 1;
  const counts = new Set(drawn.filter(({ role }) => KINDS[role] === "counts").map(({ name }) => name));
  const panels = new Map();
  for (const curve of drawn) {
    const kind = KINDS[curve.role];
    const paired =
      (kind === "loss" && alone("train_loss") && alone("val_loss")) ||
      (kind === "metric" && alone("train_metric") && alone("val_metric"));
    const single = ["counts", "gradient", "rate"].includes(kind);
    const base = paired || single ? kind : stem(curve.name).toLowerCase();
    const key = `${kind} ${base} ${curve.axis}`;
    if (!panels.has(key)) panels.set(key, { kind, axis: curve.axis, curves: [] });
    panels.get(key).curves.push(curve);
  }
  const found = [...panels.values()].map((panel) => ({
    ...panel,
    title: panel.curves.map((curve) => curve.name).join(", "),
    marks: marksOf(report.findings, panel, counts),
    changes: ["loss", "metric"].includes(panel.kind)
      ? (report.rate_changes ?? []).filter(({ axis }) => axis === panel.axis)
      : [],
  }));
  const rank = (panel) =>
    100 * ORDER.indexOf(panel.kind) - Math.min(panel.marks.length, 9) - (panel.title.includes(" + ") ? 10 : 0);
  found.sort((a, b) => rank(a) - rank(b));
  const seen = new Set();
  const nothing = found.every((panel) => panel.kind === "other" && !panel.marks.length);
  return found.map((panel, i) => {
    const kind = `${panel.kind} ${panel.axis}`; // what is counted along another axis is no second choice
    const first = panel.kind !== "other" && !seen.has(kind);
    seen.add(kind);
    return { ...panel, shown: first || panel.marks.length > 0 || (nothing && i === 0) };
  });
}

/** One loss or metric of every run in one picture, the selected run before the others; null where they have none in common. */
export function comparison(runs, selected) {
  for (const role of ["val_loss", "val_metric", "train_loss", "train_metric"]) {
    const of = runs.map((run) => run.curves.find((curve) => curve.role === role && curve.steps.length));
    const axis = of[0]?.axis;
    if (axis && of.every((curve) => curve?.axis === axis)) {
      const curves = of.map((curve, index) => ({
        ...curve,
        name: runs[index].name ?? `run ${index + 1}`,
        role: index === selected ? "selected" : "beside",
        best: null,
      }));
      return {
        kind: "loss",
        axis,
        curves: [...curves.filter((_, i) => i !== selected), curves[selected]],
        title: `${of[0].name} of every run`,
        marks: [],
        changes: [],
      };
    }
  }
  return null;
}
