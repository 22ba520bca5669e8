// @ts-check
/**
 * What is written on the ground, and where: names along streets and rivers,
 * names of areas, and the arrows of one-way streets, for protomaps-leaflet,
 * which keeps them apart. All of it is text on a canvas, never HTML.
 *
 * A Chinese name along a street that runs rather up and down is written as
 * on a street sign: upright signs, one below the other.
 * @module
 */

import { GLYPH_FONT } from "./shapes.js";
import { STREETS } from "./street-paint.js";

/**
 * @typedef {{x: number, y: number, add: Function, mult: Function}} Point
 * @typedef {object} Glyph one sign of a name at its place, relative to the label's anchor
 * @property {string} sign
 * @property {number} x
 * @property {number} y
 * @property {number} angle
 */

const LARGER = document.documentElement.dataset.mode === "elder" ? 1.35 : 1;
const HALO = "rgba(255, 253, 247, 0.92)";
const CJK = /^[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef·]+$/;
/** Beyond this slope, in radians from level, signs stand upright below each other. */
const STEEP = 0.95;
/** No name bends more than this from one sign to the next. */
const BEND = 0.6;
/** Names of one street come at about this distance. */
const REPEAT_PX = 420;

/** @type {Map<string, number>} */
const widths = new Map();

/** @param {CanvasRenderingContext2D} scratch @param {string} font @param {string} sign */
function widthOf(scratch, font, sign) {
  const key = font + sign;
  let width = widths.get(key);
  if (width === undefined) {
    scratch.font = font;
    width = scratch.measureText(sign).width;
    widths.set(key, width);
  }
  return width;
}

/**
 * Draws signs at their places: all halos first, so that none covers a sign.
 * @param {Glyph[]} glyphs
 * @param {{font: string, colour: string, halo: number}} look
 */
function write(glyphs, { font, colour, halo }) {
  return (context) => {
    context.globalAlpha = 1;
    context.font = font;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.setLineDash([]);
    context.strokeStyle = HALO;
    context.fillStyle = colour;
    context.lineWidth = halo;
    for (const paint of ["strokeText", "fillText"]) {
      for (const { sign, x, y, angle } of glyphs) {
        if (!angle) {
          context[paint](sign, x, y);
          continue;
        }
        context.save();
        context.translate(x, y);
        context.rotate(angle);
        context[paint](sign, 0, 0);
        context.restore();
      }
    }
  };
}

/** A line by its length: `at(s)` is the place `s` pixels from its beginning. */
class Course {
  /** @param {Point[]} points */
  constructor(points) {
    this._points = points;
    this._from = [0];
    for (let i = 1; i < points.length; i += 1) {
      const step = Math.hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
      this._from.push(this._from[i - 1] + step);
    }
  }

  get length() {
    return this._from[this._from.length - 1];
  }

  /** @param {number} s */
  at(s) {
    const from = this._from;
    let low = 0;
    let high = from.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (from[middle] <= s) low = middle;
      else high = middle;
    }
    const share = (s - from[low]) / (from[high] - from[low] || 1);
    const [a, b] = [this._points[low], this._points[high]];
    return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
  }
}

/** The angle between two directions. @param {number} a @param {number} b */
function turn(a, b) {
  return Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));
}

/**
 * Set a name around the place `middle` of a course; null where it bends too much.
 * @param {Course} course
 * @param {string[]} signs
 * @param {number[]} advances
 * @param {number} middle
 * @param {boolean} maySteep
 */
function setAlong(course, signs, advances, middle, maySteep) {
  const whole = advances.reduce((sum, width) => sum + width, 0);
  const [start, end] = [course.at(middle - whole / 2), course.at(middle + whole / 2)];
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  if (Math.hypot(dx, dy) < whole * 0.85) return null;
  const upright = maySteep && Math.abs(Math.atan2(dy, Math.abs(dx))) > STEEP;
  const backwards = upright ? dy < 0 : dx < 0;
  const way = backwards ? -1 : 1;
  const anchor = course.at(middle);
  const glyphs = [];
  let s = middle - (way * whole) / 2;
  let before = null;
  for (let i = 0; i < signs.length; i += 1) {
    const [near, far] = [course.at(s), course.at(s + way * advances[i])];
    const place = course.at(s + (way * advances[i]) / 2);
    const angle = Math.atan2(far.y - near.y, far.x - near.x);
    if (before !== null && turn(angle, before) > BEND) return null;
    before = angle;
    glyphs.push({
      sign: signs[i], x: place.x - anchor.x, y: place.y - anchor.y, angle: upright ? 0 : angle,
    });
    s += way * advances[i];
  }
  return { anchor, glyphs };
}

/** @param {Glyph[]} glyphs @param {{x: number, y: number}} anchor @param {number} reach */
function boxesOf(glyphs, anchor, reach) {
  return glyphs.map(({ x, y }) => ({
    minX: anchor.x + x - reach, maxX: anchor.x + x + reach,
    minY: anchor.y + y - reach, maxY: anchor.y + y + reach,
  }));
}

/** protomaps-leaflet measures between anchors with its own kind of point. */
function asPoint(like, { x, y }) {
  const point = like.clone();
  point.x = x;
  point.y = y;
  return point;
}

/**
 * Names along lines.
 * @param {{size: (zoom: number) => number, colour: string, weight?: number, spacing?: number}} look
 */
function alongLine({ size, colour, weight = 500, spacing = 0.14 }) {
  return {
    place(layout, geometry, feature) {
      const { name } = feature.props;
      if (typeof name !== "string" || !name || name.length > 40) return undefined;
      const px = Math.round(size(layout.zoom) * LARGER);
      const font = `${weight} ${px}px ${GLYPH_FONT}`;
      const chinese = CJK.test(name);
      const signs = Array.from(name);
      const apart = chinese ? px * spacing : 0;
      const advances = signs.map((sign) => widthOf(layout.scratch, font, sign) + apart);
      const whole = advances.reduce((sum, width) => sum + width, 0);
      const labels = [];
      for (const line of geometry) {
        const course = new Course(line);
        const slots = Math.max(1, Math.round(course.length / REPEAT_PX));
        for (let slot = 0; slot < slots; slot += 1) {
          for (const aside of [0, whole * 0.8, -whole * 0.8]) {
            const middle = ((slot + 0.5) * course.length) / slots + aside;
            if (middle < whole / 2 + 2 || middle > course.length - whole / 2 - 2) continue;
            const set = setAlong(course, signs, advances, middle, chinese);
            if (!set) continue;
            labels.push({
              anchor: asPoint(line[0], set.anchor),
              bboxes: boxesOf(set.glyphs, set.anchor, px * 0.7),
              draw: write(set.glyphs, { font, colour, halo: 3.5 }),
              deduplicationKey: name,
              deduplicationDistance: REPEAT_PX * 0.7,
            });
          }
        }
      }
      return labels;
    },
  };
}

/**
 * Names in the middle of areas, in at most two lines.
 * @param {{size: (zoom: number) => number, colour: string, weight?: number, spacing?: number,
 *   apart?: number}} look
 */
function inArea({ size, colour, weight = 500, spacing = 0.06, apart = 120 }) {
  return {
    place(layout, geometry, feature) {
      const { name } = feature.props;
      if (typeof name !== "string" || !name || name.length > 40) return undefined;
      const px = Math.round(size(layout.zoom) * LARGER);
      const font = `${weight} ${px}px ${GLYPH_FONT}`;
      const lines = linesOf(name);
      const glyphs = [];
      let half = 0;
      lines.forEach((line, row) => {
        const advances = line.map((sign) => widthOf(layout.scratch, font, sign) + px * spacing);
        const whole = advances.reduce((sum, width) => sum + width, 0);
        half = Math.max(half, whole / 2);
        const y = (row - (lines.length - 1) / 2) * px * 1.2;
        let x = -whole / 2;
        line.forEach((sign, i) => {
          glyphs.push({ sign, x: x + advances[i] / 2, y, angle: 0 });
          x += advances[i];
        });
      });
      const anchor = geometry[0][0];
      const tall = lines.length * px * 0.62;
      return [{
        anchor,
        bboxes: [{
          minX: anchor.x - half - 4, maxX: anchor.x + half + 4,
          minY: anchor.y - tall - 2, maxY: anchor.y + tall + 2,
        }],
        draw: write(glyphs, { font, colour, halo: 4 }),
        deduplicationKey: name,
        deduplicationDistance: apart,
      }];
    },
  };
}

/** @param {string} name */
function linesOf(name) {
  const signs = Array.from(name);
  if (!CJK.test(name)) {
    const words = name.split(" ");
    const half = Math.ceil(words.length / 2);
    return name.length <= 14 || words.length < 2
      ? [signs]
      : [Array.from(words.slice(0, half).join(" ")), Array.from(words.slice(half).join(" "))];
  }
  const half = Math.ceil(signs.length / 2);
  return signs.length <= 7 ? [signs] : [signs.slice(0, half), signs.slice(half)];
}

/** Arrows along one-way streets. */
const ARROW = {
  place(_layout, geometry) {
    const labels = [];
    for (const line of geometry) {
      const course = new Course(line);
      for (let s = 50; s < course.length - 20; s += 150) {
        const [near, far, middle] = [course.at(s - 5), course.at(s + 5), course.at(s)];
        const angle = Math.atan2(far.y - near.y, far.x - near.x);
        const anchor = asPoint(line[0], middle);
        labels.push({ anchor, bboxes: boxesOf([{ sign: "", x: 0, y: 0, angle }], middle, 6), draw: arrow(angle) });
      }
    }
    return labels;
  },
};

/** @param {number} angle */
function arrow(angle) {
  return (context) => {
    context.globalAlpha = 1;
    context.rotate(angle);
    context.strokeStyle = "#b3a184";
    context.lineWidth = 1.4;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(-5, 0);
    context.lineTo(5, 0);
    context.moveTo(2, -2.6);
    context.lineTo(5, 0);
    context.lineTo(2, 2.6);
    context.stroke();
  };
}

const kind = (...kinds) => (_zoom, feature) => kinds.includes(feature.props.kind);
const named = (...kinds) => (_zoom, { props }) => Boolean(props.name) && kinds.includes(props.kind);
const oneway = (_zoom, { props }) => props.oneway === 1 && props.kind in STREETS && props.kind !== "alley";
/** A size that grows with the zoom. */
const grows = (at14, at18) => (zoom) => at14 + ((at18 - at14) * Math.min(1, Math.max(0, zoom - 14) / 4));

/** @param {string} dataLayer */
function rule(dataLayer, symbolizer, filter, minzoom, maxzoom = 0) {
  return { dataLayer, symbolizer, filter, minzoom, maxzoom: maxzoom || undefined };
}

const INK = "#5c5040";
const QUIET = "#75674f";
const AREA = "#8d7a5d";
const GREEN = "#6f7a55";
const WATER = "#64808a";

/** Who is written first, and keeps the place, comes first. */
export function labelRules() {
  return [
    rule("place", inArea({ size: grows(18, 18), colour: AREA, weight: 600, spacing: 0.3 }), kind("district"), 8, 11),
    rule("place", inArea({ size: grows(17, 17), colour: AREA, weight: 600, spacing: 0.3 }), kind("street"), 12, 13),
    rule("place", inArea({ size: grows(16, 20), colour: AREA, weight: 600, spacing: 0.32, apart: 300 }), kind("community"), 14, 17),
    rule("place", inArea({ size: grows(13, 15), colour: QUIET, weight: 600, spacing: 0.2 }), kind("grid"), 17),
    rule("street", alongLine({ size: grows(12.5, 15), colour: INK }), named("express", "primary"), 13),
    rule("street", alongLine({ size: grows(12.5, 15), colour: INK }), named("secondary"), 14),
    rule("place", inArea({ size: grows(12, 14), colour: INK, weight: 600 }), kind("station"), 14),
    rule("water", alongLine({ size: grows(13, 16), colour: WATER, spacing: 0.5 }), named("river", "canal"), 13),
    rule("place", inArea({ size: grows(12, 14), colour: WATER }), kind("water"), 14),
    rule("place", inArea({ size: grows(12, 14), colour: GREEN }), kind("park"), 15),
    rule("street", alongLine({ size: grows(12, 14.5), colour: INK }), named("tertiary"), 15),
    rule("street", alongLine({ size: grows(12, 14), colour: INK }), named("street"), 15),
    rule("water", alongLine({ size: grows(12, 14), colour: WATER, spacing: 0.3 }), named("stream"), 16),
    rule("place", inArea({ size: grows(12, 13), colour: QUIET }), kind("school", "hospital"), 16),
    rule("place", inArea({ size: grows(12, 13), colour: QUIET }), kind("compound"), 16),
    rule("street", alongLine({ size: grows(12, 13), colour: QUIET }), named("alley", "walk", "steps", "ramp"), 17),
    rule("street", ARROW, oneway, 17),
  ];
}
