// @ts-check
/**
 * Places to choose from: pressed on the map or pasted, each a line of the form that can be taken
 * out. The form's hidden fields are the only copy.
 * @module
 */

import { announce } from "./announce.js";
import { Pen } from "./closure-pen.js";
import { find, make } from "./dom.js";
import { Refused } from "./fetching.js";
import { _, ngettext } from "./i18n.js";
import { send } from "./sending.js";

const A = "A".charCodeAt(0);
const LETTERS = 26;

/** The letters by which a place goes: A to Z, AA, AB … @param {number} n @returns {string} */
function letter(n) {
  return (n >= LETTERS ? letter(Math.floor(n / LETTERS) - 1) : "") + String.fromCharCode(A + (n % LETTERS));
}

export class Points {
  /** @param {any} map @param {import("./siting-layer.js").SitingLayer} layer @param {string} url where to ask what was pasted means */
  constructor(map, layer, url) {
    Object.assign(this, { map, layer, url });
    this.pen = new Pen(map);
    this.list = find("#points");
    this.most = Number(this.list.dataset.most);
    /** @type {{at: string, words: string}[]} */
    this.all = [...this.list.querySelectorAll("li")].map((line) => (
      { at: line.dataset.at ?? "", words: line.querySelector("bdi")?.textContent ?? "" }));
    this.pasted = /** @type {HTMLTextAreaElement} */ (find("#field-pasted"));
    this.datum = /** @type {HTMLSelectElement} */ (find("#field-datum"));
    this.pen.addEventListener("done", () => this.#pressed());
    this.pen.addEventListener("cancel", () => find("#put").focus());
    find("#put").addEventListener("click", (event) => this.#put(event instanceof MouseEvent && event.detail === 0));
    find("#add-pasted").addEventListener("click", () => this.#paste());
    this.#show();
    for (const radio of document.querySelectorAll('[name="where"]')) radio.addEventListener("change", () => this.#show());
  }

  // ---- pressed on the map

  /** @param {boolean} byKey */
  #put(byKey) {
    this.byKey = byKey;
    this.#say("");
    const n = this.all.length;
    const said = n ? ngettext("{n} place is there. Press where another might be.", "{n} places are there. Press where another might be.", n) : _("Press where a new one might be.");
    this.pen.begin("point", { byKey, said });
  }

  // The pen goes on until the reader says that it is enough.
  async #pressed() {
    const [lon, lat] = /** @type {any} */ (this.pen.geometry).coordinates;
    this.pen.rest();
    const at = this.all.length;
    const full = this.#add([{ at: `${lon.toFixed(6)},${lat.toFixed(6)}`, words: `${lon.toFixed(4)}, ${lat.toFixed(4)}` }]);
    if (full) this.#put(this.byKey ?? false);
    const told = await this.#ask(`geo:${lat},${lon}`).catch(() => []);
    // The place may have been taken out meanwhile; without an answer its numbers stay.
    if (told.length && this.all[at]) {
      this.all[at] = { ...this.all[at], words: told[0].words };
      this.#show();
    }
  }

  // ---- pasted

  async #paste() {
    this.#say("");
    if (!this.pasted.value.trim()) return this.pasted.focus();
    try {
      const told = await this.#ask(this.pasted.value, this.datum.value);
      if (!this.#add(told)) return;
      this.pasted.value = "";
      const bounds = this.layer.bounds();
      if (bounds) this.map.fitBounds(bounds, { padding: [48, 48], maxZoom: 17 });
      announce(ngettext("{n} place added.", "{n} places added.", told.length));
    } catch (error) {
      const refused = error instanceof Refused;
      this.#say(refused && error.sentence ? error.sentence : _("No connection just now. Nothing is lost; try again."));
      (refused && error.code === "pasted_datum_open" ? this.datum : this.pasted).focus();
    }
  }

  /** @param {string} text @param {string} [datum] @returns {Promise<{at: string, words: string}[]>} */
  async #ask(text, datum = "") {
    const told = await send(this.url, { text, datum });
    if (!told.ok) throw new Refused(422, told.sentence, {}, told.code);
    return told.points;
  }

  // ---- the list

  /** Add places; tell whether there was room. @param {{at: string, words: string}[]} points */
  #add(points) {
    if (this.all.length + points.length > this.most) {
      this.#say(_("{most} places at most.", { most: this.most }));
      return false;
    }
    this.all = [...this.all, ...points.map(({ at, words }) => ({ at, words }))];
    this.#show();
    return true;
  }

  #show() {
    const wanted = /** @type {HTMLInputElement} */ (find("#where-points")).checked;
    this.list.replaceChildren(...this.all.map(({ at, words }, n) =>
      make("li", {}, make("span", { class: "point-letter", "aria-hidden": "true" }, letter(n)), make("bdi", {}, words),
        make("input", { type: "hidden", name: "point", value: at }),
        make("button", { type: "button", class: "wide-button", "aria-label": _("Take out place {letter}", { letter: letter(n) }), onclick: () => this.#drop(n) }, _("Take out")))));
    this.layer.given(wanted ? this.all.map(({ at, words }, n) => ({ letter: letter(n), at: position(at), words })) : []);
  }

  /** @param {number} n */
  #drop(n) {
    this.all = this.all.filter((_point, at) => at !== n);
    this.#show();
    const buttons = this.list.querySelectorAll("button");
    (buttons[Math.min(n, buttons.length - 1)] ?? find("#put")).focus();
  }

  /** @param {string} sentence */
  #say(sentence) {
    const line = find("#points-trouble");
    line.textContent = sentence;
    line.hidden = !sentence;
  }
}

/** @param {string} at @returns {[number, number]} */
function position(at) {
  const [lon, lat] = at.split(",").map(Number);
  return [lon, lat];
}
