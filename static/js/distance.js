// @ts-check
/** Distances in words. @module */

import { _ } from "./i18n.js";

/**
 * Say a straight-line distance as what it is: no one walks it.
 * @param {number} metres
 */
export function straight(metres) {
  return metres < 1000
    ? _("{n} m in a straight line", { n: Math.max(10, Math.round(metres / 10) * 10) })
    : _("{n} km in a straight line", { n: (metres / 1000).toFixed(1) });
}
