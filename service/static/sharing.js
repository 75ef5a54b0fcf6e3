// A run in the address: `#run=` and the canonical JSON, deflated, in base64url. It never leaves the browser but to be judged.

const LONGEST = 1800; // characters of an address that every chat passes on
const UNPACKED = 4 * 1024 * 1024; // characters; a link that unpacks to more is no link of ours
const POINTS = [400, 200, 120, 80, 60, 45, 32, 24, 16, 12]; // of each curve
const ENOUGH = [60, 32, 0]; // points; sooner than with fewer, curves are left out
const DIGITS = 4;
const JUDGED = ["train_loss", "val_loss", "train_metric", "val_metric"];

const piped = async (data, stream) =>
  new Uint8Array(await new Response(new Blob([data]).stream().pipeThrough(stream)).arrayBuffer());

const toText = (bytes) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

export const packed = async (document) =>
  toText(await piped(JSON.stringify(document), new CompressionStream("deflate-raw")));

/** The document in a link; an error where it is none. */
export async function unpacked(text) {
  const reader = new Blob([toBytes(text)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"))
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let found = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    found += part.value;
    if (found.length > UNPACKED) throw new RangeError("too large");
  }
  JSON.parse(found);
  return found;
}

const rounded = (value) => (value === null ? "NaN" : Number(value.toPrecision(DIGITS)));

/** A curve in at most so many points, the best and both ends among them. */
function thinned(curve, most) {
  const last = curve.steps.length - 1;
  const chosen = new Set([0, last, curve.steps.indexOf(curve.best?.at)]);
  for (let i = 0; i < most; i += 1) chosen.add(Math.round((i * last) / Math.max(most - 1, 1)));
  const kept = [...chosen].filter((i) => i >= 0).sort((a, b) => a - b);
  const values = kept.map((i) => rounded(curve.values[i]));
  const plain = curve.axis === "epoch" && kept.length === last + 1 && curve.steps.every((step, i) => step === i);
  return plain ? values : { values, steps: kept.map((i) => curve.steps[i]), axis: curve.axis };
}

function run(report, curves, most, context) {
  const logged = report.curves
    .filter((curve) => curve.name in report.source.mapping && curve.steps.length)
    .filter(curves);
  const history = Object.fromEntries(logged.map((curve) => [curve.name, thinned(curve, most)]));
  const roles = Object.fromEntries(logged.map((curve) => [curve.name, curve.role]));
  return {
    ...(report.name ? { name: report.name } : {}),
    history,
    roles,
    ...(Object.keys(context).length ? { context } : {}),
  };
}

const WHICH = [() => true, ({ role }) => JUDGED.includes(role), ({ role }) => role.endsWith("_loss")];

/** What to try: all curves, those that are judged, the losses; in many points, then in fewer. */
const tries = ENOUGH.flatMap((least) =>
  WHICH.flatMap((curves) => POINTS.filter((most) => most >= least).map((most) => ({ curves, most }))),
);

/** The address that opens this report, thinned until it fits; null where nothing does. */
export async function link(report, context) {
  const runs = report.runs ?? [report];
  const start = new URL(".", document.baseURI).href;
  for (const { curves, most } of tries) {
    const made = runs.map((one) => run(one, curves, most, context));
    if (!made.every(({ history }) => Object.keys(history).length)) continue;
    const address = `${start}#run=${await packed(report.runs ? { runs: made } : made[0])}`;
    if (address.length <= LONGEST) {
      const whole = curves === WHICH[0] && runs.every((one) => one.curves.every(({ n }) => n <= most));
      return { address, whole };
    }
  }
  return null;
}
