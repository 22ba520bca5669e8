// @ts-check
/**
 * What closures look like: barrier tape while in force, a pale dashed outline
 * before. Told apart by light and dark and by pattern, so that colour-blind
 * eyes and a black-and-white printer see the same.
 * @module
 */

import { draw } from "./dom.js";

/** @typedef {import("./closures-live.js").Closure} Closure */
/** @typedef {{options: Record<string, any>, grows?: boolean}} Stroke `grows` with the zoom, as the street does */

const RED = "#b3261e";
const DARK = "#2b2622";
const LIGHT = "#fffdf8";
const TAPE = "closure-tape";
const PALE = "closure-pale";
/** A stretch closes what comes within 5 m of it: half a street to each side. */
const WIDTH_M = 10;
const THINNEST_PX = 10;

const LINE = { fill: false, lineCap: "butt", lineJoin: "round" };
const CASING = { color: DARK, weight: 4 };
const WHITE = { color: LIGHT, weight: 0 };
const DASH = { color: RED, weight: 0, dashArray: "10 10" };

/** The strokes of a stretch or of an area's border, from below to above. @param {boolean} inForce @param {boolean} area */
export function strokes(inForce, area) {
  const grows = !area;
  if (!inForce) {
    return [
      { grows, options: { ...LINE, color: LIGHT, weight: area ? 5 : 4, opacity: 0.9 } },
      { grows: false, options: { ...LINE, color: DARK, weight: area ? 2.5 : 4, dashArray: "7 7", opacity: 0.85 } },
    ];
  }
  return [
    { grows, options: { ...LINE, ...CASING, weight: area ? 8 : CASING.weight } },
    { grows, options: { ...LINE, ...WHITE, weight: area ? 5 : 0 } },
    { grows, options: { ...LINE, ...DASH, weight: area ? 5 : 0 } },
  ];
}

/** How wide a stroke is drawn. @param {Stroke} stroke @param {number} metresPerPixel */
export function weightOf({ options, grows }, metresPerPixel) {
  return grows ? options.weight + Math.max(THINNEST_PX, WIDTH_M / metresPerPixel) : options.weight;
}

/** What fills an area. @param {boolean} inForce */
export function fills(inForce) {
  const plain = { stroke: false, fill: true };
  return inForce
    ? [{ ...plain, fillColor: LIGHT, fillOpacity: 0.45 }, { ...plain, fillColor: `url(#${TAPE})`, fillOpacity: 1 }]
    : [{ ...plain, fillColor: LIGHT, fillOpacity: 0.35 }, { ...plain, fillColor: `url(#${PALE})`, fillOpacity: 1 }];
}

/** The patterns that {@link fills} name; they stand in the page once. */
export function patterns() {
  return draw("svg", { class: "closure-patterns", width: 0, height: 0, "aria-hidden": "true", focusable: "false" },
    draw("defs", {},
      stripes(TAPE, 16, draw("rect", { width: 8, height: 16, fill: DARK }), draw("rect", { x: 1.5, width: 5, height: 16, fill: RED })),
      stripes(PALE, 12, draw("rect", { width: 1.5, height: 12, fill: DARK, opacity: 0.45 }))));
}

/** @param {string} id @param {number} step @param {...SVGElement} bars */
function stripes(id, step, ...bars) {
  const how = { id, width: step, height: step, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  return draw("pattern", how, ...bars);
}

/** The sign of a closure, for map and list: no entry while in force, a clock before. @param {Closure["state"]} state */
export function sign(state) {
  const ring = { cx: 0, cy: 0, r: 13, stroke: DARK, "stroke-width": 2 };
  const parts = state === "in_force"
    ? [draw("circle", { ...ring, fill: RED }), draw("rect", { x: -8.5, y: -3, width: 17, height: 6, rx: 1, fill: LIGHT })]
    : state === "coming"
      ? [draw("circle", { ...ring, fill: LIGHT, "stroke-dasharray": "5 3" }), draw("path", { d: "M0-7V0l5 4", fill: "none", stroke: DARK, "stroke-width": 2.5, "stroke-linecap": "round" })]
      : [draw("circle", { ...ring, fill: LIGHT, stroke: "#8b7b64" }), draw("path", { d: "M-6 0l4 5L7-6", fill: "none", stroke: "#5d5348", "stroke-width": 2.5 })];
  return draw("svg", { class: "closure-sign", viewBox: "-15 -15 30 30", "aria-hidden": "true", focusable: "false" }, ...parts);
}
