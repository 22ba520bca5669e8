// @ts-check
/**
 * Following how it stands with a plan: asked again and again while the page is
 * seen, so that what one does is with all others a moment later.
 * @module
 */

import { lasting } from "./fetching.js";

const LONGEST_WAIT_MS = 60_000;

/**
 * @param {object} how
 * @param {() => Promise<any>} how.ask gives what is new, or null
 * @param {number} how.every milliseconds between two questions
 * @param {(found: any) => void} how.onChange
 * @param {(error: unknown) => void} how.onTrouble the server cannot be asked, or says no; only in the first case it is asked again
 * @param {() => void} how.onWell it answers again
 * @returns {{refresh: () => Promise<void>}}
 */
export function follow({ ask, every, onChange, onTrouble, onWell }) {
  let wait = every;
  let timer = 0;
  let over = false;
  let troubled = false;
  /** @type {Promise<void> | null} */
  let asking = null;

  async function once() {
    clearTimeout(timer);
    try {
      const found = await ask();
      wait = every;
      if (troubled) onWell();
      troubled = false;
      if (found) onChange(found);
    } catch (error) {
      over = lasting(error);
      troubled = true;
      wait = Math.min(LONGEST_WAIT_MS, wait * 2);
      onTrouble(error);
    } finally {
      asking = null;
      if (!over && !document.hidden) timer = setTimeout(start, wait);
    }
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
  timer = setTimeout(start, every);
  return {
    // What was asked before something was written may not know of it yet.
    async refresh() {
      if (asking) await asking;
      await start();
    },
  };
}
