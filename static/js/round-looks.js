// @ts-check
/**
 * How rounds look: each worker has a colour, a pattern of the line and a shape of the numbers,
 * so that they are told apart in black and white too.
 * @module
 */

import { draw } from "./dom.js";

/** @typedef {{colour: string, dash: string, shape: "circle" | "square" | "diamond" | "hexagon"}} Look */

/** @type {Look[]} */
const LOOKS = [
  { colour: "#0b4f94", dash: "", shape: "circle" },
  { colour: "#a33a17", dash: "14 9", shape: "square" },
  { colour: "#1c6338", dash: "2 10", shape: "diamond" },
  { colour: "#6d3583", dash: "18 7 2 7", shape: "hexagon" },
  { colour: "#00666f", dash: "7 7", shape: "square" },
  { colour: "#7a5600", dash: "26 8", shape: "circle" },
  { colour: "#99164f", dash: "2 6 10 6", shape: "hexagon" },
  { colour: "#4a423b", dash: "10 4 2 4 2 4", shape: "diamond" },
];

/** @type {Record<Look["shape"], string>} */
const SHAPES = {
  circle: "M0-13a13 13 0 1 1 0 26a13 13 0 1 1 0-26z",
  square: "M-12-12h24v24h-24z",
  diamond: "M0-16L16 0L0 16L-16 0z",
  hexagon: "M-8-14h16l8 14l-8 14h-16l-8-14z",
};

/** What happened there, as a sign over the number. */
const SIGNS = { done: "M-5 0l4 4l7-8", absent: "M-4-4l8 8M4-4l-8 8", moved: "M0-5v5l4 3" };

/** @param {number} at the worker's place @returns {Look} */
export function look(at) {
  return LOOKS[at % LOOKS.length];
}

/**
 * The number of a stop.
 * @param {Look} of @param {number | string} number @param {string} [state] done, absent, moved
 * @param {boolean} [plain] black on white, for paper
 */
export function stopMark(of, number, state = "open", plain = false) {
  const faint = state !== "open";
  const fill = plain || faint ? "#fffdf8" : of.colour;
  const ink = plain ? "#000" : of.colour;
  return draw(
    "svg",
    { class: `stop-mark is-${state}`, viewBox: "-18 -18 36 36", "aria-hidden": "true", focusable: "false" },
    draw("path", { d: SHAPES[of.shape], fill, stroke: plain || faint ? ink : "#fffdf8", "stroke-width": 2.5 }),
    draw("text", { y: 5, "text-anchor": "middle", "font-size": 14, "font-weight": 700, fill: plain || faint ? ink : "#fffdf8" }, String(number)),
    SIGNS[state] &&
      draw("g", { transform: "translate(11 -11)" },
        draw("circle", { r: 8, fill: ink, stroke: "#fffdf8", "stroke-width": 1.5 }),
        draw("path", { d: SIGNS[state], fill: "none", stroke: "#fffdf8", "stroke-width": 2.2 })),
  );
}

/** A piece of a worker's line, for lists. @param {Look} of */
export function lineSample(of) {
  return draw(
    "svg",
    { class: "line-sample", viewBox: "0 0 44 12", "aria-hidden": "true", focusable: "false" },
    draw("path", { d: "M2 6H42", stroke: of.colour, "stroke-width": 5, "stroke-dasharray": of.dash || null, "stroke-linecap": "butt", fill: "none" }),
  );
}
