// The page: a log comes in, an answer goes up; the address says what is shown.

import { ask, question, Refused, report } from "./ask.js";
import { byId } from "./dom.js";
import { aboutText, listen } from "./intake.js";
import { overfit } from "./overfit.js";
import { plural } from "./numbers.js";
import { problemCard } from "./problem.js";
import { show } from "./report.js";
import { unpacked } from "./sharing.js";
import { tabs } from "./tabs.js";

const SLOW = 250; // milliseconds, after which a person wonders whether anything happens
const MODEL = "#overfit-check";

const start = byId("start");
const answer = byId("answer");
let clear = () => {};
let latest = 0;

function state(asked) {
  start.hidden = Boolean(asked);
  byId("asked").hidden = !asked;
  document.body.classList.toggle("answered", Boolean(asked));
  if (asked) byId("asked-name").textContent = asked.name;
  byId("asked-what").textContent = "";
  clear();
  clear = () => {};
  answer.replaceChildren();
}

function shown(found) {
  const runs = found.runs ?? [found];
  const values = Math.max(...runs.flatMap((run) => run.curves.map((curve) => curve.n)), 0);
  byId("asked-what").textContent = [
    found.runs && plural(runs.length, "run"),
    plural(values, "value"),
    `read as ${runs[0]?.source.format}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Ask, and show what comes; of two questions, the later one counts. */
async function judge(asked) {
  latest += 1;
  const mine = latest;
  showTab("tab-log");
  state(asked);
  const timer = setTimeout(() => {
    byId("busy").hidden = false;
    byId("busy-text").textContent = `Reading ${asked.name} …`;
  }, SLOW);
  try {
    const found = await report(asked);
    if (mine !== latest) return;
    shown(found);
    clear = show(answer, found, asked, (said) => judge({ ...asked, ...said }));
  } catch (error) {
    if (mine !== latest) return;
    if (!(error instanceof Refused)) console.error(error);
    answer.replaceChildren(
      problemCard(
        error instanceof Refused
          ? error.problem
          : {
              title: "The page failed",
              detail: "The answer came, and this page could not show it. Please report this, with the log if you may.",
            },
      ),
    );
  } finally {
    clearTimeout(timer);
    if (mine === latest) byId("busy").hidden = true;
  }
  if (mine !== latest) return;
  scrollTo({ top: 0 });
  answer.querySelector("h2")?.focus({ preventScroll: true });
}

/** A new log: the address no longer says what is shown. */
function fresh(asked) {
  if (location.hash) history.pushState(null, "", "./");
  judge(asked);
}

async function example(name) {
  const chip = document.querySelector(`.chip[href="#example=${CSS.escape(name)}"]`);
  if (!chip)
    throw new Refused({ title: "There is no such example", detail: `This service has no example named ${name}.` });
  const file = chip.dataset.file;
  const bytes = await (await ask(`${document.body.dataset.assets}${file}`)).blob();
  return question([new File([bytes], file.split("/").at(-1))], chip.textContent.trim(), { example: { name, file } });
}

async function shared(text) {
  try {
    return aboutText(await unpacked(text), "shared run");
  } catch {
    throw new Refused({
      title: "The link is broken",
      detail:
        "What stands behind #run= cannot be read: it was cut on its way, or is none of ours. Ask for it again, or send the log itself.",
    });
  }
}

/** Show what the address says. */
async function follow() {
  const [, kind, value] = /^#(run|example)=(.*)$/.exec(location.hash) ?? [];
  if (location.hash === MODEL) return showTab("tab-model");
  if (!kind) {
    latest += 1;
    showTab("tab-log");
    return state(null);
  }
  try {
    return judge(await (kind === "example" ? example(decodeURIComponent(value)) : shared(value)));
  } catch (error) {
    state({ name: kind === "example" ? value : "a link" });
    return answer.replaceChildren(
      problemCard(error.problem ?? { title: "The address cannot be read", detail: "Start anew from the page itself." }),
    );
  }
}

const model = overfit();
const showTab = tabs(document.querySelector("[role=tablist]"), (id) => {
  if (id === "tab-model") {
    model.opened();
    if (location.hash !== MODEL) history.replaceState(null, "", MODEL);
  } else if (location.hash === MODEL) history.replaceState(null, "", "./");
});
listen(fresh, () => !byId("panel-model").hidden);
byId("again").addEventListener("click", () => {
  if (location.hash) history.pushState(null, "", "./");
  follow();
});
addEventListener("hashchange", follow);
follow();
