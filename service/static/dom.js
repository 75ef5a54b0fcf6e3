// Elements, made without a parser: whatever comes from a client or a log becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element with attributes (`onclick` and its like are listeners) and children: elements, texts, or nothing. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return made;
}

/** A drawing of the sprite, which says nothing by itself: a word stands beside it. */
export function icon(name) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  made.append(use);
  return made;
}

/** Something that opens. */
export const fold = (title, ...children) =>
  element("details", { class: "fold" }, element("summary", {}, title), ...children);

/** A table that scrolls in its place where it is too wide; the first cell of a row names it. */
export function table(title, head, rows) {
  const cells = (tag, scope, words) => words.map((word) => element(tag, scope ? { scope } : {}, word));
  return element(
    "div",
    { class: "scrolled", tabindex: "0", role: "group", "aria-label": title },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, cells("th", "col", head))),
      element(
        "tbody",
        {},
        rows.map(([first, ...others]) => element("tr", {}, cells("th", "row", [first]), cells("td", null, others))),
      ),
    ),
  );
}

let fading;

/** A word at the edge of the screen: what was just done. */
export function toast(text) {
  const place = byId("toast");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => {
    place.hidden = true;
  }, 4000);
}

/** Put a text on the clipboard; where pages may not (plain http), by the old way. */
export async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const place = element("textarea", { class: "unseen", "aria-hidden": "true" });
    place.value = text;
    document.body.append(place);
    place.select();
    const done = document.execCommand("copy");
    place.remove();
    if (!done) return toast("The browser does not let this page copy.");
  }
  return toast(said);
}
