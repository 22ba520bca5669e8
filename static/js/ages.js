// @ts-check
/** How long ago, in words. @module */

import { LOCALE } from "./i18n.js";

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60]];
const RELATIVE = new Intl.RelativeTimeFormat(LOCALE, { numeric: "always" });

/** Say how long ago a moment was. @param {string} at ISO 8601 @param {number} [now] */
export function ago(at, now = Date.now()) {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  const [unit, length] = UNITS.find(([, long]) => seconds >= long) ?? ["minute", 60];
  return RELATIVE.format(-Math.max(1, Math.floor(seconds / length)), unit);
}

/** Say a moment as a date and a time. @param {string} at ISO 8601 */
export function moment(at) {
  return new Date(at).toLocaleString(LOCALE, { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" });
}
