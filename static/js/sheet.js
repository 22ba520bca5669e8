// @ts-check
/**
 * The panel of a phone: a sheet that is pulled up from below, with three
 * stops. On a wide screen the same panel stands beside the map and this
 * module does nothing.
 * @module
 */

import { find } from "./dom.js";
import { _ } from "./i18n.js";

/** @typedef {"low" | "half" | "full"} Stop */

const STOPS = /** @type {Stop[]} */ (["low", "half", "full"]);
const PRESS_PX = 8;
const HALF = document.documentElement.dataset.mode === "elder" ? 0.56 : 0.48;

export class Sheet extends EventTarget {
  constructor() {
    super();
    this.panel = find("#panel");
    this.handle = find("#sheet-handle");
    this.narrow = matchMedia("(max-width: 760px)");
    /** @type {Stop} */
    this.stop = "half";
    this.handle.addEventListener("pointerdown", (event) => this.#grab(event));
    this.handle.addEventListener("keydown", (event) => this.#key(event));
    this.handle.addEventListener("click", () => this.#pressed());
    this.narrow.addEventListener("change", () => this.go(this.stop));
    addEventListener("resize", () => this.go(this.stop));
    this.go("half");
  }

  /** Go to a stop. @param {Stop} stop */
  go(stop) {
    this.stop = stop;
    document.documentElement.dataset.sheet = stop;
    this.panel.style.transform = this.narrow.matches ? `translateY(${this.#top(stop)}px)` : "";
    this.panel.style.setProperty("--sheet-hidden", this.narrow.matches ? `${this.#top(stop)}px` : "0px");
    this.handle.setAttribute("aria-expanded", String(stop !== "low"));
    const next = stop === "full" ? _("Show the map") : _("Show more of the list");
    find("#sheet-words").textContent = next;
    this.dispatchEvent(new Event("change"));
  }

  /** How much of the map the sheet covers, in pixels; half a screen at most, so that the list keeps its places. */
  covers() {
    if (!this.narrow.matches) return 0;
    return this.panel.offsetHeight - this.#top(this.stop === "full" ? "half" : this.stop);
  }

  /** Pixels that the panel is pushed down. @param {Stop} stop */
  #top(stop) {
    const height = this.panel.offsetHeight;
    if (stop === "full") return 0;
    if (stop === "half") return Math.round(height - innerHeight * HALF);
    return height - find("#sheet-low").offsetHeight - find("#sheet-low").offsetTop;
  }

  #pressed() {
    if (this.dragged) return;
    this.go(STOPS[(STOPS.indexOf(this.stop) + 1) % STOPS.length]);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.go(STOPS[Math.min(2, Math.max(0, STOPS.indexOf(this.stop) + step))]);
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    if (!this.narrow.matches) return;
    this.dragged = false;
    const from = event.clientY;
    const start = this.#top(this.stop);
    const move = (/** @type {PointerEvent} */ { clientY }) => {
      if (Math.abs(clientY - from) > PRESS_PX) this.dragged = true;
      if (!this.dragged) return;
      this.panel.classList.add("is-dragged");
      const top = Math.min(this.#top("low"), Math.max(0, start + clientY - from));
      this.panel.style.transform = `translateY(${top}px)`;
      this.at = top;
    };
    const drop = () => {
      this.handle.removeEventListener("pointermove", move);
      this.panel.classList.remove("is-dragged");
      if (this.dragged) this.go(this.#nearest(this.at ?? start));
    };
    this.handle.setPointerCapture(event.pointerId);
    this.handle.addEventListener("pointermove", move);
    this.handle.addEventListener("pointerup", drop, { once: true });
    this.handle.addEventListener("pointercancel", drop, { once: true });
  }

  /** @param {number} top @returns {Stop} */
  #nearest(top) {
    return [...STOPS].sort((a, b) => Math.abs(this.#top(a) - top) - Math.abs(this.#top(b) - top))[0];
  }
}
