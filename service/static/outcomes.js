// What was looked for and not found, and what could not be judged: silence is no health.

import { element, fold } from "./dom.js";
import { titled } from "./numbers.js";

const page = (condition) =>
  element("a", { href: `${document.body.dataset.root}conditions/${condition}` }, titled(condition));

export function checked({ clear, skipped, failed }) {
  const judged = Object.entries(skipped);
  return fold(
    element(
      "span",
      {},
      "What was checked ",
      element("span", { class: "aside" }, `${clear.length} clear, ${judged.length} not judged`),
    ),
    clear.length > 0 && [
      element("p", { class: "label" }, "Clear"),
      element(
        "p",
        { class: "tags" },
        clear.map((one) => [page(one), " "]),
      ),
    ],
    judged.length > 0 && [
      element("p", { class: "label" }, "Not judged"),
      element(
        "ul",
        { class: "skipped" },
        judged.map(([one, reason]) => element("li", {}, page(one), `: ${reason}`)),
      ),
    ],
    failed.length > 0 &&
      element(
        "p",
        {},
        "Failed, by a fault of this service: ",
        failed.map((one) => [page(one), " "]),
      ),
  );
}
