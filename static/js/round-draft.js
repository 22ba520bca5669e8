// @ts-check
/**
 * A round as it is being planned: kept in this tab for its account, whatever happens to the connection.
 * @module
 */

import * as own from "./belongings.js";
import { freshKey } from "./sending.js";

const NAME = "rounds";
/** All of China has one time. */
const OFFSET = "+08:00";

/**
 * @typedef {{id: string, title: string, note: string, at: [number, number], minutes: number,
 *   from: string, until: string, priority: number, skills: string, old?: any}} Visit `from` and `until` are "HH:MM" or ""
 * @typedef {{name: string, start: [number, number] | null, place: string, back: boolean, end: any,
 *   from: string, until: string, mode: string, skills: string}} Worker
 * @typedef {{name: string, day: string, minutes: number, visits: Visit[], workers: Worker[], result: any,
 *   stale: boolean, key: string, of: string, version: number}} Draft `of` is the kept round that it changes
 */

/** @param {string} account @returns {Draft | null} */
export function kept(account) {
  return own.kept(NAME, account);
}

/** Keep it; null forgets. @param {string} account @param {Draft | null} draft */
export function keep(account, draft) {
  own.keep(NAME, account, draft);
}

/** @param {Date} at @returns {string} its day in China */
export function dayOf(at) {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** @param {string} moment @returns {string} "HH:MM" in China */
export function clock(moment) {
  return new Date(new Date(moment).getTime() + 8 * 3_600_000).toISOString().slice(11, 16);
}

/** @returns {Draft} */
export function blank() {
  const now = new Date();
  // Whoever plans in the evening plans for tomorrow.
  const late = Number(clock(now.toISOString()).slice(0, 2)) >= 16;
  return {
    name: "", day: dayOf(late ? new Date(now.getTime() + 86_400_000) : now), minutes: 10,
    visits: [], workers: [], result: null, stale: false, key: freshKey(), of: "", version: 0,
  };
}

/** The question as the API takes it. @param {Draft} draft */
export function question(draft) {
  const moment = (time, after = "") => `${later(draft.day, after && time <= after)}T${time}:00${OFFSET}`;
  return {
    workers: draft.workers.map((one) => ({
      name: one.name.trim(), start: one.start, end: one.end ?? (one.back ? one.start : null),
      from: moment(one.from), until: moment(one.until, one.from), mode: one.mode, skills: words(one.skills),
    })),
    visits: draft.visits.map((one) => ({
      id: one.id, at: one.at, minutes: one.minutes, priority: one.priority, skills: words(one.skills),
      windows: one.from || one.until ? [[moment(one.from || "00:00"), moment(one.until || "23:59")]] : [],
    })),
  };
}

/** What keeps it: the question, the orders that are shown, and the words. @param {Draft} draft */
export function keeping(draft) {
  const rounds = draft.result?.rounds ?? [];
  return {
    ...question(draft),
    name: draft.name.trim(),
    locked: Object.fromEntries(rounds.map((one) => [one.worker, one.visits.map(({ id }) => id)])),
    labels: Object.fromEntries(draft.visits.map(({ id, title, note }) => [id, { title, note }])),
  };
}

/** A kept round, to be changed. @param {any} saved @returns {Draft} */
export function drafted(saved) {
  const { workers, visits, labels } = saved.asked;
  const same = (a, b) => a && b && a[0] === b[0] && a[1] === b[1];
  return {
    ...blank(), name: saved.name, day: saved.day, of: saved.id, version: saved.version,
    result: { rounds: saved.rounds, unassigned: saved.unassigned },
    workers: workers.map((one) => ({
      name: one.name, start: one.start, place: "", back: same(one.start, one.end),
      end: one.end && !same(one.start, one.end) ? one.end : null,
      from: clock(one.from), until: clock(one.until), mode: one.mode, skills: one.skills.join(" "),
    })),
    visits: visits.map((one) => ({
      id: one.id, title: labels[one.id]?.title ?? one.id, note: labels[one.id]?.note ?? "", at: one.at,
      minutes: one.minutes, priority: one.priority, skills: one.skills.join(" "),
      from: one.windows[0] ? clock(one.windows[0][0]) : "", until: one.windows[0] ? clock(one.windows[0][1]) : "",
    })),
  };
}

/** @param {string} text */
function words(text) {
  return [...new Set(text.split(/[\s,，、;；]+/).filter(Boolean))];
}

/** The day, or the next one. @param {string} day @param {unknown} next */
function later(day, next) {
  if (!next) return day;
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
