// @ts-check
/**
 * Following what others do: the server is asked again and again while the page is seen, so that
 * what one does is with all others a moment later. Where it does not answer it is asked again by
 * itself, more and more seldom.
 * @module
 */

import { Refused, lasting } from "./fetching.js";

const LONGEST_WAIT_MS = 60_000;
/** A question without an answer for so long is given up, or a dead line would be waited on for ever. */
const PATIENCE_MS = 15_000;
const UNCHANGED = 304;

/**
 * @param {object} how
 * @param {() => Promise<any>} how.ask gives what is new, or null
 * @param {number} how.every milliseconds between two questions
 * @param {boolean} [how.atOnce] whether the first is asked now
 * @param {boolean} [how.always] asked again even where the server says no
 * @param {(found: any) => void} how.onChange
 * @param {(error: unknown) => void} [how.onTrouble] the server cannot be asked, or says no
 * @param {() => void} [how.onWell] it answers again
 * @returns {{refresh: () => Promise<void>, stop: () => void}} `refresh` asks at once, after something was written
 */
export function follow({ ask, every, atOnce = false, always = false, onChange, onTrouble = () => {}, onWell = () => {} }) {
  let wait = every;
  let timer = 0;
  let over = false;
  let stopped = false;
  let troubled = false;
  /** @type {Promise<void> | null} */
  let asking = null;

  async function once() {
    clearTimeout(timer);
    let found = null;
    try {
      found = await ask();
      wait = every;
      if (troubled) onWell();
      troubled = false;
    } catch (error) {
      over ||= !always && lasting(error);
      wait = Math.min(LONGEST_WAIT_MS, Math.max(every, wait * 2));
      troubled = true;
      if (!stopped) onTrouble(error);
    } finally {
      asking = null;
      if (!over && !document.hidden) timer = setTimeout(start, wait);
    }
    if (found !== null && !stopped) onChange(found);
  }

  function start() {
    asking ??= once();
    return asking;
  }

  function seen() {
    if (document.hidden) clearTimeout(timer);
    else if (!over) start();
  }

  document.addEventListener("visibilitychange", seen);
  addEventListener("online", seen);
  if (atOnce) start();
  else timer = setTimeout(start, every);
  return {
    // What was asked before something was written may not know of it yet.
    async refresh() {
      if (asking) await asking;
      await start();
    },
    stop() {
      over = stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("online", seen);
    },
  };
}

/**
 * A question that is answered only by what is new; null where nothing is.
 * @param {string} address
 * @param {object} [how]
 * @param {(told: any) => any} [how.read] makes of the answer what is wanted; where it fails, the same is told again
 * @param {(answer: Response) => void} [how.heard] called with every answer
 * @returns {() => Promise<any>}
 * @throws as {@link import("./fetching.js").getJson} does
 */
export function news(address, { read = (told) => told, heard = () => {} } = {}) {
  let tag = "";
  return async () => {
    const answer = await fetch(address, {
      headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    heard(answer);
    if (answer.status === UNCHANGED) return null;
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, String(told.detail ?? ""), told.details, String(told.title ?? ""));
    const made = await read(told);
    tag = answer.headers.get("ETag") ?? "";
    return made;
  };
}
