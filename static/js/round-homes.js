// @ts-check
/**
 * Choosing the homes of a round: an area, drawn on the map, around a place, by name, or pasted.
 * @module
 */

import { find, make } from "./dom.js";
import { Refused } from "./fetching.js";
import { _, ngettext } from "./i18n.js";
import { send } from "./sending.js";

const LATER_MS = 300;

/** A sentence for what went wrong. @param {unknown} error */
export function sorry(error) {
  return error instanceof Refused && error.sentence ? error.sentence : _("No connection just now. Nothing is lost; try again.");
}

export class Homes {
  /**
   * @param {{map: any, layer: any, urls: Record<string, string>, add: (homes: any[]) => {added: number, known: number},
   *   press: (hint: string, then: ((at: [number, number]) => void) | null) => void}} parts
   */
  constructor({ layer, urls, add, press }) {
    this.layer = layer;
    this.urls = urls;
    this.add = add;
    this.press = press;
    this.way = "area";
    /** @type {[number, number][]} */
    this.corners = [];
    /** @type {[number, number] | null} */
    this.at = null;
    this.ring = null;
    this.timer = 0;
    for (const button of document.querySelectorAll("[data-way]")) {
      button.addEventListener("click", () => this.#choose(/** @type {HTMLElement} */ (button).dataset.way ?? "area"));
    }
    find("#choose").addEventListener("click", () => this.#go());
    find("#shape-back").addEventListener("click", () => this.#corner(null));
    find("#words").addEventListener("input", () => this.#search());
    find("#alone").addEventListener("change", () => this.way === "words" && this.#search());
  }

  /** @param {string} way */
  #choose(way) {
    this.way = way;
    for (const button of document.querySelectorAll("[data-way]")) {
      const own = /** @type {HTMLElement} */ (button).dataset.way ?? "";
      button.setAttribute("aria-pressed", String(own === way));
      find(`#choice-${own}`).hidden = own !== way;
    }
    find("#alone-field").hidden = way === "sheet";
    find("#choose").hidden = way === "words";
    find("#choose").textContent = way === "sheet" ? _("Read the table") : _("Add these homes");
    this.#say("");
    if (way === "shape") this.press(_("Press the corners of the area"), (at) => this.#corner(at));
    else if (way === "ring") this.press(_("Press the place"), (at) => this.#place(at));
    else this.press("", null);
    this.#sketch();
  }

  #sketch() {
    this.layer.sketch({
      corners: this.way === "shape" ? this.corners : [],
      at: this.way === "ring" ? this.at : null,
      ring: this.way === "ring" ? this.ring : null,
    });
  }

  /** @param {[number, number] | null} at null takes the last one back */
  #corner(at) {
    if (at) this.corners.push(at);
    else this.corners.pop();
    find("#shape-told").textContent = ngettext("{n} corner", "{n} corners", this.corners.length);
    this.#sketch();
  }

  /** @param {[number, number]} at */
  #place(at) {
    this.at = at;
    this.ring = null;
    find("#ring-told").textContent = _("The place is marked on the map.");
    this.#sketch();
  }

  /** @param {string} sentence */
  #say(sentence) {
    find("#choose-told").textContent = sentence;
  }

  async #go() {
    if (this.way === "sheet") return this.#sheet();
    const asked = this.#asked();
    if (typeof asked === "string") return this.#say(asked);
    this.#say(_("Looking…"));
    try {
      const found = await send(this.urls.homes, asked);
      this.ring = found.ring;
      this.#sketch();
      this.#tell(found.homes, found.of);
    } catch (error) {
      this.#say(sorry(error));
    }
  }

  /** The question, or a sentence where something is missing. */
  #asked() {
    const alone = /** @type {HTMLInputElement} */ (find("#alone")).checked;
    if (this.way === "area") return { alone, area: /** @type {HTMLSelectElement} */ (find("#area")).value };
    if (this.way === "shape") return this.corners.length < 3 ? _("Press three corners at least.") : { alone, shape: this.corners };
    const minutes = Number(/** @type {HTMLInputElement} */ (find("#ring-minutes")).value);
    if (!this.at) return _("Press the place on the map first.");
    if (!(minutes >= 1 && minutes <= 60)) return _("1 to 60 minutes on foot.");
    return { alone, ring: { at: this.at, minutes: Math.round(minutes) } };
  }

  /** @param {any[]} homes @param {number} of */
  #tell(homes, of) {
    const { added, known } = this.add(homes);
    const said = [ngettext("{n} home added", "{n} homes added", added)];
    if (known) said.push(ngettext("{n} was there already", "{n} were there already", known));
    if (added + known < of) said.push(_("{n} more do not fit into one round", { n: of - added - known }));
    this.#say(of ? said.join(" · ") : _("No home was found there."));
  }

  // ---- by name

  #search() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const words = /** @type {HTMLInputElement} */ (find("#words")).value.trim();
      const list = find("#words-found");
      if (!words) return list.replaceChildren();
      try {
        const alone = /** @type {HTMLInputElement} */ (find("#alone")).checked;
        const { homes } = await send(this.urls.homes, { words, alone });
        if (words !== /** @type {HTMLInputElement} */ (find("#words")).value.trim()) return;
        this.#say(homes.length ? "" : _("No building of your area is called so."));
        list.replaceChildren(...homes.slice(0, 30).map((home) => make("li", {}, this.#offer(home))));
      } catch (error) {
        this.#say(sorry(error));
      }
    }, LATER_MS);
  }

  /** @param {any} home @param {object} [more] @param {() => void} [then] */
  #offer(home, more = {}, then) {
    const press = (event) => {
      this.#tell([{ ...home, ...more }], 1);
      event.currentTarget.disabled = true;
      then?.();
    };
    return make("button", { type: "button", class: "wide-button", onclick: press }, make("bdi", {}, home.name), home.address && make("bdi", { class: "quiet" }, home.address));
  }

  // ---- pasted

  async #sheet() {
    const text = /** @type {HTMLTextAreaElement} */ (find("#sheet-text")).value;
    if (!text.trim()) return this.#say(_("Paste the cells first."));
    this.#say(_("Looking…"));
    try {
      const { lines } = await send(this.urls.sheet, { text });
      const found = lines.filter(({ fate }) => fate === "found");
      this.#tell(found.map(({ homes: [home], minutes, note, window: within }) => ({ ...home, minutes, note, within })), found.length);
      const wrong = lines.filter(({ fate }) => fate !== "found");
      find("#sheet-lines").replaceChildren(...wrong.map((line) => this.#wrong(line)));
      this.#say(_("{n} of {all} lines understood", { n: found.length, all: lines.length }));
    } catch (error) {
      this.#say(sorry(error));
    }
  }

  /** @param {any} line */
  #wrong(line) {
    const item = make("li", { class: "sheet-line" },
      make("p", {}, make("strong", {}, _("Line {n}", { n: line.number })), " ", make("bdi", {}, line.line)),
      make("p", { class: "field-wrong" }, line.text));
    if (line.fate === "several") {
      item.append(make("div", { class: "form-ways" }, ...line.homes.map((home) => this.#offer(home, { minutes: line.minutes, note: line.note, within: line.window }, () => item.remove()))));
    }
    return item;
  }
}
