// @ts-check
/**
 * "Near me": where a way begins: where the device is, a place pressed on the
 * map, a building by its name. The place stays in this page's memory: it is
 * sent to this server alone, to reckon ways from it, and written nowhere.
 * Fires `asking` when the reader is asked for a place, `placing` when a press on
 * the map is awaited, `settled` when no longer, `asked` when the asking is over,
 * `change` when there is another place or none.
 * @module
 */

import { announce } from "./announce.js";
import { find, make } from "./dom.js";
import { getJson, withParameters } from "./fetching.js";
import { _, ngettext } from "./i18n.js";

const PATIENCE_MS = 10_000;
const DEBOUNCE_MS = 250;

export class Near extends EventTarget {
  /** @param {L.Map} map @param {string} homesUrl where buildings are asked for by name */
  constructor(map, homesUrl) {
    super();
    this.map = map;
    this.homesUrl = homesUrl;
    /** @type {import("./geo.js").Position | null} */
    this.place = null;
    /** Which of the reader's doings is the last: what was asked for an earlier one comes too late. */
    this.turn = 0;
    this.button = find("#near-me");
    this.help = find("#near-help");
    this.homes = find("#near-homes");
    this.home = /** @type {HTMLInputElement} */ (find("#near-home"));
    this.button.addEventListener("click", () => (this.place ? this.clear() : this.ask()));
    find("#near-device").addEventListener("click", () => this.#locate());
    find("#near-press").addEventListener("click", () => this.#begin());
    find("#near-centre").addEventListener("click", () => this.put(map.getCenter()));
    find("#near-cancel").addEventListener("click", () => this.#end());
    find("#start-other").addEventListener("click", () => (this.help.hidden ? this.#offer("") : this.#end()));
    find("#start-clear").addEventListener("click", () => {
      this.clear();
      this.button.focus();
    });
    this.home.addEventListener("input", () => this.#typed());
    this.home.addEventListener("keydown", (event) => this.#key(event));
    this.home.addEventListener("focus", () => this.home.scrollIntoView({ block: "start" }));
    this.homes.addEventListener("keydown", (event) => this.#key(event));
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
    this.#overtake();
    this.marker?.remove();
    this.place = null;
    this.#changed();
    announce(_("Your place is forgotten."));
  }

  /** Ask where the reader is: the device first, then the reader. */
  ask() {
    if (!globalThis.isSecureContext || !navigator.geolocation) {
      this.#offer(_("This page came over a plain connection, so the browser does not tell it where you are."));
      return;
    }
    this.#locate();
  }

  #locate() {
    const turn = this.#overtake();
    this.button.classList.add("is-busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => turn === this.turn && this.put(L.latLng(coords.latitude, coords.longitude), _("my place")),
      ({ code }) => turn === this.turn && this.#offer(reason(code)),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
    );
  }

  #overtake() {
    this.#drop();
    this.button.classList.remove("is-busy");
    return (this.turn += 1);
  }

  // The ways to tell where one is, and why the quickest did not do.
  #offer(sentence) {
    this.button.classList.remove("is-busy");
    find("#near-reason").textContent = sentence;
    find("#near-reason").hidden = !sentence;
    find("#near-device").hidden = Boolean(sentence) || !globalThis.isSecureContext;
    this.help.hidden = false;
    this.dispatchEvent(new Event("asking"));
    this.help.scrollIntoView({ block: "nearest" });
    find(find("#near-device").hidden ? "#near-press" : "#near-device").focus();
    if (sentence) announce(sentence);
  }

  #begin() {
    this.#overtake();
    this.help.hidden = true;
    this.placing = true;
    find("#placing").hidden = false;
    document.documentElement.classList.add("is-placing");
    this.dispatchEvent(new Event("placing"));
    find("#near-centre").focus();
    announce(_("Press your place on the map."));
  }

  #end() {
    this.#overtake();
    const placing = this.placing;
    const wasAsking = placing || !this.help.hidden;
    this.help.hidden = true;
    this.placing = false;
    find("#placing").hidden = true;
    document.documentElement.classList.remove("is-placing");
    if (placing) this.dispatchEvent(new Event("settled"));
    this.dispatchEvent(new Event("asked"));
    if (wasAsking) this.button.focus();
  }

  // What was found for another text must not be taken for this one.
  #typed() {
    this.#drop();
    this.homes.replaceChildren();
    this.timer = setTimeout(() => this.#search(), DEBOUNCE_MS);
  }

  #drop() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  async #search() {
    this.#drop();
    const asking = (this.asking = new AbortController());
    const text = this.home.value.trim();
    if (text.length < 2) return;
    try {
      const { homes, more } = await getJson(withParameters(this.homesUrl, { q: text }), asking.signal);
      this.homes.replaceChildren(...homes.map((home) => make("li", {},
        make("button", { type: "button", class: "home", onclick: () => this.#live(home) }, make("bdi", {}, home.name)))));
      announce(homes.length ? ngettext("{n} building found", "{n} buildings found", homes.length) : _("No building has this name."));
      if (!homes.length) this.homes.append(make("li", { class: "home-none" }, _("No building has this name.")));
      if (more) this.homes.append(make("li", { class: "home-none" }, _("There are more: write more of the name.")));
    } catch {
      if (!asking.signal.aborted) this.homes.replaceChildren(make("li", { class: "home-none" }, _("The connection is lost. Trying again…")));
    }
  }

  // Whoever is quicker than the search gets the first of it all the same.
  async #takeFirst() {
    if (!this.homes.querySelector("button")) await this.#search();
    this.homes.querySelector("button")?.click();
  }

  // Enter takes the first; arrows go through what was found.
  #key(event) {
    const found = [...this.homes.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && event.target === this.home) {
      event.preventDefault();
      // The Enter that ends a composition belongs to the input method.
      if (!event.isComposing) this.#takeFirst();
    } else if (step) {
      event.preventDefault();
      const to = found.indexOf(/** @type {any} */ (document.activeElement)) + step;
      (found[Math.min(to, found.length - 1)] ?? this.home).focus();
    }
  }

  #live({ name, lon, lat }) {
    this.homes.replaceChildren();
    this.home.value = "";
    this.#stand([lon, lat], name);
  }

  /** Take a place as the reader's: to a metre, which is as well as anybody knows. @param {L.LatLng} latlng @param {string} [name] */
  put({ lat, lng }, name = _("the place on the map")) {
    this.#stand([Number(lng.toFixed(5)), Number(lat.toFixed(5))], name);
  }

  /** @param {import("./geo.js").Position} place @param {string} name */
  #stand(place, name) {
    this.#end();
    this.place = place;
    const [lng, lat] = place;
    find("#start-name").textContent = name;
    this.marker?.remove();
    this.marker = L.layerGroup([
      L.circleMarker([lat, lng], { pane: "place", radius: 20, stroke: false, fillColor: "#1b4b91", fillOpacity: 0.18, interactive: false }),
      L.circleMarker([lat, lng], { pane: "place", radius: 9, color: "#ffffff", weight: 3, fillColor: "#1b4b91", fillOpacity: 1, interactive: false }),
    ]).addTo(this.map);
    this.#changed();
  }

  #changed() {
    this.button.setAttribute("aria-pressed", String(Boolean(this.place)));
    find("#near-words").textContent = this.place ? _("Clear my place") : _("Near me");
    find("#start").hidden = !this.place;
    document.documentElement.classList.toggle("has-start", Boolean(this.place));
    this.dispatchEvent(new Event("change"));
  }
}

/** Why the device does not tell. @param {number} code of a GeolocationPositionError */
export function reason(code) {
  if (code === 1) return _("Leave to locate you was not given. It can be given beside the browser's address bar.");
  if (code === 3) return _("The device did not find out in time where you are.");
  return _("The device cannot find out where you are.");
}
