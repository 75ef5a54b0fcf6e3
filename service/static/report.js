// A report, as a person reads it: the verdict, the curves beside what was found on them, and the rest on demand.

import { diagnose, Refused } from "./ask.js";
import { draw } from "./chart.js";
import { command, mustSave } from "./command.js";
import { byId, copy, element, fold, icon, toast } from "./dom.js";
import { findingCard } from "./findings.js";
import { naming } from "./naming.js";
import { checked } from "./outcomes.js";
import { decided, figure, plural, STATUS, STATUS_ICON } from "./numbers.js";
import { comparison, panelsOf } from "./panels.js";
import { link } from "./sharing.js";

const SHOWN = 4; // panels; the others are behind a fold

/** The verdict in one look. */
function verdict(report, asked) {
  return element("section", { class: "verdict", "data-status": report.status },
    element("p", { class: "status" }, icon(STATUS_ICON[report.status]), STATUS[report.status]),
    element("h2", { tabindex: "-1" }, report.headline),
    report.decision.action !== "none" && element("p", { class: "decision" }, element("span", { class: "label" }, "Now"), element("strong", {}, decided(report.decision))),
    actions(report, asked),
  );
}

function actions(report, asked) {
  const terminal = element("div", { class: "terminal", hidden: true }, element("p", { class: "small" }, `The same from a terminal, or a pipeline (leave the Accept out for JSON)${mustSave(asked) ? "; save the text as log.txt first" : ""}:`), element("pre", { tabindex: "0" }, command(asked)), element("button", { type: "button", onclick: () => copy(command(asked), "The command is copied.") }, icon("copy"), " Copy the command"));
  const shown = element("button", { type: "button", "aria-expanded": "false", onclick: () => { terminal.hidden = !terminal.hidden; shown.setAttribute("aria-expanded", String(!terminal.hidden)); } }, icon("terminal"), " curl");
  return element("div", { class: "actions" },
    element("p", { class: "choices" },
      element("button", { type: "button", onclick: () => asMarkdown(asked) }, icon("copy"), " Copy as Markdown"),
      element("button", { type: "button", onclick: () => asLink(report, asked) }, icon("link"), " Copy link"),
      element("button", { type: "button", onclick: () => asPicture(asked) }, icon("picture"), " Picture"),
      shown,
    ),
    terminal,
  );
}

const why = (error) => (error instanceof Refused ? error.problem.detail : "That did not work; try again.");

async function asMarkdown(asked) {
  try {
    await copy(await (await diagnose(asked, "text/markdown")).text(), "Copied as Markdown: paste it into a chat or an issue.");
  } catch (error) { toast(why(error)); }
}

async function asLink(report, asked) {
  if (asked.example) return copy(new URL(`.#example=${asked.example.name}`, document.baseURI).href, "The link is copied.");
  const made = await link(report, asked.context);
  if (!made) return toast("This is too much for a link. Send the file itself, or copy it as Markdown.");
  history.replaceState(null, "", new URL(made.address).hash);
  return copy(made.address, made.whole ? "The link is copied: the run is in it." : "The link is copied: a thinned form of the run is in it.");
}

async function asPicture(asked) {
  const theme = getComputedStyle(document.documentElement).getPropertyValue("--theme").trim();
  try {
    const picture = await (await diagnose(asked, "image/png", { theme, width: "1200" })).blob();
    const address = URL.createObjectURL(picture);
    element("a", { href: address, download: `${asked.name.replace(/\.\w+$/, "") || "run"}-diagnosis.png` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) { toast([406, 422].includes(error.problem?.status) ? "This service draws no pictures." : why(error)); }
}

function charts(report, scope, runs, onselect) {
  const drawn = [];
  const onpick = (number) => {
    const card = byId(`finding-${scope}-${number}`);
    card?.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    card?.focus({ preventScroll: true });
  };
  const panel = (one) => {
    const host = element("figure", { class: "panel", "data-kind": one.kind });
    return { host, start: () => drawn.push(draw(host, one, { onpick })) };
  };
  const panels = panelsOf(report);
  const all = panels.filter(({ shown }) => shown).slice(0, SHOWN).map(panel);
  const rest = panels.filter(({ shown }, i) => !shown || panels.slice(0, i).filter((one) => one.shown).length >= SHOWN).map(panel);
  const beside = runs.length > 1 ? comparison(runs, runs.indexOf(report)) : null;
  const first = beside ? panel(beside) : null;
  const more = rest.length > 0 && fold(plural(rest.length, "more picture"), rest.map(({ host }) => host));
  if (more) more.addEventListener("toggle", () => rest.forEach(({ start }) => start()), { once: true });
  const made = element("section", { class: "charts", "aria-label": "Curves" },
    first && element("h3", { class: "label" }, beside.title), first?.host, first && element("h3", { class: "label" }, report.name ?? ""),
    all.map(({ host }) => host),
    !panels.length && element("p", { class: "empty" }, "There is no curve to draw."),
    all.length > 0 && legend(), more);
  return { made, start: () => [...(first ? [first] : []), ...all].forEach(({ start }) => start()), drawn, onselect };
}

const legend = () => element("p", { class: "small legend" }, "Faint: as logged. Strong: without its noise. Ring: the best value. Number: where a finding begins. Drag to zoom, double-click to return.");

function numbers(curves) {
  const head = ["Curve", "Values", "First", "Best", "Last", "Noise", "Flat since"];
  return fold("The curves in numbers", element("div", { class: "scrolled", tabindex: "0", role: "group", "aria-label": "The curves in numbers" }, element("table", {},
    element("thead", {}, element("tr", {}, head.map((word) => element("th", { scope: "col" }, word)))),
    element("tbody", {}, curves.map((curve) => element("tr", {}, element("th", { scope: "row" }, element("code", {}, curve.name)),
      [curve.n, figure(curve.first), curve.best ? `${figure(curve.best.value)} at ${curve.axis} ${curve.best.at}` : "–", curve.last === null ? "NaN" : figure(curve.last), figure(curve.noise, 2), curve.flat_since === null ? "–" : `${curve.axis} ${curve.flat_since}`].map((value) => element("td", {}, String(value)))))),
  )));
}

/** Everything about one run. Returns the element, and what to do once it is on the page. */
function runView(report, { asked, runs, onask, told }) {
  const scope = `run${runs.indexOf(report)}`;
  const picture = charts(report, scope, runs);
  const look = (number) => picture.drawn.forEach((chart) => chart.highlight(number));
  const cards = report.findings.map((finding, i) => findingCard(finding, i + 1, { told: told && i === 0 && finding.summary === report.headline, scope, onlook: look }));
  const made = element("div", { class: "run" },
    element("div", { class: "columns" },
      picture.made,
      element("section", { class: "findings", "aria-label": "Findings" },
        cards.length ? cards : element("p", { class: "empty" }, icon(STATUS_ICON[report.status]), report.status === "healthy" ? "No condition is met." : "Nothing was found that could be judged."),
        element("div", { class: "folds" }, checked(report.outcomes), naming(report, asked, onask), numbers(report.curves)),
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
    body.replaceChildren(...(report.runs ? [element("p", { class: "headline" }, runs[index].headline)] : []), view.made);
    view.start();
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
  };
  const buttons = report.runs ? runs.map((run, i) => element("button", { type: "button", class: "runchip", "data-status": run.status, title: run.headline, onclick: () => select(i) }, icon(STATUS_ICON[run.status]), run.name ?? `run ${i + 1}`, element("span", { class: "unseen" }, `, ${STATUS[run.status]}`))) : [];
  place.replaceChildren(
    verdict(report, asked),
    ...(across.length ? [element("section", { class: "across", "aria-label": "Across the runs" }, element("h3", { class: "label" }, "Across the runs"), across.map((finding, i) => findingCard(finding, i + 1, { scope: "across" })))] : []),
    ...(buttons.length ? [element("div", { class: "runs", role: "group", "aria-label": "Runs" }, buttons)] : []),
    body,
  );
  const order = ["failing", "attention", "inconclusive", "healthy"];
  select(runs.reduce((worst, run, i) => (order.indexOf(run.status) < order.indexOf(runs[worst].status) ? i : worst), 0));
  return () => view.end();
}
