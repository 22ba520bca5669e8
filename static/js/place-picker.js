// @ts-check
/**
 * Where a shop is: a pin that is put by a tap and moved by dragging or arrow
 * keys, the device's position, and what was pasted from a map app. The
 * form's fields are the only copy, as they were given, in their datum.
 * @module
 */

import { announce } from "./announce.js";
import { draw, find, make } from "./dom.js";
import { getJson, lasting, withParameters } from "./fetching.js";
import { mended } from "./field-wrong.js";
import { _, LOCALE } from "./i18n.js";
import { reason } from "./near.js";
import { send } from "./sending.js";

const PATIENCE_MS = 10_000;
const CLOSE_UP = 17;
const STEP_PX = 4;
const LONG_STEP_PX = 40;
/** A device that knows it less well than this is told so. */
const EXACT_M = 50;
const DECIMALS = 6;
/** What is asked about a building at most. */
const LONGEST_NAME = 60;
const CONTROLS = /[\x00-\x1f\x7f]+/g;
const NO_POSITION = "pasted_no_position";

/**
 * @typedef {{lon: number, lat: number, words: string, doubt: string, title?: string,
 *   given: {lon: number, lat: number, datum: string}}} Placed a position, WGS 84 and as it was given
 */

/** @param {any} map @param {{placeUrl: string, homesUrl: string}} options */
export function placePicker(map, options) {
  return new PlacePicker(map, options);
}

class PlacePicker {
  /** @param {any} map @param {{placeUrl: string, homesUrl: string}} options */
  constructor(map, { placeUrl, homesUrl }) {
    this.map = map;
    this.homesUrl = homesUrl;
    this.placeUrl = placeUrl;
    this.fields = ["lon", "lat", "datum"].map((name) => /** @type {HTMLInputElement} */ (find(`#field-${name}`)));
    this.text = /** @type {HTMLTextAreaElement} */ (find("#where-text"));
    this.turn = 0;
    /** @type {any} */
    this.marker = null;
    this.guesses = L.layerGroup().addTo(map);
    map.scrollWheelZoom.disable();
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    map.on("click", ({ latlng }) => this.put(latlng));
    for (const field of this.fields) field.addEventListener("change", () => this.#written({ look: true }));
    find("#where-device").addEventListener("click", () => this.#locate());
    find("#where-read").addEventListener("click", () => this.#paste());
    this.text.addEventListener("paste", () => setTimeout(() => this.#paste()));
    this.#written({ look: true });
  }

  /** Put the pin somewhere by hand. @param {L.LatLng} latlng */
  put({ lat, lng }) {
    const place = [lng, lat].map((degree) => degree.toFixed(DECIMALS));
    this.#fill([...place, "wgs84"]);
    this.#written({ look: false });
  }

  // ---- the fields

  /** @param {string[]} values longitude, latitude, datum */
  #fill(values) {
    this.fields.forEach((field, at) => (field.value = values[at]));
    this.fields[0].dispatchEvent(new Event("input", { bubbles: true }));
  }

  // What stands in the fields is shown and said; `look` brings the map there.
  async #written({ look }) {
    const turn = (this.turn += 1);
    const [lon, lat] = this.fields.slice(0, 2).map(({ value }) => (value.trim() ? Number(value) : NaN));
    const datum = this.fields[2].value;
    this.#forgetGuesses();
    find("#where-device-trouble").hidden = true;
    if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) {
      this.marker?.remove();
      this.marker = null;
      this.#say("", "");
      return;
    }
    if (datum === "wgs84") this.#stand([lon, lat], look);
    try {
      const { ok, place, sentence } = await send(this.placeUrl, { lon, lat, datum });
      if (turn !== this.turn) return;
      if (!ok) return this.#say(sentence, "");
      this.#stand([place.lon, place.lat], look);
      this.#say(place.words, place.doubt);
    } catch {
      // Without a connection the pin says enough.
      if (turn === this.turn) this.#say("", "");
    }
  }

  /** @param {string} words @param {string} doubt */
  #say(words, doubt) {
    find("#where-words").textContent = words;
    find("#where-doubt").textContent = doubt;
    find("#where-doubt").hidden = !doubt;
    if (words) mended("position");
  }

  // ---- the pin

  /** @param {[number, number]} place @param {boolean} look */
  #stand([lon, lat], look) {
    const here = L.latLng(lat, lon);
    if (!this.marker) {
      this.marker = L.marker(here, { icon: pin(), draggable: true, autoPan: true, keyboard: true, alt: _("The shop's place. Arrow keys move it.") });
      this.marker.on("dragend", () => this.put(this.marker.getLatLng()));
      this.marker.addTo(this.map);
      const element = this.marker.getElement();
      element.setAttribute("aria-label", _("The shop's place. Arrow keys move it."));
      element.addEventListener("keydown", (event) => this.#nudge(event));
    }
    this.marker.setLatLng(here);
    if (look) this.map.setView(here, Math.max(CLOSE_UP, this.map.getZoom()));
    else if (!this.map.getBounds().pad(-0.1).contains(here)) this.map.panTo(here);
  }

  #nudge(event) {
    const step = event.shiftKey ? LONG_STEP_PX : STEP_PX;
    const move = { ArrowUp: [0, -step], ArrowDown: [0, step], ArrowLeft: [-step, 0], ArrowRight: [step, 0] }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const at = this.map.latLngToContainerPoint(this.marker.getLatLng()).add(move);
    this.put(this.map.containerPointToLatLng(at));
  }

  // ---- where the device is

  #locate() {
    const trouble = find("#where-device-trouble");
    const say = (sentence) => {
      trouble.textContent = sentence;
      trouble.hidden = !sentence;
      announce(sentence);
    };
    if (!globalThis.isSecureContext || !navigator.geolocation) {
      say(_("This page came over a plain connection, so the browser does not tell it where you are. Press the place on the map."));
      return;
    }
    const button = find("#where-device");
    button.classList.add("is-busy");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.classList.remove("is-busy");
        this.#fill([coords.longitude.toFixed(DECIMALS), coords.latitude.toFixed(DECIMALS), "wgs84"]);
        this.#written({ look: true });
        if (coords.accuracy > EXACT_M) {
          say(_("The device knows its place to {metres} m only. Drag the pin to the door.", { metres: Math.round(coords.accuracy).toLocaleString(LOCALE) }));
        }
      },
      ({ code }) => {
        button.classList.remove("is-busy");
        say(reason(code));
      },
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
    );
  }

  // ---- what was pasted

  async #paste() {
    const text = this.text.value.trim();
    const turn = (this.turn += 1);
    this.#trouble("");
    this.#forgetGuesses();
    if (!text) return;
    try {
      const answer = await send(this.placeUrl, { text });
      if (turn !== this.turn) return;
      if (answer.code === NO_POSITION) await this.#building(text, answer.sentence, turn);
      else if (!answer.ok) this.#trouble(answer.sentence);
      else if (answer.ask) this.#ask(_("Where do these numbers come from? The map shows where each would be."), answer.ask);
      else this.#take(answer.place);
      if (answer.ok) this.#name(answer.name);
    } catch (error) {
      if (turn === this.turn) this.#trouble(lasting(error) ? error.sentence : _("No connection just now. Press the place on the map, or try again."));
    }
  }

  /** @param {string} sentence */
  #trouble(sentence) {
    const line = find("#where-paste-trouble");
    line.textContent = sentence;
    line.hidden = !sentence;
  }

  // What is no position may be the name of a building: a place to begin from.
  async #building(text, sentence, turn) {
    const { homes } = await getJson(withParameters(this.homesUrl, { q: text.replace(CONTROLS, " ").slice(0, LONGEST_NAME) }));
    if (turn !== this.turn) return;
    if (!homes.length) {
      this.#trouble(sentence);
      return;
    }
    this.#ask(_("Which of these buildings is nearest? Then drag the pin to the door."), homes.map(({ name, lon, lat }) => (
      { lon, lat, title: name, words: "", doubt: "", given: { lon, lat, datum: "wgs84" } })));
  }

  /** @param {string} question @param {Placed[]} guesses one for each datum, or building */
  #ask(question, guesses) {
    find("#where-ask-title").textContent = question;
    find("#where-datums").replaceChildren(...guesses.map((guess, at) =>
      make("button", { type: "button", class: "wide-button", onclick: () => this.#take(guess) },
        make("span", { class: "where-mark", "aria-hidden": "true" }, String(at + 1)),
        make("span", {}, guess.title, guess.words && make("span", { class: "quiet" }, ` ${guess.words}`)))));
    find("#where-ask").hidden = false;
    const box = L.latLngBounds([]);
    guesses.forEach(({ lon, lat }, at) => {
      box.extend([lat, lon]);
      const icon = L.divIcon({ className: "where-mark", html: String(at + 1), iconSize: [32, 32] });
      L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(this.guesses);
    });
    this.map.fitBounds(box, { padding: [48, 48], maxZoom: CLOSE_UP });
    announce(question);
  }

  #forgetGuesses() {
    find("#where-ask").hidden = true;
    this.guesses.clearLayers();
  }

  /** @param {Placed} place */
  #take({ given }) {
    this.#fill([String(given.lon), String(given.lat), given.datum]);
    this.#written({ look: true });
    /** @type {HTMLDetailsElement} */ (find("#where-paste")).open = false;
    this.text.value = "";
    find("#where-paste summary").focus({ preventScroll: true });
    // It was pasted below the map, which may have left the screen by then.
    find(".where-map").scrollIntoView({ block: "center" });
  }

  // A shared link often has the shop's name.
  #name(name) {
    const field = /** @type {HTMLInputElement} */ (find("#field-name"));
    if (!name || field.value.trim()) return;
    field.value = name;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function pin() {
  const size = document.documentElement.dataset.mode === "elder" ? 60 : 48;
  const drawing = draw("svg", { viewBox: "0 0 48 48", "aria-hidden": "true", focusable: "false" },
    draw("path", { d: "M24 46c9.500-10.200 15-17.600 15-25a15 15 0 0 0-30 0c0 7.400 5.500 14.800 15 25z", fill: "#8a3620", stroke: "#fffdf8", "stroke-width": 2.5 }),
    draw("circle", { cx: 24, cy: 21, r: 5.5, fill: "#fffdf8" }));
  return L.divIcon({ className: "where-pin", html: /** @type {any} */ (drawing), iconSize: [size, size], iconAnchor: [size / 2, size * 0.96] });
}
