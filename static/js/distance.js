// @ts-check
/** Distances and times in words. @module */

import { _ } from "./i18n.js";

/** @typedef {"foot" | "bike" | "car"} Mode */

/** How far a place is along streets, in the mode that was measured. @typedef {{duration_s: number, distance_m: number, mode: Mode}} Away */

/** @type {Mode[]} */
export const MODES = ["foot", "bike", "car"];

/**
 * Say a straight-line distance as what it is: no one walks it.
 * @param {number} metres
 */
export function straight(metres) {
  return metres < 1000
    ? _("{n} m in a straight line", { n: rounded(metres) })
    : _("{n} km in a straight line", { n: (metres / 1000).toFixed(1) });
}

/** Say how long a way takes, and how long it is. @param {Away} away */
export function walked({ duration_s, distance_m, mode }) {
  const n = Math.max(1, Math.ceil(duration_s / 60));
  const minutes = {
    foot: () => _("{n} min on foot", { n }),
    bike: () => _("{n} min by bicycle", { n }),
    car: () => _("{n} min by car", { n }),
  }[mode]();
  return `${minutes} · ${length(distance_m)}`;
}

/** @param {number} metres */
export function length(metres) {
  return metres < 1000 ? _("{n} m", { n: rounded(metres) }) : _("{n} km", { n: (metres / 1000).toFixed(1) });
}

/** @param {number} metres */
function rounded(metres) {
  return Math.max(10, Math.round(metres / 10) * 10);
}
