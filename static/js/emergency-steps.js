// @ts-check
/**
 * The two questions of an incident, in either order, and how it is answered:
 * by which mode, for which hour. What was told folds away; a press opens it.
 * @module
 */

import { fieldOf, momentOf, when } from "./closure-words.js";
import { find, make } from "./dom.js";
import { modeWords } from "./emergency-words.js";
import { _ } from "./i18n.js";
import { magnetDrawing } from "./shapes.js";

/** So many signs stand on a tile. */
const SIGNS = 3;
const STEPS = /** @type {("what" | "where")[]} */ (["what", "where"]);

export class Steps {
  /** @param {import("./emergency-incident.js").Incident} incident @param {any} layer which knows the categories */
  constructor(incident, layer) {
    this.incident = incident;
    this.layer = layer;
    /** Which step was opened again. @type {"" | "what" | "where"} */
    this.opened = "";
    this.tiles = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#tiles .tile")]);
    for (const tile of this.tiles) tile.addEventListener("click", () => this.#take(JSON.parse(tile.dataset.scenario ?? "{}").id));
    for (const step of STEPS) find(`#asked-${step}`).addEventListener("click", () => this.#toggle(step));
    find("#modes").replaceChildren(...Object.entries(modeWords()).map(([mode, words]) =>
      make("button", { type: "button", "data-mode": mode, onclick: () => incident.change({ mode: /** @type {any} */ (mode) }) }, words)));
    find("#when").addEventListener("click", () => this.#when());
    find("#when-now").addEventListener("click", () => this.#now());
    this.field = /** @type {HTMLInputElement} */ (find("#when-field"));
    this.field.addEventListener("change", () => this.field.value && incident.change({ departure: this.field.value }));
  }

  /** Draw the signs of what helps onto the tiles, once the categories are known. */
  signs() {
    for (const tile of this.tiles) {
      const { categories } = JSON.parse(tile.dataset.scenario ?? "{}");
      tile.querySelector(".tile-signs")?.replaceChildren(...categories.slice(0, SIGNS).map((id) => magnetDrawing(this.layer.category(id))));
    }
  }

  /** Show what was told. */
  show() {
    const { told, scenario, mode } = this.incident;
    const done = { what: Boolean(scenario), where: Boolean(told.place) };
    for (const step of STEPS) {
      const open = !done[step] || this.opened === step;
      find(`#${step}`).hidden = !open;
      find(`#asked-${step}`).setAttribute("aria-expanded", String(open));
      find(`#asked-${step}`).classList.toggle("is-told", done[step]);
    }
    find("#asked-what-words").textContent = scenario?.name ?? _("Choose");
    find("#asked-where-words").textContent = told.place?.words ?? _("Press the map");
    for (const tile of this.tiles) tile.setAttribute("aria-pressed", String(JSON.parse(tile.dataset.scenario ?? "{}").id === told.scenario));
    for (const button of find("#modes").children) button.setAttribute("aria-pressed", String(button.getAttribute("data-mode") === mode));
    find("#when").textContent = told.departure ? _("Leaves {time}", { time: when(momentOf(told.departure), Date.now()) }) : _("Leaves now");
    if (told.departure && document.activeElement !== this.field) this.field.value = told.departure;
    document.documentElement.classList.toggle("is-placing", !done.where || this.opened === "where");
  }

  /** Fold away what was told. */
  fold() {
    this.opened = "";
  }

  /** Bring the reader to a step. @param {"what" | "where"} step */
  next(step) {
    const title = find(`#${step}-title`);
    title.focus({ preventScroll: true });
    find(`#${step}`).scrollIntoView({ block: "start" });
  }

  /** @param {string} id */
  #take(id) {
    this.opened = "";
    // Another scenario has its own mode.
    this.incident.change({ scenario: id, mode: "", chosen: "" });
    if (!this.incident.told.place) this.next("where");
    else find("#asked-what").focus({ preventScroll: true });
  }

  /** @param {"what" | "where"} step */
  #toggle(step) {
    const done = step === "what" ? Boolean(this.incident.scenario) : Boolean(this.incident.told.place);
    this.opened = done && this.opened !== step ? step : "";
    this.show();
    if (!find(`#${step}`).hidden) this.next(step);
  }

  #when() {
    const open = find("#when-more").hidden;
    this.#unfold(open);
    if (!open) return;
    this.field.value ||= fieldOf(Date.now());
    this.field.focus();
  }

  #now() {
    this.#unfold(false);
    find("#when").focus();
    this.field.value = "";
    this.incident.change({ departure: "" });
  }

  /** @param {boolean} open */
  #unfold(open) {
    find("#when-more").hidden = !open;
    find("#when").setAttribute("aria-expanded", String(open));
  }
}
