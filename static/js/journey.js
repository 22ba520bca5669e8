// @ts-check
/**
 * From the reader's place along the streets: the nearest merchants by minutes,
 * the way to the chosen one, rings of minutes. Fires `nearest` when those are
 * others than before, `way` and `rings` when one was drawn, `outdated` when
 * the server has other streets than this page.
 * @module
 */

import { announce } from "./announce.js";
import { MODES } from "./distance.js";
import { find, icon, make } from "./dom.js";
import { Refused, getJson, lasting, withParameters } from "./fetching.js";
import { _ } from "./i18n.js";
import { countsTable } from "./reach-layer.js";
import { spot } from "./way-layer.js";

/** So many of the nearest are told. */
const MANY = 50;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;
const NARROW = matchMedia("(max-width: 760px)");

export class Journey extends EventTarget {
  /**
   * @param {{merchants: any, way: any, reach: any, near: import("./near.js").Near,
   *   state: import("./state.js").State, urls: {nearest: string, streets: string}}} parts
   *   `urls.nearest` is empty where no streets are installed, `urls.streets` their version
   */
  constructor({ merchants, way, reach, near, state, urls }) {
    super();
    Object.assign(this, { merchants, way, reach, near, state, urls });
    /** @type {import("./distance.js").Mode} */
    this.mode = "foot";
    /** @type {any[] | null} features of the nearest merchants; null while they are not known */
    this.nearest = null;
    /** @type {import("./distance.js").Mode} in which those were measured: after a switch not yet the page's */
    this.nearestMode = "foot";
    /** @type {any} the chosen merchant */
    this.goal = null;
    /** @type {HTMLElement | null} of the card, for the way to the chosen merchant */
    this.slot = null;
    /** What could not be had, and may be had by asking again. @type {Set<"nearest" | "way" | "rings">} */
    this.failed = new Set();
    /** Rings around the reader's place: never in the address, as the place is not. */
    this.ringsHere = false;
    this.wait = FIRST_WAIT_MS;
    this.hasStreets = Boolean(urls.nearest);
    find("#no-streets").hidden = this.hasStreets;
    find("#start-tools").hidden = !this.hasStreets;
    if (!this.hasStreets) return;
    find("#start-modes").replaceChildren(this.#modes());
    find("#start-rings").addEventListener("click", () => this.#ringHere());
    addEventListener("online", () => this.again());
  }

  /** How far a merchant is along streets. @param {string} id @returns {import("./distance.js").Away | undefined} */
  away(id) {
    if (this.told && id === this.goal?.id) return this.told;
    const found = this.nearest?.find((feature) => feature.id === id);
    return found && { ...found.properties, mode: this.nearestMode };
  }

  /** Ask for the nearest, where that was not done for the same question. */
  async measure() {
    if (!this.hasStreets || !this.near.place) return;
    const { bbox: _seen, ...narrowed } = this.merchants.question();
    const question = { from: spot(this.near.place), mode: this.mode, n: MANY, ...narrowed };
    const asked = JSON.stringify(question);
    if (asked === this.asked) return;
    this.asked = asked;
    clearTimeout(this.timer);
    this.measuring?.abort();
    const asking = (this.measuring = new AbortController());
    try {
      const { features, mode, streets } = await getJson(withParameters(this.urls.nearest, question), asking.signal);
      [this.nearest, this.nearestMode] = [features, mode];
      this.failed.delete("nearest");
      this.wait = FIRST_WAIT_MS;
      this.#trouble("");
      this.#compare(streets);
      announce(_("The list is sorted by the time that the way takes."));
    } catch (error) {
      if (asking.signal.aborted) return;
      this.nearest = null;
      this.#trouble(regret(error));
      this.#compare(streetsOf(error));
      if (!lasting(error)) {
        this.failed.add("nearest");
        this.timer = setTimeout(() => this.again(), this.wait);
        this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
      }
    }
    this.dispatchEvent(new Event("nearest"));
  }

  /** Ask once more for what could not be had. */
  again() {
    const failed = [...this.failed];
    this.failed.clear();
    if (failed.includes("nearest")) {
      this.asked = "";
      this.measure();
    }
    if (failed.includes("way")) this.#go();
    if (failed.includes("rings")) {
      this.ringed = "";
      this.follow();
    }
  }

  /** The reader's place is another one, or none any more. */
  placed() {
    this.failed.clear();
    this.asked = "";
    this.nearest = null;
    if (!this.near.place) {
      clearTimeout(this.timer);
      this.measuring?.abort();
      this.ringsHere = false;
      this.#trouble("");
    }
    this.measure();
    this.#go();
    this.follow();
  }

  /**
   * The chosen merchant's part of the card: the way there, rings around it.
   * @param {any} feature
   * @returns {HTMLElement | null} null where no streets are installed
   */
  part(feature) {
    if (!this.hasStreets) return null;
    this.slot = make("section", { class: "card-way", "aria-label": _("The way") });
    const another = this.goal?.id !== feature.id;
    this.goal = feature;
    if (another || !this.told) this.#go();
    else this.#fill(this.told);
    this.follow();
    return this.slot;
  }

  /** No merchant is chosen any more. */
  leave() {
    if (!this.goal) return;
    this.goal = this.slot = this.told = null;
    this.way?.clear();
    this.follow();
    this.#mark();
  }

  /** Draw the rings that are wanted: around the chosen merchant, or else the reader's place. */
  async follow() {
    if (!this.hasStreets) return;
    const around = this.state.view.rings && this.goal ? "goal" : this.ringsHere && this.near.place ? "here" : "";
    const centre = around === "goal" ? this.goal.geometry.coordinates : this.near.place;
    const question = around && `${around} ${spot(centre)} ${this.mode}`;
    find("#start-rings").setAttribute("aria-pressed", String(this.ringsHere));
    if (question !== this.ringed) {
      [this.ringed, this.around, this.rings, this.ringTrouble] = [question, around, null, ""];
      this.reach.clear();
      this.#fillRings();
      if (around) await this.#ring(question, centre);
    }
    this.#fillRings();
  }

  async #ring(question, centre) {
    try {
      const found = await this.reach.show(centre, this.mode);
      if (!found || question !== this.ringed) return;
      this.rings = found.features;
      this.#compare(found.streets);
      this.#mark();
      if (!this.told || this.around === "here") this.dispatchEvent(new Event("rings"));
    } catch (error) {
      if (question !== this.ringed) return;
      this.ringTrouble = regret(error);
      this.#compare(streetsOf(error));
      if (!lasting(error)) this.failed.add("rings");
    }
  }

  #ringHere() {
    this.ringsHere = !this.ringsHere;
    this.follow();
  }

  #ringGoal() {
    this.state.change({ rings: !this.state.view.rings }, { push: true });
  }

  // ---- the way

  async #go() {
    this.told = null;
    this.failed.delete("way");
    this.#mark();
    if (!this.goal || !this.slot) return;
    if (!this.near.place) {
      this.way.clear();
      this.#fill(null);
      return;
    }
    this.#say(_("Looking for the way…"));
    const goal = this.goal;
    try {
      const way = await this.way.show(this.near.place, goal.geometry.coordinates, this.mode);
      if (!way || this.goal !== goal) return;
      this.told = way.properties;
      this.#compare(way.streets);
      this.#fill(this.told);
      this.#mark();
      announce(this.told.summary);
      this.dispatchEvent(new Event("way"));
      this.dispatchEvent(new Event("nearest"));
    } catch (error) {
      if (this.goal !== goal) return;
      if (!lasting(error)) this.failed.add("way");
      this.#compare(streetsOf(error));
      this.#say(regret(error), !lasting(error));
    }
  }

  /** @param {any} told properties of a way; null where nobody has said from where */
  #fill(told) {
    if (!this.slot) return;
    if (!told) {
      this.#refill(this.#row(
        make("button", { type: "button", class: "wide-button", id: "way-here", onclick: () => this.near.ask() }, icon("way"), _("Directions"))));
      return;
    }
    const steps = told.steps.map(({ text }) => make("li", {}, make("bdi", {}, text)));
    this.#refill(
      this.#modes(),
      make("p", { class: "way-summary" }, told.summary),
      make("details", { class: "way-steps", open: !NARROW.matches },
        make("summary", {}, icon("chevron"), _("Step by step")), make("ol", {}, ...steps)),
      this.#row(),
    );
    this.#fillRings();
  }

  /** @param {string} sentence @param {boolean} [mayHelp] asking again may */
  #say(sentence, mayHelp = false) {
    this.#refill(...[
      this.#modes(),
      make("p", { role: "status" }, sentence),
      mayHelp && make("button", { type: "button", class: "wide-button", onclick: () => this.again() }, _("Try again now")),
      this.#row(),
    ].filter((part) => part instanceof Node));
    this.#fillRings();
  }

  // The part is made anew; whoever was on a button of it stays there, or comes to the mode's.
  #refill(...parts) {
    const was = /** @type {HTMLElement} */ (document.activeElement);
    const held = this.slot?.contains(was);
    this.slot?.replaceChildren(...parts);
    if (!held) return;
    const same = was.matches("[data-rings]") ? "[data-rings]" : `[data-mode=${was.dataset.mode ?? this.mode}]`;
    /** @type {HTMLElement} */ (this.slot?.querySelector(same) ?? this.slot?.querySelector("button"))?.focus({ preventScroll: true });
  }

  // Beside the first button, or alone: the rings around the merchant.
  #row(...first) {
    return make("div", { class: "way-row" }, ...first,
      make("button", { type: "button", class: "wide-button", "data-rings": true, onclick: () => this.#ringGoal() },
        icon("rings"), _("15-minute circle")),
      make("div", { class: "way-counts", hidden: true }));
  }

  #modes() {
    const words = modeWords();
    return make("div", { class: "modes", role: "group", "aria-label": _("How to go") }, ...MODES.map((mode) =>
      make("button", { type: "button", "data-mode": mode, "aria-pressed": String(mode === this.mode), onclick: () => this.#take(mode) }, words[mode])));
  }

  /** @param {import("./distance.js").Mode} mode */
  #take(mode) {
    if (mode === this.mode) return;
    this.mode = mode;
    for (const button of document.querySelectorAll(".modes [data-mode]")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-mode") === mode));
    }
    this.measure();
    this.#go();
    this.follow();
  }

  // ---- the rings' table, where the rings' middle is told of

  #fillRings() {
    const boxes = { here: find("#start-counts"), goal: this.slot?.querySelector(".way-counts") };
    for (const [around, box] of Object.entries(boxes)) {
      if (!(box instanceof HTMLElement)) continue;
      const shown = around === this.around && (this.rings || this.ringTrouble);
      box.hidden = !shown;
      box.replaceChildren(...(shown ? [this.rings ? countsTable(this.rings, this.merchants, modeWords()[this.mode]) : this.ringTrouble] : []));
    }
    this.slot?.querySelector("[data-rings]")?.setAttribute("aria-pressed", String(this.state.view.rings));
  }

  // On a phone what is drawn for the chosen one gets half of the screen.
  #mark() {
    const drawn = Boolean(this.goal && (this.told || (this.rings && this.around === "goal")));
    document.documentElement.classList.toggle("has-drawing", drawn);
  }

  /** @param {string | undefined} streets the version that the server has answered from, where it has one */
  #compare(streets) {
    if (streets !== undefined && streets !== this.urls.streets) this.dispatchEvent(new Event("outdated"));
  }

  #trouble(sentence) {
    find("#start-trouble").textContent = sentence;
    find("#start-trouble").hidden = !sentence;
    if (sentence) announce(sentence);
  }
}

function modeWords() {
  return { foot: _("On foot"), bike: _("Bicycle"), car: _("Car") };
}

/** @param {unknown} error @returns {string | undefined} */
function streetsOf(error) {
  return error instanceof Refused ? error.details.streets : undefined;
}

/** @param {unknown} error */
function regret(error) {
  if (error instanceof Refused) return error.sentence || _("The server could not answer.");
  return _("The server cannot be reached just now.");
}
