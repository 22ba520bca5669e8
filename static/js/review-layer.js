// @ts-check
/**
 * One proposal on the map: where it would stand, where it stands now, and what
 * it may be the same as. The page beside it tells the same in words.
 * @module
 */

import { length } from "./distance.js";
import { draw, make } from "./dom.js";
import { getJson } from "./fetching.js";
import { UNKNOWN, magnetDrawing } from "./shapes.js";

const SHIFT = { interactive: false, color: "#1b4b91", weight: 4, dashArray: "2 8", lineCap: "round", pane: "ways" };
/** Closer than this nothing is to be seen of the streets around. */
const CLOSEST = 18;
/** Closer than this, two pins would hide each other. */
const BADGE_M = 12;

export const ReviewLayer = L.LayerGroup.extend({
  /** @param {{categoriesUrl: string}} options */
  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
    this.categories = new Map();
    this.ready = this._learn();
  },

  async _learn() {
    const { categories } = await getJson(this.options.categoriesUrl).catch(() => ({ categories: [] }));
    this.categories = new Map(categories.map((category) => [category.id, category]));
  },

  /** What a category looks like. @param {string} id */
  category(id) {
    return this.categories.get(id) ?? { ...UNKNOWN, id, name: id };
  },

  /**
   * Show a proposal in the place of the former one.
   * @param {{wanted: [number, number], present: [number, number] | null, shift_m: number,
   *   merchant: {category: string}, alike: any[]}} item
   */
  show({ wanted, present, shift_m, merchant, alike }) {
    this.clearLayers();
    const box = L.latLngBounds([latLng(wanted)]);
    alike.forEach((one, at) => {
      // At the same place the number is a badge of the magnet, or it would be under it.
      const badge = one.metres < BADGE_M;
      this._put([one.lon, one.lat], make("span", { class: "pin-number" }, String(at + 1)), 34, badge ? 2000 : 0, badge ? 24 : 0);
      box.extend([one.lat, one.lon]);
    });
    if (present) {
      this.addLayer(L.polyline([latLng(present), latLng(wanted)], SHIFT));
      this._put(present, presentPin(), 26);
      const middle = /** @type {[number, number]} */ ([(present[0] + wanted[0]) / 2, (present[1] + wanted[1]) / 2]);
      this._put(middle, make("span", { class: "ring-label" }, length(shift_m)), 0);
      box.extend(latLng(present));
    }
    this._put(wanted, make("span", { class: "pin-wanted" }, magnetDrawing(this.category(merchant.category))), 44, 1000);
    this._box = box;
    this.frame();
  },

  /** Bring what is shown into view: after the map has another size, too. */
  frame() {
    if (!this._map || !this._box) return;
    this._map.fitBounds(this._box, { padding: [56, 56], maxZoom: CLOSEST, animate: false });
  },

  /** Show nothing. */
  empty() {
    this.clearLayers();
    this._box = null;
  },

  _put(place, html, size, zIndexOffset = 0, aside = 0) {
    const iconAnchor = /** @type {[number, number]} */ ([size / 2 - aside, size / 2 + aside]);
    const icon = L.divIcon({ html, className: "pin", iconSize: [size, size], iconAnchor });
    this.addLayer(L.marker(latLng(place), { icon, interactive: false, keyboard: false, pane: "marks", zIndexOffset }));
  },
});

function presentPin() {
  return draw("svg", { viewBox: "-13 -13 26 26", "aria-hidden": "true", focusable: "false" },
    draw("circle", { class: "pin-present", r: 9 }), draw("circle", { class: "pin-present-dot", r: 3 }));
}

/** @param {[number, number]} position @returns {[number, number]} */
function latLng([lon, lat]) {
  return [lat, lon];
}
