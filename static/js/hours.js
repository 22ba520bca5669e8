// @ts-check
/**
 * Opening hours in words. The server has judged what is open; here it is said.
 * @module
 */

import { LOCALE, _ } from "./i18n.js";

const ZONE = "Asia/Shanghai";
const DAY_MS = 86_400_000;

/** @typedef {{text: string, kind: "open" | "closed" | "unknown"}} Said */

/**
 * Say whether a merchant is open, and until when.
 * @param {{open: boolean | null, until: string | null, status?: string, closed_until?: string}} properties
 * @param {Date} [now]
 * @returns {Said}
 */
export function openness({ open, until, status, closed_until: back }, now = new Date()) {
  if (status === "closed") {
    const text = back ? _("Closed until {day}", { day: dayAndMonth(back) }) : _("Closed for now");
    return { text, kind: "closed" };
  }
  if (open === null || open === undefined) return { text: _("Hours not known"), kind: "unknown" };
  if (!until) {
    return open ? { text: _("Open 24 hours"), kind: "open" } : { text: _("Closed"), kind: "closed" };
  }
  const time = moment(new Date(until), now, open);
  return open
    ? { text: _("Open · closes {time}", { time }), kind: "open" }
    : { text: _("Closed · opens {time}", { time }), kind: "closed" };
}

/** The name of a day of the week, 1 for Monday. @param {number} day @param {"long" | "short"} [length] */
export function dayName(day, length = "long") {
  // 1 January 2024 was a Monday.
  return new Date(Date.UTC(2024, 0, day)).toLocaleDateString(LOCALE, { weekday: length, timeZone: "UTC" });
}

/** Today's day of the week where the merchants are, 1 for Monday. @param {Date} [now] */
export function today(now = new Date()) {
  return new Date(`${parts(now).date}T00:00:00Z`).getUTCDay() || 7;
}

/** @param {Date} then @param {Date} now @param {boolean} closing */
function moment(then, now, closing) {
  const { date, time } = parts(then);
  const away = Math.round((Date.parse(date) - Date.parse(parts(now).date)) / DAY_MS);
  if (closing && away === 1 && time === "00:00") return "24:00";
  if (away === 0) return time;
  if (away === 1) return _("tomorrow {time}", { time });
  if (away < 7) return `${dayName(new Date(date).getUTCDay() || 7, "short")} ${time}`;
  return `${dayAndMonth(date)} ${time}`;
}

/** @param {string} date ISO */
function dayAndMonth(date) {
  return new Date(date.slice(0, 10)).toLocaleDateString(LOCALE, { month: "long", day: "numeric", timeZone: "UTC" });
}

/** @param {Date} instant the clock and calendar of the merchants' zone */
function parts(instant) {
  const found = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", {
      timeZone: ZONE, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    }).formatToParts(instant).map(({ type, value }) => [type, value]),
  );
  return { date: `${found.year}-${found.month}-${found.day}`, time: `${found.hour}:${found.minute}` };
}
