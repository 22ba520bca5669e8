// @ts-check
/**
 * "Near me": where the reader is, from the device or from a press on the map.
 * The place stays in this page's memory; it is never sent or written anywhere.
 * Fires `placing` when a press on the map is awaited, `settled` when no longer,
 * `change` when there is another place or none.
 * @module
 */

import { announce } from "./announce.js";
import { find } from "./dom.js";
import { _ } from "./i18n.js";

const PATIENCE_MS = 10_000;

export class Near extends EventTarget {
  /** @param {L.Map} map */
  constructor(map) {
    super();
    this.map = map;
    /** @type {import("./geo.js").Position | null} */
    this.place = null;
    this.button = find("#near-me");
    this.help = find("#near-help");
    this.button.addEventListener("click", () => (this.place ? this.clear() : this.#ask()));
    find("#near-press").addEventListener("click", () => this.#begin());
    find("#near-centre").addEventListener("click", () => this.put(map.getCenter()));
    find("#near-cancel").addEventListener("click", () => this.#end());
    map.on("click", ({ latlng }) => this.placing && this.put(latlng));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && (this.placing || !this.help.hidden)) {
        event.stopImmediatePropagation();
        this.#end();
      }
    });
  }

  /** Forget the place. */
  clear() {
    this.marker?.remove();
    this.place = null;
    this.#changed();
    announce(_("Your place is forgotten."));
  }

  #ask() {
    if (!globalThis.isSecureContext || !navigator.geolocation) {
      this.#explain(_("This page came over a plain connection, so the browser does not tell it where you are."));
      return;
    }
    this.button.classList.add("is-busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.put(L.latLng(coords.latitude, coords.longitude)),
      ({ code }) => this.#explain(reason(code)),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
    );
  }

  /** @param {string} sentence */
  #explain(sentence) {
    this.button.classList.remove("is-busy");
    find("#near-reason").textContent = sentence;
    this.help.hidden = false;
    find("#near-press").focus();
    announce(sentence);
  }

  #begin() {
    this.help.hidden = true;
    this.placing = true;
    find("#placing").hidden = false;
    document.documentElement.classList.add("is-placing");
    this.dispatchEvent(new Event("placing"));
    find("#near-centre").focus();
    announce(_("Press your place on the map."));
  }

  #end() {
    this.help.hidden = true;
    const placing = this.placing;
    this.placing = false;
    find("#placing").hidden = true;
    document.documentElement.classList.remove("is-placing");
    if (placing) this.dispatchEvent(new Event("settled"));
    this.button.focus();
  }

  /** Take a place as the reader's. @param {L.LatLng} latlng */
  put({ lat, lng }) {
    this.button.classList.remove("is-busy");
    this.#end();
    this.place = [lng, lat];
    this.marker?.remove();
    this.marker = L.layerGroup([
      L.circleMarker([lat, lng], { pane: "place", radius: 20, stroke: false, fillColor: "#1b4b91", fillOpacity: 0.18, interactive: false }),
      L.circleMarker([lat, lng], { pane: "place", radius: 9, color: "#ffffff", weight: 3, fillColor: "#1b4b91", fillOpacity: 1, interactive: false }),
    ]).addTo(this.map);
    this.#changed();
    announce(_("The list is sorted by straight-line distance from your place."));
  }

  #changed() {
    this.button.setAttribute("aria-pressed", String(Boolean(this.place)));
    find("#near-words").textContent = this.place ? _("Clear my place") : _("Near me");
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {number} code of a GeolocationPositionError */
function reason(code) {
  if (code === 1) return _("Leave to locate you was not given.");
  if (code === 3) return _("The device did not find out in time where you are.");
  return _("The device cannot find out where you are.");
}
