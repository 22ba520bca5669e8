// @ts-check
/**
 * Where it happened: pressed on the map, looked for by the name of a building
 * or a shop, pasted from a map app, or where the device is. The place is sent
 * to this server alone, and by POST.
 * @module
 */

import { announce } from "./announce.js";
import { find, make } from "./dom.js";
import { nearFirst } from "./emergency-words.js";
import { Refused, getJson, withParameters } from "./fetching.js";
import { _ } from "./i18n.js";
import { reason } from "./near.js";
import { send } from "./sending.js";
import { magnetDrawing } from "./shapes.js";

const DEBOUNCE_MS = 200;
const PATIENCE_MS = 10_000;
const DECIMALS = 6;
const SHOPS = 6;
const LONGEST_NAME = 60;
/** Two numbers with decimals, or a link: a position that was copied somewhere. */
const POSITION = /https?:\/\/|-?\d{1,3}\.\d{2,}\D+-?\d{1,3}\.\d{2,}/;
const CONTROLS = /[\x00-\x1f\x7f]+/g;

/** Fires `place` with `detail` {at, words, look}: whether the map is to be brought there. */
export class Where extends EventTarget {
  /** @param {any} map @param {any} layer @param {Record<string, string>} urls */
  constructor(map, layer, urls) {
    super();
    this.map = map;
    this.layer = layer;
    this.urls = urls;
    this.turn = 0;
    /** Whether what was found is one position in several datums. */
    this.doubtful = false;
    this.text = /** @type {HTMLInputElement} */ (find("#where-text"));
    this.found = find("#where-found");
    this.trouble = find("#where-trouble");
    this.text.addEventListener("input", () => this.#typed());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    this.found.addEventListener("keydown", (event) => this.#key(event));
    find("#where-device").addEventListener("click", () => this.#locate());
    find("#where-middle").addEventListener("click", () => this.press(map.getCenter()));
  }

  /** A place on the map. @param {L.LatLng} latlng */
  press({ lat, lng }) {
    this.#take([lng, lat], _("the place on the map"), false);
  }

  /** Say a place in words. @param {import("./geo.js").Position} at @returns {Promise<string>} "" where nobody knows */
  async words([lon, lat]) {
    const told = await send(this.urls.place, { lon, lat }).catch(() => null);
    return told?.ok ? told.place.words : "";
  }

  /** @param {import("./geo.js").Position} at @param {string} words @param {boolean} look */
  #take(at, words, look) {
    this.turn += 1;
    clearTimeout(this.timer);
    this.#say("");
    this.found.replaceChildren();
    this.text.value = "";
    const rounded = at.map((degree) => Number(degree.toFixed(DECIMALS)));
    this.dispatchEvent(new CustomEvent("place", { detail: { at: rounded, words, look } }));
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.trouble.textContent = sentence;
    this.trouble.hidden = !sentence;
  }

  // ---- looked for

  #typed() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.#say("");
    if (!this.text.value.trim()) this.found.replaceChildren();
    else this.timer = setTimeout(() => this.#search(), DEBOUNCE_MS);
  }

  async #search() {
    const text = this.text.value.replace(CONTROLS, " ").trim();
    const turn = (this.turn += 1);
    if (!text) return;
    try {
      this.doubtful = false;
      const rows = POSITION.test(text) ? await this.#pasted(text) : await this.#named(text.slice(0, LONGEST_NAME));
      if (turn !== this.turn) return;
      this.found.replaceChildren(...rows);
      if (!rows.length) this.#say(_("No building and no shop has this name."));
      announce(rows.length ? _("{n} found", { n: rows.length }) : _("No building and no shop has this name."));
    } catch (error) {
      if (turn !== this.turn) return;
      this.found.replaceChildren();
      this.#say(error instanceof Refused && error.sentence ? error.sentence : _("The server cannot be reached just now. Press the place on the map."));
    }
  }

  /** @param {string} text */
  async #named(text) {
    const [{ homes }, { features }] = await Promise.all([
      text.length < 2 ? { homes: [] } : getJson(withParameters(this.urls.homes, { q: text })),
      getJson(withParameters(this.urls.merchants, { q: text, limit: SHOPS })),
    ]);
    return [
      ...homes.map(({ name, lon, lat }) => this.#row([lon, lat], name, null, "")),
      ...features.filter(({ properties }) => !properties.cluster).slice(0, SHOPS).map(({ geometry, properties }) =>
        this.#row(geometry.coordinates, properties.name, this.layer.category(properties.category), properties.address)),
    ];
  }

  /** @param {string} text */
  async #pasted(text) {
    const told = await send(this.urls.place, { text });
    if (!told.ok) throw new Refused(422, told.sentence);
    const places = told.ask ?? [told.place];
    this.doubtful = places.length > 1;
    return places.map(({ lon, lat, title, words }) => {
      const place = told.name || nearFirst(words);
      return this.#row([lon, lat], title || place, null, title ? words : "", place);
    });
  }

  /** @param {import("./geo.js").Position} at @param {string} name @param {any} category @param {string} more @param {string} [place] what it is called once it is chosen */
  #row(at, name, category, more, place = name) {
    const press = () => this.#take(at, place || name, true);
    return make("li", {}, make("button", { type: "button", class: "found-one", onclick: press },
      category && magnetDrawing(category),
      make("span", { class: "found-words" }, make("bdi", {}, name), more && make("bdi", { class: "quiet" }, more))));
  }

  // Enter takes the first, where one of them does not stand for another; arrows go through what was found.
  #key(event) {
    const found = [...this.found.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && event.target === this.text) {
      event.preventDefault();
      // The Enter that ends a composition belongs to the input method.
      if (!event.isComposing) this.#takeFirst();
    } else if (step) {
      event.preventDefault();
      const to = found.indexOf(/** @type {any} */ (document.activeElement)) + step;
      (found[Math.min(to, found.length - 1)] ?? this.text).focus();
    }
  }

  // Whoever is quicker than the search gets the first of it all the same.
  async #takeFirst() {
    clearTimeout(this.timer);
    if (!this.found.querySelector("button")) await this.#search();
    const first = this.found.querySelector("button");
    if (!this.doubtful) first?.click();
    else if (first) {
      // The map apps' positions lie half a kilometre apart.
      this.#say(_("Please choose where these numbers come from."));
      first.focus();
    }
  }

  // ---- where the device is

  #locate() {
    if (!globalThis.isSecureContext || !navigator.geolocation) {
      this.#say(_("This page came over a plain connection, so the browser does not tell it where you are. Press the place on the map."));
      return;
    }
    const turn = (this.turn += 1);
    const button = find("#where-device");
    button.classList.add("is-busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.classList.remove("is-busy");
        if (turn === this.turn) this.#take([coords.longitude, coords.latitude], _("my place"), true);
      },
      ({ code }) => {
        button.classList.remove("is-busy");
        if (turn === this.turn) this.#say(reason(code));
      },
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 10_000 },
    );
  }
}
