// How curves become lines: colours by role, faint as logged, strong without their noise, axes that suit them.

import { figure } from "./numbers.js";

const FEW = 40; // values; with so few, each is a dot
const TENS = 50; // times between the largest and the smallest value, from which on powers of ten are drawn
const QUIET = 0.004; // share of the range; a curve that differs less from its smoothed form is drawn once
const WHOLE = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].flatMap((power) => [power, 2 * power, 5 * power]);
const COLOURS = {
  train_loss: "--train",
  train_metric: "--train",
  val_loss: "--val",
  val_metric: "--val",
  selected: "--accent",
  beside: "--beside",
  learning_rate: "--ink-2",
  grad_norm: "--extra-1",
};
const AS_LOGGED = ["selected", "beside", "learning_rate", "tp", "fp", "tn", "fn"]; // a step in a schedule is no noise
const EXTRA = ["--extra-1", "--extra-2", "--extra-3", "--extra-4"];

/** A colour or a type of the sheet. */
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const finite = (curves) => curves.flatMap((curve) => curve.values.filter((value) => value !== null));
const faded = (colour) => `${colour}80`;

const decade = (value) => Number.isInteger(Number(Math.log10(value).toFixed(9)));

/** The ends of the values, and whether powers of ten show them better. */
export function wide(curves) {
  const values = finite(curves);
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return { low, high, tens: low > 0 && high > TENS * low };
}

/** What is drawn around a curve that never moves: a tenth to either side, and of nothing the shares from 0 to 1. */
export function around(value) {
  const tenth = Math.abs(value) / 10;
  return value === 0 ? [0, 1] : [value - tenth, value + tenth];
}

/** Colours by role: blue is training, orange validation, everywhere; several of one role take turns. */
export function coloured(curves) {
  const seen = new Map();
  return curves.map((curve, index) => {
    const before = seen.get(curve.role) ?? 0;
    seen.set(curve.role, before + 1);
    const name =
      COLOURS[curve.role] && (before === 0 || curve.role === "beside")
        ? COLOURS[curve.role]
        : EXTRA[index % EXTRA.length];
    return { ...curve, colour: token(name) };
  });
}

/** The series that uPlot draws, and their data on one axis; `null` breaks a line, what is absent does not. */
export function seriesOf(curves, { low, high }) {
  const series = [{}];
  const tables = [];
  for (const curve of curves) {
    const smooth = curve.smoothed ?? curve.values;
    const differs =
      !AS_LOGGED.includes(curve.role) &&
      curve.values.some((value, i) => value !== null && Math.abs(value - smooth[i]) > QUIET * (high - low));
    const dots = {
      show: curve.values.length <= FEW && curve.role !== "beside",
      size: 4,
      fill: curve.colour,
      stroke: curve.colour,
    };
    const strong = {
      stroke: curve.colour,
      width: curve.role === "beside" ? 1.25 : 2.25,
      points: differs ? { show: false } : dots,
    };
    if (differs) {
      series.push({
        stroke: faded(curve.colour),
        width: 1.25,
        points: { ...dots, fill: faded(curve.colour), stroke: faded(curve.colour) },
      });
      tables.push([curve.steps, curve.values]);
    }
    series.push(strong);
    tables.push([curve.steps, curve.values.map((value, i) => (value === null ? null : differs ? smooth[i] : value))]);
  }
  return { series, data: uPlot.join(tables) };
}

const splitsAs = (write) => (_, splits) => splits.map((value) => (value === null ? "" : write(value)));

/** The axes: positions are whole numbers; of powers of ten only the powers have a line. */
export function axes(tens) {
  const grid = { stroke: token("--grid"), width: 1 };
  const common = { stroke: token("--ink-3"), font: `11px ${token("--type")}`, ticks: { show: false }, grid };
  const whole = (value) => (Number.isInteger(value) ? figure(value, 7) : "");
  const lines = (_, splits) => splits.map((value) => (!tens || decade(value) ? value : null));
  return [
    { ...common, size: 24, gap: 4, space: 60, values: splitsAs(whole), incrs: WHOLE },
    {
      ...common,
      size: 52,
      gap: 6,
      space: 36,
      values: splitsAs((value) => figure(value)),
      grid: { ...grid, filter: lines },
    },
  ];
}
