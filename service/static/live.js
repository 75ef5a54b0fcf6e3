// The loss while a model trains: a line for each learning rate that is tried.

import { axes, token, wide } from "./lines.js";
import { figure, plural } from "./numbers.js";

const HEIGHT = 240; // pixels
const COLOURS = ["--accent", "--val", "--extra-1", "--extra-2", "--extra-3", "--extra-4"];

let leave = () => {};

/** Draw into `host`, and say in `words`; `add({ step, loss })` as they come, `end()` at last. */
export function live(host, words) {
  leave();
  host.replaceChildren();
  words.textContent = "The model is being loaded …";
  const attempts = [];
  let plot = null;
  let asked = 0;
  let lines = 0;

  function draw() {
    asked = 0;
    const data = uPlot.join(attempts.map(({ steps, loss }) => [steps, loss]));
    const { tens } = wide(attempts.map(({ loss }) => ({ values: loss })));
    const shape = `${attempts.map(({ target }) => Boolean(target))} ${tens}`;
    if (plot?.shape === shape) return plot.setData(data);
    plot?.destroy();
    plot = new uPlot(
      {
        width: host.clientWidth || 300,
        height: HEIGHT,
        legend: { show: false },
        padding: [10, 14, 0, 0],
        scales: { x: { time: false }, y: tens ? { distr: 3 } : {} },
        axes: axes(tens),
        series: [
          {},
          ...attempts.map(({ target }, i) => ({
            stroke: token(target ? "--healthy" : COLOURS[i % COLOURS.length]),
            width: target ? 1.5 : 2,
            dash: target ? [6, 5] : undefined,
            points: { show: false },
          })),
        ],
      },
      data,
      host,
    );
    plot.shape = shape;
    return plot;
  }

  function said({ step, loss }) {
    const tried = attempts.length > 1 ? `${attempts.length} learning rates tried · ` : "";
    return `${tried}step ${step} · loss ${loss === null ? "NaN" : figure(loss)}`;
  }

  const restyle = () => {
    if (plot) {
      plot.shape = "";
      draw();
    }
  };
  const watch = new ResizeObserver(() => plot?.setSize({ width: host.clientWidth, height: HEIGHT }));
  watch.observe(host);
  document.addEventListener("theme", restyle);
  leave = () => {
    watch.disconnect();
    document.removeEventListener("theme", restyle);
  };

  return {
    add(line) {
      if (typeof line.step !== "number") return;
      lines += 1;
      const last = attempts.at(-1);
      if (!last || line.step <= last.steps.at(-1)) attempts.push({ steps: [line.step], loss: [line.loss] });
      else {
        last.steps.push(line.step);
        last.loss.push(line.loss);
      }
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
      if (loss.target !== null)
        attempts.push({ steps: [curve.steps[0], curve.steps.at(-1)], loss: [loss.target, loss.target], target: true });
      const dashed = loss.target === null ? "" : "; dashed: what would be learnt by heart";
      words.textContent = `${plural(curve.steps.at(-1) + 1, "step")} at a learning rate of ${figure(rate.used)}${dashed}.`;
      draw();
    },
  };
}
