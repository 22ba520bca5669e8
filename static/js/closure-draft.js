// @ts-check
/**
 * What was drawn and typed and not sent yet, kept in this tab: through a
 * reload, a sign-in that had ended, a lost connection.
 * @module
 */

import * as own from "./belongings.js";

const NAME = "closure";

/**
 * @typedef {object} Told what the form says
 * @property {string} reason
 * @property {"" | "now" | "later"} begins
 * @property {string} from as the field has it, the time in China
 * @property {string} until likewise
 * @property {"ground" | "all"} level
 * @property {boolean} public
 *
 * @typedef {object} Drafted
 * @property {string} who the account whose it is: another one at the same tab does not find it
 * @property {string} key the same closure, however often it is sent
 * @property {import("./closures-live.js").Closure | null} base the closure that is changed, as it was seen; null for a new one
 * @property {import("./closure-sketch.js").Kind} kind
 * @property {import("./geo.js").Position[]} corners
 * @property {boolean} whole whether the last corner was there
 * @property {boolean} redrawn whether the place differs from the base's
 * @property {Told} told
 */

/** Keep it; null forgets. @param {Drafted | null} draft */
export function keep(draft) {
  own.keep(NAME, draft?.who ?? "", draft);
}

/** What was kept for somebody. @param {string} who @returns {Drafted | null} */
export function kept(who) {
  return own.kept(NAME, who);
}
