// The curves of a run: what is shown at once, what on demand, and all of it in numbers.

import { draw } from "./chart.js";
import { byId, element, fold, table } from "./dom.js";
import { figure, plural } from "./numbers.js";
import { comparison, panelsOf } from "./panels.js";

const SHOWN = 4; // panels; the others are behind a fold

/** The panels of one run, beside the others where there are some; `start()` draws them once they are on the page. */
export function charts(report, scope, runs) {
  const drawn = [];
  const onpick = (number) => {
    const card = byId(`finding-${scope}-${number}`);
    card?.scrollIntoView({
      block: "nearest",
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
    });
    card?.focus({ preventScroll: true });
  };
  const panel = (one) => {
    const host = element("figure", { class: "panel", "data-kind": one.kind });
    return { host, start: () => drawn.push(draw(host, one, { onpick })) };
  };
  const panels = panelsOf(report);
  const all = panels
    .filter(({ shown }) => shown)
    .slice(0, SHOWN)
    .map(panel);
  const rest = panels
    .filter(({ shown }, i) => !shown || panels.slice(0, i).filter((one) => one.shown).length >= SHOWN)
    .map(panel);
  const beside = runs.length > 1 ? comparison(runs, runs.indexOf(report)) : null;
  const first = beside ? panel(beside) : null;
  const more =
    rest.length > 0 &&
    fold(
      plural(rest.length, "more picture"),
      rest.map(({ host }) => host),
    );
  if (more) more.addEventListener("toggle", () => rest.forEach(({ start }) => start()), { once: true });
  const made = element(
    "section",
    { class: "charts", "aria-label": "Curves" },
    first && element("h3", { class: "label" }, beside.title),
    first?.host,
    first && element("h3", { class: "label" }, report.name ?? ""),
    all.map(({ host }) => host),
    !panels.length && element("p", { class: "empty" }, "There is no curve to draw."),
    all.length > 0 && legend(panels),
    more,
  );
  return { made, start: () => [...(first ? [first] : []), ...all].forEach(({ start }) => start()), drawn };
}

const SIGNS = {
  spikes: "Arrow: a spike. ",
  periods: "Thin lines: where it begins anew. ",
  level: "Broad line: the level of the plateau. ",
};

/** What the signs mean, of those that are there. */
function legend(panels) {
  const kinds = new Set(panels.flatMap(({ marks }) => marks.map(({ mark }) => mark?.kind)));
  const marks = Object.entries(SIGNS).filter(([kind]) => kinds.has(kind));
  const changes = panels.some((panel) => panel.changes.length);
  return element(
    "p",
    { class: "small legend" },
    "Faint: as logged. Strong: without its noise. Ring: the best value. ",
    panels.some((panel) => panel.marks.length) && "Number: where a finding begins. ",
    marks.map(([, words]) => words),
    changes && "Dotted: the learning rate was changed. ",
    element("span", { class: "handling" }, "Drag to zoom, double-click to return."),
  );
}

const best = ({ best: found, axis }) => (found ? `${figure(found.value)} at ${axis} ${found.at}` : "–");
const rest = ({ flat_since: since, axis }) => (since === null ? "–" : `${axis} ${since}`);
const end = ({ last }) => (last === null ? "NaN" : figure(last));

/** The curves for those who would rather read than look. */
export function numbers(curves) {
  const head = ["Curve", "Values", "First", "Best", "Last", "Noise", "Flat since"];
  const rows = curves.map((curve) => [
    element("code", {}, curve.name),
    ...[curve.n, figure(curve.first), best(curve), end(curve), figure(curve.noise, 2), rest(curve)].map(String),
  ]);
  return fold("The curves in numbers", table("The curves in numbers", head, rows));
}
