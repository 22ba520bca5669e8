// @ts-check
/**
 * The ground of one's own: streets, blocks, water and green from one file of
 * vector tiles, painted by protomaps-leaflet with our colours and names.
 * @module
 */

import { asText } from "./ground.js";
import { labelRules } from "./street-names.js";
import { paintRules } from "./street-paint.js";

/** After a failure the file is left alone for so long, and twice as long after the next. */
const WAIT_MS = 5_000;
const WAIT_AT_MOST_MS = 300_000;
/** More than two device pixels to one of ours nobody sees; they cost memory. */
const SHARPEST = 2;

/**
 * @param {{url: string, attribution: string, maxDataZoom: number, sharpest?: number}} options
 *   `sharpest`: device pixels to one of ours, whatever the screen has
 * @returns {L.Layer}
 */
export function streetGround({ url, attribution, maxDataZoom, sharpest = 0 }) {
  const { protomapsL } = /** @type {any} */ (globalThis);
  // The page was made when there were no streets yet: paper then, as before.
  if (!protomapsL) return L.layerGroup();
  const ground = protomapsL.leafletLayer({
    url,
    maxDataZoom,
    attribution: asText(attribution),
    paintRules: paintRules(),
    labelRules: labelRules(),
    lang: "zh-Hans",
    noWrap: true,
    maxZoom: 22,
    tileDelay: 1,
    devicePixelRatio: sharpest || Math.min(SHARPEST, Math.ceil(globalThis.devicePixelRatio)),
  });
  const { tileCache } = ground.views.get("");
  tileCache.source = new PatientSource(
    // Nothing is called off when the zoom changes: with a tile the file's head would be too,
    // and whoever waits for that would stay without.
    () => new protomapsL.PmtilesSource(url, false),
    () => ground.rerenderTiles(),
  );
  return ground;
}

/**
 * A source that bears the server's absence: where tiles cannot be had the
 * paper stays, and the file is asked for again ever more seldom.
 */
class PatientSource {
  /** @param {() => {get: Function}} open @param {() => void} paintAgain */
  constructor(open, paintAgain) {
    this._open = open;
    this._source = open();
    this._paintAgain = paintAgain;
    this._wait = 0;
    this._rests = false;
  }

  async get(coordinates, tileSize) {
    if (this._rests) throw away();
    try {
      const tile = await this._source.get(coordinates, tileSize);
      this._wait = 0;
      return tile;
    } catch (error) {
      if (error.name !== "AbortError") this._rest();
      throw away();
    }
  }

  _rest() {
    if (this._rests) return;
    this._rests = true;
    this._wait = Math.min(WAIT_AT_MOST_MS, this._wait * 2 || WAIT_MS);
    setTimeout(() => {
      // A fresh one: the former keeps the failure of its first request. It
      // begins with one request too, so a lasting absence is one a time.
      this._source = this._open();
      this._rests = false;
      this._paintAgain();
    }, this._wait);
  }
}

/** What protomaps-leaflet passes over in silence, and does not keep. */
function away() {
  return new DOMException("The ground is away.", "AbortError");
}
