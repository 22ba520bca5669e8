// @ts-check
/** What an answer says, in words. @module */

import { when } from "./closure-words.js";
import { length, straight, walked } from "./distance.js";
import { Refused } from "./fetching.js";
import { LOCALE, _, language, ngettext } from "./i18n.js";

/** What stands between the parts of a list. */
export const LIST_MARK = language === "zh" ? "，" : ", ";

/** Sentences one after the other; empty ones are left out. @param {...string} said */
export function sentences(...said) {
  return said.filter(Boolean).join(language === "zh" ? "" : " ");
}

/** The modes, in the order of the buttons. */
export function modeWords() {
  return { foot: _("On foot"), car: _("Car"), bike: _("Bicycle") };
}

/** How far a helper is: along streets, or as the crow flies and said so. @param {any} helper */
export function away({ duration_s, distance_m, mode, cut_off }) {
  if (duration_s !== null) return walked({ duration_s, distance_m, mode });
  return cut_off ? _("Cut off by closures") : straight(distance_m);
}

/** What is beside a place comes before the area that it lies in. @param {string} words */
export function nearFirst(words) {
  return words.split(" · ").reverse().join(" · ");
}

/** How many can help, and how many cannot and why; each is counted once. @param {any[]} helpers */
export function counted(helpers) {
  const cut = helpers.filter(({ cut_off }) => cut_off).length;
  const shut = helpers.filter(({ open, cut_off }) => open === false && !cut_off).length;
  const help = helpers.length - cut - shut;
  return [
    (help > 0 || !helpers.length) && ngettext("{n} place", "{n} places", help),
    cut > 0 && ngettext("{n} cut off by closures", "{n} cut off by closures", cut),
    shut > 0 && ngettext("{n} closed", "{n} closed", shut),
  ].filter((part) => typeof part === "string");
}

/** Whole minutes, as all times are told here. @param {{duration_s: number}} way */
export function inMinutes({ duration_s }) {
  return Math.max(1, Math.ceil(duration_s / 60));
}

/** How long and how far. @param {{duration_s: number, distance_m: number}} way */
export function minutes(way) {
  return [_("{n} min", { n: inMinutes(way) }), length(way.distance_m)].join(" · ");
}

/** The hour of an answer. @param {Date} at */
export function clock(at) {
  return at.toLocaleTimeString(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
}

/** Who lives near by, in numbers. @param {any} homes */
export function homesWords({ minutes: n, buildings, households, elders_alone: elders }) {
  if (!buildings) return _("Within {n} minutes on foot: no known building", { n });
  const counted = [
    ngettext("{n} building", "{n} buildings", buildings),
    ngettext("{n} household", "{n} households", households),
    ngettext("{n} elder living alone", "{n} elders living alone", elders),
  ];
  return _("Within {n} minutes on foot: {counted}", { n, counted: counted.join(LIST_MARK) });
}

/** What closes, and until when. @param {any} closure @param {number} now */
export function closureWords({ reason, until }, now) {
  return _("“{reason}”, until {time}", { reason, time: when(Date.parse(until), now, { end: true }) });
}

/** Why the server did not answer. @param {unknown} error */
export function regret(error) {
  if (!navigator.onLine) return _("There is no connection just now.");
  if (error instanceof Refused) return error.sentence || _("The server could not answer.");
  return _("The server cannot be reached just now.");
}
