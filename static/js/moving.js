// @ts-check
/**
 * Moving magnets, for those who keep the map true; residents never load this.
 *
 * A magnet that is pressed in this mode is lifted: it follows the mouse or the
 * finger, the arrow keys, or jumps to where the map is pressed. Nothing is
 * written before the reader has said so, and it can be taken back at once.
 * @module
 */

import { announce } from "./announce.js";
import { find, make } from "./dom.js";
import { Refused, below, getJson, withParameters } from "./fetching.js";
import { metres } from "./geo.js";
import { _, language } from "./i18n.js";
import { send } from "./sending.js";
import { magnetDrawing } from "./shapes.js";

const STEP_PX = 2;
const LEAP_PX = 20;
const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const WAY = { interactive: false, color: "#1b4b91", weight: 4, dashArray: "2 8", lineCap: "round", pane: "ways" };
const SIZE = 48;
const CLOSE_UP = 17;
const WAIT_MS = 250;

export class Moving {
  /**
   * @param {any} map
   * @param {any} merchants the layer
   * @param {HTMLElement} button switches it on and off; tells where to ask and write
   * @param {{moved: (id: string) => void}} does
   */
  constructor(map, merchants, button, does) {
    this.map = map;
    this.merchants = merchants;
    this.button = button;
    this.does = does;
    this.on = false;
    /** @type {any} the merchant that is lifted */
    this.feature = null;
    this.box = make("div", { class: "banner moving", id: "moving", role: "group", "aria-label": _("Moving magnets"), hidden: true });
    find(".map-area").append(this.box);
    merchants.on("press", (event) => this.#pressed(event));
    map.on("click", ({ latlng }) => this.feature && this.#put(latlng));
    addEventListener("keydown", (event) => this.#escape(event), { capture: true });
  }

  /** Begin, or end. */
  toggle() {
    this.on = !this.on;
    this.button.setAttribute("aria-pressed", String(this.on));
    document.documentElement.classList.toggle("is-moving", this.on);
    this.#drop();
    if (this.on) return this.#say(_("Press a magnet, or choose a place in the list, then drag it."));
    if (this.box.contains(document.activeElement)) this.button.focus();
    this.box.hidden = true;
    return undefined;
  }

  /** Lift a merchant off the map. @param {any} feature @param {boolean} [focus] whether a keyboard goes on */
  async lift(feature, focus = false) {
    this.#drop();
    this.feature = feature;
    const [lon, lat] = feature.geometry.coordinates;
    const icon = L.divIcon({ html: magnetDrawing(this.merchants.category(feature.properties.category)), className: "pin lifted", iconSize: [SIZE, SIZE] });
    this.line = L.polyline([], WAY).addTo(this.map);
    this.pin = L.marker([lat, lon], { icon, draggable: true, autoPan: true, pane: "place", keyboard: true, title: feature.properties.name });
    this.pin.on("drag", () => this.#follow());
    this.pin.on("dragend", () => this.#asked());
    this.pin.addTo(this.map);
    const element = this.pin.getElement();
    element.setAttribute("aria-label", _("{name}, lifted. Arrow keys move it, Enter puts it down.", { name: feature.properties.name }));
    element.addEventListener("keydown", (event) => this.#steered(event));
    // From the list it may be anywhere, and is put down on a door, not on a block.
    if (focus) this.merchants.centre([lon, lat], Math.max(CLOSE_UP, this.map.getZoom()));
    this.#follow();
    this.#asked();
    if (focus) element.focus();
  }

  // ---- with the mouse: one press lifts and drags

  #pressed({ feature, originalEvent }) {
    if (!this.on || feature.properties.cluster || originalEvent.button) return;
    const from = this.map.mouseEventToContainerPoint(originalEvent);
    this.map.dragging.disable();
    let lifted = false;
    const move = (event) => {
      const at = this.map.mouseEventToContainerPoint(event);
      if (!lifted && at.distanceTo(from) < 4) return;
      if (!lifted) this.lift(feature);
      lifted = true;
      this.pin.setLatLng(this.map.containerPointToLatLng(at));
      this.#follow();
    };
    const up = () => {
      removeEventListener("mousemove", move);
      this.map.dragging.enable();
      if (lifted) {
        this.#asked();
        this.ignore = true; // the click that ends a drag is none
        setTimeout(() => { this.ignore = false; });
      }
    };
    addEventListener("mousemove", move);
    addEventListener("mouseup", up, { once: true });
  }

  /** A magnet was pressed and let go. @param {any} feature @param {boolean} focus */
  pick(feature, focus) {
    if (!this.ignore && feature.id !== this.feature?.id) this.lift(feature, focus);
  }

  #put(latlng) {
    if (this.ignore) return;
    this.pin.setLatLng(latlng);
    this.#follow();
    this.#asked();
  }

  // ---- with keys

  #steered(event) {
    const step = STEPS[event.key];
    if (step) {
      const by = event.shiftKey ? LEAP_PX : STEP_PX;
      const at = this.map.latLngToContainerPoint(this.pin.getLatLng()).add([step[0] * by, step[1] * by]);
      this.pin.setLatLng(this.map.containerPointToLatLng(at));
      this.map.panInside(this.pin.getLatLng(), { padding: [60, 60], animate: false });
      this.#follow();
      this.#asked();
    } else if (event.key === "Enter" || event.key === " ") {
      this.#save();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #escape(event) {
    if (event.key !== "Escape" || !this.on) return;
    event.stopPropagation();
    if (this.feature) this.#cancel();
    else this.toggle();
    this.button.focus();
  }

  // ---- what is said

  get #shift() {
    const { lng, lat } = this.pin.getLatLng();
    return metres(this.feature.geometry.coordinates, [lng, lat]);
  }

  #follow() {
    const [lon, lat] = this.feature.geometry.coordinates;
    this.line.setLatLngs([[lat, lon], this.pin.getLatLng()]);
    const moved = this.box.querySelector("#moving-shift");
    if (moved) moved.textContent = this.#moved();
  }

  #moved() {
    const far = this.#shift;
    return far < 0.5 ? _("not moved yet") : _("moved by {n} m", { n: far < 10 ? far.toFixed(1) : Math.round(far) });
  }

  #asked() {
    const { name } = this.feature.properties;
    const shift = make("span", { id: "moving-shift" }, this.#moved());
    const area = make("bdi", { id: "moving-area" });
    this.box.hidden = false;
    this.box.replaceChildren(
      make("p", {}, make("bdi", {}, name), " · ", shift, " ", area),
      make("button", { type: "button", class: "wide-button", id: "moving-set", onclick: () => this.#save(), disabled: this.#shift < 0.5 }, _("Put it here")),
      make("button", { type: "button", class: "quiet-button", onclick: () => this.#cancel() }, _("Cancel")));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#area(area), WAIT_MS);
  }

  async #area(element) {
    if (!this.pin) return;
    const { lng, lat } = this.pin.getLatLng();
    const address = withParameters(this.button.dataset.place ?? "", { lon: lng.toFixed(7), lat: lat.toFixed(7) });
    const told = await getJson(address).catch(() => null);
    if (!told || !element.isConnected) return;
    element.textContent = `· ${told.area}`;
    announce(`${this.#moved()} ${told.area}`);
  }

  /** @param {string} sentence @param {import("./dom.js").Child} [more] */
  #say(sentence, more = null) {
    this.box.hidden = false;
    this.box.replaceChildren(...[
      make("p", { role: "status" }, sentence), more,
      make("button", { type: "button", class: "quiet-button", onclick: () => this.toggle() }, _("Done")),
    ].filter((part) => part instanceof Node));
    announce(sentence);
    // What was pressed is gone, button or magnet: a keyboard goes on from here.
    if (document.activeElement === document.body) this.box.querySelector("button")?.focus();
  }

  // ---- writing

  async #save() {
    const { feature } = this;
    if (!feature || this.busy || this.#shift < 0.5) return;
    const { lng, lat } = this.pin.getLatLng();
    const headers = { "If-Match": `"${feature.properties.version}"` };
    this.busy = true;
    try {
      const row = await send(withParameters(below(this.button.dataset.merchants ?? "", feature.id), { lang: language }), { lon: lng, lat }, { method: "PATCH", headers });
      this.#drop();
      this.#say(_("Moved."), make("button", { type: "button", class: "quiet-button", id: "moving-undo", onclick: () => this.#undo(row) }, _("Undo")));
      this.does.moved(feature.id);
    } catch (error) {
      this.#refused(error, feature);
    } finally {
      this.busy = false;
    }
  }

  // Somebody else was quicker: what is there now is shown, and nothing was overwritten.
  #refused(error, feature) {
    if (!(error instanceof Refused)) return this.#say(_("The connection is lost: nothing was changed. Please try again."));
    if ([409, 412].includes(error.status)) {
      this.#drop();
      this.does.moved(feature.id);
      return this.#say(_("Somebody else has changed this place meanwhile. It is shown where they put it; your move was not saved."));
    }
    return this.#say(error.sentence || _("The server could not answer."));
  }

  async #undo({ id, version }) {
    const address = (this.button.dataset.undo ?? "").replace("/-/", `/${id}/`);
    try {
      await send(address, { version });
      this.#say(_("Undone."));
    } catch (error) {
      this.#say(error instanceof Refused && error.sentence ? error.sentence : _("It could not be undone."));
    }
    this.does.moved(id);
  }

  #cancel() {
    this.#drop();
    this.#say(_("Press a magnet, or choose a place in the list, then drag it."));
  }

  #drop() {
    clearTimeout(this.timer);
    this.pin?.remove();
    this.line?.remove();
    this.pin = this.line = this.feature = null;
  }
}
