// Numbers, positions and evidence in words, as the service's own texts have them (service/wording/amounts.py): an answer
// has numbers only. A test holds the two together.

const DIGITS = 4;
const SHARE = "share of ";
const TENFOLD = 10; // beyond, a share is a multiple
const LEAST = 5e-4; // below, a share would be 0.0 %: a bound that is none
// One of them is one spike.
const COUNTED = [
  "bursts", "conditions", "dtypes", "examples", "finite values", "inputs", "noise levels", "numbers",
  "operations", "parameters", "runs", "spikes", "standard deviations", "standard errors", "steps", "targets",
  "tensors", "units", "values",
];
const ITSELF = ["loss", "output"]; // units that say no more than what is measured
// How these begin: of next to no noise any number may come.
const BY_CHANCE = ["standard errors", "noise levels", "standard deviations"];
const SURE = 1000; // of these; more is no surer
const LARGE = 1e6;
const SMALL = 1e-4;

/** A number in few digits, as `%.4g` writes it. */
export function figure(value, digits = DIGITS) {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "0";
  if (value === Infinity) return "∞";
  const size = Math.abs(value);
  if (size >= LARGE || size < SMALL)
    return value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
  return String(Number(value.toPrecision(digits)));
}

/** A whole number; of two that are as near, the even one, as in the service's sentences. */
const rounded = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

const ALL = 0.995; // from here on a digit after the point tells that it is not all

export const percent = (share) => {
  const coarse = Math.abs(share) >= 0.1 && !(ALL <= share && share < 1);
  return `${(coarse ? rounded(100 * share) : rounded(1000 * share) / 10) + 0} %`;
};

/** Text in which no line ends between a number and its sign. */
export const whole = (text) => text.replaceAll(" %", "\u00a0%");

/** A count with thin spaces between its thousands. */
export const count = (value) => value.toLocaleString("en").replaceAll(",", "\u202f");

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

const LONG = 15; // characters of a position; longer ones are cut to six digits

/** `epoch 13`. */
export const place = ({ axis, at }) => `${axis} ${String(at).length > LONG ? Number(at.toPrecision(6)) : at}`;

/** `17 % of progress`, and `5 %` as what it is held against. */
export function amount(evidence) {
  const { bound, unit } = evidence;
  const value = evidence.value ?? Infinity; // a ratio to next to nothing
  const share = bound > 0 && bound < LEAST ? (part) => `${figure(100 * part, 3)} %` : percent;
  if (unit.startsWith(SHARE) && Math.abs(value) < TENFOLD) {
    return { value: `${share(value)} of ${unit.slice(SHARE.length)}`, bound: bound === null ? null : share(bound) };
  }
  if (unit === "epoch" || unit === "step") return { value: place({ axis: unit, at: value }), bound: null };
  if (unit.startsWith(SHARE))
    return {
      value: `${figure(value, 3)} ${unit.replace(SHARE, "times ")}`,
      bound: bound === null ? null : share(bound),
    };
  const named = ITSELF.includes(unit) ? "" : value === 1 && COUNTED.includes(unit) ? unit.slice(0, -1) : unit;
  const number = value >= SURE && BY_CHANCE.some((of) => unit.startsWith(of)) ? `more than ${SURE}` : figure(value, 3);
  return { value: `${number} ${named}`.trim(), bound: bound === null ? null : figure(bound, 3) };
}

const WORDS = [
  [/\bprogress\b/, "Progress: what a curve gained from its start to its best value. "],
  [/noise levels/, "Noise level: by how much single values scatter around a curve's course (one standard deviation). "],
  [/standard errors/, "Standard error: by how much a level scatters that is averaged over several values. "],
];

/** What the words mean that these findings' evidence is counted in. */
export function explained(findings) {
  const evidence = findings.flatMap((finding) => finding.evidence);
  const units = evidence.map(({ unit }) => unit).join(" ");
  const bound = evidence.some((one) => one.bound !== null) ? "Bound: the threshold that it was held against." : "";
  return WORDS.filter(([word]) => word.test(units)).map(([, says]) => says).join("") + bound;
}

/** A condition's name as people write it. */
export function titled(condition) {
  const words = condition.replaceAll("_", " ").replaceAll("relu", "ReLU");
  return words[0].toUpperCase() + words.slice(1);
}

export const STATUS = {
  healthy: "Healthy",
  attention: "Needs attention",
  failing: "Failing",
  inconclusive: "Inconclusive",
};
export const STATUS_ICON = { healthy: "healthy", attention: "warning", failing: "error", inconclusive: "inconclusive" };
export const SEVERITY = { error: "Error", warning: "Warning", info: "Info" };
const DECISION = {
  continue: "Go on training",
  stop: "Stop",
  intervene: "Intervene: change something, then restart",
  none: "Nothing to decide",
};

/** `Stop; best checkpoint: epoch 13`. */
export function decided(decision) {
  const back = decision.restore ? `; best checkpoint: ${place(decision.restore)}` : "";
  return DECISION[decision.action] + back;
}
