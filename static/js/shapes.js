// @ts-check
/**
 * What a magnet looks like: one table of shapes, drawn on the map's canvas
 * and, from the same paths, beside every name.
 *
 * A magnet is told from the others by shape and glyph as well as by colour,
 * because colour alone fails one reader in twelve.
 * @module
 */

import { draw } from "./dom.js";

/**
 * @typedef {object} Shape
 * @property {string} path outline about the origin, within 12 units of it
 * @property {number} glyph height of the glyph in the same units
 * @property {number} [drop] how far below the origin the glyph stands
 */

/** @type {Readonly<Record<string, Shape>>} */
export const SHAPES = Object.freeze({
  square: {
    path: "M-6.5-9.5h13a3 3 0 0 1 3 3v13a3 3 0 0 1-3 3h-13a3 3 0 0 1-3-3v-13a3 3 0 0 1 3-3z",
    glyph: 13,
  },
  circle: { path: "M0-10.6a10.6 10.6 0 1 1 0 21.2a10.6 10.6 0 1 1 0-21.2z", glyph: 13 },
  diamond: {
    path: "M-1.7-11.2a2.4 2.4 0 0 1 3.4 0l9.5 9.5a2.4 2.4 0 0 1 0 3.4l-9.5 9.5a2.4 2.4 0 0 1-3.4 0l-9.5-9.5a2.4 2.4 0 0 1 0-3.4z",
    glyph: 11.5,
  },
  hexagon: {
    path: "M-5-10.2h10a2 2 0 0 1 1.7 1l4.6 8.2a2 2 0 0 1 0 2l-4.6 8.2a2 2 0 0 1-1.7 1h-10a2 2 0 0 1-1.7-1l-4.6-8.2a2 2 0 0 1 0-2l4.6-8.2a2 2 0 0 1 1.7-1z",
    glyph: 12.5,
  },
  house: {
    path: "M-1.3-11a2 2 0 0 1 2.6 0l8.9 7.4a1.4 1.4 0 0 1-.9 2.4h-.3v8.7a2 2 0 0 1-2 2h-14a2 2 0 0 1-2-2v-8.7h-.3a1.4 1.4 0 0 1-.9-2.4z",
    glyph: 11.5,
    drop: 1.6,
  },
  pentagon: {
    path: "M-1.2-11a2 2 0 0 1 2.4 0l9.2 6.7a2 2 0 0 1 .7 2.2l-3.5 10.8a2 2 0 0 1-1.9 1.4h-11.4a2 2 0 0 1-1.9-1.4l-3.5-10.8a2 2 0 0 1 .7-2.2z",
    glyph: 12,
    drop: 0.6,
  },
  star: {
    path: "M-.9-11.4a1 1 0 0 1 1.8 0l3 5.6a1 1 0 0 0 .7.5l6.3 1.1a1 1 0 0 1 .6 1.7l-4.4 4.6a1 1 0 0 0-.3.8l.9 6.3a1 1 0 0 1-1.4 1.1l-5.9-2.7a1 1 0 0 0-.8 0l-5.9 2.7a1 1 0 0 1-1.4-1.1l.9-6.3a1 1 0 0 0-.3-.8l-4.4-4.6a1 1 0 0 1 .6-1.7l6.3-1.1a1 1 0 0 0 .7-.5z",
    glyph: 9.5,
    drop: 0.4,
  },
  triangle: {
    path: "M-1.8-10a2.1 2.1 0 0 1 3.6 0l9.6 16.4a2.1 2.1 0 0 1-1.8 3.2h-19.2a2.1 2.1 0 0 1-1.8-3.2z",
    glyph: 10,
    drop: 3.1,
  },
  shield: {
    path: "M-.6-11a2 2 0 0 1 1.2 0l7.6 2.2a2 2 0 0 1 1.4 1.9v6.4c0 5.4-3.4 9.2-8.8 11.3a2 2 0 0 1-1.6 0c-5.4-2.1-8.8-5.9-8.8-11.3v-6.4a2 2 0 0 1 1.4-1.9z",
    glyph: 12,
    drop: -0.4,
  },
});

export const INK = "#2b2622";
export const GLYPH_FONT =
  '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", sans-serif';

/** A category that the page has not heard of: a plain dark magnet. */
export const UNKNOWN = Object.freeze({
  id: "", name: "", colour: "#4A4A4A", shape: "circle", glyph: "", group: "merchant",
  hidden: false, rank: 0,
});

/** @param {string} name @returns {Shape} */
export function shapeOf(name) {
  return SHAPES[name] ?? SHAPES.circle;
}

/**
 * White where it can be read, else ink. A glyph is large and bold, for which
 * WCAG wants 3 : 1.
 * @param {string} colour `#rrggbb`
 */
export function glyphColour(colour) {
  return 1.05 / (luminance(colour) + 0.05) >= 3 ? "#ffffff" : INK;
}

/** The one sign on a magnet, whatever was typed. @param {string} glyph */
export function sign(glyph) {
  return Array.from(glyph ?? "")[0] ?? "";
}

/**
 * Draw a magnet beside a name.
 * @param {{colour: string, shape: string, glyph: string}} category
 * @returns {SVGElement}
 */
export function magnetDrawing(category) {
  const shape = shapeOf(category.shape);
  return draw(
    "svg",
    { class: "magnet", viewBox: "-13 -13 26 27", "aria-hidden": "true", focusable: "false" },
    draw("path", { class: "magnet-shadow", d: shape.path, transform: "translate(0 1.3)" }),
    draw("path", { class: "magnet-face", d: shape.path, fill: category.colour, stroke: INK }),
    draw(
      "text",
      {
        class: "magnet-glyph",
        y: (shape.drop ?? 0) + shape.glyph * 0.36,
        "font-size": shape.glyph,
        "text-anchor": "middle",
        fill: glyphColour(category.colour),
      },
      sign(category.glyph),
    ),
  );
}

/** @param {string} colour */
function luminance(colour) {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
