// The command that asks the same from a terminal.

import { request } from "./ask.js";

/** A word that no shell takes apart. */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

const origin = () => new URL(".", document.baseURI).href.replace(/\/$/, "");

export function command(asked) {
  const { address, beside, parts } = request(asked);
  const lines = [`curl -sS -H 'Accept: text/plain' ${quoted(`${origin()}/${address}`)}`];
  if (parts) {
    for (const file of asked.files) lines.push(`-F ${quoted(`file=@${file.name || "log.txt"}`)}`);
    for (const [name, text] of Object.entries(beside)) lines.push(`-F ${quoted(`${name}=${text}`)}`);
  } else {
    lines.push(`--data-binary ${quoted(`@${asked.files[0].name || "log.txt"}`)}`);
  }
  return lines.join(" \\\n  ");
}

/** The same for a model. */
export function commandOfCheck(config, model, batch) {
  const lines = [`curl -sS -H 'Accept: text/plain' ${quoted(`${origin()}/overfit-check`)}`, `-F ${quoted(`config=${JSON.stringify(config)}`)}`, `-F ${quoted(`model=@${model}`)}`];
  if (batch) lines.push(`-F ${quoted(`batch=@${batch}`)}`);
  return lines.join(" \\\n  ");
}
