// @ts-check
/**
 * What a form says beside what a closure is: what is to be different, and what
 * becomes of a form when the closure was changed elsewhere meanwhile.
 * @module
 */

import { fieldOf } from "./closure-words.js";

/** @typedef {import("./closures-live.js").Closure} Closure */
/** @typedef {import("./closure-draft.js").Told} Told */

/** What the form says of a closure as it is. @param {Closure} closure @returns {Told} */
export function toldOf(closure) {
  return {
    reason: closure.reason,
    begins: "later",
    from: fieldOf(Date.parse(closure.from)),
    until: fieldOf(Date.parse(closure.until)),
    level: closure.level,
    public: closure.public,
  };
}

/**
 * What the API is told of a changed closure: what differs from it. A moment
 * differs from the minute that the field can show.
 * @param {Closure} base
 * @param {Record<string, any>} body as the form has it
 * @param {any} geometry null where it was not drawn anew
 * @param {boolean} atOnce it is to begin now
 * @param {number} now
 * @returns {Record<string, any>}
 */
export function changesOf(base, body, geometry, atOnce, now) {
  const coming = base.state === "coming";
  const wanted = { ...body, ...(atOnce && coming && { from: new Date(now).toISOString() }), ...(geometry && { geometry }) };
  const same = (/** @type {string} */ name) => {
    if (name === "from" && !coming) return true;
    const theirs = /** @type {any} */ (base)[name];
    const moment = name === "from" || name === "until";
    return moment ? fieldOf(Date.parse(theirs)) === fieldOf(Date.parse(wanted[name])) : JSON.stringify(theirs) === JSON.stringify(wanted[name]);
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !same(name)));
}

/**
 * A form after the closure was changed elsewhere: what was not touched here
 * follows, what was typed here stays.
 * @param {Told} told
 * @param {Closure} seen the closure that the form began with
 * @param {Closure} closure as it is now
 * @returns {Told}
 */
export function movedOn(told, seen, closure) {
  const [before, after] = [toldOf(seen), toldOf(closure)];
  const entries = Object.entries(told).map(([name, value]) => (
    [name, value === /** @type {any} */ (before)[name] ? /** @type {any} */ (after)[name] : value]));
  return /** @type {Told} */ (Object.fromEntries(entries));
}
