// @ts-check
/**
 * Simple opening hours: from the OpenStreetMap syntax to groups of days and back.
 * What is more than that stays text; the server reads it all the same.
 * @module
 */

/**
 * @typedef {[string, string]} Span from and to, "HH:MM"; "00:00" as an end is midnight
 *
 * @typedef {object} Group days that have the same hours
 * @property {number[]} days 1 for Monday
 * @property {Span[]} spans
 *
 * @typedef {object} Plan
 * @property {Group[]} groups
 * @property {boolean} holidaysOff
 */

export const WEEK = Object.freeze([1, 2, 3, 4, 5, 6, 7]);

const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;
const MOST_SPANS = 3;

/** @param {Plan} plan @returns {string} */
export function write({ groups, holidaysOff }) {
  const full = groups.filter(({ days, spans }) => days.length && spans.length);
  if (!full.length) return "";
  const whole = full.length === 1 && full[0].days.length === WEEK.length;
  if (whole && full[0].spans.length === 1 && isWholeDay(full[0].spans[0]) && !holidaysOff) return "24/7";
  const rules = full.map(({ days, spans }) => {
    const times = spans.map(([from, to]) => `${from}-${to === "00:00" ? "24:00" : to}`).join(",");
    return whole ? times : `${written(days)} ${times}`;
  });
  return [...rules, ...(holidaysOff ? ["PH off"] : [])].join("; ");
}

/** @param {string} osm @returns {Plan | null} null for what is not simple */
export function read(osm) {
  if (osm === "24/7") return { groups: [{ days: [...WEEK], spans: [["00:00", "00:00"]] }], holidaysOff: false };
  /** @type {Plan} */
  const plan = { groups: [], holidaysOff: false };
  for (const rule of osm.split(";").map((part) => part.trim())) {
    if (rule === "PH off") plan.holidaysOff = true;
    else if (!take(plan, rule)) return null;
  }
  return plan.groups.length ? plan : null;
}

/** @param {Plan} plan @param {string} rule */
function take(plan, rule) {
  const parts = rule.split(" ");
  const days = parts.length === 2 ? daysOf(parts[0]) : [...WEEK];
  const times = parts.at(-1) ?? "";
  if (parts.length > 2 || !days) return false;
  const spans = times === "off" ? [] : spansOf(times);
  if (!spans) return false;
  // A later rule has the last word about its days.
  for (const group of plan.groups) group.days = group.days.filter((day) => !days.includes(day));
  plan.groups = plan.groups.filter((group) => group.days.length);
  if (spans.length) plan.groups.push({ days, spans });
  return true;
}

/** @param {string} times @returns {Span[] | null} */
function spansOf(times) {
  const found = times.split(",").map((span) => SPAN.exec(span));
  if (found.length > MOST_SPANS || found.some((one) => !one)) return null;
  return found.map((one) => {
    const [, h, m, hh, mm] = /** @type {RegExpExecArray} */ (one);
    return [`${h}:${m}`, `${hh}:${mm}` === "24:00" ? "00:00" : `${hh}:${mm}`];
  });
}

/** @param {string} told such as "Mo-Fr,Su" @returns {number[] | null} */
function daysOf(told) {
  const days = new Set();
  for (const part of told.split(",")) {
    const [first, last = first] = part.split("-").map((name) => DAYS.indexOf(name) + 1);
    if (!first || !last || last < first) return null;
    for (let day = first; day <= last; day += 1) days.add(day);
  }
  return [...days].sort();
}

/** @param {number[]} days @returns {string} runs of days, as "Mo-Fr,Su" */
function written(days) {
  const sorted = [...days].sort();
  const starts = sorted.filter((day) => !days.includes(day - 1));
  const ends = sorted.filter((day) => !days.includes(day + 1));
  return starts
    .map((first, at) => (first === ends[at] ? DAYS[first - 1] : `${DAYS[first - 1]}-${DAYS[ends[at] - 1]}`))
    .join(",");
}

/** @param {Span} span */
export function isWholeDay([from, to]) {
  return from === "00:00" && to === "00:00";
}

/** Whether a span ends on the next day. @param {Span} span */
export function isOvernight([from, to]) {
  return to !== "00:00" && to <= from;
}
