// @ts-check
/**
 * What would be otherwise: of each category that changes, the areas that do, before and after.
 * Better and worse are told by a sign, an arrow and a word, not by colour alone.
 * @module
 */

import { make } from "./dom.js";
import { LOCALE, _, ngettext } from "./i18n.js";
import { magnetDrawing } from "./shapes.js";

/** @typedef {Record<string, number | null>} Values by category */
/** @typedef {{name: string, before: Values, after: Values}} Compared */

/** Decimals of a reading. @type {Record<string, number>} */
const DECIMALS = { count: 0, per_1000: 2, median_min: 1, share: 1, "2sfca": 3 };

/**
 * Return the tables of an answer, and a sentence about it.
 * @param {{reading: string, areas: Compared[], totals: Omit<Compared, "name">}} told
 * @param {(id: string) => any} category
 */
export function answer(told, category) {
  const whole = { name: _("All together"), ...told.totals };
  const names = Object.keys(whole.before);
  const { reading } = told;
  const changed = names.map((name) => ({ name, rows: told.areas.filter((area) => differs(reading, area, name)) }))
    .filter(({ name, rows }) => rows.length || differs(reading, whole, name));
  const areas = new Set(changed.flatMap(({ rows }) => rows)).size;
  return {
    sentence: changed.length
      ? ngettext("{n} area of {all} changes.", "{n} areas of {all} change.", areas, { all: told.areas.length })
      : _("Nothing changes in this reading."),
    tables: changed.map(({ name, rows }) => table(reading, name, category(name), [whole, ...rows])),
  };
}

/** Whether it differs as far as a reader sees. @param {string} reading @param {Omit<Compared, "name">} area @param {string} name */
function differs(reading, { before, after }, name) {
  return shown(reading, before[name]) !== shown(reading, after[name]);
}

/** A value as exactly as it is told. @param {string} reading @param {number | null} value */
function shown(reading, value) {
  if (value === null) return null;
  // Minutes go up, as in the matrix: 6 there and 5.0 here is no walk.
  if (reading === "median_min") return Math.ceil(Number((10 * value).toFixed(4))) / 10;
  return Number((reading === "share" ? 100 * value : value).toFixed(DECIMALS[reading] ?? 2));
}

/** @param {string} reading @param {string} name @param {any} look @param {Compared[]} rows */
function table(reading, name, look, rows) {
  const head = [_("Which area"), _("before"), _("after"), _("difference")];
  return make("table", { class: "otherwise" },
    make("caption", {}, magnetDrawing(look), look.name),
    make("thead", {}, make("tr", {}, ...head.map((words) => make("th", { scope: "col" }, words)))),
    make("tbody", {}, ...rows.map((row) => line(reading, name, row))));
}

/** @param {string} reading @param {string} name @param {Compared} row */
function line(reading, name, { name: area, before, after }) {
  const [was, is] = [shown(reading, before[name]), shown(reading, after[name])];
  return make("tr", {},
    make("th", { scope: "row" }, make("bdi", {}, area)),
    make("td", {}, said(reading, was, is)),
    make("td", {}, said(reading, is, was)),
    make("td", {}, by(reading, was, is)));
}

/** A value; one that was never null before or after is null where there is no way. */
function said(reading, value, other) {
  if (value === null) return reading === "median_min" && other !== null ? _("no way for half") : "–";
  return reading === "share" ? `${number(reading, value)}%` : number(reading, value);
}

// The difference is that of the numbers beside it, so that a reader may reckon it.
function by(reading, was, is) {
  if (was === is) return "=";
  const longer = reading === "median_min";
  const up = was === null ? !longer : is === null ? longer : is > was;
  const better = longer ? !up : up;
  const words = was === null || is === null ? "" : `${up ? "+" : "−"}${number(reading, Math.abs(is - was))}`;
  return make("span", { class: better ? "is-better" : "is-worse" },
    make("span", { "aria-hidden": "true" }, up ? "▲ " : "▼ "), words,
    make("span", { class: "visually-hidden" }, ` ${better ? _("better") : _("worse")}`));
}

function number(reading, value) {
  const digits = DECIMALS[reading] ?? 2;
  return value.toLocaleString(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
