// One panel, drawn: curves raw and without their noise, and what was found where it was found.

import { element } from "./dom.js";
import { figure } from "./numbers.js";
import { best, lost, zones } from "./marks.js";

const FEW = 40; // values; with so few, each is a dot
const TENS = 50; // times between the largest and the smallest value, from which on powers of ten are drawn
const QUIET = 0.004; // share of the range; a curve that differs less from its smoothed form is drawn once
const HEIGHTS = { loss: 264, metric: 190, gradient: 150, rate: 120, counts: 170, other: 150 };
const NARROW = 560; // pixels
const COLOURS = { train_loss: "--train", train_metric: "--train", val_loss: "--val", val_metric: "--val", selected: "--accent", beside: "--beside", learning_rate: "--ink-2", grad_norm: "--extra-1" };
const EXTRA = ["--extra-1", "--extra-2", "--extra-3", "--extra-4"];

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const finite = (curves) => curves.flatMap((curve) => curve.values.filter((value) => value !== null));
const faded = (colour) => `${colour}80`;

const decade = (value) => Number.isInteger(Number(Math.log10(value).toFixed(9)));

function wide(curves) {
  const values = finite(curves);
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return { low, high, tens: low > 0 && high > TENS * low };
}

/** Colours by role: blue is training, orange validation, everywhere; several of one role take turns. */
function coloured(curves) {
  const seen = new Map();
  return curves.map((curve, index) => {
    const before = seen.get(curve.role) ?? 0;
    seen.set(curve.role, before + 1);
    const name = COLOURS[curve.role] && (before === 0 || curve.role === "beside") ? COLOURS[curve.role] : EXTRA[index % EXTRA.length];
    return { ...curve, colour: token(name) };
  });
}

/** The series that uPlot draws, and their data on one axis; `null` breaks a line, what is absent does not. */
function seriesOf(curves, { low, high }) {
  const series = [{}];
  const tables = [];
  for (const curve of curves) {
    const smooth = curve.smoothed ?? curve.values;
    const differs = curve.role !== "selected" && curve.role !== "beside" && curve.values.some((value, i) => value !== null && Math.abs(value - smooth[i]) > QUIET * (high - low));
    const dots = { show: curve.values.length <= FEW && curve.role !== "beside", size: 4, fill: curve.colour, stroke: curve.colour };
    const strong = { stroke: curve.colour, width: curve.role === "beside" ? 1.25 : 2.25, points: differs ? { show: false } : dots };
    if (differs) {
      series.push({ stroke: faded(curve.colour), width: 1.25, points: { ...dots, fill: faded(curve.colour), stroke: faded(curve.colour) } });
      tables.push([curve.steps, curve.values]);
    }
    series.push(strong);
    tables.push([curve.steps, curve.values.map((value, i) => (value === null ? null : differs ? smooth[i] : value))]);
  }
  return { series, data: uPlot.join(tables) };
}

function axes(tens) {
  const font = `11px ${token("--type")}`;
  const common = { stroke: token("--ink-3"), font, ticks: { show: false }, grid: { stroke: token("--grid"), width: 1 } };
  const labels = (_, splits) => splits.map((value) => (value === null ? "" : figure(value)));
  return [
    { ...common, size: 24, gap: 4, space: 60, values: (_, splits) => splits.map((value) => (value === null ? "" : Number.isInteger(value) ? figure(value, 7) : "")), incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1e3, 2e3, 2.5e3, 5e3, 1e4, 2e4, 2.5e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8] },
    { ...common, size: 52, gap: 6, space: 36, values: labels, grid: { ...common.grid, filter: (_, splits) => splits.map((value) => (!tens || decade(value) ? value : null)) } },
  ];
}

/** What a person who does not see the picture should know of it. */
const summary = (panel) => `Chart of ${panel.title}. ${panel.curves.map((curve) => `${curve.name} from ${figure(curve.first)} to ${curve.last === null ? "a value that is not finite" : figure(curve.last)}${curve.best ? `, best ${figure(curve.best.value)} at ${panel.axis} ${curve.best.at}` : ""}`).join("; ")}. The arrow keys read single values.`;

const nearest = (steps, x) => {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < x) low = middle + 1; else high = middle;
  }
  return low > 0 && Math.abs(steps[low - 1] - x) <= Math.abs(steps[low] - x) ? low - 1 : low;
};

/** Draw a panel into `host`. Returns `{ highlight(number | null), destroy() }`. */
export function draw(host, panel, { onpick = () => {} } = {}) {
  let plot;
  let curves;
  let highlighted = null;
  let tens = wide(panel.curves).tens;

  const caption = element("span", { class: "at" });
  const values = panel.curves.map(() => element("span", { class: "value" }));
  const keys = element("p", { class: "keys" });
  const scale = element("button", { type: "button", class: "quiet small", onclick: () => { tens = !tens; build(); } });
  const stage = element("div", { class: "plot", tabindex: "0", role: "group", "aria-label": summary(panel), onkeydown: walk, onblur: () => plot.setCursor({ left: -10, top: -10 }) });
  host.append(element("figcaption", {}, keys, element("p", { class: "reading" }, caption, scale)), stage);

  function read(x = null) {
    curves.forEach((curve, i) => {
      const at = x === null ? curve.steps.length - 1 : nearest(curve.steps, x);
      values[i].textContent = curve.values[at] === null ? "NaN" : figure(curve.values[at]);
    });
    const last = Math.max(...curves.map((curve) => curve.steps.at(-1)));
    caption.textContent = `${panel.axis} ${figure(x ?? last, 7)}${x === null ? ", the last" : ""}`;
  }

  function walk(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const index = Math.min(Math.max((plot.cursor.idx ?? (by < 0 ? plot.data[0].length : -1)) + by, 0), plot.data[0].length - 1);
    plot.setCursor({ left: plot.valToPos(plot.data[0][index], "x"), top: 20 });
    caption.setAttribute("role", "status");
  }

  function build() {
    plot?.destroy();
    curves = coloured(panel.curves);
    const range = wide(curves);
    keys.replaceChildren(...curves.map((curve, i) => {
      const swatch = element("span", { class: "swatch" });
      swatch.style.background = curve.colour;
      return element("span", { class: "key" }, swatch, element("span", { class: "name" }, curve.name), values[i]);
    }));
    scale.hidden = !(range.low > 0 && range.high > 5 * range.low);
    scale.textContent = tens ? "Linear scale" : "Log scale";
    const { series, data } = seriesOf(curves, range);
    const badges = zones(panel.marks, token, onpick);
    const overlay = (u) => { lost(u, curves, token); best(u, curves, token); badges.move(u); };
    plot = new uPlot({
      width: stage.clientWidth || 300,
      height: HEIGHTS[panel.kind] - (stage.clientWidth < NARROW ? 40 : 0),
      padding: [panel.marks.length ? 20 : 10, 14, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: `charts ${panel.axis}` }, points: { size: 7 }, drag: { x: true, y: false, dist: 8 } },
      scales: { x: { time: false, range: (u, low, high) => (u.data[0].length === 1 ? [u.data[0][0] - 1, u.data[0][0] + 1] : [low, high]) }, y: tens ? { distr: 3 } : {} },
      axes: axes(tens),
      series,
      hooks: {
        drawClear: [(u) => badges.shade(u, highlighted)],
        draw: [overlay],
        setCursor: [(u) => read(u.cursor.idx === null || u.cursor.left < 0 ? null : u.data[0][u.cursor.idx])],
      },
    }, data, stage);
    badges.attach(plot);
    read();
  }

  build();
  const watch = new ResizeObserver(() => {
    if (Math.abs(stage.clientWidth - plot.width) > 1) plot.setSize({ width: stage.clientWidth, height: plot.height });
  });
  watch.observe(stage);
  document.addEventListener("theme", build);
  return {
    highlight(number) { highlighted = number; plot.redraw(false); },
    destroy() { watch.disconnect(); document.removeEventListener("theme", build); plot.destroy(); },
  };
}
