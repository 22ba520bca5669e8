// @ts-check
/**
 * What is being drawn, on the map: its corners as handles that are dragged or
 * moved by arrow keys, its outline, and where it crosses itself. It knows no
 * buttons and no server; see closure-pen.js.
 *
 * Fires `moved` when a corner is being moved, `settled` when it was put down,
 * `press` ({at, latlng}) when a corner is pressed.
 * @module
 */

import { latLng } from "./closure-shapes.js";
import { draw, make } from "./dom.js";
import { _ } from "./i18n.js";

/** @typedef {import("./geo.js").Position} Position */
/** @typedef {"area" | "line" | "point"} Kind */

const PANE = { pane: "place" };
const COLOUR = "#1b4b91";
const LINE = { ...PANE, interactive: false, lineJoin: "round", lineCap: "round" };
const CASING = { ...LINE, color: "#fffdf8", weight: 8, opacity: 0.9 };
const OUTLINE = { ...LINE, color: COLOUR, weight: 4 };
const RUBBER = { ...LINE, color: COLOUR, weight: 3, dashArray: "2 8" };
const INSIDE = { ...LINE, stroke: false, fill: true, fillColor: COLOUR, fillOpacity: 0.15 };
/** A thumb needs room; under a mouse, much room would hinder who draws something small. */
const HANDLE_PX = matchMedia("(pointer: coarse)").matches ? 44 : 24;
const STEP_PX = 2;
const LEAP_PX = 20;
const STEPS = /** @type {Record<string, [number, number]>} */ (
  { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] });

export class Sketch extends EventTarget {
  /** @param {any} map */
  constructor(map) {
    super();
    this.map = map;
    /** @type {Kind} */
    this.kind = "area";
    /** @type {Position[]} */
    this.corners = [];
    this.closed = false;
    this.inside = L.polygon([], INSIDE);
    this.casing = L.polyline([], CASING);
    this.outline = L.polyline([], OUTLINE);
    this.rubber = L.polyline([], RUBBER);
    this.shapes = L.layerGroup([this.inside, this.casing, this.rubber, this.outline]);
    /** @type {any[]} */
    this.handles = [];
    /** @type {any[]} half way along each side, once it is closed */
    this.halves = [];
    /** @type {any} */
    this.cross = null;
  }

  /**
   * Show these corners.
   * @param {Kind} kind
   * @param {Position[]} corners
   * @param {boolean} closed nothing is added at the end any more
   */
  show(kind, corners, closed) {
    const focused = this.handles.findIndex((handle) => handle.getElement() === document.activeElement);
    this.#clear();
    Object.assign(this, { kind, closed, corners: corners.map((corner) => [...corner]) });
    this.shapes.addTo(this.map);
    this.handles = this.corners.map((corner, at) => this.#handle(corner, at));
    if (closed && kind !== "point") this.halves = this.#sides().map(([a, b], at) => this.#half(a, b, at));
    this.#trace();
    if (focused >= 0) this.focus(Math.min(focused, this.corners.length - 1));
  }

  /** Show nothing. */
  hide() {
    this.#clear();
    this.corners = [];
    this.shapes.remove();
  }

  /** Let a line follow the pointer from the last corner; null for none. @param {Position | null} to */
  follow(to) {
    const from = this.corners.at(-1);
    const back = this.kind === "area" && this.corners.length > 1 ? [latLng(this.corners[0])] : [];
    this.rubber.setLatLngs(to && from && !this.closed ? [latLng(from), latLng(to), ...back] : []);
  }

  /** Mark where it crosses itself; null for nowhere. @param {Position | null} at */
  crosses(at) {
    this.cross?.remove();
    this.cross = null;
    if (!at) return;
    const html = make("span", { class: "sketch-cross" }, _("It crosses itself here"));
    const icon = L.divIcon({ html, className: "sketch-pin", iconSize: [0, 0] });
    this.cross = L.marker(latLng(at), { ...PANE, icon, interactive: false, keyboard: false, zIndexOffset: 2000 }).addTo(this.map);
    this.map.panInside(latLng(at), { padding: [80, 80], animate: false });
  }

  /** Bring a keyboard to a corner. @param {number} at */
  focus(at) {
    this.handles[at]?.getElement()?.focus();
  }

  /** Which corner has the keyboard; -1 for none. */
  get focused() {
    return this.handles.findIndex((handle) => handle.getElement() === document.activeElement);
  }

  /** The box of all corners. @returns {L.LatLngBounds} */
  bounds() {
    return L.latLngBounds(this.corners.map(latLng));
  }

  // ---- parts

  #clear() {
    for (const marker of [...this.handles, ...this.halves]) marker.remove();
    [this.handles, this.halves] = [[], []];
    this.rubber.setLatLngs([]);
    this.crosses(null);
  }

  #sides() {
    const ends = this.kind === "area" ? [...this.corners.slice(1), this.corners[0]] : this.corners.slice(1);
    return ends.map((end, at) => /** @type {[Position, Position]} */ ([this.corners[at], end]));
  }

  #trace() {
    const line = this.corners.map(latLng);
    const around = this.kind === "area" && this.closed ? [...line, line[0]] : line;
    this.casing.setLatLngs(around);
    this.outline.setLatLngs(around);
    this.inside.setLatLngs(this.kind === "area" && line.length > 2 ? line : []);
  }

  /** @param {Position} corner @param {number} at */
  #handle(corner, at) {
    const first = !this.closed && this.kind === "area" && at === 0 && this.corners.length > 2;
    const marker = this.#marker(corner, this.kind === "point" ? "sketch-point" : first ? "sketch-first" : "sketch-corner");
    marker.on("drag", () => this.#dragged(marker, at));
    marker.on("dragend", () => this.dispatchEvent(new Event("settled")));
    marker.on("click", ({ originalEvent }) => this.dispatchEvent(
      new CustomEvent("press", { detail: { at, latlng: this.map.mouseEventToLatLng(originalEvent) } })));
    const element = marker.getElement();
    element.setAttribute("aria-label", this.kind === "point"
      ? _("The closed place. Arrow keys move it.")
      : _("Corner {n} of {all}. Arrow keys move it, Delete takes it away.", { n: at + 1, all: this.corners.length }));
    element.addEventListener("keydown", (event) => this.#steered(event, marker, at));
    return marker;
  }

  /** @param {Position} a @param {Position} b @param {number} at */
  #half(a, b, at) {
    const marker = this.#marker([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], "sketch-half", false);
    marker.on("dragstart", () => {
      const { lng, lat } = marker.getLatLng();
      this.corners.splice(at + 1, 0, [lng, lat]);
    });
    marker.on("drag", () => this.#dragged(marker, at + 1));
    marker.on("dragend", () => this.dispatchEvent(new Event("settled")));
    return marker;
  }

  /** @param {Position} place @param {string} look @param {boolean} [keyboard] */
  #marker(place, look, keyboard = true) {
    const html = look === "sketch-point" ? pin() : make("span", { class: look });
    const icon = L.divIcon({ html: /** @type {any} */ (html), className: "sketch-pin", iconSize: [HANDLE_PX, HANDLE_PX] });
    return L.marker(latLng(place), { ...PANE, icon, keyboard, draggable: true, autoPan: true, zIndexOffset: keyboard ? 1000 : 0 }).addTo(this.map);
  }

  /** @param {any} marker @param {number} at */
  #dragged(marker, at) {
    const { lng, lat } = marker.getLatLng();
    this.corners[at] = [lng, lat];
    this.crosses(null);
    this.#trace();
    this.dispatchEvent(new Event("moved"));
  }

  /** @param {KeyboardEvent} event @param {any} marker @param {number} at */
  #steered(event, marker, at) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.shiftKey ? LEAP_PX : STEP_PX;
    const place = this.map.latLngToContainerPoint(marker.getLatLng()).add([step[0] * by, step[1] * by]);
    marker.setLatLng(this.map.containerPointToLatLng(place));
    this.map.panInside(marker.getLatLng(), { padding: [60, 60], animate: false });
    this.#dragged(marker, at);
    this.halves.forEach((half, n) => {
      const [a, b] = this.#sides()[n];
      half.setLatLng(latLng([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]));
    });
    this.dispatchEvent(new Event("settled"));
  }
}

function pin() {
  return draw("svg", { viewBox: "-15 -15 30 30", class: "closure-sign", "aria-hidden": "true", focusable: "false" },
    draw("circle", { r: 13, fill: COLOUR, stroke: "#fffdf8", "stroke-width": 2 }), draw("rect", { x: -8.5, y: -3, width: 17, height: 6, rx: 1, fill: "#fffdf8" }));
}
