// @ts-check
/**
 * Magnets on the map: circle markers of Leaflet's canvas that draw themselves.
 *
 * A magnet is painted once per look onto a small canvas of its own and copied
 * from there, so that four hundred of them follow a finger. Canvas has neither
 * focus nor name: the list beside the map is what a keyboard and a screen
 * reader use.
 * @module
 */

import { GLYPH_FONT, INK, glyphColour, shapeOf, sign } from "./shapes.js";

const PAPER = "#fffdf8";
const LABEL_PX = document.documentElement.dataset.mode === "elder" ? 20 : 16;
/** A finger is no finer than this: 44 px, or 60 for large type. */
const TOUCH_PX = document.documentElement.dataset.mode === "elder" ? 60 : 44;

/** Height in CSS pixels by zoom. @param {number} zoom @param {boolean} elder */
export function magnetSize(zoom, elder) {
  const size = zoom <= 12 ? 20 : Math.min(42, 20 + (zoom - 12) * 4);
  return Math.round(elder ? size * 1.25 : size);
}

/** @param {number} count @param {boolean} elder */
export function clusterSize(count, elder) {
  const size = Math.min(66, 36 + Math.log10(count) * 10);
  return Math.round(elder ? size * 1.25 : size);
}

/** @type {Map<string, HTMLCanvasElement>} */
const painted = new Map();

/**
 * @typedef {object} Look
 * @property {number} size
 * @property {boolean} chosen
 * @property {string} label a name written under the magnet; empty for none
 * @property {import("./merchant-layer.js").Category} [category] of a merchant
 * @property {number} [count] of a cluster
 * @property {{colour: string, count: number}[]} [shares] of a cluster
 */

/** A merchant or a cluster on the map. `look` says how; `feature` what. */
export const Magnet = L.CircleMarker.extend({
  initialize(latlng, options) {
    L.CircleMarker.prototype.initialize.call(this, latlng, {
      stroke: false,
      bubblingMouseEvents: false,
      ...options,
      radius: options.look.size / 2,
    });
    this.look = options.look;
    this.feature = options.feature;
  },

  /** @param {Look} look */
  setLook(look) {
    this.look = look;
    this.setRadius((look.size * (look.chosen ? 1.4 : 1)) / 2);
    return this;
  },

  // Leaflet redraws only within these bounds: they have to hold the shadow,
  // the ring and the name as well as the face.
  _updateBounds() {
    const reach = this._radius + 10;
    const beside = this.look.label ? LABEL_PX * 5.6 : 0;
    const below = this.look.label ? LABEL_PX * 1.8 : 0;
    this._pxBounds = new L.Bounds(
      this._point.subtract([Math.max(reach, beside), reach]),
      this._point.add([Math.max(reach, beside), reach + below]),
    );
  },

  _containsPoint(point) {
    return point.distanceTo(this._point) <= Math.max(this._radius, TOUCH_PX / 2);
  },

  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing || this._empty()) return;
    const context = renderer._ctx;
    const { x, y } = this._point;
    const look = this.look;
    if (look.count) {
      drawCluster(context, x, y, look);
      return;
    }
    const face = faceOf(look);
    const side = face.width / ratio();
    context.drawImage(face, x - side / 2, y - side / 2, side, side);
    if (look.label) drawLabel(context, x, y + this._radius + LABEL_PX, look.label, look.chosen);
  },
});

function ratio() {
  return L.Browser.retina ? 2 : 1;
}

/** @param {Look} look @returns {HTMLCanvasElement} */
function faceOf({ category, size, chosen }) {
  const { colour, shape, glyph } = /** @type {import("./merchant-layer.js").Category} */ (category);
  const key = [colour, shape, glyph, size, chosen, ratio()].join("|");
  let face = painted.get(key);
  if (!face) {
    face = paint(colour, shapeOf(shape), sign(glyph), size, chosen);
    painted.set(key, face);
  }
  return face;
}

/**
 * @param {string} colour
 * @param {import("./shapes.js").Shape} shape
 * @param {string} glyph
 * @param {number} size
 * @param {boolean} chosen
 */
function paint(colour, shape, glyph, size, chosen) {
  const height = size * (chosen ? 1.4 : 1);
  const side = Math.ceil(height + 24);
  const face = document.createElement("canvas");
  face.width = face.height = side * ratio();
  const context = /** @type {CanvasRenderingContext2D} */ (face.getContext("2d"));
  const unit = (height / 23) * ratio();
  context.translate(face.width / 2, face.height / 2);
  context.scale(unit, unit);
  const outline = new Path2D(shape.path);
  context.lineJoin = "round";
  if (chosen) {
    stroke(context, outline, INK, 7);
    stroke(context, outline, PAPER, 5);
  }
  context.save();
  context.shadowColor = "rgb(43 38 34 / 45%)";
  context.shadowBlur = 3.2 * unit;
  context.shadowOffsetY = 1.6 * unit;
  context.fillStyle = colour;
  context.fill(outline);
  context.restore();
  stroke(context, outline, INK, 1.5);
  if (height >= 18) {
    context.fillStyle = glyphColour(colour);
    context.font = `700 ${shape.glyph}px ${GLYPH_FONT}`;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    context.fillText(glyph, 0, (shape.drop ?? 0) + shape.glyph * 0.36);
  }
  return face;
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} outline @param {string} colour @param {number} width */
function stroke(context, outline, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(outline);
}

/**
 * A cluster is a pile of paper discs; a ring tells what is in it.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Look} look
 */
function drawCluster(context, x, y, { size, count = 0, shares = [] }) {
  const radius = size / 2;
  for (const lift of [5, 2.5, 0]) {
    context.beginPath();
    context.arc(x + lift, y + lift, radius, 0, 2 * Math.PI);
    context.fillStyle = lift ? "#efe6d6" : PAPER;
    context.fill();
    context.strokeStyle = INK;
    context.lineWidth = 1.25;
    context.stroke();
  }
  const total = shares.reduce((sum, share) => sum + share.count, 0) || 1;
  let from = -Math.PI / 2;
  for (const share of shares) {
    const to = from + (share.count / total) * 2 * Math.PI;
    context.beginPath();
    context.arc(x, y, radius - 4, from, to);
    context.strokeStyle = share.colour;
    context.lineWidth = 5.5;
    context.stroke();
    from = to;
  }
  context.beginPath();
  context.arc(x, y, radius - 7.2, 0, 2 * Math.PI);
  context.strokeStyle = INK;
  context.lineWidth = 0.75;
  context.stroke();
  context.fillStyle = INK;
  context.font = `700 ${Math.max(16, size * 0.34)}px ${GLYPH_FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(shortCount(count), x, y + 1, size - 16);
}

/** @param {number} count */
function shortCount(count) {
  if (count < 10_000) return String(count);
  return count < 1_000_000 ? `${Math.round(count / 1000)}k` : `${(count / 1e6).toFixed(1)}M`;
}

/** Height of a name on the map. */
export const LABEL_HEIGHT = LABEL_PX + 4;

/** How wide a name is on the map. @param {string} label */
export function labelWidth(label) {
  return Math.min(LABEL_PX * 11, Array.from(label).reduce(
    (sum, letter) => sum + ((letter.codePointAt(0) ?? 0) > 0x2e7f ? LABEL_PX : LABEL_PX * 0.56), 0,
  ));
}

/** What of a name is written on the map. @param {string} name */
export function labelText(name) {
  const letters = Array.from(name.replace(/[\p{Cc}\p{Cf}]/gu, ""));
  return letters.length > 10 ? `${letters.slice(0, 9).join("")}…` : letters.join("");
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y middle of the line
 * @param {string} label
 * @param {boolean} chosen
 */
function drawLabel(context, x, y, label, chosen) {
  context.font = `${chosen ? 700 : 500} ${LABEL_PX}px ${GLYPH_FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.strokeStyle = PAPER;
  context.lineWidth = 4;
  context.strokeText(label, x, y, LABEL_PX * 11);
  context.fillStyle = INK;
  context.fillText(label, x, y, LABEL_PX * 11);
}
