// What went wrong, and what to do: a problem document, shown.

import { element, icon } from "./dom.js";

const PLACES = 5;

export function problemCard(problem) {
  const places = (problem.errors ?? []).slice(0, PLACES);
  const tellsMore = places.length > 1 || (places.length === 1 && !problem.detail.includes(places[0].detail));
  return element(
    "section",
    { class: "verdict problem", "data-status": "failing", role: "alert" },
    element("p", { class: "status" }, icon("error"), `Not judged${problem.status ? ` (${problem.status})` : ""}`),
    element("h2", { tabindex: "-1" }, problem.title),
    element("p", { class: "detail" }, problem.detail),
    tellsMore &&
      element(
        "ul",
        {},
        places.map((place) => element("li", {}, element("code", {}, place.pointer), ` ${place.detail}`)),
      ),
    problem.type?.endsWith("/unrecognised-format") &&
      element(
        "p",
        {},
        element("a", { href: `${document.body.dataset.root}formats` }, "What is read, with a sample of each"),
      ),
    problem.request_id && element("p", { class: "small" }, "Request ", element("code", {}, problem.request_id)),
  );
}
