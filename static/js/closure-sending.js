// @ts-check
/**
 * Sending a closure, or a change of one, and what the server says of it. What
 * was sent already and came back without an answer is not done twice.
 * @module
 */

import { Refused, below, getJson, lasting } from "./fetching.js";
import { send } from "./sending.js";

/** @typedef {import("./closures-live.js").Closure} Closure */
/** @typedef {{at: string, by: string, what: string, why: string, version: number,
 *   differences: {field: string, label: string, old: string, new: string}[]}} Event one line of a history */
/**
 * @typedef {{done: Closure}
 *   | {lost: string}
 *   | {signedOut: true}
 *   | {stale: Closure, events: Event[]}
 *   | {wrong: {code: string, sentence: string, details: Record<string, any>}}} Outcome
 *   `lost`: it may be sent again, with a sentence of the server's if it gave one; `stale`: somebody was quicker, or it is over
 */

const PATIENCE_MS = 15_000;
const NOT_BELIEVED = 400;
const NOT_ALLOWED = [401, 403];
const QUICKER = [409, 412];

/**
 * @param {{closures: string, history: string}} urls
 * @param {{id?: string, version?: number, key?: string, method: "POST" | "PATCH" | "DELETE", body: Record<string, unknown>}} what
 * @returns {Promise<Outcome>}
 */
export async function transmit(urls, { id = "", version, key, method, body }) {
  const address = id ? below(urls.closures, id) : urls.closures;
  const headers = { ...(version && { "If-Match": `"${version}"` }), ...(key && { "Idempotency-Key": key }) };
  const once = () => {
    const [path, sent] = method === "DELETE" ? [`${address}&why=${encodeURIComponent(String(body.why ?? ""))}`, {}] : [address, body];
    return send(path, sent, { method, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  };
  try {
    return { done: await once().catch((error) => {
      // The page may have been open for longer than its session: a fresh token, once.
      if (error instanceof Refused && error.status === NOT_BELIEVED) return once();
      throw error;
    }) };
  } catch (error) {
    if (!lasting(error)) return { lost: error instanceof Refused ? error.sentence : "" };
    return judged(urls, /** @type {Refused} */ (error), { id, method, body });
  }
}

/** @param {{history: string}} urls @param {Refused} error @param {{id: string, method: string, body: any}} what @returns {Promise<Outcome>} */
async function judged(urls, error, { id, method, body }) {
  if (NOT_ALLOWED.includes(error.status) && await signedOut()) return { signedOut: true };
  if (!id || !QUICKER.includes(error.status)) {
    return { wrong: { code: error.code, sentence: error.sentence, details: error.details } };
  }
  try {
    const { closure, events } = await history(urls, id);
    // Its answer was lost before: it stands as it was to stand.
    return stands(closure, method, body) ? { done: closure } : { stale: closure, events };
  } catch {
    return { lost: error.sentence };
  }
}

/** @param {Closure} closure @param {string} method @param {Record<string, any>} body */
function stands(closure, method, body) {
  if (method === "DELETE" || closure.state === "over") return false;
  const same = (/** @type {string} */ name) => {
    const [mine, theirs] = [body[name], /** @type {any} */ (closure)[name]];
    if (name === "from" || name === "until") return Date.parse(mine) === Date.parse(theirs);
    return JSON.stringify(mine) === JSON.stringify(theirs);
  };
  return Object.keys(body).every(same);
}

/** What happened to a closure, the newest first. @param {{history: string}} urls @param {string} id @returns {Promise<{closure: Closure, events: Event[]}>} */
export function history(urls, id) {
  return getJson(urls.history.replace("/-/", `/${encodeURIComponent(id)}/`));
}

async function signedOut() {
  const who = await getJson("/session").catch(() => null);
  return who?.role === "resident";
}
