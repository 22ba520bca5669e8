// @ts-check
/**
 * What is closed, for whoever looks at the map: one calm line in the panel,
 * each closure on demand, and the same beside its sign on the map.
 * @module
 */

import { sign } from "./closure-marks.js";
import { left, span } from "./closure-words.js";
import { find, icon, make } from "./dom.js";
import { _, ngettext } from "./i18n.js";

/** @typedef {import("./closures-live.js").Closure} Closure */

const CLOSE_UP = 17;
const AGE_MS = 60_000;
const WIDEST_PX = 300;
const NARROWEST_PX = 180;
/** The buttons of the map, on either side of what stands in its middle. */
const BESIDE_PX = 88;

/** @param {any} map @param {any} layer */
export function closureNotice(map, layer) {
  return new Notice(map, layer);
}

class Notice {
  /** @param {any} map @param {any} layer */
  constructor(map, layer) {
    this.map = map;
    this.layer = layer;
    this.popup = L.popup({ className: "closure-popup", closeButton: false, minWidth: NARROWEST_PX });
    this.told = "";
    layer.on("closures", () => this.#draw());
    layer.on("pick", ({ closure, latlng }) => this.#tell(closure, latlng));
    setInterval(() => this.#age(), AGE_MS);
  }

  #draw() {
    const { closures } = this.layer;
    find("#closures-told").hidden = !closures.length;
    find("#closures-line").textContent = counted(closures);
    find("#closures-sign").replaceChildren(sign(closures.some(({ state }) => state === "in_force") ? "in_force" : "coming"));
    find("#closures-list").replaceChildren(...closures.map((one) => this.#row(one)));
    const told = this.layer.closure(this.told);
    if (told && this.popup.isOpen()) this.popup.setContent(this.#said(told));
    else this.popup.close();
  }

  /** @param {Closure} closure */
  #row(closure) {
    return make("li", {},
      make("button", { type: "button", class: "closure-row", onclick: () => this.#go(closure) },
        sign(closure.state), make("span", { class: "closure-said" }, ...words(closure, this.layer.live.now()))));
  }

  /** @param {Closure} closure */
  #said(closure) {
    return make("div", { class: "closure-told" },
      make("div", { class: "closure-said" }, ...words(closure, this.layer.live.now())),
      make("button", { type: "button", class: "icon-button", "aria-label": _("Close"), onclick: () => this.popup.close() }, icon("close")));
  }

  /** @param {Closure} closure */
  #go(closure) {
    const box = this.layer.bounds(closure.id);
    this.map.fitBounds(box, { paddingTopLeft: [48, 96], paddingBottomRight: [48, 48 + this.#covered()], maxZoom: CLOSE_UP });
    this.#tell(closure, box.getCenter());
  }

  // The sheet of a phone covers the map from below.
  #covered() {
    const [map, panel] = [this.map.getContainer(), find("#panel")].map((element) => element.getBoundingClientRect());
    const over = map.bottom - panel.top;
    return panel.width < map.width || over < 0 ? 0 : Math.min(over, map.height / 2);
  }

  /** @param {Closure} closure @param {any} latlng */
  #tell(closure, latlng) {
    this.told = closure.id;
    this.popup.options.maxWidth = Math.max(NARROWEST_PX, Math.min(WIDEST_PX, this.map.getSize().x - 2 * BESIDE_PX));
    this.popup.options.autoPanPaddingBottomRight = [BESIDE_PX, 16 + this.#covered()];
    this.popup.setLatLng(latlng).setContent(this.#said(closure)).openOn(this.map);
  }

  // Only the words change with the clock, so that nobody loses the place where they read.
  #age() {
    for (const line of document.querySelectorAll(".closure-left[data-id]")) {
      const closure = this.layer.closure(/** @type {HTMLElement} */ (line).dataset.id);
      if (closure) line.textContent = left(closure, this.layer.live.now());
    }
  }
}

/** How many there are, in words. @param {Closure[]} closures */
export function counted(closures) {
  const now = closures.filter(({ state }) => state === "in_force").length;
  const coming = closures.length - now;
  if (!coming) return ngettext("{n} place is closed", "{n} places are closed", now);
  if (!now) return ngettext("{n} place will be closed", "{n} places will be closed", coming);
  return _("{n} closed now, {m} soon", { n: now, m: coming });
}

/** @param {Closure} closure @param {number} now */
function words(closure, now) {
  return [
    make("bdi", { class: "closure-reason" }, closure.reason),
    make("span", {}, span(closure, now)),
    make("span", { class: "closure-left", "data-id": closure.id }, left(closure, now)),
    !closure.public && make("span", { class: "closure-staff" }, _("for staff only")),
  ];
}
