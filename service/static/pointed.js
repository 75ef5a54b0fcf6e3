// What a finding points at, as the pictures of the service draw it: spikes, the beginnings of cycles, the level of a plateau;
// and where the learning rate was changed.

const ARROW = 5; // pixels, half as wide as it is
const SPOKEN = 6; // changes of the rate; of more, the factors are not written

const within = ({ bbox, scales }, at) => at >= scales.x.min && at <= scales.x.max && bbox.width > 0;

/** The value of a series nearest to a position, as it is drawn; null where it is not on the scale. */
function height(plot, at) {
  const column = plot.data[0].indexOf(at);
  const values = plot.data.slice(1).map((series) => series[column]);
  const top = Math.max(...values.filter((value) => Number.isFinite(value)));
  return Number.isFinite(top) ? plot.valToPos(top, "y", true) : null;
}

const KINDS = {
  /** An arrow above each. */
  spikes(plot, { at }, pixel) {
    const { ctx, bbox } = plot;
    for (const place of at.filter((one) => within(plot, one))) {
      const x = plot.valToPos(place, "x", true);
      const foot = Math.max(height(plot, place) ?? bbox.top, bbox.top + 2 * ARROW * pixel);
      ctx.beginPath();
      ctx.moveTo(x, foot - 2 * pixel);
      ctx.lineTo(x - ARROW * pixel, foot - 2 * (ARROW - 0.5) * pixel);
      ctx.lineTo(x + ARROW * pixel, foot - 2 * (ARROW - 0.5) * pixel);
      ctx.fill();
    }
  },
  /** A line where each begins. */
  periods(plot, { at }, pixel) {
    const { ctx, bbox } = plot;
    ctx.globalAlpha *= 0.6;
    ctx.lineWidth = pixel;
    for (const place of at.filter((one) => within(plot, one))) {
      const x = plot.valToPos(place, "x", true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
  },
  /** A broad line as long as it holds. */
  level(plot, { level, since, until }, pixel) {
    const { ctx, bbox } = plot;
    const y = plot.valToPos(level, "y", true);
    ctx.globalAlpha *= 0.45;
    ctx.lineWidth = 8 * pixel;
    ctx.beginPath();
    ctx.moveTo(Math.max(plot.valToPos(since.at, "x", true), bbox.left), y);
    ctx.lineTo(until ? plot.valToPos(until.at, "x", true) : bbox.left + bbox.width, y);
    ctx.stroke();
  },
};
const UNDER = ["periods", "level"]; // the curves; the others lie above them

/** Draw what the findings of a panel point at; the one that is looked at strongly, the others then faintly. */
export function pointed(plot, marks, { under, highlighted, token }) {
  const { ctx, bbox } = plot;
  for (const { mark, number, severity, since, until } of marks) {
    if (!mark || UNDER.includes(mark.kind) !== under) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.globalAlpha = highlighted === null || highlighted === number ? 1 : 0.3;
    ctx.strokeStyle = ctx.fillStyle = token(`--${severity}`);
    KINDS[mark.kind](plot, { ...mark, since, until }, devicePixelRatio);
    ctx.restore();
  }
}

/** A dotted line where the learning rate was changed, and by what. */
export function changed(plot, changes, token) {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = token("--ink-3");
  ctx.lineWidth = pixel;
  ctx.setLineDash([pixel, 3 * pixel]);
  ctx.font = `${11 * pixel}px ${token("--type")}`;
  ctx.textBaseline = "top";
  for (const { at, factor } of changes.filter((one) => within(plot, one.at))) {
    const x = plot.valToPos(at, "x", true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const left = x > bbox.left + bbox.width / 2;
    ctx.textAlign = left ? "right" : "left";
    if (changes.length <= SPOKEN)
      ctx.fillText(`lr ×${Number(factor.toPrecision(2))}`, x + (left ? -4 : 4) * pixel, bbox.top + 4 * pixel);
  }
  ctx.restore();
}
