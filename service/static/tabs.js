// Tabs, as the ARIA practices have them: arrow keys move, the address remembers.

/** Wire the tab list; `onshow(id)` is told which panel is shown. Returns how to show one. */
export function tabs(list, onshow) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const show = (chosen) => {
    for (const tab of all) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
    }
    onshow(chosen.id);
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) show(tab);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = all[(all.indexOf(document.activeElement) + by + all.length) % all.length];
    show(next);
    next.focus();
  });
  return (id) => show(all.find((tab) => tab.id === id));
}
