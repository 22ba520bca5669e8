// @ts-check
/**
 * The fields of each visit and each worker; what is typed goes into the draft at once.
 * @module
 */

import { make } from "./dom.js";
import { _ } from "./i18n.js";
import { lineSample, look } from "./round-looks.js";

let last = 0;

/**
 * A labelled field.
 * @param {string} label @param {HTMLElement} input @param {string} [kind]
 */
function field(label, input, kind = "field") {
  const id = `round-field-${(last += 1)}`;
  input.id = id;
  return make("div", { class: kind }, make("label", { for: id }, label), input);
}

/**
 * @param {any} of @param {string} name @param {Record<string, unknown>} attributes @param {() => void} changed
 * @param {(text: string) => any} [read]
 */
function input(of, name, attributes, changed, read = (text) => text) {
  const element = /** @type {HTMLInputElement} */ (make("input", { autocomplete: "off", ...attributes, value: of[name] ?? "" }));
  element.addEventListener("input", () => {
    of[name] = read(element.value);
    changed();
  });
  return element;
}

/** @param {any} of @param {string} name @param {[string, string][]} options @param {() => void} changed @param {(text: string) => any} [read] */
function choice(of, name, options, changed, read = (text) => text) {
  const element = /** @type {HTMLSelectElement} */ (
    make("select", {}, ...options.map(([value, label]) => make("option", { value, selected: String(of[name]) === value }, label))));
  element.addEventListener("change", () => {
    of[name] = read(element.value);
    changed();
  });
  return element;
}

/**
 * A visit in the list.
 * @param {import("./round-draft.js").Visit} visit
 * @param {{changed: () => void, remove: () => void}} does
 */
export function visitRow(visit, { changed, remove }) {
  const told = make("span", { class: "quiet" });
  const tell = () => {
    const said = [_("{n} min", { n: visit.minutes })];
    if (visit.from || visit.until) said.push(`${visit.from || "00:00"}–${visit.until || "23:59"}`);
    if (visit.priority) said.push(visit.priority >= 100 ? _("urgent") : _("first of all"));
    if (visit.skills) said.push(visit.skills);
    told.textContent = said.join(" · ");
  };
  const edited = () => {
    tell();
    changed();
  };
  tell();
  const number = (text) => Math.min(720, Math.max(0, Math.round(Number(text)) || 0));
  return make("li", { class: "visit", "data-visit": visit.id },
    make("details", {},
      make("summary", {}, make("bdi", {}, visit.title), " ", told),
      make("div", { class: "visit-fields" },
        field(_("Minutes"), input(visit, "minutes", { type: "number", min: 0, max: 720, inputmode: "numeric" }, edited, number)),
        field(_("Begins from"), input(visit, "from", { type: "time" }, edited)),
        field(_("Begins until"), input(visit, "until", { type: "time" }, edited)),
        field(_("How important"), choice(visit, "priority", [["0", _("as others")], ["50", _("first of all")], ["100", _("urgent")]], edited, Number)),
        field(_("Skills needed"), input(visit, "skills", { maxlength: 80, placeholder: _("for instance: nurse") }, edited)),
        field(_("Remark"), input(visit, "note", { maxlength: 200 }, changed)))),
    make("button", { type: "button", class: "icon-button visit-out", "aria-label": _("Take out {name}", { name: visit.title }), onclick: remove }, "×"));
}

/**
 * A worker's card.
 * @param {import("./round-draft.js").Worker} worker @param {number} at
 * @param {{changed: () => void, remove: (() => void) | null, place: () => void}} does
 */
export function workerCard(worker, at, { changed, remove, place }) {
  const where = make("span", { class: "quiet" }, worker.start ? worker.place || _("marked on the map") : _("not told yet"));
  const back = worker.end ? "other" : worker.back ? "start" : "none";
  const ends = [["start", _("where it began")], ["none", _("at the last visit")]];
  if (worker.end) ends.push(["other", _("elsewhere, as before")]);
  const way = { back };
  return make("li", { class: "worker", "data-worker": at },
    make("div", { class: "worker-head" }, lineSample(look(at)), make("h3", {}, _("Person {n}", { n: at + 1 })),
      remove && make("button", { type: "button", class: "quiet-button", "aria-label": _("Take out person {n}", { n: at + 1 }), onclick: remove }, _("Take out"))),
    make("div", { class: "worker-fields" },
      field(_("Person's name"), input(worker, "name", { maxlength: 80 }, changed)),
      field(_("Goes"), choice(worker, "mode", [["foot", _("on foot")], ["bike", _("by bike")], ["car", _("by car")]], changed)),
      field(_("Works from"), input(worker, "from", { type: "time" }, changed)),
      field(_("Works until"), input(worker, "until", { type: "time" }, changed)),
      field(_("Ends"), choice(way, "back", /** @type {any} */ (ends), () => {
        worker.back = way.back === "start";
        if (way.back !== "other") worker.end = null;
        changed();
      })),
      field(_("Skills"), input(worker, "skills", { maxlength: 80, placeholder: _("for instance: nurse") }, changed))),
    make("p", { class: "worker-start" }, _("Sets out from:"), " ", where, " ",
      make("button", { type: "button", class: "quiet-button", onclick: place }, _("Another place"), make("span", { class: "visually-hidden" }, " · ", _("Person {n}", { n: at + 1 })))));
}
