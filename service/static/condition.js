// On a condition's page: its own example, judged and drawn as any other run.

import { ask, Refused } from "./ask.js";
import { draw } from "./chart.js";
import { element } from "./dom.js";
import { comparison, panelsOf } from "./panels.js";
import { packed } from "./sharing.js";

const MOST = 2; // panels
const root = document.body.dataset.root;
const host = document.getElementById("example");
const { question, condition } = host.dataset;

try {
  const response = await ask(`${root}diagnose?curves=full`, {
    method: "POST",
    body: question,
    headers: { Accept: "application/json" },
  });
  const report = await response.json();
  const run = report.runs?.[0] ?? report;
  const own = { ...run, findings: run.findings.filter((finding) => finding.condition === condition) };
  const marked = panelsOf(own).filter((panel) => panel.marks.length);
  const panels = report.runs ? [comparison(report.runs, 0)] : (marked.length ? marked : panelsOf(own)).slice(0, MOST);
  for (const panel of panels.filter(Boolean)) {
    const figure = element("figure", { class: "panel", "data-kind": panel.kind });
    host.append(figure);
    draw(figure, panel);
  }
  host.append(
    element(
      "p",
      { class: "small" },
      element("a", { href: `${root}#run=${await packed(JSON.parse(question))}` }, "Open this run on the page"),
      ": everything else that is said of it.",
    ),
  );
  host.hidden = false;
} catch (error) {
  if (!(error instanceof Refused)) throw error;
}
