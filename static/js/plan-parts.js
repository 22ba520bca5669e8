// @ts-check
/**
 * What every page of a plan shows: who helps and how far each is, the way in
 * words, what is closed, how far the plan is.
 * @module
 */

import { when } from "./closure-words.js";
import { icon, make } from "./dom.js";
import { badge, swatch } from "./emergency-marks.js";
import { away } from "./emergency-words.js";
import { openness } from "./hours.js";
import { LOCALE, _ } from "./i18n.js";
import { dialled } from "./list.js";
import { lookOf } from "./plan-layer.js";
import { magnetDrawing } from "./shapes.js";

/** @typedef {"open" | "under_way" | "done"} Status */

/** @type {Status[]} */
export const STATUSES = ["open", "under_way", "done"];

/** A moment with its day, for what is read later. @param {string} at */
export function stamp(at) {
  return new Date(at).toLocaleString(LOCALE, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
}

/** How far a plan is, as people say it. @returns {Record<Status, string>} */
export function statusWords() {
  return { open: _("Not begun"), under_way: _("Under way"), done: _("Finished") };
}

/**
 * How far a plan is, with the moment of each step.
 * @param {{status: Status, steps: {status: Status, at: string, by?: string, why?: string}[]}} state
 */
export function statusTrack({ status, steps }) {
  const words = statusWords();
  const here = STATUSES.indexOf(status);
  return make("ol", { class: "track" }, ...STATUSES.map((name, at) => {
    const step = at <= here ? steps.findLast((one) => one.status === name) : null;
    const said = step && [when(Date.parse(step.at), Date.now()), step.by].filter(Boolean).join(" · ");
    return make("li", { class: at < here ? "is-past" : at === here ? "is-here" : "", "aria-current": at === here && "step" },
      make("strong", {}, words[name]), said && make("span", {}, said));
  }));
}

/**
 * Who helps, one row each, the phone large.
 * @param {any} answer
 * @param {any} layer which knows the categories
 */
export function helperRows(answer, layer) {
  const at = new Date(answer.departure);
  return answer.helpers.map((helper, n) => {
    const { merchant: { id, properties }, route } = helper;
    const category = layer.category(properties.category);
    const said = openness(properties, at);
    const look = route ? lookOf(n) : null;
    return make("li", { class: `plan-helper ${said.kind === "closed" ? "is-closed" : ""}`, "data-id": id },
      make("div", { class: "plan-helper-main" },
        make("span", { class: "plan-signs" }, badge(n + 1, look), magnetDrawing(category), look && swatch(look)),
        make("div", { class: "plan-words" },
          make("p", { class: "plan-name" }, make("span", { class: "visually-hidden" }, `${n + 1}. `), make("bdi", {}, properties.name), make("span", { class: "quiet" }, ` ${category.name}`)),
          make("p", {}, make("strong", { class: helper.cut_off && "is-cut" }, away(helper)), " · ", make("span", { class: `open-${said.kind}` }, said.text)),
          properties.address && make("p", { class: "quiet" }, make("bdi", {}, properties.address))),
        phones(properties)),
      route && way(route.properties));
  });
}

/** @param {any} properties of a merchant */
function phones({ name, phones: numbers }) {
  if (!numbers.length) return make("p", { class: "quiet" }, _("No phone is known"));
  return make("p", { class: "plan-calls" }, ...numbers.map((phone) =>
    make("a", { class: "plan-call", href: `tel:${dialled(phone)}` }, icon("phone"), make("span", { class: "visually-hidden" }, `${_("Call {name}", { name })} `), make("span", {}, phone))));
}

/** @param {any} told of a way */
function way({ summary, steps }) {
  return make("details", { class: "plan-way" },
    make("summary", {}, icon("chevron"), make("span", {}, summary)),
    make("ol", { class: "plan-steps" }, ...steps.map(({ text }) => make("li", {}, make("bdi", {}, text)))));
}

/** Why times and ways are not told, if they are not. @param {any} answer */
export function troubleWords({ trouble }) {
  return trouble ? `${trouble.text} ${_("Distances are straight lines.")}` : "";
}

/** What was closed, and until when it was to be. @param {any} answer */
export function closureRows({ closures }) {
  return closures.map(({ reason, until }) => make("li", {}, make("bdi", {}, _("“{reason}”, until {time}", { reason, time: stamp(until) }))));
}

/** Bring all of a plan into view. @param {L.Map} map @param {any} layer @param {any} answer */
export function fit(map, layer, answer) {
  const box = layer.box(answer.helpers);
  if (!box.isValid()) return;
  // As large as there is room for: nobody compares this map with another one.
  map.options.zoomSnap = 0.25;
  map.fitBounds(box, { paddingTopLeft: [40, 56], paddingBottomRight: [40, 32], maxZoom: 17.5, animate: false });
}
