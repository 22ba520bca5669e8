// @ts-check
/**
 * Places and distances. Coordinates are WGS 84, longitude first, unless a
 * name says otherwise.
 * @module
 */

/** @typedef {[number, number]} Position longitude, latitude */

const EARTH_M = 6_371_008.8;
const RADIANS = Math.PI / 180;

/**
 * Straight-line metres between two positions.
 * @param {Position} a
 * @param {Position} b
 */
export function metres(a, b) {
  const dLat = (b[1] - a[1]) * RADIANS;
  const dLon = (b[0] - a[0]) * RADIANS;
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(a[1] * RADIANS) * Math.cos(b[1] * RADIANS) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
}

/** What a pixel is on the ground in the middle of a map. @param {L.Map} map */
export function metresPerPixel(map) {
  const around = 2 * Math.PI * 6_378_137; // of Web Mercator's sphere
  return (around * Math.cos(map.getCenter().lat * RADIANS)) / (256 * 2 ** map.getZoom());
}

/**
 * The box to ask for when a box is seen: a little wider, its edges on a grid
 * that depends on the zoom alone, so that neighbouring views ask the same
 * question and a cache can answer it.
 * @param {{west: number, south: number, east: number, north: number}} seen
 * @param {number} zoom
 * @returns {[number, number, number, number]} west, south, east, north
 */
export function askedBox({ west, south, east, north }, zoom) {
  const step = 90 / 2 ** Math.round(zoom); // a quarter of a tile's width
  const out = (value, way) => Number((way(value / step) * step).toFixed(6));
  return [
    Math.max(-180, out(west, Math.floor)),
    Math.max(-90, out(south, Math.floor)),
    Math.min(180, out(east, Math.ceil)),
    Math.min(90, out(north, Math.ceil)),
  ];
}

/**
 * The code of the area that holds an area, by the rule of the official codes:
 * grid 15 digits, then community, street, district, city, province.
 * @param {string} code
 * @returns {string} empty above a province
 */
export function parentOf(code) {
  if (code.length === 15) return code.slice(0, 12);
  for (const [kept, below] of [[9, 12], [6, 9], [4, 6], [2, 4]]) {
    if (Number(code.slice(kept, below)) > 0) return code.slice(0, kept).padEnd(12, "0");
  }
  return "";
}

/**
 * The first digits of an area's code, which all codes inside it share.
 * @param {string} code
 */
export function prefixOf(code) {
  const level = [2, 4, 6, 9].find((digits) => Number(code.slice(digits)) === 0);
  return code.slice(0, level);
}

const A = 6378245.0;
const EE = 0.00669342162296594323;

/**
 * Where GCJ-02 puts a WGS 84 position (the usual published approximation,
 * good to about a metre; geodata/datum.py is the exact one).
 * @param {Position} position
 * @returns {Position}
 */
export function gcj02([lon, lat]) {
  const x = lon - 105;
  const y = lat - 35;
  const { sin, cos, sqrt, abs, PI } = Math;
  const ripple = 20 * sin(6 * x * PI) + 20 * sin(2 * x * PI);
  const dLat =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) +
    ((ripple + 20 * sin(y * PI) + 40 * sin((y / 3) * PI) +
      160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  const dLon =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) +
    ((ripple + 20 * sin(x * PI) + 40 * sin((x / 3) * PI) +
      150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const w = 1 - EE * sin(lat * RADIANS) ** 2;
  return [
    lon + dLon / ((A / sqrt(w)) * cos(lat * RADIANS) * RADIANS),
    lat + dLat / (((A * (1 - EE)) / (w * sqrt(w))) * RADIANS),
  ];
}
