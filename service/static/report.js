// A report, as a person reads it: the verdict, the curves beside what was found on them, and the rest on demand.

import { actions } from "./actions.js";
import { charts, numbers } from "./curves.js";
import { element, icon } from "./dom.js";
import { findingCard } from "./findings.js";
import { naming } from "./naming.js";
import { decided, explained, STATUS, STATUS_ICON } from "./numbers.js";
import { checked } from "./outcomes.js";

const WORST = ["failing", "attention", "inconclusive", "healthy"];

/** The verdict in one look. */
function verdict(report, asked) {
  return element(
    "section",
    { class: "verdict", "data-status": report.status },
    element("p", { class: "status" }, icon(STATUS_ICON[report.status]), STATUS[report.status]),
    element("h2", { tabindex: "-1" }, report.headline),
    report.decision.action !== "none" &&
      element(
        "p",
        { class: "decision" },
        element("span", { class: "label" }, "Now"),
        element("strong", {}, decided(report.decision)),
      ),
    actions(report, asked),
  );
}

/** Everything about one run. Returns the element, and what to do once it is on the page. */
function runView(report, { asked, runs, onask, told }) {
  const scope = `run${runs.indexOf(report)}`;
  const picture = charts(report, scope, runs);
  const look = (number) => picture.drawn.forEach((chart) => chart.highlight(number));
  const cards = report.findings.map((finding, i) =>
    findingCard(finding, i + 1, { told: told && i === 0 && finding.summary === report.headline, scope, onlook: look }),
  );
  const words = explained(report.findings);
  const made = element(
    "div",
    { class: "run" },
    element(
      "div",
      { class: "columns" },
      picture.made,
      element(
        "section",
        { class: "findings", "aria-label": "Findings" },
        cards.length
          ? cards
          : element(
              "p",
              { class: "empty" },
              icon(STATUS_ICON[report.status]),
              report.status === "healthy" ? "No condition is met." : "Nothing was found that could be judged.",
            ),
        words && element("p", { class: "small words" }, words),
        element(
          "div",
          { class: "folds" },
          checked(report.outcomes),
          naming(report, asked, onask),
          numbers(report.curves),
        ),
      ),
    ),
  );
  return { made, start: picture.start, end: () => picture.drawn.forEach((chart) => chart.destroy()) };
}

/** Show an answer in `place`; `onask({ roles, context })` asks again. Returns how to take it away. */
export function show(place, report, asked, onask) {
  const runs = report.runs ?? [report];
  const across = report.across?.findings ?? [];
  const body = element("div", {});
  let view;
  const select = (index) => {
    view?.end();
    view = runView(runs[index], { asked, runs, onask, told: !report.runs });
    body.replaceChildren(
      ...(report.runs ? [element("p", { class: "headline" }, runs[index].headline)] : []),
      view.made,
    );
    view.start();
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
  };
  const buttons = report.runs
    ? runs.map((run, i) =>
        element(
          "button",
          {
            type: "button",
            class: "runchip",
            "data-status": run.status,
            title: `${run.name ?? `run ${i + 1}`}: ${run.headline}`,
            onclick: () => select(i),
          },
          icon(STATUS_ICON[run.status]),
          element("span", { class: "name" }, run.name ?? `run ${i + 1}`),
          element("span", { class: "unseen" }, `, ${STATUS[run.status]}`),
        ),
      )
    : [];
  place.replaceChildren(
    verdict(report, asked),
    ...(across.length
      ? [
          element(
            "section",
            { class: "across", "aria-label": "Across the runs" },
            element("h3", { class: "label" }, "Across the runs"),
            across.map((finding, i) => findingCard(finding, i + 1, { scope: "across" })),
          ),
        ]
      : []),
    ...(buttons.length ? [element("div", { class: "runs", role: "group", "aria-label": "Runs" }, buttons)] : []),
    body,
  );
  const ranks = runs.map((run) => WORST.indexOf(run.status));
  select(ranks.indexOf(Math.min(...ranks)));
  return () => view.end();
}
