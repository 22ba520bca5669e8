// @ts-check
/**
 * What lies under the magnets: paper with the boundaries of areas, or the
 * tiles of a source that the operator has chosen.
 * @module
 */

import { getJson, withParameters } from "./fetching.js";
import { gcj02, parentOf, prefixOf } from "./geo.js";
import { GLYPH_FONT } from "./shapes.js";

const LINE = { interactive: false, fill: true, weight: 1.5, lineJoin: "round" };
const HOME = { ...LINE, color: "#8f7a5c", weight: 2.5, dashArray: "10 5", fillColor: "#fffdf6", fillOpacity: 1 };
const OTHER = { ...LINE, color: "#d3c4a9", fillColor: "#f8f2e6", fillOpacity: 1 };
const HOME_GRID = { ...HOME, color: "#c2b08f", weight: 1.5, dashArray: "5 5" };
/** Over streets a border is a broad soft band, so that the names under it can be read. */
const OVER_STREETS = { weight: 6, opacity: 0.3, dashArray: null };
const FOCUS = { ...LINE, color: "#2b2622", weight: 3, fillColor: "#fffdf6", fillOpacity: 1 };

/** The level of area that a zoom can show without crowding. @param {number} zoom */
export function levelAt(zoom) {
  if (zoom >= 17) return "grid";
  if (zoom >= 14) return "community";
  return zoom >= 12 ? "street" : "district";
}

/** A name written quietly in the middle of an area. */
const AreaName = L.CircleMarker.extend({
  _updateBounds() {
    const reach = L.point(130, 16);
    this._pxBounds = new L.Bounds(this._point.subtract(reach), this._point.add(reach));
  },
  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing || this._empty()) return;
    const context = renderer._ctx;
    context.font = `600 ${this.options.home ? 20 : 16}px ${GLYPH_FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = this.options.home ? "#b3a081" : "#b9a98c";
    context.fillText(this.options.name, this._point.x, this._point.y, 240);
  },
});

export const BoundaryLayer = L.LayerGroup.extend({
  /** @param {{areasUrl: string, home: string, filled: boolean}} options */
  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
    this._focus = "";
    this._shown = "";
    this._areas = [];
  },

  onAdd(map) {
    this._renderer = L.canvas({ pane: "areas", padding: 0.3 });
    map.on("moveend", this._follow, this);
    L.LayerGroup.prototype.onAdd.call(this, map);
    this._follow();
    return this;
  },

  onRemove(map) {
    map.off("moveend", this._follow, this);
    return L.LayerGroup.prototype.onRemove.call(this, map);
  },

  /** Mark one area; "" for none. @param {string} code @returns {Promise<any>} its feature, if there is one */
  async focus(code) {
    this._focus = code;
    this._focused = code ? await this._feature(code) : null;
    this._draw();
    return this._focused;
  },

  async _feature(code) {
    const known = this._areas.find((area) => area.properties.code === code);
    if (known) return known;
    const { features } = await getJson(
      withParameters(this.options.areasUrl, { parent: parentOf(code) }),
    );
    return features.find((area) => area.properties.code === code) ?? null;
  },

  async _follow() {
    const level = levelAt(this._map.getZoom());
    const seen = this._map.getBounds();
    if (this._level === level && this._box?.contains(seen)) return;
    const box = seen.pad(0.5);
    try {
      // A map of a whole country on a wide screen reaches beyond the globe.
      const bbox = [Math.max(-180, box.getWest()), Math.max(-90, box.getSouth()), Math.min(180, box.getEast()), Math.min(90, box.getNorth())]
        .map((degree) => degree.toFixed(4)).join(",");
      const { features } = await getJson(withParameters(this.options.areasUrl, { level, bbox }));
      if (!this._map) return;
      [this._level, this._box, this._areas] = [level, box, features];
      this._draw();
    } catch {
      // The paper stays as it is; the layer of merchants tells of the trouble.
    }
  },

  _draw() {
    if (!this._map) return;
    this.clearLayers();
    const drawn = this._areas.filter((area) => area.properties.code !== this._focus);
    const plain = drawn.filter((area) => !this._isHome(area));
    const home = drawn.filter((area) => this._isHome(area));
    for (const area of plain) this._outline(area, OTHER);
    for (const area of home) this._outline(area, area.properties.level === "grid" ? HOME_GRID : HOME);
    if (this._focused) this._outline(this._focused, FOCUS);
    if (this.options.filled) for (const area of this._areas) this._write(area);
  },

  _isHome(area) {
    const { home } = this.options;
    return Boolean(home) && String(area.properties.code).startsWith(prefixOf(home));
  },

  _outline(area, style) {
    const { filled } = this.options;
    const soft = filled || style === FOCUS ? {} : OVER_STREETS;
    this.addLayer(L.geoJSON(area, { style: { ...style, ...soft, fill: filled, renderer: this._renderer, pane: "areas" } }));
  },

  _write(area) {
    const center = L.geoJSON(area).getBounds().getCenter();
    this.addLayer(new AreaName(center, {
      ...LINE, renderer: this._renderer, pane: "areas", radius: 1,
      name: area.properties.name, home: this._isHome(area),
    }));
  },
});

/**
 * Tiles in GCJ-02, moved to where WGS 84 has them. The shift differs from
 * place to place by far less than a pixel across a screen, so one shift for
 * the middle of the view is enough.
 */
const Gcj02Tiles = L.TileLayer.extend({
  _getTiledPixelBounds(center) {
    const bounds = L.TileLayer.prototype._getTiledPixelBounds.call(this, center);
    const shift = this._shift(center, this._tileZoom);
    return new L.Bounds(bounds.min.add(shift), bounds.max.add(shift));
  },

  _setZoomTransform(level, center, zoom) {
    const scale = this._map.getZoomScale(zoom, level.zoom);
    const move = level.origin
      .multiplyBy(scale)
      .subtract(this._map._getNewPixelOrigin(center, zoom))
      .subtract(this._shift(center, zoom))
      .round();
    L.DomUtil.setTransform(level.el, move, scale);
  },

  _shift(center, zoom) {
    const [lon, lat] = gcj02([center.lng, center.lat]);
    return this._map.project([lat, lon], zoom).subtract(this._map.project(center, zoom));
  },
});

/**
 * The operator's ground.
 * @param {{urls: string[], datum: string, key: string, subdomains: string, attribution: string,
 *   reviewNumber: string, maxNativeZoom: number}} options
 */
export function tileGround({ urls, datum, reviewNumber, attribution, ...options }) {
  const Tiles = datum === "gcj02" ? Gcj02Tiles : L.TileLayer;
  const credit = [attribution, reviewNumber].filter(Boolean).map(asText).join(" · ");
  return L.layerGroup(urls.map((url) => new Tiles(url, {
    ...options,
    subdomains: options.subdomains || "a",
    maxZoom: 22,
    attribution: credit,
    alt: "",
    zIndex: urls.indexOf(url) + 1,
  })));
}

/** Leaflet writes a credit as HTML, so it is given text that means itself. @param {string} text */
export function asText(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}
