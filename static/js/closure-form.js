// @ts-check
/**
 * The form of a closure: why, from when until when, how high, for whom. What
 * is wrong stands beside its field; what was typed stays.
 *
 * Fires `change` when something was typed, `send`, `cancel` and `redraw` when
 * these are pressed.
 * @module
 */

import { fieldOf, endOfDay, lasting, momentOf, when } from "./closure-words.js";
import { find } from "./dom.js";
import { mark } from "./field-wrong.js";
import { _ } from "./i18n.js";

/** @typedef {import("./closure-draft.js").Told} Told */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MORNING_MS = 8 * HOUR_MS;
/** Which field an error of the server is about. @type {Record<string, string>} */
const PLACES = {
  closure_reason_missing: "reason",
  words_too_long: "reason",
  closure_times: "until",
  closure_past: "until",
  closure_too_long: "until",
};
/** @type {Record<string, string>} */
const FIELDS = { reason: "reason", from: "from", until: "until" };

export class ClosureForm extends EventTarget {
  /** @param {() => number} now by the server's clock */
  constructor(now) {
    super();
    this.now = now;
    this.form = /** @type {HTMLFormElement} */ (find("#closure-form"));
    this.reason = /** @type {HTMLTextAreaElement} */ (find("#field-reason"));
    this.from = /** @type {HTMLInputElement} */ (find("#field-from"));
    this.until = /** @type {HTMLInputElement} */ (find("#field-until"));
    this.button = /** @type {HTMLButtonElement} */ (find("#closure-send"));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.form.addEventListener("input", ({ target }) => this.#typed(/** @type {HTMLElement} */ (target)));
    for (const button of this.form.querySelectorAll("[data-reason]")) {
      button.addEventListener("click", () => this.#because(button.textContent ?? ""));
    }
    for (const button of this.form.querySelectorAll("[data-until]")) {
      button.addEventListener("click", () => this.#quick(/** @type {HTMLElement} */ (button).dataset.until ?? ""));
    }
    find("#closure-cancel").addEventListener("click", () => this.dispatchEvent(new Event("cancel")));
    find("#closure-redraw").addEventListener("click", () => this.dispatchEvent(new Event("redraw")));
  }

  /** What it says to begin with. @returns {Told} */
  blank() {
    return { reason: "", begins: "now", from: "", until: fieldOf(this.#rounded(this.now() + 2 * HOUR_MS)), level: "ground", public: false };
  }

  /** @returns {Told} */
  get told() {
    return {
      reason: this.reason.value,
      begins: /** @type {Told["begins"]} */ (this.#chosen("begins")),
      from: this.from.value,
      until: this.until.value,
      level: /** @type {Told["level"]} */ (this.#chosen("level")),
      public: this.#chosen("public") === "yes",
    };
  }

  /** @param {Told} told */
  set told(told) {
    this.reason.value = told.reason;
    this.from.value = told.from;
    this.until.value = told.until;
    this.#choose("begins", told.begins || "now");
    this.#choose("level", told.level);
    this.#choose("public", told.public ? "yes" : "no");
    this.#follow();
  }

  /** Show it, for a new closure or one that is changed. @param {{changing: boolean, begun: boolean}} how `begun`: it is in force */
  show({ changing, begun }) {
    this.form.hidden = false;
    find("#closure-form-title").textContent = changing ? _("Change the closure") : _("A new closure");
    this.button.textContent = changing ? _("Save") : _("Close it");
    find("#begins").hidden = changing && begun;
    this.clear();
  }

  hide() {
    this.form.hidden = true;
  }

  /** While it is being sent. @param {boolean} busy */
  set busy(busy) {
    this.button.disabled = busy;
    this.form.classList.toggle("is-busy", busy);
  }

  /** Nothing is wrong any more. */
  clear() {
    for (const name of ["reason", "from", "until", "drawing"]) mark(name, "");
    this.trouble("");
  }

  /** Nothing is wrong with the drawing any more: it was moved. */
  clearDrawing() {
    mark("drawing", "");
  }

  /** When and how high it would be closed, as far as that is told. @returns {{from?: string, until?: string, level: string}} */
  times() {
    const { begins, from, until, level } = this.told;
    const [starts, ends] = [begins === "later" ? momentOf(from) : NaN, momentOf(until)];
    return {
      level,
      ...(!Number.isNaN(starts) && { from: new Date(starts).toISOString() }),
      ...(!Number.isNaN(ends) && { until: new Date(ends).toISOString() }),
    };
  }

  /** Say what hinders the whole. @param {string} sentence @param {Node | null} [more] what to do about it */
  trouble(sentence, more = null) {
    const box = find("#closure-trouble");
    find("#closure-trouble-words").textContent = sentence;
    find("#closure-trouble-more").replaceChildren(...(more ? [more] : []));
    box.hidden = !sentence;
    if (sentence) box.scrollIntoView({ block: "nearest" });
  }

  /**
   * Say what the server finds wrong, at its place.
   * @param {{code: string, sentence: string, details: Record<string, any>}} wrong
   * @param {{quietly?: boolean}} [how] `quietly`: nobody waits for it, so nobody is led there
   */
  wrong({ code, sentence, details }, { quietly = false } = {}) {
    const named = (details.names ?? []).map((/** @type {string} */ name) => FIELDS[name]).find(Boolean);
    const field = PLACES[code] ?? named ?? (code.startsWith("closure_") || code === "forbidden" ? "drawing" : "");
    if (!field) return this.trouble(sentence);
    const said = code === "forbidden" ? _("This lies outside the area that you look after.")
      : named && named !== "reason" ? _("Look at this date again: it is not right.") : sentence;
    mark(field, said);
    if (quietly) return undefined;
    find(`#wrong-${field}`).scrollIntoView({ block: "center" });
    return find(field === "drawing" ? "#closure-redraw" : `#field-${field}`).focus({ preventScroll: true });
  }

  /** What the API is told; undefined where a field is not right, which is then said. @returns {Record<string, any> | undefined} */
  body() {
    const told = this.told;
    const from = told.begins === "later" ? momentOf(told.from) : null;
    const until = momentOf(told.until);
    if (!told.reason.trim()) return this.#lacks("reason", _("Say why it is closed: everybody who meets it will read it."));
    if (Number.isNaN(from)) return this.#lacks("from", _("Say from when."));
    if (Number.isNaN(until)) return this.#lacks("until", _("Say until when."));
    return {
      reason: told.reason,
      ...(from !== null && { from: new Date(from).toISOString() }),
      until: new Date(until).toISOString(),
      level: told.level,
      public: told.public,
    };
  }

  // ---- what the reader does

  #submit() {
    this.clear();
    this.dispatchEvent(new Event("send"));
  }

  /** @param {HTMLElement} field */
  #typed(field) {
    const name = field.id.replace("field-", "");
    if (FIELDS[name]) mark(name, "");
    this.#follow();
    this.dispatchEvent(new Event("change"));
  }

  /** A common reason takes the place of another one; to words of one's own it is added. @param {string} words */
  #because(words) {
    const said = this.reason.value.trim();
    const common = [...this.form.querySelectorAll("[data-reason]")].map((button) => button.textContent);
    this.reason.value = !said || common.includes(said) ? words : `${said} ${words}`;
    this.#typed(this.reason);
  }

  /** @param {string} name */
  #quick(name) {
    const begins = this.told.begins === "later" ? momentOf(this.from.value) : NaN;
    const start = Number.isNaN(begins) ? this.now() : begins;
    const ends = {
      hours: this.#rounded(start + 2 * HOUR_MS),
      day: endOfDay(start),
      morning: endOfDay(start) + MORNING_MS,
      days: this.#rounded(start + 3 * DAY_MS),
    }[name];
    this.until.value = fieldOf(ends ?? start);
    this.#typed(this.until);
  }

  // Up to whole five minutes: nobody says 14:03.
  #rounded(at) {
    return Math.ceil(at / 300_000) * 300_000;
  }

  #follow() {
    const { begins, until, level } = this.told;
    find("#from-later").hidden = begins !== "later";
    const ends = momentOf(until);
    const left = ends - this.now();
    find("#until-words").textContent = Number.isNaN(ends) || left <= 0
      ? "" : _("{when}, in {time}", { when: when(ends, this.now(), { end: true }), time: lasting(left) });
    find("#level-words").textContent = level === "all" ? _("closed as well") : _("open as ever");
  }

  /** @param {string} field @param {string} sentence */
  #lacks(field, sentence) {
    mark(field, sentence);
    find(`#field-${field}`).focus();
    return undefined;
  }

  /** @param {string} name */
  #chosen(name) {
    return String(new FormData(this.form).get(name) ?? "");
  }

  /** @param {string} name @param {string} value */
  #choose(name, value) {
    for (const radio of this.form.querySelectorAll(`input[name="${name}"]`)) {
      /** @type {HTMLInputElement} */ (radio).checked = /** @type {HTMLInputElement} */ (radio).value === value;
    }
  }
}
