// @ts-check
/**
 * A closure in words: from when until when, and for how long yet. The day is
 * the one in China, whatever clock the device has.
 * @module
 */

import { _, LOCALE } from "./i18n.js";

/** @typedef {import("./closures-live.js").Closure} Closure */

/** China has had this one offset since 1991. */
const ZONE_MS = 8 * 3_600_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Longer than this, minutes say nothing. */
const LONG_MS = 6 * HOUR_MS;

const DATE = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" });
const DATE_AND_YEAR = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" });

/** Midnight in China before a moment, as if it were UTC. @param {number} at */
function dayOf(at) {
  return Math.floor((at + ZONE_MS) / DAY_MS) * DAY_MS;
}

/** The day and the time of a moment; an end at midnight is 24:00 of the day before. @param {number} at @param {boolean} end */
function parts(at, end) {
  const midnight = end && (at + ZONE_MS) % DAY_MS < MINUTE_MS;
  return {
    day: dayOf(midnight ? at - MINUTE_MS : at),
    time: midnight ? "24:00" : new Date(at + ZONE_MS).toISOString().slice(11, 16),
  };
}

/**
 * Say a moment: "today 14:00".
 * @param {number} at milliseconds
 * @param {number} now
 * @param {{end?: boolean}} [how] `end`: something ends then
 */
export function when(at, now, { end = false } = {}) {
  const { day, time } = parts(at, end);
  return `${dayName(day, dayOf(now))} ${time}`;
}

/** @param {number} day @param {number} today */
function dayName(day, today) {
  const near = { [-1]: _("yesterday"), 0: _("today"), 1: _("tomorrow") }[(day - today) / DAY_MS];
  if (near) return near;
  const sameYear = new Date(day).getUTCFullYear() === new Date(today).getUTCFullYear();
  return (sameYear ? DATE : DATE_AND_YEAR).format(day);
}

/** From when until when. @param {Closure} closure @param {number} now */
export function span(closure, now) {
  const [begins, until, lifted] = [closure.from, closure.until, closure.lifted ?? closure.until].map((moment) => Date.parse(moment));
  // Lifted before it began: nothing ended then.
  const ends = lifted > begins ? lifted : until;
  const last = parts(ends, true);
  const sameDay = last.day === parts(begins, false).day;
  return _("{from} to {until}", { from: when(begins, now), until: sameDay ? last.time : when(ends, now, { end: true }) });
}

/** For how long yet, or in how long. @param {Closure} closure @param {number} now */
export function left(closure, now) {
  const begins = Date.parse(closure.from) - now;
  if (closure.lifted) return _("lifted early");
  if (begins > 0) return _("begins in {time}", { time: lasting(begins) });
  const ends = Date.parse(closure.until) - now;
  return ends > 0 ? _("{time} left", { time: lasting(ends) }) : _("is over");
}

/** How it stands with a closure by the clock. @param {Closure} closure @param {number} now @returns {Closure["state"]} */
export function stateAt(closure, now) {
  if (closure.lifted || Date.parse(closure.until) <= now) return "over";
  return Date.parse(closure.from) > now ? "coming" : "in_force";
}

/** A length of time, as coarse as one thinks of it. @param {number} ms */
export function lasting(ms) {
  const minutes = Math.max(1, Math.ceil(ms / MINUTE_MS));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days) return hours && days < 3 ? _("{d} d {h} h", { d: days, h: hours }) : _("{d} days", { d: days });
  if (!hours) return _("{n} min", { n: minutes });
  const rest = minutes % 60;
  return rest && ms < LONG_MS ? _("{h} h {m} min", { h: hours, m: rest }) : _("{h} hours", { h: hours });
}

/** A moment as a field of a form has it, in China. @param {number} at */
export function fieldOf(at) {
  return new Date(at + ZONE_MS).toISOString().slice(0, 16);
}

/** The moment that a field of a form tells, in China; NaN for none. @param {string} value */
export function momentOf(value) {
  return value ? Date.parse(`${value}:00Z`) - ZONE_MS : NaN;
}

/** The next midnight in China. @param {number} at */
export function endOfDay(at) {
  return dayOf(at) + DAY_MS - ZONE_MS;
}
