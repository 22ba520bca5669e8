// @ts-check
/**
 * Drawing an area, a stretch of street or a point on the map: by mouse, by
 * thumb, by keyboard. First corners are added, one press each; then the whole
 * stands, and its corners can be moved until it is sent.
 *
 * Fires `change` whenever something differs, `done` when the last corner is
 * there, `cancel` when the reader thinks better of it.
 * @module
 */

import { announce } from "./announce.js";
import { Sketch } from "./closure-sketch.js";
import { find, make } from "./dom.js";
import { _ } from "./i18n.js";

/** @typedef {import("./geo.js").Position} Position */
/** @typedef {import("./closure-sketch.js").Kind} Kind */

export const FEWEST = { area: 3, line: 2, point: 1 };
const DECIMALS = 7;
const SAME_PX = 6;
const STEP_PX = 24;
const LEAP_PX = 120;
const STEPS = /** @type {Record<string, [number, number]>} */ (
  { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] });

export class Pen extends EventTarget {
  /** @param {any} map */
  constructor(map) {
    super();
    this.map = map;
    this.sketch = new Sketch(map);
    this.bar = find("#pen");
    this.words = find("#pen-words");
    /** @type {Kind} */
    this.kind = "area";
    /** @type {Position[]} */
    this.corners = [];
    /** @type {"off" | "adding" | "moving"} */
    this.phase = "off";
    this.aiming = false;
    this.said = "";
    this.#listen();
  }

  #listen() {
    const { map, sketch } = this;
    map.on("click", ({ latlng }) => this.#pressed(latlng));
    map.on("mousemove", ({ latlng }) => !this.aiming && this.#follow(latlng));
    map.on("move", () => this.aiming && this.#follow(map.getCenter()));
    map.on("mousedown", () => this.#aim(false));
    const element = map.getContainer();
    element.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("keydown", (event) => this.#escape(event));
    sketch.addEventListener("press", ({ detail }) => this.#touched(/** @type {any} */ (detail)));
    sketch.addEventListener("moved", () => { this.corners = sketch.corners; });
    sketch.addEventListener("settled", () => this.#settled());
    find("#pen-here").addEventListener("click", () => this.#add(map.getCenter()));
    find("#pen-undo").addEventListener("click", () => this.undo());
    find("#pen-done").addEventListener("click", () => this.finish());
    find("#pen-cancel").addEventListener("click", () => this.cancel());
  }

  /**
   * Begin to draw.
   * @param {Kind} kind
   * @param {{corners?: Position[], byKey?: boolean, said?: string}} [how] `said` instead of what the
   *   drawer of a closure is told to do
   */
  begin(kind, { corners = [], byKey = false, said = "" } = {}) {
    this.said = said;
    this.#become("adding", kind, corners);
    this.map.getContainer().focus({ preventScroll: true });
    this.#aim(byKey || matchMedia("(pointer: coarse)").matches);
    announce(this.words.textContent ?? "");
  }

  /** Show what was drawn before, to be moved. @param {Kind} kind @param {Position[]} corners */
  take(kind, corners) {
    this.#become("moving", kind, corners);
    this.#aim(false);
  }

  /** Put the pen down and wipe what it drew. */
  rest() {
    this.#become("off", this.kind, []);
    this.sketch.hide();
    this.#aim(false);
  }

  /** What is drawn, as GeoJSON has it; null while it is not whole. */
  get geometry() {
    if (this.phase !== "moving") return null;
    const corners = this.corners.map(rounded);
    if (this.kind === "point") return { type: "Point", coordinates: corners[0] };
    if (this.kind === "line") return { type: "LineString", coordinates: corners };
    return { type: "Polygon", coordinates: [[...corners, corners[0]]] };
  }

  undo() {
    if (this.phase !== "adding" || !this.corners.length) return;
    this.corners = this.corners.slice(0, -1);
    this.#changed();
  }

  finish() {
    if (this.phase !== "adding" || this.corners.length < FEWEST[this.kind]) return;
    this.#become("moving", this.kind, this.corners);
    this.#aim(false);
    this.dispatchEvent(new Event("done"));
  }

  cancel() {
    if (this.phase === "off") return;
    this.rest();
    this.dispatchEvent(new Event("cancel"));
  }

  // ---- what the reader does

  // A hand that shakes presses twice at one place.
  #pressed(latlng) {
    if (this.phase !== "adding") return;
    const last = this.corners.at(-1);
    const twice = last && this.map.latLngToContainerPoint([last[1], last[0]]).distanceTo(this.map.latLngToContainerPoint(latlng)) < SAME_PX;
    if (!twice) this.#add(latlng);
  }

  #add({ lng, lat }) {
    if (this.phase !== "adding") return;
    this.corners = [...this.corners, rounded([lng, lat])];
    if (this.kind === "point") return this.finish();
    this.#changed();
    announce(_("Corner {n}", { n: this.corners.length }));
  }

  // The first corner closes an area, the last one again ends: so does a double press.
  #corner(at) {
    if (this.phase !== "adding" || this.corners.length < FEWEST[this.kind]) return false;
    const ends = (this.kind === "area" && at === 0) || at === this.corners.length - 1;
    if (ends) this.finish();
    return ends;
  }

  // A press on any other corner is one on the map: small things are drawn, too.
  #touched({ at, latlng }) {
    if (!this.#corner(at)) this.#pressed(latlng);
  }

  #take(at) {
    if (this.corners.length <= FEWEST[this.kind]) return announce(_("It needs this corner. Move it instead."));
    this.corners = this.corners.filter((_corner, n) => n !== at);
    this.#changed();
    return this.sketch.focus(Math.max(0, at - 1));
  }

  #settled() {
    this.corners = this.sketch.corners.map(rounded);
    // A corner that was pulled out of a side is one of them now.
    if (this.corners.length !== this.sketch.handles.length) this.sketch.show(this.kind, this.corners, true);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.phase === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.sketch.focused;
    if (at >= 0) {
      if (event.key === "Delete" || event.key === "Backspace") this.#take(at);
      else if (event.key === "Enter") this.#corner(at);
      else return;
    } else if (event.target !== this.map.getContainer() || this.phase !== "adding" || !this.#aimed(event)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // The cross-hair is the middle of the map, and the map moves under it.
  #aimed({ key, shiftKey }) {
    const step = STEPS[key];
    if (step) {
      const by = shiftKey ? LEAP_PX : STEP_PX;
      this.#aim(true);
      this.map.panBy([step[0] * by, step[1] * by], { animate: false });
    } else if (key === "Enter" || key === " ") {
      this.#aim(true);
      this.#enter();
    } else if (key === "Backspace" || key === "Delete") {
      this.undo();
    } else if (key === "+" || key === "=" || key === "-") {
      this.map.setZoom(this.map.getZoom() + (key === "-" ? -1 : 1), { animate: false });
    } else {
      return false;
    }
    return true;
  }

  // Enter where a corner stands already means that it was the last one.
  #enter() {
    const { map } = this;
    const near = (corner) => map.latLngToContainerPoint([corner[1], corner[0]]).distanceTo(map.getSize().divideBy(2)) < STEP_PX / 2;
    const at = this.corners.findIndex(near);
    if (at < 0) this.#add(map.getCenter());
    else this.#corner(at);
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== "Escape" || this.phase !== "adding" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.cancel();
  }

  // ---- what is seen

  /** @param {"off" | "adding" | "moving"} phase @param {Kind} kind @param {Position[]} corners */
  #become(phase, kind, corners) {
    Object.assign(this, { phase, kind, corners: corners.map(rounded) });
    const root = document.documentElement;
    root.classList.toggle("is-drawing", phase === "adding");
    root.classList.toggle("is-drawn", phase === "moving");
    this.bar.hidden = phase !== "adding";
    // While drawing a double press ends, and arrow keys move by less.
    for (const handler of [this.map.doubleClickZoom, this.map.keyboard]) {
      if (phase === "adding") handler.disable();
      else handler.enable();
    }
    if (phase !== "off") this.#changed();
  }

  #changed() {
    this.sketch.show(this.kind, this.corners, this.phase === "moving");
    this.#say();
    if (this.aiming) this.#follow(this.map.getCenter());
    this.dispatchEvent(new Event("change"));
  }

  #say() {
    const lacking = FEWEST[this.kind] - this.corners.length;
    this.words.replaceChildren(this.said ? make("span", {}, this.said) : guidance(this.kind, this.corners.length));
    /** @type {HTMLButtonElement} */ (find("#pen-done")).disabled = lacking > 0;
    /** @type {HTMLButtonElement} */ (find("#pen-undo")).disabled = !this.corners.length;
    for (const name of ["#pen-done", "#pen-undo"]) find(name).hidden = this.kind === "point";
  }

  #follow({ lng, lat }) {
    if (this.phase === "adding") this.sketch.follow([lng, lat]);
  }

  /** Show the cross-hair, or follow the mouse. @param {boolean} on */
  #aim(on) {
    const coarse = matchMedia("(pointer: coarse)").matches;
    this.aiming = this.phase === "adding" && (on || coarse);
    document.documentElement.classList.toggle("is-aiming", this.aiming);
    this.sketch.follow(null);
    if (this.aiming) this.#follow(this.map.getCenter());
  }
}

/** What to do next. @param {Kind} kind @param {number} n corners there are */
function guidance(kind, n) {
  const said = {
    point: _("Press the place that is closed."),
    line: n < 2 ? _("Press along the street, one press at each bend.") : _("Go on, or press Done."),
    area: n < 3 ? _("Press the corners of the area, one after the other.") : _("Press the first corner, or Done, to close it."),
  }[kind];
  return make("span", {}, said);
}

/** A position as exactly as it is drawn. @param {Position} position @returns {Position} */
export function rounded([lon, lat]) {
  return [Number(lon.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))];
}
