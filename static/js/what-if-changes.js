// @ts-check
/**
 * What is imagined: places that are gone, new ones, closed streets. It lives in this page only.
 * Each is a line in the list, with a button that undoes it, and a mark on the map.
 *
 * Fires `change` when something was imagined or undone.
 * @module
 */

import { draw, find, icon, make } from "./dom.js";
import { _ } from "./i18n.js";
import { UNKNOWN, magnetDrawing } from "./shapes.js";

/** @typedef {[number, number]} Position longitude first */
/**
 * @typedef {{kind: "gone", id: string, name: string, category: string, at: Position}
 *   | {kind: "new", category: string, at: Position}
 *   | {kind: "closed", geometry: {type: string, coordinates: any}}} Change
 */

const ELDER = document.documentElement.dataset.mode === "elder";
const MARK_PX = ELDER ? 48 : 36;
const TAPE = { pane: "closures", interactive: false, color: "#8a3620", weight: 7, opacity: 1, dashArray: "12 8", lineCap: "butt" };

export class Changes extends EventTarget {
  /** @param {any} map @param {any} merchants the layer, which knows the categories */
  constructor(map, merchants) {
    super();
    this.merchants = merchants;
    this.list = find("#changes");
    /** @type {Change[]} */
    this.all = [];
    this.marks = L.layerGroup([]).addTo(map);
    find("#forget").addEventListener("click", () => this.#become([]));
    merchants.on("categories", () => this.#show());
  }

  /** @param {Change} change */
  add(change) {
    if (change.kind === "gone" && this.gone(change.id)) return;
    this.#become([...this.all, change]);
  }

  /** Whether a merchant is switched off. @param {string} id */
  gone(id) {
    return this.all.some((change) => change.kind === "gone" && change.id === id);
  }

  /** Switch a merchant on again. @param {string} id */
  bring(id) {
    this.#become(this.all.filter((change) => change.kind !== "gone" || change.id !== id));
  }

  /** As the server is asked. */
  question() {
    return {
      off: this.all.flatMap((change) => (change.kind === "gone" ? [change.id] : [])),
      added: this.all.flatMap((change) => (change.kind === "new" ? [{ category: change.category, at: change.at }] : [])),
      closed: this.all.flatMap((change) => (change.kind === "closed" ? [change.geometry] : [])),
    };
  }

  /** @param {Change[]} all */
  #become(all) {
    this.all = all;
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  #show() {
    this.list.replaceChildren(...this.all.map((change) => this.#line(change)));
    find("#forget").hidden = this.all.length < 2;
    this.marks.clearLayers();
    for (const change of this.all) this.marks.addLayer(this.#mark(change));
  }

  /** @param {Change} change */
  #line(change) {
    const words = this.words(change);
    const undo = () => {
      const at = this.all.indexOf(change);
      this.#become(this.all.filter((other) => other !== change));
      // The keyboard stays in the list, where there is one.
      const buttons = this.list.querySelectorAll("button");
      (buttons[Math.min(at, buttons.length - 1)] ?? find("#imagine-title + *").querySelector("input"))?.focus();
    };
    const sign = change.kind === "closed" ? icon("stretch") : magnetDrawing(this.merchants.category(change.category) ?? UNKNOWN);
    return make("li", {}, sign, make("span", {}, words),
      make("button", { type: "button", class: "wide-button", "aria-label": _("Undo: {what}", { what: words }), onclick: undo }, _("Undo")));
  }

  /** A change as a line. @param {Change} change */
  words(change) {
    if (change.kind === "gone") return _("{name} is gone", { name: change.name });
    if (change.kind === "new") return _("New: {category}", { category: this.merchants.category(change.category).name });
    return change.geometry.type === "Point" ? _("A point is closed") : _("A stretch is closed");
  }

  /** @param {Change} change */
  #mark(change) {
    if (change.kind === "closed") {
      const { type, coordinates } = change.geometry;
      if (type === "Point") return L.marker(latLng(coordinates), { icon: pin("gone-mark", cross()), pane: "marks", keyboard: false, interactive: false });
      return L.polyline(coordinates.map(latLng), TAPE);
    }
    const html = change.kind === "gone" ? cross() : magnetDrawing(this.merchants.category(change.category));
    return L.marker(latLng(change.at), { icon: pin(`${change.kind}-mark`, html), pane: "marks", keyboard: false, interactive: false });
  }
}

/** @param {string} className @param {Element} html */
function pin(className, html) {
  return L.divIcon({ className, html: /** @type {any} */ (html), iconSize: [MARK_PX, MARK_PX] });
}

function cross() {
  return draw("svg", { viewBox: "-12 -12 24 24", "aria-hidden": "true", focusable: "false" },
    ...[["#fffdf8", 7], ["#8a3620", 4]].map(([stroke, width]) => draw("path", { d: "M-9-9L9 9M9-9L-9 9", stroke, "stroke-width": width, "stroke-linecap": "round" })));
}

/** @param {Position} position @returns {[number, number]} */
function latLng([lon, lat]) {
  return [lat, lon];
}
