// Questions to the service, as any client asks them; whatever goes wrong comes back as a `Refused` with a problem document.

import { authorization, wanted } from "./key.js";

const UNAUTHORIZED = 401;
const QUERY = 1500; // characters of context and roles that still go into an address; the server reads some 4000 in all

export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

const away = {
  title: "The service cannot be reached",
  detail: "It did not answer. Is it running, and is this computer online? Nothing was lost: ask again.",
};

async function sent(address, options) {
  try {
    return await fetch(address, { ...options, headers: { ...options.headers, ...authorization() } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(away);
  }
}

async function problemOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return {
      status: response.status,
      title: `The answer was ${response.status}`,
      detail: "Something between here and the service refused the question.",
    };
  }
}

/** One answer, or a `Refused`. Where a key is wanted, the visitor is asked for it, and the question is asked again. */
export async function ask(address, options = {}) {
  for (;;) {
    const response = await sent(address, options);
    if (response.ok) return response;
    const problem = await problemOf(response);
    const again = response.status === UNAUTHORIZED && (await wanted());
    if (!again) throw new Refused(problem);
  }
}

/** What is asked: files, or `text` as a file, or an `example`; what the log does not say, and what its names mean. */
export const question = (files, name, { text = null, example = null } = {}) => ({
  files,
  name,
  text,
  example,
  context: {},
  roles: {},
});

const said = (given) => Object.keys(given).length > 0;

/** The address and the body of a question. */
export function request({ files, context, roles }, parameters = {}) {
  const beside = Object.entries({ context, roles })
    .filter(([, given]) => said(given))
    .map(([name, given]) => [name, JSON.stringify(given)]);
  const parts = files.length > 1 || beside.reduce((sum, [, text]) => sum + text.length, 0) > QUERY;
  const query = new URLSearchParams(parameters);
  if (!parts) {
    for (const [name, text] of beside) query.set(name, text);
    if (files[0].name) query.set("filename", files[0].name.slice(0, 200));
  }
  const address = `diagnose${query.size ? `?${query}` : ""}`;
  if (!parts) return { address, body: files[0], beside: Object.fromEntries(beside), parts };
  const body = new FormData();
  for (const file of files) body.append("file", file, file.name || "log.txt");
  for (const [name, text] of beside) body.append(name, text);
  return { address, body, beside: Object.fromEntries(beside), parts };
}

/** Ask `POST /diagnose` for one media type. */
export function diagnose(asked, accept = "application/json", parameters = {}) {
  const { address, body } = request(asked, parameters);
  return ask(address, { method: "POST", body, headers: { Accept: accept } });
}

/** The report, with every curve in full. */
export const report = async (asked) => (await diagnose(asked, "application/json", { curves: "full" })).json();
