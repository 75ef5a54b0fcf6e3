// The tab for models: upload one with a batch, watch the loss as it trains, read what keeps it from learning.

import { ask, Refused } from "./ask.js";
import { commandOfCheck } from "./command.js";
import { byId, copy, element, fold, icon } from "./dom.js";
import { findingCard } from "./findings.js";
import { checked } from "./outcomes.js";
import { live } from "./live.js";
import { count, figure, plural, STATUS_ICON } from "./numbers.js";
import { problemCard } from "./problem.js";

const VERDICT = { overfits: "It learns", cannot_overfit: "It cannot learn this batch", inconclusive: "Inconclusive" };
const AWAY = "unavailable: ";
const AGAIN = 1500; // milliseconds
const AGAIN_PLEASE = "The connection ended before the answer came. Try again.";
const NUMBERS = ["lr", "steps", "num_classes"];

/** The lines of a stream, as they come. */
async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const whole = (rest + part.value).split("\n");
    rest = whole.pop();
    yield* whole.filter(Boolean).map((line) => JSON.parse(line));
  }
  if (rest.trim()) yield JSON.parse(rest);
}

/** What the form says; a number that is none is left to the service, which says so. */
function configOf(form) {
  const config = { loss: form.loss.value, optimizer: form.optimizer.value };
  for (const name of NUMBERS) {
    const text = form[name].value.trim();
    if (text) config[name] = Number.isNaN(Number(text)) ? text : Number(text);
  }
  const shapes = form.input_shapes.value
    .split(";")
    .map((shape) => (shape.match(/\d+/g) ?? []).map(Number))
    .filter((shape) => shape.length);
  if (shapes.length) config.input_shapes = shapes;
  return config;
}

function facts(answer) {
  const { loss, learning_rate: rate, model, batch, timing } = answer;
  const rows = [
    [
      "Loss",
      `${figure(loss.initial)} → ${figure(loss.final)}${loss.target === null ? "" : `; learnt would be ${figure(loss.target)}`}`,
    ],
    loss.expected_initial !== null && ["Expected at first", figure(loss.expected_initial)],
    ...Object.entries(answer.metric).map(([name, value]) => [name[0].toUpperCase() + name.slice(1), figure(value)]),
    [
      "Learning rate",
      `${figure(rate.used)}${rate.tried.length > 1 ? `; tried ${rate.tried.map((one) => figure(one.lr)).join(", ")}` : ""}`,
    ],
    [
      "Model",
      `${count(model.parameters)} parameters${model.trainable === model.parameters ? "" : `, ${count(model.trainable)} of them trained`}`,
    ],
    ["Batch", `${plural(batch.examples, "example")}${batch.made ? ", random" : ""}`],
    ["Device", answer.device],
    ["Time", `${figure(timing.examine_ms / 1000, 2)} s`],
  ].filter(Boolean);
  return element(
    "dl",
    { class: "numbers" },
    rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
}

function show(place, answer, command) {
  const status = { overfits: "healthy", cannot_overfit: "failing", inconclusive: "inconclusive" }[answer.verdict];
  place.replaceChildren(
    element(
      "section",
      { class: "verdict", "data-status": status },
      element("p", { class: "status" }, icon(STATUS_ICON[status]), VERDICT[answer.verdict]),
      element("h2", { tabindex: "-1" }, answer.headline),
      facts(answer),
    ),
    element(
      "section",
      { class: "findings", "aria-label": "Findings" },
      answer.findings.map((finding, i) =>
        findingCard(finding, i + 1, { scope: "model", told: i === 0 && finding.summary === answer.headline }),
      ),
      element(
        "div",
        { class: "folds" },
        checked(answer.outcomes),
        answer.notes.length > 0 &&
          fold(
            "Notes",
            element(
              "ul",
              {},
              answer.notes.map((note) => element("li", {}, note)),
            ),
          ),
        fold(
          "The same with curl",
          element("pre", { tabindex: "0" }, command),
          element(
            "button",
            { type: "button", onclick: () => copy(command, "The command is copied.") },
            icon("copy"),
            " Copy the command",
          ),
        ),
      ),
    ),
  );
  place.querySelector(".verdict").scrollIntoView({ block: "nearest" });
  place.querySelector("h2").focus({ preventScroll: true });
}

export function overfit() {
  const form = byId("overfit");
  const place = byId("verdict");
  let stopping = null;

  async function check(model, batch, config) {
    const body = new FormData();
    body.append("model", model, model.name);
    if (batch) body.append("batch", batch, batch.name);
    body.append("config", JSON.stringify(config));
    stopping = new AbortController();
    busy(true);
    place.replaceChildren();
    const drawn = live(byId("live-plot"), byId("progress"));
    byId("live").hidden = false;
    byId("live").scrollIntoView({ block: "nearest" });
    try {
      const response = await ask("overfit-check", {
        method: "POST",
        body,
        headers: { Accept: "application/x-ndjson" },
        signal: stopping.signal,
      });
      for await (const line of lines(response)) {
        if (line.problem) throw new Refused(line.problem);
        if (line.answer) {
          show(place, line.answer, commandOfCheck(config, model.name, batch?.name));
          drawn.end(line.answer);
        } else drawn.add(line);
      }
    } catch (error) {
      drawn.end();
      if (drawn.empty()) byId("live").hidden = true;
      if (error.name === "AbortError") byId("progress").textContent = "Stopped.";
      else tell(error);
    }
    busy(false);
  }

  /** Show what was refused, or that nothing came. */
  function tell(error) {
    place.replaceChildren(problemCard(error instanceof Refused ? error.problem : { title: "The check broke off", detail: AGAIN_PLEASE }));
    place.querySelector("h2").focus({ preventScroll: true });
  }

  function busy(on) {
    byId("stop").hidden = !on;
    byId("check").disabled = byId("try").disabled = on;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check(form.model.files[0], form.batch.files[0] ?? null, configOf(form));
  });
  byId("stop").addEventListener("click", () => stopping?.abort());
  byId("try").addEventListener("click", async () => {
    const fetched = async (name) =>
      new File([await (await ask(`${document.body.dataset.assets}models/${name}`)).blob()], name);
    try {
      const [model, batch] = await Promise.all(["model.pt", "batch.npz"].map(fetched));
      form.loss.value = "cross_entropy";
      check(model, batch, configOf(form));
    } catch (error) {
      tell(error);
    }
  });

  /** Say it at once where no model can be checked here, and look again while that is so. */
  async function opened() {
    try {
      const { overfit_check: says } = await (await ask("readyz")).json();
      const not = says.startsWith(AWAY);
      byId("unavailable").hidden = !not;
      byId("unavailable").textContent = `No model can be checked here at present: ${says.slice(AWAY.length)}`;
      if (not && !byId("panel-model").hidden) setTimeout(opened, AGAIN);
    } catch {
      /* the check itself will say */
    }
  }
  return { opened };
}
