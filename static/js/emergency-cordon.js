// @ts-check
/**
 * Closing the street around an incident, where its scenario proposes that: the
 * circle is seen before it is sent, and can be lifted at once.
 * @module
 */

import { announce } from "./announce.js";
import { fieldOf, momentOf, when } from "./closure-words.js";
import { find, make } from "./dom.js";
import { regret } from "./emergency-words.js";
import { below } from "./fetching.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";

const CORNERS = 32;
const HOUR_MS = 3_600_000;
const HOURS = 2;
const METRES_A_DEGREE = 111_195;
const LONGEST = 200;

export class Cordon {
  /** @param {any} layer @param {string} url of the closures @param {() => void} changed something was closed or opened */
  constructor(layer, url, changed) {
    this.layer = layer;
    this.url = url;
    this.changed = changed;
    this.box = make("section", { class: "notice cordon", "aria-labelledby": "cordon-title", hidden: true });
    /** @type {any} the closure that was drawn here */
    this.drawn = null;
    /** Ids of what was drawn here: nobody is told what they did themselves. @type {Set<string>} */
    this.mine = new Set();
    this.key = "";
  }

  /** @param {any} answer @param {import("./emergency-incident.js").Scenario} scenario */
  show(answer, scenario) {
    const key = JSON.stringify([scenario.id, answer.at]);
    const mine = this.drawn && answer.closures.some(({ id }) => id === this.drawn.id);
    this.answer = answer;
    this.scenario = scenario;
    if (this.drawn && !mine && key === this.key) this.drawn = null; // lifted, here or elsewhere
    this.box.hidden = !scenario.cordon_m && !mine;
    if (this.form && key === this.key) {
      this.layer.cordon(this.#ring());
      return;
    }
    this.key = key;
    this.#close();
  }

  hide() {
    this.box.hidden = true;
    this.key = "";
    this.#close();
  }

  #close() {
    this.form = null;
    this.layer.cordon(null);
    if (!this.answer) return;
    // What says the same is kept, with whoever is on it.
    const shown = this.drawn ? `${this.drawn.id} ${this.drawn.version}` : `${this.key} ${this.scenario.cordon_m}`;
    if (this.box.dataset.shown === shown) return;
    this.box.dataset.shown = shown;
    if (this.drawn) return this.#told();
    this.box.replaceChildren(
      make("p", { id: "cordon-title" }, _("Keep people out: close the street {n} m around?", { n: this.scenario.cordon_m })),
      make("button", { type: "button", class: "wide-button", id: "cordon-open", onclick: () => this.#open() }, _("Close it…")));
    return undefined;
  }

  #told() {
    const { reason, until } = this.drawn;
    this.box.replaceChildren(
      make("p", { id: "cordon-title", tabindex: "-1" }, _("Closed: {reason}, until {time}", { reason, time: when(Date.parse(until), Date.now(), { end: true }) })),
      make("button", { type: "button", class: "wide-button", id: "cordon-lift", onclick: () => this.#lift() }, _("Open it again")),
      this.trouble = make("p", { class: "field-wrong", role: "alert", hidden: true }));
  }

  #open() {
    const ends = Date.now() + HOURS * HOUR_MS;
    const field = (id, label, input) => make("div", { class: "field" }, make("label", { for: id }, label), input);
    this.trouble = make("p", { class: "field-wrong", role: "alert", hidden: true });
    this.form = make("form", { class: "cordon-form" },
      make("p", { id: "cordon-title" }, _("The street {n} m around is closed for everybody's ways.", { n: this.scenario.cordon_m })),
      field("cordon-reason", _("What for"), make("input", { id: "cordon-reason", name: "reason", maxlength: LONGEST, required: true, value: this.scenario.name })),
      field("cordon-until", _("Until"), make("input", { id: "cordon-until", name: "until", type: "datetime-local", required: true, value: fieldOf(ends) })),
      make("label", { class: "check" }, make("input", { type: "checkbox", name: "public", checked: true }), make("span", {}, _("Residents see it too"))),
      this.trouble,
      make("div", { class: "step-ways" },
        make("button", { class: "main-button", id: "cordon-send" }, _("Close the street")),
        make("button", { type: "button", class: "quiet-button", onclick: () => this.#cancel() }, _("Cancel"))));
    this.form.addEventListener("submit", (event) => this.#send(event));
    this.box.dataset.shown = "";
    this.box.replaceChildren(this.form);
    this.layer.cordon(this.#ring());
    /** @type {HTMLElement} */ (this.form.querySelector("#cordon-reason")).focus();
  }

  #cancel() {
    this.#close();
    find("#cordon-open").focus();
  }

  async #send(event) {
    event.preventDefault();
    const told = new FormData(/** @type {HTMLFormElement} */ (this.form));
    const button = /** @type {HTMLButtonElement} */ (find("#cordon-send"));
    const ends = momentOf(String(told.get("until")));
    button.disabled = true;
    try {
      this.drawn = await send(this.url, {
        geometry: { type: "Polygon", coordinates: [this.#ring()] },
        reason: String(told.get("reason")),
        until: Number.isFinite(ends) ? new Date(ends).toISOString() : null,
        public: told.get("public") !== null,
      });
      this.mine.add(this.drawn.id);
      this.#close();
      find("#cordon-title").focus();
      announce(_("The street is closed."));
      this.changed();
    } catch (error) {
      this.#say(regret(error));
      button.disabled = false;
    }
  }

  async #lift() {
    try {
      await send(below(this.url, this.drawn.id), undefined, { method: "DELETE" });
      this.drawn = null;
      this.#close();
      announce(_("The street is open again."));
      this.changed();
      (this.box.hidden ? find("#helpers-title") : find("#cordon-open")).focus();
    } catch (error) {
      this.#say(regret(error));
    }
  }

  /** @param {string} sentence */
  #say(sentence) {
    if (!this.trouble) return;
    this.trouble.textContent = sentence;
    this.trouble.hidden = false;
  }

  // A circle on the ground, closed as GeoJSON wants it.
  #ring() {
    const [lon, lat] = this.answer.at;
    const north = this.scenario.cordon_m / METRES_A_DEGREE;
    const east = north / Math.cos((lat * Math.PI) / 180);
    const ring = Array.from({ length: CORNERS }, (_corner, at) => {
      const angle = (2 * Math.PI * at) / CORNERS;
      return /** @type {[number, number]} */ ([lon + east * Math.cos(angle), lat + north * Math.sin(angle)].map((degree) => Number(degree.toFixed(7))));
    });
    return [...ring, ring[0]];
  }
}
