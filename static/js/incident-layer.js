// @ts-check
/**
 * An incident on the map: its pin, who can help, the ways, how far one gets.
 * Fires `put` ({at}) when the pin was moved, `pick` ({id}) when a helper is
 * pressed, `way` ({at}) when another of the chosen helper's ways is.
 * @module
 */

import { apart } from "./apart.js";
import { BesideLine } from "./beside-line.js";
import { make } from "./dom.js";
import { LOOKS, OTHER_LOOK, badge, helperPin, incidentPin } from "./emergency-marks.js";
import { getJson } from "./fetching.js";
import { metresPerPixel } from "./geo.js";
import { _ } from "./i18n.js";
import { ReachLayer } from "./reach-layer.js";
import { UNKNOWN } from "./shapes.js";

const LINE = { lineCap: "round", lineJoin: "round", pane: "ways" };
const CASING = { ...LINE, interactive: false, color: "#fffdf8", opacity: 1 };
/** From a door to the street, where nobody has drawn the path. */
const ASIDE = { ...LINE, interactive: false, weight: 3, dashArray: "1 8" };
const ASIDE_FROM_M = 3;
const SPARE = { ...LINE, color: "#6b6154", weight: 5, opacity: 0.9, dashArray: "10 8" };
const CORDON = { pane: "ways", interactive: false, color: "#b3261e", weight: 4, dashArray: "10 8", fillColor: "#b3261e", fillOpacity: 0.12 };
const STEP_PX = 4;
const LONG_STEP_PX = 40;
const ELDER = document.documentElement.dataset.mode === "elder";
const PIN = ELDER ? [60, 70] : [48, 56];
const MAGNET_PX = ELDER ? 46 : 38;
/** A number stands on its way so far from the helper. */
const LABEL_AT = 0.4;
/** On a shorter way its number would cover it, and stands at the helper anyway. */
const LABELLED_PX = 220;
/** As far as a pin may lie from its place on the ground. */
const SHIFTED_M = 40;
/** Paler than where they are all that is asked for. */
const RINGS = { fillOpacity: 0.06 };

export const IncidentLayer = L.LayerGroup.extend({
  /** @param {{categoriesUrl: string}} options */
  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
    this.categories = new Map();
    this._rings = new ReachLayer({ reachUrl: "" });
    this._ways = L.featureGroup([]);
    this._pins = L.layerGroup([]);
    this._marks = L.layerGroup([]);
    this._cordon = L.layerGroup([]);
    this._marker = null;
    this.ready = this._learn();
  },

  onAdd(map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("zoomend", () => this._shown && this.draw(this._shown));
    for (const part of [this._rings, this._cordon, this._ways, this._pins, this._marks]) this.addLayer(part);
    return this;
  },

  async _learn() {
    const { categories } = await getJson(this.options.categoriesUrl).catch(() => ({ categories: [] }));
    this.categories = new Map(categories.map((category) => [category.id, category]));
  },

  /** What a category looks like. @param {string} id */
  category(id) {
    return this.categories.get(id) ?? { ...UNKNOWN, id, name: id };
  },

  /** Put the pin somewhere; null takes it away. @param {import("./geo.js").Position | null} place */
  put(place) {
    this._marker ??= this._newMarker();
    if (!place) {
      this._marker.remove();
      return;
    }
    this._marker.setLatLng(latLng(place));
    this.addLayer(this._marker);
    this._name();
  },

  _newMarker() {
    const icon = L.divIcon({ className: "incident-pin", html: /** @type {any} */ (incidentPin()), iconSize: PIN, iconAnchor: [PIN[0] / 2, PIN[1]] });
    const marker = L.marker([0, 0], { icon, draggable: true, autoPan: true, keyboard: true, pane: "place", zIndexOffset: 1000 });
    marker.on("dragend", () => this._moved(marker.getLatLng()));
    marker.on("add", () => marker.getElement().addEventListener("keydown", (event) => this._nudge(event)));
    return marker;
  },

  _name() {
    this._marker.getElement()?.setAttribute("aria-label", _("The place of the incident. Arrow keys move it."));
  },

  _moved({ lat, lng }) {
    this.fire("put", { at: [Number(lng.toFixed(6)), Number(lat.toFixed(6))] });
  },

  _nudge(event) {
    const step = event.shiftKey ? LONG_STEP_PX : STEP_PX;
    const by = { ArrowUp: [0, -step], ArrowDown: [0, step], ArrowLeft: [-step, 0], ArrowRight: [step, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const at = this._map.latLngToLayerPoint(this._marker.getLatLng()).add(by);
    const there = this._map.layerPointToLatLng(at);
    this._marker.setLatLng(there);
    this._map.panInside(there, { padding: [60, 60], animate: false });
    this._moved(there);
  },

  /**
   * Draw an answer; the chosen helper's ways are those that were asked for, if any.
   * @param {object} shown
   * @param {any[]} shown.helpers
   * @param {any[]} shown.rings the widest first; none where they are switched off
   * @param {string} shown.chosen
   * @param {any[]} shown.ways of the chosen one, to choose from
   * @param {number} shown.way which of them
   */
  draw(shown) {
    const { helpers, rings, chosen, ways, way } = shown;
    if (rings !== this._shown?.rings) this._rings.put(rings, RINGS);
    this._shown = shown;
    this._ways.clearLayers();
    this._pins.clearLayers();
    const looks = looksOf(helpers, chosen);
    const spots = this._spread(helpers);
    helpers.forEach((helper, at) => this._pin(helper, spots[at], at + 1, looks.get(helper.merchant.id) ?? null, helper.merchant.id === chosen));
    const others = helpers.filter(({ merchant, route }) => route && merchant.id !== chosen).reverse();
    for (const helper of others) this._line(helper.route, looks.get(helper.merchant.id), helper, helpers.indexOf(helper) + 1, Boolean(chosen));
    const mine = helpers.find(({ merchant }) => merchant.id === chosen);
    if (!mine) return;
    ways.forEach((other, at) => at !== way && this._spare(other, at));
    const taken = ways[way] ?? mine.route;
    if (taken) this._line(taken, looks.get(chosen), mine, helpers.indexOf(mine) + 1, false);
  },

  /** Where one leaves the car, or enters the cordon. @param {{at: import("./geo.js").Position, words: string}[]} marks */
  mark(marks) {
    this._marks.clearLayers();
    for (const { at, words } of marks) {
      const icon = L.divIcon({ className: "ring-mark", html: make("span", { class: "spot-label" }, words), iconSize: [0, 0] });
      this._marks.addLayer(L.circleMarker(latLng(at), { pane: "place", radius: 8, color: "#fffdf8", weight: 3, fillColor: "#2b2622", fillOpacity: 1, interactive: false }));
      this._marks.addLayer(L.marker(latLng(at), { icon, pane: "marks", interactive: false, keyboard: false }));
    }
  },

  /** Show what a cordon would hold; null for none. @param {import("./geo.js").Position[] | null} ring */
  cordon(ring) {
    this._cordon.clearLayers();
    if (ring) this._cordon.addLayer(L.polygon(ring.map(latLng), CORDON));
  },

  /** The box of the incident, of the first helpers and of their ways, or of one that is chosen. @param {any[]} helpers */
  box(helpers) {
    const box = L.latLngBounds(this._marker ? [this._marker.getLatLng()] : []);
    for (const { merchant, route } of helpers) {
      box.extend(latLng(merchant.geometry.coordinates));
      for (const at of route?.geometry.coordinates ?? []) box.extend(latLng(at));
    }
    return box;
  },

  /** The box of the first of the rings that are drawn. @param {number} many */
  ringsBox(many) {
    const rings = (this._shown?.rings ?? []).slice(-many);
    return L.geoJSON(rings).getBounds();
  },

  // Two in one house make way for each other, or one would hide the other's number.
  _spread(helpers) {
    const discs = helpers.map(({ merchant }) => ({
      ...this._map.latLngToLayerPoint(latLng(merchant.geometry.coordinates)), size: MAGNET_PX, fixed: false,
    }));
    const most = Math.min(1.5 * MAGNET_PX, SHIFTED_M / metresPerPixel(this._map));
    return apart(discs, most).map((place) => this._map.layerPointToLatLng(L.point(place)));
  },

  _pin(helper, spot, number, look, chosen) {
    const { merchant: { id, properties }, open } = helper;
    const classes = ["pin", "helper-spot", open === false && "is-closed", chosen && "is-chosen"].filter(Boolean).join(" ");
    const icon = L.divIcon({ className: classes, html: helperPin(this.category(properties.category), number, look), iconSize: [MAGNET_PX, MAGNET_PX] });
    const pin = L.marker(spot, { icon, pane: "marks", keyboard: false, zIndexOffset: chosen ? 500 : -number });
    pin.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.fire("pick", { id });
    });
    this._pins.addLayer(pin);
  },

  _line({ geometry, properties }, look, helper, number, quiet) {
    const line = geometry.coordinates.map(latLng);
    const opacity = quiet ? 0.5 : 1;
    this._ways.addLayer(new BesideLine(line, { ...CASING, aside: look.aside, weight: look.weight + 3 }));
    const drawn = new BesideLine(line, { ...LINE, ...look, opacity });
    drawn.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.fire("pick", { id: helper.merchant.id });
    });
    this._ways.addLayer(drawn);
    const shop = latLng(helper.merchant.geometry.coordinates);
    const incident = this._marker?.getLatLng();
    const outward = near(line[0], shop) > near(line[line.length - 1], shop);
    const [before, after] = properties.snap_m;
    const ends = outward ? [incident, shop] : [shop, incident];
    if (before > ASIDE_FROM_M && ends[0]) this._ways.addLayer(L.polyline([ends[0], line[0]], { ...ASIDE, color: look.color }));
    if (after > ASIDE_FROM_M && ends[1]) this._ways.addLayer(L.polyline([line[line.length - 1], ends[1]], { ...ASIDE, color: look.color }));
    const pixels = line.map((place) => this._map.latLngToLayerPoint(place));
    if (pixels.slice(1).reduce((sum, point, at) => sum + point.distanceTo(pixels[at]), 0) < LABELLED_PX) return;
    const at = along(line, outward ? 1 - LABEL_AT : LABEL_AT);
    const icon = L.divIcon({ className: "ring-mark", html: badge(number, look), iconSize: [0, 0] });
    this._ways.addLayer(L.marker(at, { icon, pane: "marks", interactive: false, keyboard: false }));
  },

  _spare({ geometry }, at) {
    const line = geometry.coordinates.map(latLng);
    this._ways.addLayer(L.polyline(line, { ...CASING, weight: 9 }));
    const drawn = L.polyline(line, SPARE);
    drawn.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.fire("way", { at });
    });
    this._ways.addLayer(drawn);
  },
});

/**
 * How the ways look: of the first ones, and of the chosen one.
 * @param {any[]} helpers @param {string} chosen
 * @returns {Map<string, import("./emergency-marks.js").Look>} by merchant
 */
export function looksOf(helpers, chosen) {
  const drawn = helpers.filter(({ route }) => route).slice(0, LOOKS.length);
  const looks = new Map(drawn.map(({ merchant }, at) => [merchant.id, LOOKS[at]]));
  if (chosen && !looks.has(chosen)) looks.set(chosen, OTHER_LOOK);
  return looks;
}

/** @param {import("./geo.js").Position} position @returns {[number, number]} */
function latLng([lon, lat]) {
  return [lat, lon];
}

/** @param {[number, number]} a @param {[number, number]} b */
function near(a, b) {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;
}

/** The point of a line at a share of its length. @param {[number, number][]} line @param {number} share */
function along(line, share) {
  const points = line.map(([lat, lng]) => L.CRS.EPSG3857.project(L.latLng(lat, lng)));
  const steps = points.slice(1).map((point, at) => point.distanceTo(points[at]));
  let left = steps.reduce((sum, step) => sum + step, 0) * share;
  for (const [at, step] of steps.entries()) {
    if (left <= step && step) {
      const point = points[at].add(points[at + 1].subtract(points[at]).multiplyBy(left / step));
      return L.CRS.EPSG3857.unproject(point);
    }
    left -= step;
  }
  return L.latLng(line[0]);
}
