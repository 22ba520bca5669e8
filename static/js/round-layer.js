// @ts-check
/**
 * Rounds on the map: whom one visits, where workers set out, each one's way, and what is being
 * drawn. Fires `stop` ({id}) when a visit is pressed.
 * @module
 */

import { draw } from "./dom.js";
import { look, stopMark } from "./round-looks.js";

const LINE = { interactive: false, lineCap: "butt", lineJoin: "round", pane: "ways" };
const ELDER = document.documentElement.dataset.mode === "elder";
const MARK_PX = ELDER ? 40 : 30;
/** Where ways lie on each other, the lower one is seen on both sides of the upper. */
const WIDTHS = [9, 6, 4];
const INK = "#2b2622";

/**
 * @typedef {object} Shown
 * @property {any[]} [visits] `{id, title, at}` of all
 * @property {any[]} [workers] `{name, start, end}`
 * @property {any[]} [rounds] as the API tells them
 * @property {Record<string, any>} [told] how visits went
 * @property {number | null} [only] the place of the one worker that is shown
 * @property {boolean} [plain] for paper
 */

export const RoundLayer = L.LayerGroup.extend({
  initialize() {
    L.LayerGroup.prototype.initialize.call(this, []);
    this._rounds = L.featureGroup([]);
    this._sketch = L.layerGroup([]);
  },

  onAdd(map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    for (const part of [this._rounds, this._sketch]) this.addLayer(part);
    return this;
  },

  /** @param {Shown} shown */
  show({ visits = [], workers = [], rounds = [], told = {}, only = null, plain = false }) {
    this._rounds.clearLayers();
    const places = new Map(visits.map((visit) => [visit.id, visit]));
    const drawn = new Set();
    const seen = rounds.map((round, at) => ({ round, at })).filter(({ at }) => only === null || at === only);
    for (const { round } of seen) this._casing(round);
    for (const { round, at } of seen) this._way(round, at, plain);
    for (const { round, at } of seen) {
      round.visits.forEach((stop, n) => {
        const visit = places.get(stop.id);
        drawn.add(stop.id);
        if (visit) this._stop(visit, stopMark(look(at), n + 1, told[stop.id]?.state, plain), `${workers[at]?.name ?? ""} ${n + 1}: ${visit.title}`);
      });
    }
    if (only === null) {
      for (const visit of visits) if (!drawn.has(visit.id)) this._stop(visit, openMark(rounds.length > 0), visit.title);
    }
    workers.forEach((worker, at) => (only === null || only === at) && this._start(worker, at, plain));
  },

  _way({ geometry }, at, plain) {
    const { colour, dash } = look(at);
    const lines = geometry.coordinates.map((line) => line.map(latLng));
    const weight = plain ? 5 : WIDTHS[Math.min(at, WIDTHS.length - 1)];
    this._rounds.addLayer(L.polyline(lines, { ...LINE, color: plain ? "#000" : colour, weight, opacity: 1, dashArray: dash || null }));
  },

  _casing({ geometry }) {
    const lines = geometry.coordinates.map((line) => line.map(latLng));
    this._rounds.addLayer(L.polyline(lines, { ...LINE, color: "#fffdf8", weight: 12, opacity: 0.95 }));
  },

  _stop(visit, html, name) {
    const icon = L.divIcon({ className: "round-stop", html, iconSize: [MARK_PX, MARK_PX] });
    const marker = L.marker(latLng(visit.at), { icon, pane: "marks", title: name, alt: name, keyboard: false });
    marker.on("click", () => this.fire("stop", { id: visit.id }));
    this._rounds.addLayer(marker);
  },

  _start(worker, at, plain) {
    const { colour } = look(at);
    const html = draw("svg", { viewBox: "-16 -16 32 32", "aria-hidden": "true", focusable: "false" },
      draw("path", { d: "M-11-13h22l-6 7l6 7h-18v12h-4z", fill: plain ? "#fff" : colour, stroke: plain ? "#000" : "#fffdf8", "stroke-width": 2, "stroke-linejoin": "round" }));
    const icon = L.divIcon({ className: "round-start", html: /** @type {any} */ (html), iconSize: [MARK_PX, MARK_PX], iconAnchor: [MARK_PX * 0.18, MARK_PX * 0.9] });
    this._rounds.addLayer(L.marker(latLng(worker.start), { icon, pane: "place", interactive: false, keyboard: false }));
  },

  /** What is being drawn. @param {{corners?: any[], ring?: any, at?: any}} sketch */
  sketch({ corners = [], ring = null, at = null }) {
    this._sketch.clearLayers();
    const how = { pane: "reach", interactive: false, color: INK, weight: 3, dashArray: "6 6", fillColor: "#0b4f94", fillOpacity: 0.12 };
    if (corners.length) {
      const line = corners.map(latLng);
      this._sketch.addLayer(corners.length > 2 ? L.polygon(line, how) : L.polyline(line, how));
      for (const corner of line) this._sketch.addLayer(L.circleMarker(corner, { pane: "marks", interactive: false, radius: 6, color: INK, weight: 2, fillColor: "#fffdf8", fillOpacity: 1 }));
    }
    if (ring) this._sketch.addLayer(L.geoJSON(ring, how));
    if (at) this._sketch.addLayer(L.circleMarker(latLng(at), { pane: "marks", interactive: false, radius: 9, color: "#fffdf8", weight: 3, fillColor: INK, fillOpacity: 1 }));
  },

  /** The box of all that is shown. @returns {L.LatLngBounds} */
  bounds() {
    return this._rounds.getBounds();
  },
});

/** A visit without a number. @param {boolean} left nobody makes it */
function openMark(left) {
  return draw("svg", { class: "stop-mark", viewBox: "-18 -18 36 36", "aria-hidden": "true", focusable: "false" },
    draw("circle", { r: 9, fill: left ? "#fffdf8" : INK, stroke: left ? "#8a3620" : "#fffdf8", "stroke-width": left ? 4 : 2.5 }),
    left && draw("text", { y: 5, "text-anchor": "middle", "font-size": 14, "font-weight": 700, fill: "#8a3620" }, "!"));
}

/** @param {[number, number]} position @returns {[number, number]} */
function latLng([lon, lat]) {
  return [lat, lon];
}
