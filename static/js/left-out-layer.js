// @ts-check
/**
 * Homes on the map, coloured by how long the walk is. All lie on one canvas, so that thousands
 * follow a finger; the list beside the map is what a keyboard and a screen reader use.
 *
 * Fires `pick` ({feature}) when a home is pressed.
 * @module
 */

const INK = "#2b2622";
const PAPER = "#fffdf8";
const CHOSEN = "#1b4b91";
const ELDER = document.documentElement.dataset.mode === "elder";
/** A finger is no finer than this. */
const TOUCH_PX = matchMedia("(pointer: coarse)").matches ? 22 : 4;

/** How far a walk is along the scale, as a colour. @param {number} minutes @param {string[]} colours @param {number} farthest */
export function colourOf(minutes, colours, farthest) {
  const place = (Math.min(minutes, farthest) / farthest) * (colours.length - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)].map((at) => parts(colours[at]));
  return `rgb(${low.map((part, n) => Math.round(part + (high[n] - part) * (place - Math.floor(place)))).join(" ")})`;
}

/** @param {string} colour */
function parts(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/** A home: a disc, a triangle where there is no way, a square where there is no street. */
const HomeMark = L.CircleMarker.extend({
  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing || this._empty()) return;
    const context = renderer._ctx;
    const { x, y } = this._point;
    const r = this._radius;
    context.beginPath();
    if (this.options.shape === "square") context.rect(x - r, y - r, 2 * r, 2 * r);
    else if (this.options.shape === "triangle") {
      context.moveTo(x, y - 1.4 * r);
      context.lineTo(x + 1.3 * r, y + r);
      context.lineTo(x - 1.3 * r, y + r);
      context.closePath();
    } else context.arc(x, y, r, 0, 2 * Math.PI);
    renderer._fillStroke(context, this);
  },
  _containsPoint(point) {
    return point.distanceTo(this._point) <= this._radius + TOUCH_PX;
  },
});

export const LeftOutLayer = L.LayerGroup.extend({
  /** @param {{colours: string[], farthest: number}} options */
  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
    /** @type {Map<string, any>} */
    this._marks = new Map();
    this._chosen = "";
    this._within = 0;
  },

  onAdd(map) {
    this._renderer = L.canvas({ pane: "magnets", padding: 0.3 });
    map.on("zoomend", this._resize, this);
    return L.LayerGroup.prototype.onAdd.call(this, map);
  },

  onRemove(map) {
    map.off("zoomend", this._resize, this);
    return L.LayerGroup.prototype.onRemove.call(this, map);
  },

  /** Show these homes; those farther than `within` minutes are left out. @param {any[]} features @param {number} within */
  show(features, within) {
    this.clearLayers();
    this._marks.clear();
    this._within = within;
    // Those that are left out lie above the others.
    for (const feature of [...features].sort((a, b) => Number(this.isOut(a)) - Number(this.isOut(b)))) {
      const [lon, lat] = feature.geometry.coordinates;
      const mark = new HomeMark([lat, lon], { renderer: this._renderer, pane: "magnets", bubblingMouseEvents: false, ...this._look(feature) });
      mark.feature = feature;
      mark.on("click", ({ layerPoint }) => this.fire("pick", { feature: this._nearest(layerPoint).feature }));
      this._marks.set(feature.id, mark);
      this.addLayer(mark);
    }
  },

  /** @param {any} feature */
  isOut({ properties: { minutes, off_network } }) {
    return off_network || minutes === null || minutes > this._within;
  },

  /** The home of an id, if it is shown. @param {string} id */
  home(id) {
    return this._marks.get(id)?.feature;
  },

  /** Let one stand out; "" for none. @param {string} id */
  choose(id) {
    const before = this._chosen;
    this._chosen = id;
    for (const key of [before, id]) {
      const mark = this._marks.get(key);
      if (!mark) continue;
      const look = this._look(mark.feature);
      mark.setStyle(look);
      mark.setRadius(look.radius);
    }
    this._marks.get(id)?.bringToFront();
  },

  /** @returns {L.LatLngBounds} */
  bounds() {
    return L.latLngBounds([...this._marks.values()].map((mark) => mark.getLatLng()));
  },

  _resize() {
    for (const mark of this._marks.values()) mark.setRadius(this._look(mark.feature).radius);
  },

  _look(feature) {
    const { minutes, off_network } = feature.properties;
    const { colours, farthest } = this.options;
    const [out, chosen] = [this.isOut(feature), feature.id === this._chosen];
    const size = Math.max(2.5, Math.min(9, (this._map?.getZoom() ?? 15) - 10)) * (ELDER ? 1.3 : 1);
    return {
      shape: off_network ? "square" : minutes === null ? "triangle" : "disc",
      radius: (out ? size + 1 : size) * (chosen ? 1.7 : 1),
      fillColor: off_network ? PAPER : colourOf(minutes ?? farthest, colours, farthest),
      fillOpacity: 1,
      color: chosen ? CHOSEN : out ? INK : PAPER,
      weight: chosen ? 5 : out ? 2.5 : 1,
    };
  },

  // Fingers are broader than homes: the nearest is meant.
  _nearest(point) {
    const away = (mark) => point.distanceTo(this._map.latLngToLayerPoint(mark.getLatLng()));
    return [...this._marks.values()].reduce((best, other) => (away(other) < away(best) ? other : best));
  },
});
