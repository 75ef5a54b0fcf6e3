// What is drawn over the curves: where findings begin and end, the best point, and values that are not finite.

import { element } from "./dom.js";
import { place, titled } from "./numbers.js";

const THIN = 9; // pixels; a single moment is drawn so wide
const ROW = 20; // pixels between badges that would lie upon each other
const JUDGED = [
  ["val_loss", "val_metric"],
  ["train_loss", "train_metric"],
];

/** The shaded stretches of findings, and a numbered badge at the beginning of each. */
export function zones(marks, token, onpick) {
  const badges = marks.map((mark) =>
    element(
      "button",
      {
        type: "button",
        class: "badge",
        "data-severity": mark.severity,
        "data-number": mark.number,
        "aria-label": `Finding ${mark.number}: ${titled(mark.condition)}, since ${place(mark.since)}`,
        onclick: () => onpick(mark.number),
      },
      String(mark.number),
    ),
  );

  return {
    attach(plot) {
      plot.over.append(...badges);
      this.move(plot);
    },
    shade(plot, highlighted) {
      const { ctx, bbox } = plot;
      const pixel = devicePixelRatio;
      for (const mark of marks) {
        const colour = token(`--${mark.severity}`);
        const from = plot.valToPos(mark.since.at, "x", true);
        const to = mark.until ? plot.valToPos(mark.until.at, "x", true) : bbox.left + bbox.width;
        const width = Math.max(to - from, THIN * pixel);
        const left = Math.max(to - from < THIN * pixel ? (from + to - width) / 2 : from, bbox.left);
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
        ctx.clip();
        ctx.globalAlpha = highlighted === mark.number ? 0.24 : highlighted === null ? 0.1 : 0.04;
        ctx.fillStyle = colour;
        ctx.fillRect(left, bbox.top, width, bbox.height);
        ctx.globalAlpha = width > to - from ? 0 : highlighted === null || highlighted === mark.number ? 0.9 : 0.3; // a moment has no edge
        ctx.strokeStyle = colour;
        ctx.lineWidth = 1.5 * pixel;
        ctx.setLineDash([5 * pixel, 4 * pixel]);
        ctx.beginPath();
        ctx.moveTo(from, bbox.top);
        ctx.lineTo(from, bbox.top + bbox.height);
        ctx.stroke();
        ctx.restore();
      }
    },
    move(plot) {
      const taken = [];
      marks.forEach((mark, i) => {
        const left = plot.valToPos(mark.since.at, "x");
        const row = taken.filter((other) => Math.abs(other - left) < ROW).length;
        taken.push(left);
        badges[i].hidden = left < -1 || left > plot.over.clientWidth + 1;
        badges[i].style.left = `${left}px`;
        badges[i].style.top = `${row * ROW}px`;
      });
    },
  };
}

/** A ring around the best point of validation; of training, where there is no validation. */
export function best(plot, curves, token) {
  const roles = JUDGED.find((some) => curves.some((curve) => some.includes(curve.role))) ?? [];
  const alike = ({ values }) => values.every((value) => value === values[0]); // nothing is best where all is alike
  for (const curve of curves.filter((one) => roles.includes(one.role) && one.best && one.n > 2 && !alike(one))) {
    const { ctx } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.arc(
      plot.valToPos(curve.best.at, "x", true),
      plot.valToPos(curve.best.value, "y", true),
      4.5 * devicePixelRatio,
      0,
      2 * Math.PI,
    );
    ctx.fillStyle = token("--paper");
    ctx.strokeStyle = curve.colour;
    ctx.lineWidth = 2.25 * devicePixelRatio;
    ctx.fill();
    ctx.stroke();
    ctx.restore();
  }
}

/** A cross at the foot for every value that is not finite: a curve that ends there is seen to end. */
export function lost(plot, curves, token) {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  const steps = [...new Set(curves.flatMap((curve) => curve.steps.filter((_, i) => curve.values[i] === null)))].sort(
    (a, b) => a - b,
  );
  if (!steps.length) return;
  const y = bbox.top + bbox.height - 9 * pixel;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = token("--error");
  ctx.lineWidth = 1.5 * pixel;
  let before = -Infinity;
  for (const step of steps) {
    const x = plot.valToPos(step, "x", true);
    if (x - before < 7 * pixel) continue;
    before = x;
    ctx.beginPath();
    for (const [dx, dy] of [
      [1, 1],
      [1, -1],
    ]) {
      ctx.moveTo(x - 3 * dx * pixel, y - 3 * dy * pixel);
      ctx.lineTo(x + 3 * dx * pixel, y + 3 * dy * pixel);
    }
    ctx.stroke();
  }
  ctx.font = `600 ${11 * pixel}px ${token("--type")}`;
  const first = plot.valToPos(steps[0], "x", true);
  ctx.fillText("NaN", Math.min(first - 2 * pixel, bbox.left + bbox.width - 26 * pixel), y - 9 * pixel);
  ctx.restore();
}
