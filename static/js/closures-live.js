// @ts-check
/**
 * Closures as they stand now, for any page:
 *
 *     const live = liveClosures({ url: "/api/closures", every: 3_000, onChange: (closures) => … });
 *     live.refresh(); // after something was written
 *
 * @module
 */

import { follow, news } from "./following.js";

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
export function liveClosures({ url, every = EVERY_MS, onChange, onTrouble, onWell }) {
  let ahead = 0; // milliseconds that the server's clock is ahead of this device's
  const ask = news(url, {
    read: ({ closures }) => closures,
    heard(answer) {
      const told = Date.parse(answer.headers.get("Date") ?? "");
      if (Number.isFinite(told)) ahead = told - Date.now();
    },
  });
  const following = follow({ ask, every, atOnce: true, always: true, onChange, onTrouble, onWell });
  return { ...following, now: () => Date.now() + ahead };
}
