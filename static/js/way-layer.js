// @ts-check
/**
 * The way to a place: asked of the server, drawn under the magnets.
 * @module
 */

import { getJson, withParameters } from "./fetching.js";

const COLOUR = "#1b4b91";
const STROKE = { interactive: false, lineCap: "round", lineJoin: "round", pane: "ways" };
const CASING = { ...STROKE, color: "#fffdf8", weight: 10, opacity: 1 };
const LINE = { ...STROKE, color: COLOUR, weight: 6, opacity: 1 };
/** From a place to the street, where nobody has drawn the path. */
const ASIDE = { ...STROKE, color: COLOUR, weight: 4, dashArray: "1 9" };
const ASIDE_FROM_M = 3;

export const WayLayer = L.LayerGroup.extend({
  /** @param {{routeUrl: string}} options */
  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
  },

  /**
   * Ask for the way between two places and draw it.
   * @param {import("./geo.js").Position} from
   * @param {import("./geo.js").Position} to
   * @param {import("./distance.js").Mode} mode
   * @returns {Promise<any>} its feature; null when the question was overtaken
   * @throws as {@link getJson} does; what was drawn before is gone then
   */
  async show(from, to, mode) {
    this.clear();
    const asking = (this._asking = new AbortController());
    const address = withParameters(this.options.routeUrl, { from: spot(from), to: spot(to), mode });
    try {
      const way = await getJson(address, asking.signal);
      if (asking.signal.aborted) return null;
      this._draw(way, from, to);
      return way;
    } catch (error) {
      if (asking.signal.aborted) return null;
      throw error;
    }
  },

  clear() {
    this._asking?.abort();
    this.clearLayers();
  },

  /** The box of what is drawn. @returns {L.LatLngBounds} */
  bounds() {
    const box = L.latLngBounds([]);
    this.eachLayer((line) => box.extend(line.getBounds()));
    return box;
  },

  _draw({ geometry, properties }, from, to) {
    const line = geometry.coordinates.map(latLng);
    for (const style of [CASING, LINE]) this.addLayer(L.polyline(line, style));
    const [before, after] = properties.snap_m;
    if (before > ASIDE_FROM_M) this.addLayer(L.polyline([latLng(from), line[0]], ASIDE));
    if (after > ASIDE_FROM_M) this.addLayer(L.polyline([line[line.length - 1], latLng(to)], ASIDE));
  },
});

/** @param {import("./geo.js").Position} position @returns {[number, number]} */
function latLng([lon, lat]) {
  return [lat, lon];
}

/**
 * A place as an address has it: as exactly as the data, for a merchant moved by
 * a metre may stand at another street.
 * @param {import("./geo.js").Position} position
 */
export function spot([lon, lat]) {
  return `${lon.toFixed(7)},${lat.toFixed(7)}`;
}
