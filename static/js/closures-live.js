// @ts-check
/**
 * Closures as they stand now: asked for again and again while the page is seen,
 * so that what somebody draws elsewhere is here a moment later. For any page:
 *
 *     const live = liveClosures({ url: "/api/closures", every: 3_000, onChange: (closures) => … });
 *     live.refresh(); // after something was written
 *
 * @module
 */

import { Refused } from "./fetching.js";

/**
 * @typedef {{id: string, geometry: any, reason: string, from: string, until: string, lifted: string | null,
 *   level: "ground" | "all", public: boolean, state: "in_force" | "coming" | "over", by: string, area: string, liftable: boolean,
 *   version: number}} Closure as the API tells it; `by` is empty for residents
 *
 * @typedef {object} Live
 * @property {() => Promise<void>} refresh asks at once
 * @property {() => number} now this moment by the server's clock, which decides what is in force
 * @property {() => void} stop
 */

const EVERY_MS = 3_000;
const LONGEST_WAIT_MS = 60_000;
/** A question without an answer for so long is given up, or a dead line would be waited on for ever. */
const PATIENCE_MS = 15_000;
const UNCHANGED = 304;

/**
 * Follow the closures.
 * @param {object} how
 * @param {string} how.url of the closures
 * @param {number} [how.every] milliseconds between two questions
 * @param {(closures: Closure[]) => void} how.onChange called with all of them, at first and when anything differs
 * @param {(error: unknown) => void} [how.onTrouble] called when the server cannot be asked; it is asked again by itself
 * @param {() => void} [how.onWell] called when it answers again
 * @returns {Live}
 */
export function liveClosures({ url, every = EVERY_MS, onChange, onTrouble = () => {}, onWell = () => {} }) {
  let tag = "";
  let ahead = 0; // milliseconds that the server's clock is ahead of this device's
  let wait = every;
  let timer = 0;
  let stopped = false;
  let troubled = false;
  /** @type {Promise<void> | null} */
  let asking = null;

  async function ask() {
    clearTimeout(timer);
    let found = null;
    try {
      found = await question();
      wait = every;
      if (troubled) onWell();
      troubled = false;
    } catch (error) {
      wait = Math.min(LONGEST_WAIT_MS, Math.max(every, wait * 2));
      troubled = true;
      if (!stopped) onTrouble(error);
    } finally {
      asking = null;
      if (!stopped && !document.hidden) timer = setTimeout(once, wait);
    }
    if (found && !stopped) onChange(found);
  }

  async function question() {
    const answer = await fetch(url, {
      headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const told = Date.parse(answer.headers.get("Date") ?? "");
    if (Number.isFinite(told)) ahead = told - Date.now();
    if (answer.status === UNCHANGED) return null;
    if (!answer.ok) throw new Refused(answer.status, "");
    const { closures } = await answer.json();
    tag = answer.headers.get("ETag") ?? "";
    return /** @type {Closure[]} */ (closures);
  }

  function once() {
    asking ??= ask();
    return asking;
  }

  // What was asked before something was written may not know of it yet.
  async function refresh() {
    if (asking) await asking;
    await once();
  }

  function seen() {
    if (document.hidden) clearTimeout(timer);
    else once();
  }

  document.addEventListener("visibilitychange", seen);
  addEventListener("online", seen);
  once();
  return {
    refresh,
    now: () => Date.now() + ahead,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("online", seen);
    },
  };
}
