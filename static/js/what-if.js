// @ts-check
/**
 * What if: what the script of the map, made by webmap/layers, calls, and the page around the map.
 * One imagines by presses on the map or by the buttons beside it; the matrix answers each time.
 * @module
 */

import { announce } from "./announce.js";
import { Pen } from "./closure-pen.js";
import { find, keepIcons, make } from "./dom.js";
import { Refused, getJson, withParameters } from "./fetching.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { _, ngettext } from "./i18n.js";
import { MerchantLayer } from "./merchant-layer.js";
import { neighbourMap } from "./neighbour-map.js";
import { send } from "./sending.js";
import { magnetDrawing } from "./shapes.js";
import { streetGround } from "./street-ground.js";
import { answer } from "./what-if-answer.js";
import { Changes } from "./what-if-changes.js";

const LATER_MS = 300;
const FOUND = 8;
/** Readings that tell of a walk of so many minutes. */
const WITHIN = ["share", "2sfca"];

keepIcons();

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  merchantLayer: (options) => new MerchantLayer(options),
  tileGround,
  streetGround,
  openWhatIf: (parts) => new WhatIfPage(parts),
});

class WhatIfPage {
  /** @param {{map: any, merchants: any, urls: Record<string, string>}} parts */
  constructor({ map, merchants, urls }) {
    Object.assign(this, { map, merchants, urls });
    this.pen = new Pen(map);
    this.changes = new Changes(map, merchants);
    this.asked = /** @type {HTMLFormElement} */ (find("#asked"));
    /** @type {AbortController | null} */
    this.asking = null;
    this.timer = 0;
    /** What the pen draws. @type {{category?: string}} */
    this.meant = {};
    this.#listen();
    this.#fitWithin();
    merchants.ready.then(() => { document.documentElement.dataset.ready = "yes"; });
  }

  #listen() {
    this.changes.addEventListener("change", () => this.#ask());
    this.asked.addEventListener("submit", (event) => event.preventDefault());
    this.asked.addEventListener("change", () => { this.#fitWithin(); this.#ask(); });
    this.merchants.on("pick", ({ feature, latlng }) => this.#picked(feature, latlng));
    this.pen.addEventListener("done", () => this.#drawn());
    // On a phone the map fills the screen while one draws.
    new ResizeObserver(() => this.map.invalidateSize({ animate: false, pan: true })).observe(this.map.getContainer());
    find("#put").addEventListener("click", (event) => this.#put(event));
    for (const button of document.querySelectorAll("[data-close]")) {
      button.addEventListener("click", (event) => this.#close(/** @type {HTMLElement} */ (button).dataset.close ?? "line", event));
    }
    find("#find-merchant").addEventListener("input", () => this.#search());
    find("#answer-again").addEventListener("click", () => this.#ask());
  }

  // ---- imagining

  /** @param {Event} event */
  #put(event) {
    const category = /** @type {HTMLSelectElement} */ (find("#new-category")).value;
    this.meant = { category };
    this.pen.begin("point", { byKey: byKey(event), said: _("Press where the new place would be.") });
  }

  /** @param {string} kind @param {Event} event */
  #close(kind, event) {
    this.meant = {};
    this.pen.begin(/** @type {any} */ (kind), { byKey: byKey(event) });
  }

  #drawn() {
    const geometry = /** @type {{type: string, coordinates: any}} */ (this.pen.geometry);
    this.pen.rest();
    const { category } = this.meant;
    if (category) this.changes.add({ kind: "new", category, at: geometry.coordinates });
    else this.changes.add({ kind: "closed", geometry });
  }

  /** A magnet was pressed, or a heap of them. @param {any} feature @param {any} latlng */
  #picked(feature, latlng) {
    if (this.pen.phase !== "off") return;
    const [lon, lat] = feature.geometry.coordinates;
    if (feature.properties.cluster) {
      this.map.setView([lat, lon], this.map.getZoom() + 2);
      return;
    }
    const { name } = feature.properties;
    const gone = this.changes.gone(feature.id);
    const popup = L.popup({ autoPanPadding: [24, 24] }).setLatLng(latlng);
    const act = () => {
      popup.remove();
      if (gone) this.changes.bring(feature.id);
      else this.#remove(feature);
    };
    popup.setContent(make("div", { class: "picked" }, make("strong", {}, name),
      make("button", { type: "button", class: "wide-button", onclick: act }, gone ? _("It is there after all") : _("What if it were gone?"))));
    popup.openOn(this.map);
  }

  #remove({ id, geometry, properties: { name, category } }) {
    this.changes.add({ kind: "gone", id, name, category, at: geometry.coordinates });
  }

  // ---- searching

  #search() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#find(), LATER_MS);
  }

  async #find() {
    const words = /** @type {HTMLInputElement} */ (find("#find-merchant")).value.trim();
    const told = find("#found-words");
    if (!words) return this.#found([], "");
    try {
      const { features, numberMatched } = await getJson(withParameters(this.urls.merchants, { q: words, limit: FOUND }));
      if (words !== /** @type {HTMLInputElement} */ (find("#find-merchant")).value.trim()) return;
      const more = numberMatched > features.length ? ` ${_("Type more to narrow it down.")}` : "";
      this.#found(features, ngettext("{n} place found.", "{n} places found.", numberMatched) + more);
    } catch (error) {
      told.textContent = sorry(error);
    }
  }

  /** @param {any[]} features @param {string} words */
  #found(features, words) {
    find("#found-words").textContent = words;
    find("#found").replaceChildren(...features.filter(({ properties }) => !properties.cluster).map((feature) => {
      const { name, category } = feature.properties;
      const take = () => {
        this.#remove(feature);
        /** @type {HTMLInputElement} */ (find("#find-merchant")).value = "";
        this.#found([], "");
        find("#find-merchant").focus();
      };
      return make("li", {}, make("button", { type: "button", onclick: take, "aria-label": _("What if {name} were gone?", { name }) },
        magnetDrawing(this.merchants.category(category)), make("span", {}, name)));
    }));
  }

  // ---- the answer

  #fitWithin() {
    const within = document.querySelector("#within");
    if (within instanceof HTMLElement) within.hidden = !WITHIN.includes(this.#field("reading"));
  }

  /** @param {string} name */
  #field(name) {
    return String(new FormData(this.asked).get(name) ?? "");
  }

  async #ask() {
    this.asking?.abort();
    find("#answer-trouble").hidden = true;
    if (!this.changes.all.length) return this.#show(_("Imagine something first."), []);
    const asking = (this.asking = new AbortController());
    find("#answer").setAttribute("aria-busy", "true");
    find("#answer-words").textContent = _("Looking…");
    const question = {
      reading: this.#field("reading"),
      minutes: Number(this.#field("minutes") || 15),
      parent: this.#field("parent") || (this.asked.dataset.scope ?? ""),
      closures: this.#field("closures") === "1",
      ...this.changes.question(),
    };
    try {
      const told = await send(this.urls.compare, question, { signal: asking.signal });
      const { sentence, tables } = answer(told, (id) => this.merchants.category(id));
      this.#show(sentence, tables);
    } catch (error) {
      if (!asking.signal.aborted) this.#fail(error);
    }
  }

  /** @param {string} sentence @param {HTMLElement[]} tables */
  #show(sentence, tables) {
    find("#answer").removeAttribute("aria-busy");
    find("#answer-words").textContent = sentence;
    // Whoever looks at the map is told there: the tables may be far below.
    find("#verdict-words").textContent = sentence;
    find("#verdict").hidden = !tables.length;
    find("#answer").replaceChildren(...tables);
    announce(sentence);
  }

  // What was imagined stays: it can be asked again, or undone.
  #fail(error) {
    this.#show("", []);
    find("#answer-trouble-words").textContent = sorry(error);
    find("#answer-trouble").hidden = false;
  }
}

/** Whether a button was pressed by key. @param {Event} event */
function byKey(event) {
  return event instanceof MouseEvent && event.detail === 0;
}

/** @param {unknown} error */
function sorry(error) {
  return error instanceof Refused && error.sentence ? error.sentence : _("No connection just now. Nothing is lost; try again.");
}
