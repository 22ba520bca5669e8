// @ts-check
/**
 * Rounds in words: a list for each worker, and what nobody makes.
 * @module
 */

import { make } from "./dom.js";
import { _, ngettext } from "./i18n.js";
import { clock } from "./round-draft.js";
import { lineSample, look, stopMark } from "./round-looks.js";

const MINUTE_S = 60;

/** @param {number} seconds */
export function minutes(seconds) {
  return seconds ? Math.max(1, Math.round(seconds / MINUTE_S)) : 0;
}

/** How one goes, with its minutes. @param {string} mode @param {number} seconds */
export function going(mode, seconds) {
  const n = minutes(seconds);
  if (mode === "bike") return _("{n} min by bike", { n });
  if (mode === "car") return _("{n} min by car", { n });
  return _("{n} min on foot", { n });
}

/** @param {string} state */
export function stateWord(state) {
  return { open: _("open"), done: _("done"), absent: _("nobody in"), moved: _("put off") }[state] ?? state;
}

/**
 * The lists of all workers.
 * @param {any[]} rounds
 * @param {Map<string, {title: string, note: string, minutes?: number}>} visits
 * @param {{told?: Record<string, any>, onPress?: (id: string) => void, more?: (at: number) => Node[]}} [how]
 */
export function lists(rounds, visits, { told = {}, onPress, more } = {}) {
  return rounds.map((round, at) => {
    const of = look(at);
    return make("section", { class: "round-list block", "aria-label": round.worker },
      make("h3", { class: "round-head" }, lineSample(of), make("bdi", {}, round.worker)),
      make("p", { class: "quiet" }, round.visits.length ? sums(round) : _("Nobody is left to visit.")),
      make("ol", { class: "round-stops" }, ...round.visits.map((stop, n) => row(stop, n + 1, of, round.mode, visits, told[stop.id], onPress))),
      ...(more?.(at) ?? []));
  });
}

/** @param {any} round */
function sums(round) {
  return [
    ngettext("{n} visit", "{n} visits", round.visits.length),
    `${clock(round.depart)}–${clock(round.finish)}`,
    going(round.mode, round.duration_s),
    `${(round.distance_m / 1000).toFixed(1)} km`,
  ].join(" · ");
}

function row(stop, number, of, mode, visits, told, onPress) {
  const visit = visits.get(stop.id);
  const state = told?.state ?? "open";
  const waits = minutes((Date.parse(stop.begin) - Date.parse(stop.arrive)) / 1000);
  return make("li", { class: `round-stop-row is-${state}` },
    stopMark(of, number, state),
    make("div", {},
      onPress
        ? make("button", { type: "button", class: "row-button", onclick: () => onPress(stop.id) }, make("bdi", {}, visit?.title ?? stop.id))
        : make("strong", {}, make("bdi", {}, visit?.title ?? stop.id)),
      make("span", { class: "row-times" }, `${clock(stop.begin)}–${clock(stop.leave)}`),
      make("span", { class: "quiet" }, stop.duration_s ? ` · ${going(mode, stop.duration_s)}` : "", waits ? " · " : "", waits ? _("waits {n} min", { n: waits }) : ""),
      visit?.note && make("p", { class: "quiet" }, make("bdi", {}, visit.note)),
      state !== "open" &&
        make("p", { class: "row-told" }, `${stateWord(state)} ${clock(told.at)} `, make("bdi", {}, told.by), told.note && make("bdi", {}, ` · ${told.note}`))));
}

/** What nobody makes, with its reason; those of one reason together. @param {any[]} left @param {Map<string, {title: string}>} visits */
export function leftOut(left, visits) {
  if (!left.length) return [];
  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  for (const { id, text } of left) reasons.set(text, [...(reasons.get(text) ?? []), visits.get(id)?.title ?? id]);
  return [
    make("section", { class: "notice notice-bad", "aria-label": _("Not in any round") },
      make("h3", {}, ngettext("{n} visit is in no round", "{n} visits are in no round", left.length)),
      make("ul", { class: "left-list" }, ...[...reasons].map(([text, titles]) => make("li", {}, make("strong", {}, text), " ", make("bdi", {}, titles.join("、")))))),
  ];
}
