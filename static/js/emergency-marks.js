// @ts-check
/**
 * How ways are told apart, on the map and in the list: by number, by colour
 * and by pattern, so that colour-blind eyes and a black-and-white printer see
 * the same. And the pins of an incident.
 * @module
 */

import { draw, make } from "./dom.js";
import { magnetDrawing } from "./shapes.js";

/** @typedef {{color: string, dashArray: string | null, weight: number, aside: number}} Look pixels beside its street */

/** @type {readonly Look[]} side by side where they share a street */
export const LOOKS = Object.freeze([
  { color: "#1b4b91", dashArray: null, weight: 6, aside: 0 },
  { color: "#a1256b", dashArray: "15 10", weight: 6, aside: 8 },
  { color: "#0b6b52", dashArray: "1 11", weight: 7, aside: -8 },
]);

/** The way to one that is chosen and not among the first. */
export const OTHER_LOOK = Object.freeze({ color: "#2b2622", dashArray: "20 8 2 8", weight: 6, aside: 0 });

/** A piece of a way, for the list. @param {Look} look */
export function swatch({ color, dashArray, weight }) {
  return draw("svg", { class: "swatch", viewBox: "0 0 44 8", "aria-hidden": "true", focusable: "false" },
    draw("line", { x1: 4, y1: 4, x2: 40, y2: 4, stroke: color, "stroke-width": weight, "stroke-linecap": "round", ...(dashArray && { "stroke-dasharray": dashArray }) }));
}

/** The number of a helper, on the map and in the list. @param {number} number @param {Look | null} look of its way */
export function badge(number, look) {
  const element = make("span", { class: "number", "aria-hidden": "true" }, String(number));
  if (look) element.style.backgroundColor = look.color;
  return element;
}

/** @param {any} category @param {number} number @param {Look | null} look */
export function helperPin(category, number, look) {
  return make("span", { class: "helper-pin" }, magnetDrawing(category), badge(number, look));
}

/** The pin of the incident. */
export function incidentPin() {
  return draw("svg", { viewBox: "0 0 48 56", "aria-hidden": "true", focusable: "false" },
    draw("path", { d: "M24 54c10-12 17-20.500 17-30a17 17 0 0 0-34 0c0 9.500 7 18 17 30z", fill: "#b3261e", stroke: "#fffdf8", "stroke-width": 3 }),
    draw("path", { d: "M24 12.500v14", stroke: "#fffdf8", "stroke-width": 5, "stroke-linecap": "round" }),
    draw("circle", { cx: 24, cy: 34, r: 3, fill: "#fffdf8" }));
}
