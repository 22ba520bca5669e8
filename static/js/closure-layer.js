// @ts-check
/**
 * The closures on a map, as they stand now. Fires `closures` ({closures}) with
 * all of them when anything differs, `pick` ({closure}) when one is pressed,
 * `trouble` ({error}) and `well` as the server goes and comes.
 * @module
 */

import { fills, patterns, sign, strokes, weightOf } from "./closure-marks.js";
import { latLng, middleOf, partsOf } from "./closure-shapes.js";
import { liveClosures } from "./closures-live.js";
import { make } from "./dom.js";
import { metresPerPixel } from "./geo.js";

/** @typedef {import("./closures-live.js").Closure} Closure */

const PANE = "closures";
const SIGN_PX = 44;

export const ClosureLayer = L.LayerGroup.extend({
  /** @param {{closuresUrl: string, every?: number}} options without an address it shows what it is given */
  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
    /** @type {Closure[]} */
    this.closures = [];
    this._drawn = new Map();
    this._chosen = "";
  },

  onAdd(map) {
    map.getPane(PANE).append(patterns());
    this._renderer = L.svg({ pane: PANE, padding: 0.3 });
    map.on("zoomend", this._grow, this);
    L.LayerGroup.prototype.onAdd.call(this, map);
    if (!this.options.closuresUrl) return this;
    this.live = liveClosures({
      url: this.options.closuresUrl,
      every: this.options.every,
      onChange: (closures) => this._become(closures),
      onTrouble: (error) => this.fire("trouble", { error }),
      onWell: () => this.fire("well"),
    });
    return this;
  },

  onRemove(map) {
    this.live?.stop();
    map.off("zoomend", this._grow, this);
    return L.LayerGroup.prototype.onRemove.call(this, map);
  },

  /** One of them, as far as it is there. @param {string} id @returns {Closure | undefined} */
  closure(id) {
    return this.closures.find((one) => one.id === id);
  },

  /** The box of one, or of all. @param {string} [id] @returns {L.LatLngBounds} */
  bounds(id) {
    const box = L.latLngBounds([]);
    const some = this.closures.filter((one) => id === undefined || one.id === id);
    for (const part of some.flatMap(({ geometry }) => partsOf(geometry))) {
      const corners = part.kind === "point" ? [part.at] : part.kind === "line" ? part.line : part.rings[0];
      for (const corner of corners) box.extend(latLng(corner));
    }
    return box;
  },

  /** Let one stand out; "" for none. @param {string} id */
  choose(id) {
    this._mark(this._chosen, false);
    this._chosen = id;
    this._mark(id, true);
  },

  /** Draw these instead of those of now, as they stand at another hour; null for those of now. @param {Closure[] | null} closures */
  instead(closures) {
    this._instead = closures;
    this._draw();
  },

  /** Do not draw one: it is being drawn anew. "" for none. @param {string} id */
  leaveOut(id) {
    this._left = id;
    this._draw();
  },

  /** Show closures that are known already, as they were once. @param {Closure[]} closures */
  show(closures) {
    this._become(closures);
  },

  /** @param {Closure[]} closures */
  _become(closures) {
    this.closures = closures;
    this._draw();
    this.fire("closures", { closures });
  },

  // What is as it was stays as it is: a popup that is open, too.
  _draw() {
    const shown = (this._instead ?? this.closures).filter(({ id }) => id !== this._left);
    const wanted = new Map(shown.map((one) => [`${one.id} ${one.version} ${one.state}`, one]));
    for (const [key, group] of this._drawn) {
      if (wanted.has(key)) continue;
      this.removeLayer(group);
      this._drawn.delete(key);
    }
    for (const [key, closure] of wanted) {
      if (this._drawn.has(key)) continue;
      const group = this._group(closure);
      this._drawn.set(key, group);
      this.addLayer(group);
    }
    this._grow();
    this._mark(this._chosen, true);
  },

  /** @param {Closure} closure */
  _group(closure) {
    const group = L.featureGroup([]);
    group.closure = closure;
    for (const part of partsOf(closure.geometry)) this._part(group, part, closure.state === "in_force");
    group.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      this.fire("pick", { closure, latlng: event.latlng });
    });
    return group;
  },

  /** @param {any} group @param {import("./closure-shapes.js").Part} part @param {boolean} inForce */
  _part(group, part, inForce) {
    const how = { pane: PANE, renderer: this._renderer };
    if (part.kind === "area") {
      const rings = part.rings.map((ring) => ring.map(latLng));
      for (const fill of fills(inForce)) group.addLayer(L.polygon(rings, { ...how, ...fill }));
      for (const stroke of strokes(inForce, true)) group.addLayer(L.polygon(rings, { ...how, ...stroke.options }));
    } else if (part.kind === "line") {
      for (const stroke of strokes(inForce, false)) {
        const line = L.polyline(part.line.map(latLng), { ...how, ...stroke.options });
        /** @type {any} */ (line).stroke = stroke;
        group.addLayer(line);
      }
    }
    const html = make("span", { class: "closure-mark" }, sign(group.closure.state));
    const icon = L.divIcon({ html, className: "closure-pin", iconSize: [SIGN_PX, SIGN_PX] });
    group.addLayer(L.marker(latLng(middleOf(part)), { icon, pane: "marks", keyboard: false }));
  },

  // A stretch of street is as wide as what it closes.
  _grow() {
    if (!this._map) return;
    const metres = metresPerPixel(this._map);
    for (const group of this._drawn.values()) {
      group.eachLayer((line) => line.stroke && line.setStyle({ weight: weightOf(line.stroke, metres) }));
    }
  },

  /** @param {string} id @param {boolean} chosen */
  _mark(id, chosen) {
    for (const group of id ? this._drawn.values() : []) {
      if (group.closure.id !== id) continue;
      group.eachLayer((part) => part.getElement?.()?.classList.toggle("is-chosen", chosen));
    }
  },
});
