// The key of a service that has keys: asked for when the service asks, and kept until the tab is closed.

import { element } from "./dom.js";

const PLACE = "curve-diagnosis.key";

let held = sessionStorage.getItem(PLACE) ?? "";

/** Whether there is one. */
export const keyed = () => held !== "";

/** The header that carries it. */
export const authorization = () => (held ? { Authorization: `Bearer ${held}` } : {});

/** Ask for it; whether one was given. */
export function wanted() {
  const why = held ? "That key is not known here." : "Only who holds a key may ask here. Whoever runs the service hands them out.";
  const field = element("input", {
    type: "password",
    name: "key",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    autofocus: true,
  });
  const dialog = element(
    "dialog",
    { class: "key", "aria-labelledby": "key-title" },
    element(
      "form",
      { method: "dialog" },
      element("h2", { id: "key-title" }, "This service wants a key"),
      element("p", {}, why),
      element("label", {}, "Key ", field),
      element(
        "p",
        { class: "buttons" },
        element("button", { class: "button primary", value: "given" }, "Ask with this key"),
        element("button", { class: "button", value: "", formnovalidate: true }, "Cancel"),
      ),
      element("p", { class: "small" }, "It is kept in this tab, and sent to this service alone."),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const given = dialog.returnValue === "given" && field.value.trim() !== "";
      held = given ? field.value.trim() : "";
      sessionStorage.setItem(PLACE, held);
      dialog.remove();
      resolve(given);
    });
  });
}
