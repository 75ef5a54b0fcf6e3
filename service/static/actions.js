// What one does with an answer: pass it on as Markdown, as a link, as a picture, or ask the same from a terminal.

import { diagnose, Refused } from "./ask.js";
import { command, mustSave } from "./command.js";
import { copy, element, icon, toast } from "./dom.js";
import { link } from "./sharing.js";

/** The buttons, and the command that one of them unfolds. */
export function actions(report, asked) {
  const first = mustSave(asked) ? "; save the text as log.txt first" : "";
  const terminal = element(
    "div",
    { class: "terminal", hidden: true },
    element(
      "p",
      { class: "small" },
      `The same from a terminal, or a pipeline (leave the Accept out for JSON)${first}:`,
    ),
    element("pre", { tabindex: "0" }, command(asked)),
    element(
      "button",
      { type: "button", onclick: () => copy(command(asked), "The command is copied.") },
      icon("copy"),
      " Copy the command",
    ),
  );
  const shown = element(
    "button",
    {
      type: "button",
      "aria-expanded": "false",
      onclick: () => {
        terminal.hidden = !terminal.hidden;
        shown.setAttribute("aria-expanded", String(!terminal.hidden));
      },
    },
    icon("terminal"),
    " curl",
  );
  return element(
    "div",
    { class: "actions" },
    element(
      "p",
      { class: "choices" },
      element("button", { type: "button", onclick: () => asMarkdown(asked) }, icon("copy"), " Copy as Markdown"),
      element("button", { type: "button", onclick: () => asLink(report, asked) }, icon("link"), " Copy link"),
      element("button", { type: "button", onclick: () => asPicture(asked) }, icon("picture"), " Picture"),
      shown,
    ),
    terminal,
  );
}

const why = (error) => (error instanceof Refused ? error.problem.detail : "That did not work; try again.");

async function asMarkdown(asked) {
  try {
    await copy(
      await (await diagnose(asked, "text/markdown")).text(),
      "Copied as Markdown: paste it into a chat or an issue.",
    );
  } catch (error) {
    toast(why(error));
  }
}

/** What a log in the service's own JSON says of the training. */
async function contextOf({ files }) {
  try {
    return (files.length === 1 && JSON.parse(await files[0].text()).context) || {};
  } catch {
    return {};
  }
}

async function asLink(report, asked) {
  if (asked.example)
    return copy(new URL(`.#example=${asked.example.name}`, document.baseURI).href, "The link is copied.");
  const made = await link(report, { ...(await contextOf(asked)), ...asked.context });
  if (!made) return toast("This is too much for a link. Send the file itself, or copy it as Markdown.");
  history.replaceState(null, "", new URL(made.address).hash);
  return copy(
    made.address,
    made.whole ? "The link is copied: the run is in it." : "The link is copied: a thinned form of the run is in it.",
  );
}

async function asPicture(asked) {
  const theme = getComputedStyle(document.documentElement).getPropertyValue("--theme").trim();
  try {
    const picture = await (await diagnose(asked, "image/png", { theme, width: "1200" })).blob();
    const address = URL.createObjectURL(picture);
    element("a", { href: address, download: `${asked.name.replace(/\.\w+$/, "") || "run"}-diagnosis.png` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    toast([406, 422].includes(error.problem?.status) ? "This service draws no pictures." : why(error));
  }
}
