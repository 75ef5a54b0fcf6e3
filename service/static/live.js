// The loss while a model trains: a line for each learning rate that is tried.

import { figure, plural } from "./numbers.js";

const HEIGHT = 240; // pixels
const TENS = 50; // times between the largest and the smallest loss, from which on powers of ten are drawn
const COLOURS = ["--accent", "--val", "--extra-1", "--extra-2", "--extra-3", "--extra-4"];

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Draw into `host`, and say in `words`; `add({ step, loss })` as they come, `end()` at last. */
export function live(host, words) {
  host.replaceChildren();
  words.textContent = "The model is being loaded …";
  const attempts = [];
  let plot = null;
  let asked = 0;
  let lines = 0;

  function draw() {
    asked = 0;
    const data = uPlot.join(attempts.map(({ steps, loss }) => [steps, loss]));
    const all = attempts.flatMap(({ loss }) => loss.filter((value) => value !== null));
    const low = Math.min(...all);
    const tens = low > 0 && Math.max(...all) > TENS * low;
    const shape = `${attempts.map(({ target }) => Boolean(target))} ${tens}`;
    if (plot?.shape === shape) return plot.setData(data);
    plot?.destroy();
    const axis = { stroke: token("--ink-3"), grid: { stroke: token("--grid"), width: 1 }, ticks: { show: false }, font: `11px ${token("--type")}` };
    plot = new uPlot({
      width: host.clientWidth || 300, height: HEIGHT, legend: { show: false }, padding: [10, 14, 0, 0],
      scales: { x: { time: false }, y: tens ? { distr: 3 } : {} },
      axes: [{ ...axis, size: 24 }, { ...axis, size: 52, values: (_, splits) => splits.map((value) => (value === null ? "" : figure(value))) }],
      series: [{}, ...attempts.map(({ target }, i) => ({ stroke: token(target ? "--healthy" : COLOURS[i % COLOURS.length]), width: target ? 1.5 : 2, dash: target ? [6, 5] : undefined, points: { show: false } }))],
    }, data, host);
    plot.shape = shape;
    return plot;
  }

  const said = (line) => `${attempts.length > 1 ? `${attempts.length} learning rates tried · ` : ""}step ${line.step} · loss ${line.loss === null ? "NaN" : figure(line.loss)}`;
  const restyle = () => { if (plot) { plot.shape = ""; draw(); } };
  const watch = new ResizeObserver(() => plot?.setSize({ width: host.clientWidth, height: HEIGHT }));
  watch.observe(host);
  document.addEventListener("theme", restyle);

  return {
    add(line) {
      if (typeof line.step !== "number") return;
      lines += 1;
      const last = attempts.at(-1);
      if (!last || line.step <= last.steps.at(-1)) attempts.push({ steps: [line.step], loss: [line.loss] });
      else { last.steps.push(line.step); last.loss.push(line.loss); }
      words.textContent = said(line);
      asked ||= requestAnimationFrame(draw);
    },
    empty: () => lines === 0,
    /** Stop; with an answer, show the whole curve that was judged and what would have counted as learnt. */
    end(answer = null) {
      cancelAnimationFrame(asked);
      words.textContent = "";
      if (!answer?.curve.steps.length) return;
      const { curve, loss, learning_rate: rate } = answer;
      attempts.splice(0, attempts.length, curve);
      if (loss.target !== null) attempts.push({ steps: [curve.steps[0], curve.steps.at(-1)], loss: [loss.target, loss.target], target: true });
      words.textContent = `${plural(curve.steps.at(-1) + 1, "step")} at a learning rate of ${figure(rate.used)}${loss.target === null ? "" : "; dashed: what would be learnt by heart"}.`;
      draw();
    },
  };
}
