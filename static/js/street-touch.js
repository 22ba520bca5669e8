// @ts-check
/**
 * Which streets a shape on the map touches, by their names: read from the
 * ground that is drawn, as far as there is one.
 * @module
 */

import { partsOf } from "./closure-shapes.js";
import { metresPerPixel } from "./geo.js";

/** @typedef {import("./geo.js").Position} Position */

/** Half a street, as a closure reaches. */
const REACH_M = 5;
const STEP_M = 12;
const MOST_PROBES = 160;
const MOST_NAMES = 8;
const METRES_PER_DEGREE = 111_320;

/** @param {any} map @param {{type: string, coordinates: any}} geometry @returns {string[]} at most a handful */
export function streetsTouched(map, geometry) {
  /** @type {any} */
  let ground = null;
  map.eachLayer((/** @type {any} */ layer) => {
    if (layer.queryTileFeaturesDebug) ground = layer;
  });
  if (!ground) return [];
  const brush = Math.max(2, REACH_M / metresPerPixel(map));
  const names = new Set();
  for (const [lon, lat] of partsOf(geometry).flatMap(probes)) {
    for (const found of ground.queryTileFeaturesDebug(lon, lat, brush).values()) {
      for (const { feature, layerName } of found) if (layerName === "street" && feature.props.name) names.add(feature.props.name);
    }
  }
  return [...names].slice(0, MOST_NAMES);
}

/** Places at which to look. @param {import("./closure-shapes.js").Part} part @returns {Position[]} */
function probes(part) {
  if (part.kind === "point") return [part.at];
  if (part.kind === "line") return along(part.line);
  const [ring] = part.rings;
  return [...along(ring), ...across(ring)];
}

/** @param {Position[]} line @returns {Position[]} */
function along(line) {
  const steps = line.slice(1).map((at, n) => distance(line[n], at));
  const step = Math.max(STEP_M, steps.reduce((sum, one) => sum + one, 0) / MOST_PROBES);
  return [line[0], ...line.slice(1).flatMap((at, n) => {
    const count = Math.max(1, Math.ceil(steps[n] / step));
    return Array.from({ length: count }, (_one, k) => between(line[n], at, (k + 1) / count));
  })];
}

// A street inside of an area crosses its border, or ends in it: a coarse grid finds most of those.
/** @param {Position[]} ring @returns {Position[]} */
function across(ring) {
  const [lons, lats] = [0, 1].map((axis) => ring.map((corner) => corner[axis]));
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  const side = Math.floor(Math.sqrt(MOST_PROBES));
  const grid = Array.from({ length: side * side }, (_one, n) => /** @type {Position} */ ([
    west + ((east - west) * ((n % side) + 0.5)) / side,
    south + ((north - south) * (Math.floor(n / side) + 0.5)) / side,
  ]));
  return grid.filter((at) => isInside(at, ring));
}

/** @param {Position} at @param {Position[]} ring */
function isInside([x, y], ring) {
  return ring.slice(1).filter((b, n) => {
    const a = ring[n];
    return a[1] > y !== b[1] > y && x < a[0] + ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]);
  }).length % 2 === 1;
}

/** @param {Position} a @param {Position} b */
function distance(a, b) {
  return Math.hypot((b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180), b[1] - a[1]) * METRES_PER_DEGREE;
}

/** @param {Position} a @param {Position} b @param {number} share @returns {Position} */
function between(a, b, share) {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}
