// How the log was read: what each name was taken for, what the log does not say; both can be corrected, and asked again.

import { element, fold, table } from "./dom.js";

const ROLES = {
  train_loss: "training loss",
  val_loss: "validation loss",
  train_metric: "training metric",
  val_metric: "validation metric",
  learning_rate: "learning rate",
  grad_norm: "gradient norm",
  tp: "true positives",
  fp: "false positives",
  tn: "true negatives",
  fn: "false negatives",
  other: "something else",
};
const NUMBERS = {
  num_classes: "Classes",
  learning_rate: "Learning rate",
  batch_size: "Batch size",
  train_size: "Training examples",
  val_size: "Validation examples",
  steps_per_epoch: "Steps per epoch",
  planned_epochs: "Planned epochs",
  weight_decay: "Weight decay",
  dropout: "Dropout",
};
const TASKS = {
  "": "not said",
  classification: "classification",
  regression: "regression",
  language_model: "language model",
  other: "other",
};
const LISTED = 20; // of the names that were not used
const MOST = 40; // names; more are a matter for a program

const options = (words, chosen) =>
  Object.entries(words).map(([value, word]) => element("option", { value, selected: value === chosen }, word));

/** A choice under its label. */
const chosen = (name, title, words, value) =>
  element(
    "p",
    { class: "field" },
    element("label", { for: `context-${name}` }, title),
    element("select", { id: `context-${name}`, name }, options(words, value)),
  );

function names(report, asked) {
  const mapping = Object.entries(report.source.mapping).slice(0, MOST);
  const rows = mapping.map(([name, role], i) => [
    element("label", { for: `role-${i}` }, element("code", {}, name)),
    element(
      "select",
      { id: `role-${i}`, "data-name": name, "data-was": asked.roles[name] ?? "", "data-read": role },
      options(ROLES, role),
    ),
  ]);
  return table("Names in the log", ["In the log", "Taken for"], rows);
}

function field(name, title, value) {
  return element(
    "p",
    { class: "field" },
    element("label", { for: `context-${name}` }, title),
    element("input", { id: `context-${name}`, name, inputmode: "decimal", autocomplete: "off", value: value ?? "" }),
  );
}

function context(said) {
  const finished = said.finished === undefined ? "" : String(said.finished);
  return element(
    "div",
    { class: "fields" },
    chosen("task", "Task", TASKS, said.task ?? ""),
    chosen("finished", "Training is", { "": "not said", true: "over", false: "still running" }, finished),
    Object.entries(NUMBERS).map(([name, title]) => field(name, title, said[name])),
  );
}

/** What the form says now, as `{ roles, context }`. */
function read(form, asked) {
  const roles = { ...asked.roles };
  for (const select of form.querySelectorAll("select[data-name]")) {
    const { name, was, read: before } = select.dataset;
    if (was || select.value !== before) roles[name] = select.value;
  }
  const said = { ...asked.context };
  for (const input of form.querySelectorAll("[name]")) {
    const text = input.value.trim();
    if (!text) delete said[input.name];
    else if (input.name in NUMBERS) said[input.name] = Number.isNaN(Number(text)) ? text : Number(text);
    else said[input.name] = input.name === "finished" ? text === "true" : text;
  }
  return { roles, context: said };
}

/** The fold; `onask({ roles, context })` asks again. */
export function naming(report, asked, onask) {
  const { format, ignored, notes, mapping } = report.source;
  const form = element(
    "form",
    {
      class: "naming",
      onsubmit: (event) => {
        event.preventDefault();
        onask(read(form, asked));
      },
    },
    element(
      "p",
      {},
      "Is a name taken for the wrong thing, or do you know what the log does not say? Correct it, and ask again.",
    ),
    element("div", { class: "two" }, names(report, asked), context(asked.context)),
    element("p", { class: "choices" }, element("button", { type: "submit", class: "primary" }, "Ask again")),
  );
  const made = fold(
    element(
      "span",
      {},
      "How it was read ",
      element("span", { class: "aside" }, `${format}, ${Object.keys(mapping).length} series`),
    ),
    notes.length > 0 &&
      element(
        "ul",
        { class: "notes" },
        notes.map((note) => element("li", {}, note)),
      ),
    ignored.length > 0 &&
      element(
        "p",
        { class: "small" },
        `Not used: ${ignored.slice(0, LISTED).join(", ")}${ignored.length > LISTED ? ` and ${ignored.length - LISTED} more` : ""}.`,
      ),
    form,
  );
  made.id = "naming";
  return made;
}
