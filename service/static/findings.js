// One finding after the other: how bad, how sure, since when, on what evidence, and what to try first.

import { ask } from "./ask.js";
import { element, fold, icon } from "./dom.js";
import { amount, percent, place, SEVERITY, titled, whole } from "./numbers.js";

const root = () => document.body.dataset.root;

/** Text with its `code` as code. */
const phrase = (text) => text.split("`").map((part, i) => (i % 2 ? element("code", {}, part) : part));

const paragraphs = (text) => text.split(/\n\s*\n/).map((part) => element("p", {}, phrase(part.replace(/\s+/g, " "))));

function evidence(list) {
  return element(
    "ul",
    { class: "evidence" },
    list.map((one) => {
      const { value, bound } = amount(one);
      return element(
        "li",
        {},
        element("span", {}, whole(one.says)),
        element(
          "span",
          { class: "amount" },
          element("strong", {}, value),
          bound !== null && element("span", { class: "bound" }, ` bound ${bound}`),
        ),
      );
    }),
  );
}

const verb = (fix) =>
  [
    fix.action,
    ...Object.entries(fix.params).map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(",") : value}`),
  ].join(" ");

const advice = (fix) => [element("strong", {}, whole(fix.advice)), " ", whole(fix.because)];

function fixes([first, ...others]) {
  if (!first) return null;
  return [
    element(
      "div",
      { class: "first" },
      element("p", { class: "label" }, "Try first"),
      element("p", {}, advice(first)),
      element("p", { class: "verb" }, element("code", {}, verb(first))),
    ),
    others.length > 0 &&
      fold(
        `Then (${others.length} more)`,
        element(
          "ol",
          { class: "fixes", start: "2" },
          others.map((fix) =>
            element(
              "li",
              {},
              element("p", {}, advice(fix)),
              element("p", { class: "verb" }, element("code", {}, verb(fix))),
            ),
          ),
        ),
      ),
  ];
}

/** The page of the condition knows when it is wrong; it is asked when somebody wants to know. */
function whenWrong(finding, scope) {
  const body = element("div", {}, element("p", {}, "…"));
  const made = fold(
    "When this is wrong",
    finding.against.length > 0 &&
      element(
        "ul",
        {},
        finding.against.map((one) => element("li", {}, one)),
      ),
    body,
  );
  made.addEventListener("toggle", async () => {
    if (!made.open || made.dataset.asked) return;
    made.dataset.asked = "yes";
    const page = element(
      "a",
      { href: `${root()}conditions/${finding.condition}` },
      `All about ${titled(finding.condition).toLowerCase()}`,
    );
    try {
      const found = await (
        await ask(`${root()}conditions/${finding.condition}`, { headers: { Accept: "application/json" } })
      ).json();
      const described = scope === "model" && found.in_model ? found.in_model : found;
      body.replaceChildren(...paragraphs(described.when_wrong), element("p", {}, page));
    } catch {
      body.replaceChildren(element("p", {}, page));
    }
  });
  return made;
}

function causes(list) {
  if (!list.length) return null;
  return fold(
    "Why it may be, and what tells",
    element(
      "dl",
      { class: "causes" },
      list.map(({ cause, test }) => [
        element("dt", {}, cause),
        element("dd", {}, element("span", { class: "label" }, "Test "), test),
      ]),
    ),
  );
}

/** A card. `told` leaves out the sentence that stands at the top already. */
export function findingCard(finding, number, { told = false, scope = "curve", onlook = () => {} } = {}) {
  const made = element(
    "article",
    {
      class: "finding",
      "data-severity": finding.severity,
      "data-number": number,
      id: `finding-${scope}-${number}`,
      tabindex: "-1",
      "aria-labelledby": `title-${scope}-${number}`,
    },
    element(
      "header",
      {},
      element("span", { class: "number", "aria-hidden": "true" }, String(number)),
      element(
        "h3",
        { id: `title-${scope}-${number}` },
        element("a", { href: `${root()}conditions/${finding.condition}` }, titled(finding.condition)),
      ),
      element("span", { class: "severity" }, icon(finding.severity), SEVERITY[finding.severity]),
    ),
    element(
      "p",
      { class: "facts" },
      element(
        "span",
        { class: "sure", title: "Of findings given this, as many are right" },
        `${percent(finding.confidence)} sure`,
      ),
      finding.since && element("span", {}, `since ${place(finding.since)}`),
      finding.until && finding.until.at !== finding.since?.at && element("span", {}, `until ${place(finding.until)}`),
      finding.series.length > 0 && element("span", { class: "series" }, `seen in ${finding.series.join(", ")}`),
    ),
    !told && element("p", { class: "summary" }, whole(finding.summary)),
    finding.evidence.length > 0 && element("p", { class: "label" }, "Evidence"),
    evidence(finding.evidence),
    fixes(finding.fixes),
    causes(finding.causes),
    whenWrong(finding, scope),
  );
  for (const [event, value] of [
    ["pointerenter", number],
    ["pointerleave", null],
    ["focusin", number],
    ["focusout", null],
  ])
    made.addEventListener(event, () => onlook(value));
  return made;
}
