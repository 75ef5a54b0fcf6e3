// One panel, drawn: curves raw and without their noise, and what was found where it was found.

import { element } from "./dom.js";
import { figure } from "./numbers.js";
import { around, axes, coloured, seriesOf, token, wide } from "./lines.js";
import { best, lost, zones } from "./marks.js";
import { changed, pointed } from "./pointed.js";

const HEIGHTS = { loss: 264, metric: 190, gradient: 150, rate: 120, counts: 170, other: 150 };
const NARROW = 560; // pixels
/** One curve in words. */
function told({ name, first, last, best: found }, axis) {
  const end = last === null ? "a value that is not finite" : figure(last);
  return `${name} from ${figure(first)} to ${end}${found ? `, best ${figure(found.value)} at ${axis} ${found.at}` : ""}`;
}

/** What a person who does not see the picture should know of it. */
const summary = ({ title, curves, axis }) =>
  `Chart of ${title}. ${curves.map((curve) => told(curve, axis)).join("; ")}. The arrow keys read single values.`;

/** The index of the step nearest to x. */
const nearest = (steps, x) => {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < x) low = middle + 1;
    else high = middle;
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
  const scale = element("button", {
    type: "button",
    class: "quiet small",
    onclick: () => {
      tens = !tens;
      build();
    },
  });
  const stage = element("div", {
    class: "plot",
    tabindex: "0",
    role: "group",
    "aria-label": summary(panel),
    onkeydown: walk,
    onblur: () => plot.setCursor({ left: -10, top: -10 }),
  });
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
    const index = Math.min(
      Math.max((plot.cursor.idx ?? (by < 0 ? plot.data[0].length : -1)) + by, 0),
      plot.data[0].length - 1,
    );
    plot.setCursor({ left: plot.valToPos(plot.data[0][index], "x"), top: 20 });
    caption.setAttribute("role", "status");
  }

  function build() {
    plot?.destroy();
    curves = coloured(panel.curves);
    const range = wide(curves);
    keys.replaceChildren(
      ...curves.map((curve, i) => {
        const swatch = element("span", { class: "swatch" });
        swatch.style.background = curve.colour;
        return element("span", { class: "key" }, swatch, element("span", { class: "name", title: curve.name }, curve.name), values[i]);
      }),
    );
    scale.hidden = !(range.low > 0 && range.high > 5 * range.low);
    scale.textContent = tens ? "Linear scale" : "Log scale";
    const { series, data } = seriesOf(curves, range);
    const badges = zones(panel.marks, token, onpick);
    const overlay = (u) => {
      pointed(u, panel.marks, { under: false, highlighted, token });
      lost(u, curves, token);
      best(u, curves, token);
      badges.move(u);
    };
    plot = new uPlot(
      {
        width: stage.clientWidth || 300,
        height: HEIGHTS[panel.kind] - (stage.clientWidth < NARROW ? 40 : 0),
        padding: [panel.marks.length ? 20 : 10, 14, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: `charts ${panel.axis}` }, points: { size: 7 }, drag: { x: true, y: false, dist: 8 } },
        scales: {
          x: {
            time: false,
            range: (u, low, high) => (u.data[0].length === 1 ? [u.data[0][0] - 1, u.data[0][0] + 1] : [low, high]),
          },
          y: tens ? { distr: 3 } : range.low === range.high ? { range: around(range.low) } : {},
        },
        axes: axes(tens),
        series,
        hooks: {
          drawClear: [
            (u) => badges.shade(u, highlighted),
            (u) => changed(u, panel.changes, token),
            (u) => pointed(u, panel.marks, { under: true, highlighted, token }),
          ],
          draw: [overlay],
          setCursor: [(u) => read(u.cursor.idx === null || u.cursor.left < 0 ? null : u.data[0][u.cursor.idx])],
        },
      },
      data,
      stage,
    );
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
    highlight(number) {
      highlighted = number;
      plot.redraw(false);
    },
    destroy() {
      watch.disconnect();
      document.removeEventListener("theme", build);
      plot.destroy();
    },
  };
}
