// The command that asks the same from a terminal.

import { request } from "./ask.js";
import { keyed } from "./key.js";

const SHORT = 2500; // characters of a log that a command may hold itself

/** A word that no shell takes apart. */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

const origin = () => new URL(".", document.baseURI).href.replace(/\/$/, "");

/** The key itself is not shown: a command is copied to places where others read it. */
const key = () => (keyed() ? ' -H "Authorization: Bearer $KEY"' : "");

/** Whether the log is a pasted text that the command cannot hold. */
export const mustSave = ({ text }) => text !== null && text.length > SHORT;

/** Where the bytes come from: the text itself, an example of the page's, or the file. */
function bytes({ text, example, files }) {
  if (example) return "@-";
  if (text === null) return `@${files[0].name}`;
  return text.length > SHORT || text.startsWith("@") ? "@log.txt" : text;
}

export function command(asked) {
  const { address, beside, parts } = request(asked);
  const fetched =
    asked.example && !parts
      ? [`curl -sS ${quoted(new URL(`${document.body.dataset.assets}${asked.example.file}`, document.baseURI).href)} |`]
      : [];
  const lines = [`curl -sS -H 'Accept: text/plain'${key()} ${quoted(`${origin()}/${address}`)}`];
  if (parts) {
    for (const file of asked.files) lines.push(`-F ${quoted(`file=@${file.name || "log.txt"}`)}`);
    for (const [name, text] of Object.entries(beside)) lines.push(`-F ${quoted(`${name}=${text}`)}`);
  } else {
    lines.push(`--data-binary ${quoted(bytes(asked))}`);
  }
  return [...fetched, lines.join(" \\\n  ")].join("\n");
}

/** The same for a model. */
export function commandOfCheck(config, model, batch) {
  const lines = [
    `curl -sS -H 'Accept: text/plain'${key()} ${quoted(`${origin()}/overfit-check`)}`,
    `-F ${quoted(`config=${JSON.stringify(config)}`)}`,
    `-F ${quoted(`model=@${model}`)}`,
  ];
  if (batch) lines.push(`-F ${quoted(`batch=@${batch}`)}`);
  return lines.join(" \\\n  ");
}
