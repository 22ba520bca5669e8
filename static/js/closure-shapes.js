// @ts-check
/**
 * Geometries of closures, as GeoJSON has them: their parts, and where a sign
 * stands. Longitude first.
 * @module
 */

/** @typedef {import("./geo.js").Position} Position */
/** @typedef {{kind: "point", at: Position} | {kind: "line", line: Position[]} | {kind: "area", rings: Position[][]}} Part */

/** The parts of a geometry. @param {{type: string, coordinates: any}} geometry @returns {Part[]} */
export function partsOf({ type, coordinates }) {
  const many = type.startsWith("Multi") ? coordinates : [coordinates];
  const kind = type.replace("Multi", "");
  if (kind === "Point") return many.map((/** @type {Position} */ at) => ({ kind: "point", at }));
  if (kind === "LineString") return many.map((/** @type {Position[]} */ line) => ({ kind: "line", line }));
  return many.map((/** @type {Position[][]} */ rings) => ({ kind: "area", rings }));
}

/** Where the sign of a part stands: on it, whatever its form. @param {Part} part @returns {Position} */
export function middleOf(part) {
  if (part.kind === "point") return part.at;
  return part.kind === "line" ? halfway(part.line) : inside(part.rings);
}

/** @param {Position[]} line @returns {Position} */
function halfway(line) {
  const steps = line.slice(1).map((at, n) => Math.hypot(at[0] - line[n][0], at[1] - line[n][1]));
  let rest = steps.reduce((sum, step) => sum + step, 0) / 2;
  const n = steps.findIndex((step) => (rest -= step) <= 0);
  if (n < 0) return line[0];
  const share = steps[n] ? 1 + rest / steps[n] : 0;
  return between(line[n], line[n + 1], share);
}

/** The middle of the widest stretch of the area at half its height. @param {Position[][]} rings @returns {Position} */
function inside(rings) {
  const lats = rings[0].map(([, lat]) => lat);
  const y = (Math.min(...lats) + Math.max(...lats)) / 2;
  const crossings = rings.flatMap((ring) => ring.slice(1).flatMap((b, n) => {
    const a = ring[n];
    return a[1] > y === b[1] > y ? [] : [between(a, b, (y - a[1]) / (b[1] - a[1]))[0]];
  })).sort((a, b) => a - b);
  let [best, widest] = [rings[0][0][0], -1];
  for (let n = 0; n + 1 < crossings.length; n += 2) {
    const width = crossings[n + 1] - crossings[n];
    if (width > widest) [best, widest] = [(crossings[n] + crossings[n + 1]) / 2, width];
  }
  return [best, y];
}

/** @param {Position} a @param {Position} b @param {number} share @returns {Position} */
function between(a, b, share) {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

const METRES_PER_DEGREE = 111_320;

/** How large a geometry is: square metres of areas, else metres of lines. @param {{type: string, coordinates: any}} geometry */
export function sizeOf(geometry) {
  return partsOf(geometry).reduce((sum, part) => sum + (part.kind === "area"
    ? part.rings.reduce((rest, ring, n) => (n ? rest - surface(ring) : rest + surface(ring)), 0)
    : part.kind === "line" ? length(part.line) : 0), 0);
}

/** @param {Position[]} line */
function length(line) {
  return line.slice(1).reduce((sum, b, n) => {
    const a = line[n];
    return sum + Math.hypot((b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180), b[1] - a[1]) * METRES_PER_DEGREE;
  }, 0);
}

/** @param {Position[]} ring */
function surface(ring) {
  const [x, y] = ring[0]; // measured from there, or the differences would drown
  const twice = ring.slice(1).reduce((sum, b, n) => sum + (ring[n][0] - x) * (b[1] - y) - (b[0] - x) * (ring[n][1] - y), 0);
  return (Math.abs(twice) / 2) * METRES_PER_DEGREE ** 2 * Math.cos((y * Math.PI) / 180);
}

/** As Leaflet has a position. @param {Position} position @returns {[number, number]} */
export function latLng([lon, lat]) {
  return [lat, lon];
}
