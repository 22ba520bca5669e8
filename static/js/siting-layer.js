// @ts-check
/**
 * Places on the map: those that were given, by letters, those that were found, by numbers, and the
 * homes that would be nearer. Lists beside the map have the same for a keyboard.
 *
 * Fires `pick` with `detail` {rank} when a place that was found is pressed.
 * @module
 */

import { make } from "./dom.js";

/** @typedef {[number, number]} Position longitude first */
/** @typedef {{letter: string, at: Position, words: string}} Given */
/** @typedef {{rank: number, at: Position, given: number | null}} Site */
/** @typedef {{at: Position, before: number | null, after: number}} Home */

const ELDER = document.documentElement.dataset.mode === "elder";
const SITE_PX = ELDER ? 60 : 44;
const POINT_PX = ELDER ? 44 : 34;
const NEW = "#1b4b91";
const PAPER = "#fffdf8";

export class SitingLayer extends EventTarget {
  /** @param {any} map */
  constructor(map) {
    super();
    this.map = map;
    this.points = L.layerGroup([]).addTo(map);
    this.homes = L.layerGroup([]).addTo(map);
    this.sites = L.layerGroup([]).addTo(map);
    this.renderer = L.canvas({ pane: "reach", padding: 0.3 });
    /** @type {Map<number, any>} */
    this.marks = new Map();
  }

  /** Show places that were given. @param {Given[]} points */
  given(points) {
    this.points.clearLayers();
    for (const { letter, at } of points) {
      const mark = pin("point-letter", letter, POINT_PX, "");
      this.points.addLayer(L.marker(latLng(at), { icon: mark, pane: "marks", keyboard: false, interactive: false }));
    }
  }

  /** Show what was found. @param {Site[]} sites @param {Home[]} homes @param {number} within minutes that are near */
  found(sites, homes, within) {
    for (const home of homes) this.homes.addLayer(this.#home(home, within));
    for (const site of sites) {
      const icon = pin("site-rank", String(site.rank), SITE_PX, "site-found");
      const mark = L.marker(latLng(site.at), { icon, pane: "place", keyboard: false, zIndexOffset: 1000 - site.rank });
      mark.on("click", () => this.dispatchEvent(new CustomEvent("pick", { detail: { rank: site.rank } })));
      this.marks.set(site.rank, mark);
      this.sites.addLayer(mark);
    }
  }

  /** Let one stand out; 0 for none. @param {number} rank */
  choose(rank) {
    for (const [at, mark] of this.marks) mark.getElement()?.classList.toggle("is-chosen", at === rank);
  }

  /** Where a place that was found is. @param {number} rank */
  at(rank) {
    return this.marks.get(rank)?.getLatLng();
  }

  /** Where what was found is, or what was given where nothing is; null for none. */
  bounds() {
    const groups = this.marks.size ? [this.homes, this.sites] : [this.points];
    const all = groups.flatMap((group) => group.getLayers()).map((layer) => layer.getLatLng());
    return all.length ? L.latLngBounds(all) : null;
  }

  /** @param {Home} home @param {number} within */
  #home({ at, before, after }, within) {
    const newly = after <= within && (before === null || before > within);
    return L.circleMarker(latLng(at), {
      renderer: this.renderer,
      pane: "reach",
      interactive: false,
      radius: (newly ? 6 : 4.5) * (ELDER ? 1.3 : 1),
      fillColor: newly ? NEW : PAPER,
      fillOpacity: 1,
      color: newly ? PAPER : NEW,
      weight: newly ? 1.5 : 2.5,
    });
  }
}

/** @param {string} className @param {string} words @param {number} size @param {string} more */
function pin(className, words, size, more) {
  const html = make("span", { class: className }, words);
  return L.divIcon({ className: `site-mark ${more}`, html: /** @type {any} */ (html), iconSize: [size, size] });
}

/** @param {Position} position @returns {[number, number]} */
function latLng([lon, lat]) {
  return [lat, lon];
}
