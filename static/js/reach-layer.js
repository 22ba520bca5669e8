// @ts-check
/**
 * How far one gets in 5, 10 and 15 minutes: rings under the magnets, and what
 * lies inside them as a table.
 * @module
 */

import { make } from "./dom.js";
import { getJson, withParameters } from "./fetching.js";
import { _ } from "./i18n.js";
import { magnetDrawing } from "./shapes.js";
import { spot } from "./way-layer.js";

const RING = { pane: "reach", interactive: false, color: "#35618f", weight: 2, fillColor: "#5d8fc4", fillOpacity: 0.11, lineJoin: "round" };

export const ReachLayer = L.LayerGroup.extend({
  /** @param {{reachUrl: string}} options */
  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
  },

  /**
   * Ask how far one gets from a place and draw it.
   * @param {import("./geo.js").Position} from
   * @param {import("./distance.js").Mode} mode
   * @returns {Promise<any>} the answer, its rings the widest first; null when overtaken
   * @throws as {@link getJson} does; what was drawn before is gone then
   */
  async show(from, mode) {
    this.clear();
    const asking = (this._asking = new AbortController());
    try {
      const answer = await getJson(withParameters(this.options.reachUrl, { from: spot(from), mode }), asking.signal);
      if (asking.signal.aborted) return null;
      for (const ring of answer.features) this._draw(ring);
      return answer;
    } catch (error) {
      if (asking.signal.aborted) return null;
      throw error;
    }
  },

  /** Draw rings that are known already. @param {any[]} rings the widest first @param {object} [style] what differs from the usual one */
  put(rings, style = {}) {
    this.clear();
    for (const ring of rings) this._draw(ring, style);
  },

  clear() {
    this._asking?.abort();
    this.clearLayers();
  },

  /** The box of the widest ring. @returns {L.LatLngBounds} */
  bounds() {
    const box = L.latLngBounds([]);
    this.eachLayer((layer) => layer.getBounds && box.extend(layer.getBounds()));
    return box;
  },

  _draw(ring, style = {}) {
    const shape = L.geoJSON(ring, { style: { ...RING, ...style } });
    this.addLayer(shape);
    const top = highest(ring.geometry.coordinates);
    if (!top) return;
    const words = make("span", { class: "ring-label" }, _("{n} min", { n: ring.properties.minutes }));
    const mark = L.divIcon({ html: words, className: "ring-mark", iconSize: [0, 0] });
    this.addLayer(L.marker(top, { icon: mark, pane: "marks", interactive: false, keyboard: false }));
  },
});

/** The northernmost vertex of areas, where a ring's time is written. @returns {[number, number] | null} latitude first */
function highest(polygons) {
  const [lon, lat] = polygons.flat(2).reduce((best, at) => (at[1] > best[1] ? at : best), [0, -91]);
  return lat < -90 ? null : [lat, lon];
}

/**
 * What lies inside the rings, by category.
 * @param {any[]} rings the widest first
 * @param {any} merchants the layer, which knows the categories
 * @param {string} mode in words
 */
export function countsTable(rings, merchants, mode) {
  const inward = [...rings].reverse();
  const ids = Object.keys(Object.assign({}, ...rings.map(({ properties }) => properties.counts)));
  const categories = ids.map((id) => merchants.category(id)).filter(({ hidden }) => !hidden).sort((a, b) => a.rank - b.rank);
  return make(
    "table",
    { class: "counts" },
    make("caption", { class: "visually-hidden" }, _("Places inside the rings")),
    make("thead", {}, make("tr", {}, make("td", {}, _("{mode}, minutes", { mode })),
      ...inward.map(({ properties }) => make("th", { scope: "col" }, String(properties.minutes))))),
    make("tbody", {}, ...categories.map((category) => make("tr", {},
      make("th", { scope: "row" }, magnetDrawing(category), make("span", {}, category.name)),
      ...inward.map(({ properties }) => make("td", {}, String(properties.counts[category.id] ?? 0)))))),
  );
}
