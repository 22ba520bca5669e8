// @ts-check
/**
 * Writing to the server: JSON or a form, with the token that shows it was meant.
 * @module
 */

import { Refused } from "./fetching.js";

/** A question without an answer for so long is given up, or a dead line would be waited on for ever. */
const PATIENCE_MS = 20_000;
/** @type {Promise<any> | null} who this page is for, asked once */
let told = null;

/**
 * Who this page is for, and the token for writing.
 * @param {boolean} [anew] ask once more: somebody else may be signed in meanwhile
 * @returns {Promise<{csrf: string, role: string, account: string, name: string, scope: string, owns: string[]}>}
 */
export function session(anew = false) {
  if (anew) told = null;
  told ??= fetch("/session", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) })
    .then((answer) => answer.json())
    .catch((error) => {
      told = null; // the next one asks again
      throw error;
    });
  return told;
}

/**
 * Send something and return the JSON that comes back, `null` where nothing does.
 * @param {string} address
 * @param {unknown} body JSON, or a `FormData`
 * @param {{method?: string, headers?: Record<string, string>, signal?: AbortSignal}} [how]
 * @returns {Promise<any>}
 * @throws {Refused} when the server says no; a `TypeError` when it cannot be reached
 */
export async function send(address, body, { method = "POST", headers = {}, signal } = {}) {
  const { csrf } = await session();
  const form = body instanceof FormData;
  const answer = await fetch(address, {
    method,
    signal,
    body: form ? body : JSON.stringify(body),
    headers: {
      Accept: "application/json",
      "X-CSRF-Token": csrf,
      ...(form ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
  });
  const text = await answer.text();
  const json = text && /json/.test(answer.headers.get("Content-Type") ?? "") ? JSON.parse(text) : null;
  if (answer.ok) return json;
  if (answer.status === 400) told = null; // the token may be of a session that has ended
  throw new Refused(answer.status, String(json?.detail ?? ""), json?.details ?? {}, String(json?.title ?? ""));
}

/** A key that nobody guesses; over a plain connection, too. What is sent twice under it is done once. */
export function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
