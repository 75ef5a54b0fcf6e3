// How a log comes in: dropped anywhere, pasted anywhere, chosen, typed, or one of the examples.

import { byId } from "./dom.js";
import { question } from "./ask.js";

const MOST = 1000; // files of a folder that are looked for: the service says how many one question may have

const editable = (target) => target.closest?.("input, textarea, select, [contenteditable]");

/** A question about files as they are. */
const about = (files) => question(files, files.length === 1 ? files[0].name : `${files.length} files`);

export const aboutText = (text, name = "pasted text") => question([new File([text], "")], name, { text });

/** Everything within a folder: a browser gives it in pieces, of which the last is empty. */
async function within(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const piece = await new Promise((done, failed) => {
      reader.readEntries(done, failed);
    });
    if (!piece.length) return found;
    found.push(...piece);
  }
}

/** Every file that was dropped; of a folder, those within. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const found = [];
  while (entries.length && found.length < MOST) {
    const entry = entries.shift();
    if (entry.isFile)
      found.push(
        await new Promise((done, failed) => {
          entry.file(done, failed);
        }),
      );
    else entries.push(...(await within(entry)));
  }
  return found;
}

/** Listen for logs; `onask(question)` gets each, `taken()` says whether files belong to somebody else at present. */
export function listen(onask, taken) {
  const veil = byId("veil");
  const choose = byId("files");
  byId("choose").addEventListener("click", () => choose.click());
  byId("another").addEventListener("click", () => choose.click());
  choose.addEventListener("change", () => {
    if (choose.files.length) onask(about([...choose.files]));
    choose.value = "";
  });

  const form = byId("paste");
  byId("write").addEventListener("click", () => {
    form.hidden = !form.hidden;
    if (!form.hidden) byId("text").focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onask(aboutText(byId("text").value));
  });

  document.addEventListener("paste", (event) => {
    if (taken() || editable(event.target)) return;
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData("text") ?? "";
    if (files.length) onask(about(files));
    else if (text.trim()) onask(aboutText(text));
    else return;
    event.preventDefault();
  });

  let depth = 0;
  const carries = (event) =>
    [...(event.dataTransfer?.types ?? [])].some((type) => type === "Files" || type === "text/plain");
  const unveil = () => {
    depth = 0;
    veil.hidden = true;
  };
  addEventListener("dragenter", (event) => {
    if (taken() || !carries(event)) return;
    depth += 1;
    veil.hidden = false;
  });
  addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) unveil();
  });
  addEventListener("dragover", (event) => {
    if (!taken() && carries(event)) event.preventDefault();
  });
  addEventListener("drop", async (event) => {
    unveil();
    if (taken() || !carries(event)) return;
    event.preventDefault();
    const text = event.dataTransfer.getData("text/plain");
    const files = await dropped(event.dataTransfer);
    if (files.length) onask(about(files));
    else if (text.trim()) onask(aboutText(text));
  });
}
