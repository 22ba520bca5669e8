// @ts-check
/**
 * Merchants on the map: asks the server for what is in view and keeps a magnet
 * for each answer. The list beside the map is fed by the same answer.
 *
 * Events: `items` when what is in view has changed ({@link Items}), `trouble`
 * when the server cannot be asked or says no ({error, again}; `again` is null
 * where asking again cannot help), `answered` when it has answered, `pick` when
 * a magnet is pressed ({feature, latlng}), `press` when the press begins ({feature, originalEvent}).
 * @module
 */

import { apart } from "./apart.js";
import { getJson, lasting, withParameters } from "./fetching.js";
import { keyOf, sum, tally } from "./features.js";
import { askedBox, metresPerPixel } from "./geo.js";
import { LABEL_HEIGHT, Magnet, clusterSize, labelText, labelWidth, magnetSize } from "./magnets.js";
import { UNKNOWN } from "./shapes.js";

/**
 * @typedef {object} Category
 * @property {string} id
 * @property {string} name
 * @property {string} colour
 * @property {string} shape
 * @property {string} glyph
 * @property {"merchant" | "facility"} group
 * @property {number} rank
 * @property {boolean} hidden
 *
 * @typedef {object} Filter
 * @property {readonly string[]} categories
 * @property {string} query
 * @property {boolean} open
 * @property {string} area
 *
 * @typedef {object} Items
 * @property {any[]} features in view, merchants and clusters
 * @property {number} matched how many merchants that is
 * @property {Record<string, number>} counts by category, whatever categories are shown
 */

const DEBOUNCE_MS = 120;
const FRESH_MS = 60_000;
const LONGEST_WAIT_MS = 30_000;
const NAMES_FROM_ZOOM = 16;
/** As far as a magnet may lie from its place on the ground. */
const SHIFTED_M = 40;

export const MerchantLayer = L.LayerGroup.extend({
  /** @param {{itemsUrl: string, categoriesUrl: string}} options */
  initialize(options) {
    L.LayerGroup.prototype.initialize.call(this, [], options);
    this.elder = document.documentElement.dataset.mode === "elder";
    /** @type {Map<string, Category>} */
    this.categories = new Map();
    /** @type {Filter} */
    this._filter = { categories: [], query: "", open: false, area: "" };
    this._magnets = new Map();
    this._features = [];
    this._answer = null;
    this._chosen = null;
    this._insets = { top: 0, right: 0, bottom: 0, left: 0 };
    this._wait = 2000;
  },

  onAdd(map) {
    this._renderer = L.canvas({ pane: "magnets", padding: 0.3 });
    map.on("moveend", this._later, this);
    map.on("zoomend", this._arrange, this);
    this.ready = this._learnCategories().then(() => this.refresh());
    return L.LayerGroup.prototype.onAdd.call(this, map);
  },

  onRemove(map) {
    map.off("moveend", this._later, this);
    map.off("zoomend", this._arrange, this);
    this._asking?.abort();
    return L.LayerGroup.prototype.onRemove.call(this, map);
  },

  /** What a category looks like. @param {string} id @returns {Category} */
  category(id) {
    return this.categories.get(id) ?? { ...UNKNOWN, id, name: id };
  },

  /** Show other merchants. @param {Filter} filter */
  setFilter(filter) {
    const before = JSON.stringify({ ...this._filter, categories: [] });
    this._filter = filter;
    const known = this._answer?.whole && before === JSON.stringify({ ...filter, categories: [] });
    if (known) this._show();
    else this.refresh();
  },

  /**
   * Make one magnet the chosen one.
   * @param {any} feature of a merchant, shown even where the filter hides it; null for none
   */
  choose(feature) {
    this._chosen = feature;
    this._draw();
  },

  /**
   * Say which edges of the map are covered, so that the list leaves out what nobody can see.
   * @param {{top?: number, right?: number, bottom?: number, left?: number}} insets in pixels
   */
  setInsets(insets) {
    this._insets = { ...this._insets, ...insets };
    if (this._map && this._answer) this._tell();
  },

  /** The part of the map that can be seen. @returns {L.LatLngBounds} */
  visibleBounds() {
    const { top, right, bottom, left } = this._insets;
    const size = this._map.getSize();
    const low = Math.max(top + 1, size.y - bottom);
    return L.latLngBounds(
      this._map.containerPointToLatLng([left, low]),
      this._map.containerPointToLatLng([size.x - right, top]),
    );
  },

  /**
   * Bring a place into the part that can be seen, if it is not there.
   * @param {[number, number]} position
   * @param {{right?: number, bottom?: number}} [card] what a card covers besides
   */
  reveal([lon, lat], card = {}) {
    const { top, right, bottom, left } = this._insets;
    this._map.panInside([lat, lon], {
      paddingTopLeft: [left + 48, top + 48],
      paddingBottomRight: [Math.max(right, card.right ?? 0) + 48, Math.max(bottom, card.bottom ?? 0) + 64],
    });
  },

  /**
   * Put a place into the middle of the part that can be seen.
   * @param {[number, number]} position
   * @param {number} zoom
   * @param {{right?: number, bottom?: number}} [card] what a card covers besides
   */
  centre([lon, lat], zoom, card = {}) {
    const { top, left } = this._insets;
    const [right, bottom] = [Math.max(this._insets.right, card.right ?? 0), Math.max(this._insets.bottom, card.bottom ?? 0)];
    const middle = this._map.project([lat, lon], zoom).add([(right - left) / 2, (bottom - top) / 2]);
    this._map.setView(this._map.unproject(middle, zoom), zoom);
  },

  /** Show all these places. @param {[number, number][]} places latitude first */
  fit(places) {
    const { top, right, bottom, left } = this._insets;
    this._map.fitBounds(L.latLngBounds(places), {
      paddingTopLeft: [left + 48, top + 48],
      paddingBottomRight: [right + 48, bottom + 64],
      maxZoom: 17,
    });
  },

  /** Ask for every merchant that matches, wherever it is. @param {AbortSignal} [signal] */
  matchEverywhere(signal) {
    return getJson(this._address({ limit: 400 }, this._filter.categories), signal);
  },

  /**
   * Ask again.
   * @param {number} [patience] do not, when the same question was answered within so many ms
   */
  async refresh(patience = 0) {
    if (!this._map) return;
    clearTimeout(this._timer);
    this._asking?.abort();
    const question = JSON.stringify([this._seen(), this._filter]);
    if (!this._troubled && question === this._answered && performance.now() - this._answeredAt < patience) return;
    const asking = (this._asking = new AbortController());
    try {
      this._answer = await this._ask(asking.signal);
      [this._answered, this._answeredAt, this._wait] = [question, performance.now(), 2000];
      this._troubled = false;
      this._show();
      this.fire("answered");
    } catch (error) {
      if (!asking.signal.aborted) this._fail(error);
    }
  },

  _later() {
    if (this._answer) this._tell();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this.refresh(FRESH_MS), DEBOUNCE_MS);
  },

  async _learnCategories() {
    try {
      const { categories } = await getJson(this.options.categoriesUrl);
      this.categories = new Map(categories.map((category) => [category.id, category]));
      this._arrange();
      this.fire("categories");
    } catch (error) {
      await new Promise((after) => setTimeout(after, this._wait));
      return this._learnCategories();
    }
  },

  /** What narrows the merchants of this view, as an address has it. @returns {Record<string, string>} */
  question() {
    const { categories, query, open, area } = this._filter;
    const { bbox } = this._seen();
    return { bbox, category: categories.join(","), q: query, open: open ? "now" : "", area };
  },

  // All categories are asked for first: unless there are so many that the
  // server makes clusters, the legend then filters at once and its counts are
  // those of the map.
  async _ask(signal) {
    const seen = this._seen();
    const whole = await getJson(this._address(seen, []), signal);
    const clustered = whole.features.some((feature) => feature.properties.cluster);
    if (!clustered || !this._filter.categories.length) return { ...whole, whole: !clustered };
    return getJson(this._address(seen, this._filter.categories), signal);
  },

  _seen() {
    const zoom = Math.round(this._map.getZoom());
    const seen = this._map.getBounds();
    const [west, south, east, north] = [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()];
    return { bbox: askedBox({ west, south, east, north }, zoom).join(","), zoom };
  },

  /** @param {Record<string, string | number>} place @param {readonly string[]} categories */
  _address(place, categories) {
    const { bbox: _seen, ...narrowed } = this.question();
    return withParameters(this.options.itemsUrl, { ...narrowed, category: categories.join(","), ...place });
  },

  _fail(error) {
    this._troubled = true;
    if (lasting(error)) {
      this._answer = { features: [], counts: {}, whole: false };
      this._show();
      this.fire("trouble", { error, again: null });
      return;
    }
    this._timer = setTimeout(() => this.refresh(), this._wait);
    this.fire("trouble", { error, again: () => this.refresh() });
    this._wait = Math.min(LONGEST_WAIT_MS, this._wait * 2);
  },

  _show() {
    if (!this._answer || !this._map) return;
    const { categories } = this._filter;
    this._features = this._answer.features.filter(
      ({ properties }) =>
        properties.cluster || !categories.length || categories.includes(properties.category),
    );
    this._draw();
    this._tell();
  },

  _tell() {
    const seen = this.visibleBounds();
    const inView = ({ geometry: { coordinates: [lon, lat] } }) => seen.contains([lat, lon]);
    const features = this._features.filter(inView);
    const counts = this._answer.whole ? tally(this._answer.features.filter(inView)) : this._answer.counts ?? {};
    this.fire("items", { features, matched: sum(tally(features)), counts });
  },

  _draw() {
    if (!this._map) return;
    const chosenId = this._chosen?.id;
    const features = this._features.filter((feature) => feature.id !== chosenId || feature.properties.cluster);
    if (this._chosen) features.push(this._chosen);
    const kept = new Set();
    for (const feature of features) {
      const key = keyOf(feature);
      kept.add(key);
      if (!this._magnets.has(key)) this._add(key, feature);
      this._magnets.get(key).feature = feature;
    }
    for (const [key, magnet] of this._magnets) {
      if (kept.has(key)) continue;
      this.removeLayer(magnet);
      this._magnets.delete(key);
    }
    this._arrange();
  },

  _add(key, feature) {
    const [lon, lat] = feature.geometry.coordinates;
    const magnet = new Magnet([lat, lon], {
      renderer: this._renderer,
      pane: "magnets",
      feature,
      look: this._look(feature),
    });
    magnet.on("click", ({ latlng, layerPoint }) => {
      this.fire("pick", { feature: this._nearest(layerPoint).feature, latlng });
    });
    magnet.on("mousedown", ({ originalEvent, layerPoint }) => {
      this.fire("press", { feature: this._nearest(layerPoint).feature, originalEvent });
    });
    magnet.on("mouseover", () => { this._map.getContainer().title = feature.properties.name ?? ""; });
    magnet.on("mouseout", () => this._map.getContainer().removeAttribute("title"));
    this._magnets.set(key, magnet);
    this.addLayer(magnet);
    // Public service points are the quieter group: shops lie over them.
    if (this.category(feature.properties.category).group === "facility") magnet.bringToBack();
  },

  // The targets are larger than the magnets and may overlap: the nearest is meant.
  _nearest(point) {
    const away = (magnet) => point.distanceTo(this._map.latLngToLayerPoint(magnet.getLatLng()));
    return [...this._magnets.values()].reduce((best, other) => (away(other) < away(best) ? other : best));
  },

  _look(feature) {
    const { properties } = feature;
    const chosen = Boolean(this._chosen) && feature.id === this._chosen.id;
    if (properties.cluster) {
      const shares = Object.entries(properties.categories ?? {})
        .map(([id, count]) => ({ ...this.category(id), count }))
        .sort((a, b) => a.rank - b.rank);
      return { size: clusterSize(properties.count, this.elder), chosen, label: "", count: properties.count, shares };
    }
    return {
      size: magnetSize(this._map.getZoom(), this.elder),
      chosen,
      label: "",
      category: this.category(properties.category),
    };
  },

  // Place the magnets for this zoom: none hides another where there is room,
  // and names are written where they cover neither a magnet nor a name.
  _arrange() {
    if (!this._map) return;
    const spread = this._spread();
    const taken = [];
    for (const [key, magnet] of this._magnets) {
      magnet.setLatLng(spread.get(key));
      const look = this._look(magnet.feature);
      magnet.setLook(look);
      const { x, y } = this._map.latLngToLayerPoint(magnet.getLatLng());
      const half = look.size / 2;
      taken.push({ left: x - half, right: x + half, top: y - half, bottom: y + half });
    }
    for (const magnet of this._inOrderOfNames()) this._name(magnet, taken);
    if (this._chosen) this._magnets.get(keyOf(this._chosen))?.bringToFront();
  },

  // The chosen one and a pile lie where they are; the others make way for each
  // other, but never so far that they would seem to stand in another street.
  _spread() {
    const map = this._map;
    const keys = [...this._magnets.keys()].sort();
    const discs = keys.map((key) => {
      const { feature } = this._magnets.get(key);
      const [lon, lat] = feature.geometry.coordinates;
      const { size, chosen, count } = this._look(feature);
      return { ...map.latLngToLayerPoint([lat, lon]), size, fixed: chosen || Boolean(count) };
    });
    const size = magnetSize(map.getZoom(), this.elder);
    const places = apart(discs, Math.min(1.5 * size, SHIFTED_M / metresPerPixel(map)));
    return new Map(keys.map((key, at) => [key, map.layerPointToLatLng(L.point(places[at]))]));
  },

  _inOrderOfNames() {
    if (this._map.getZoom() < NAMES_FROM_ZOOM) {
      return [...this._magnets.values()].filter((magnet) => magnet.look.chosen);
    }
    return [...this._magnets.values()].sort((a, b) => Number(b.look.chosen) - Number(a.look.chosen));
  },

  _name(magnet, taken) {
    const { properties } = magnet.feature;
    if (properties.cluster) return;
    const label = labelText(properties.name);
    const { x, y } = this._map.latLngToLayerPoint(magnet.getLatLng());
    const half = labelWidth(label) / 2 + 2;
    const top = y + magnet.look.size / 2 + 5;
    const box = { left: x - half, right: x + half, top, bottom: top + LABEL_HEIGHT };
    const free = magnet.look.chosen || !taken.some((other) =>
      other.left < box.right && other.right > box.left && other.top < box.bottom && other.bottom > box.top);
    if (!free) return;
    taken.push(box);
    magnet.setLook({ ...magnet.look, label });
  },
});
