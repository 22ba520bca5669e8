// @ts-check
/**
 * The way of the chosen helper: told step by step, with others to choose from;
 * and where there is none, what is to blame and how near one gets.
 * @module
 */

import { find, icon, make } from "./dom.js";
import { length } from "./distance.js";
import { inMinutes, minutes, regret } from "./emergency-words.js";
import { Refused } from "./fetching.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";

const NONE = Object.freeze({ ways: [], way: 0, marks: [] });

/** Fires `change` when other ways are known, or another one is chosen. */
export class Chosen extends EventTarget {
  /** @param {string} url @param {HTMLElement} slot */
  constructor(url, slot) {
    super();
    this.url = url;
    this.slot = slot;
    /** @type {{ways: any[], way: number, marks: {at: import("./geo.js").Position, words: string}[]}} */
    this.drawn = NONE;
    this.key = "";
  }

  /**
   * Tell the way of a helper of an answer; asks only when anything differs.
   * @param {any} helper null for none
   * @param {any} question
   * @param {any} answer which it stands in
   */
  async show(helper, question, answer) {
    this.helper = helper;
    this.answer = answer;
    this.question = question;
    if (!helper) {
      this.asking?.abort();
      [this.key, this.drawn] = ["", NONE];
      return;
    }
    const key = JSON.stringify([helper.merchant.id, helper.mode, question, answer.closures.map(({ id, version }) => [id, version]), answer.streets]);
    if (key === this.key) return;
    this.key = key;
    this.drawn = NONE;
    this.#fill(helper.route);
    if (!answer.trouble) await this.#ask(key);
  }

  /** Choose another of the ways. @param {number} at */
  take(at) {
    this.drawn = { ...this.drawn, way: at };
    this.#fill(this.drawn.ways[at]);
    /** @type {HTMLElement | null} */ (this.slot.querySelector(`[data-way="${at}"]`))?.focus({ preventScroll: true });
    this.dispatchEvent(new Event("change"));
  }

  async #ask(key) {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const { merchant, mode } = this.helper;
    try {
      const found = await send(this.url, { ...this.question, merchant: merchant.id, mode }, { signal: asking.signal });
      if (key !== this.key) return;
      this.drawn = { ways: found.ways, way: 0, marks: found.cordon ? [{ at: found.cordon.at, words: _("Edge of the cordon") }] : [] };
      this.#fill(found.ways[0], found.cordon);
    } catch (error) {
      if (key !== this.key || asking.signal.aborted) return;
      this.#refuse(error);
    }
    this.dispatchEvent(new Event("change"));
  }

  /** @param {any} way @param {any} [cordon] */
  #fill(way, cordon = null) {
    const { ways, way: taken } = this.drawn;
    this.cordon = cordon ?? (ways.length ? this.cordon : null);
    if (!way) {
      this.slot.replaceChildren(make("p", { class: "quiet", role: "status" }, this.answer.trouble ? _("No way can be told just now.") : _("Looking for the way…")));
      return;
    }
    const others = ways.length > 1 && make("div", { class: "choice", role: "group", "aria-label": _("Ways to choose from") },
      ...ways.map((one, at) => make("button", { type: "button", "data-way": at, "aria-pressed": String(at === taken), onclick: () => this.take(at) },
        make("strong", {}, _("Way {n}", { n: at + 1 })), make("span", {}, _("{n} min", { n: inMinutes(one.properties) })), make("span", {}, length(one.properties.distance_m)))));
    const enters = this.cordon && taken === 0 ? this.cordon.step : -1;
    const leaves = this.answer.scenario.direction === "go";
    const steps = way.properties.steps.map(({ text }, at) => make("li", {}, make("bdi", {}, text),
      at === enters && make("strong", { class: "at-edge" }, leaves ? _("Here the cordon ends.") : _("Here the cordon begins."))));
    this.slot.replaceChildren(...[
      others,
      make("p", { class: "way-summary" }, way.properties.summary),
      enters >= 0 && make("p", {}, inCordon(this.cordon, leaves)),
      make("ol", { class: "way-told" }, ...steps),
    ].filter((part) => part instanceof Node));
  }

  /** @param {unknown} error */
  #refuse(error) {
    const details = error instanceof Refused ? error.details : {};
    const known = new Map(this.answer.closures.map((one) => [one.id, one]));
    const name = (id) => known.get(id)?.reason || _("a closure");
    const blamed = (details.blamed ?? []).map((id) => make("li", {}, make("bdi", {}, name(id))));
    const outs = (details.ways_out ?? []).map(({ lift, ...way }) => make("li", {},
      _("Without {closures}: {way}", { closures: lift.map((id) => `“${name(id)}”`).join(" + "), way: minutes(way) })));
    const car = details.by_vehicle;
    this.drawn = { ways: [], way: 0, marks: car ? [{ at: car.at, words: _("by car to here") }] : [] };
    this.slot.replaceChildren(...[
      make("p", { class: "way-summary", role: "status" }, regret(error)),
      blamed.length > 0 && make("div", {}, make("p", {}, _("In the way:")), make("ul", { class: "blamed" }, ...blamed)),
      outs.length > 0 && make("ul", { class: "blamed" }, ...outs),
      car && make("p", {}, _("By car to within {left}: {drive}; then on foot: {walk}.", {
        left: length(car.walk_m),
        drive: minutes({ duration_s: car.drive_s, distance_m: car.drive_m }),
        walk: minutes({ duration_s: car.walk_s, distance_m: car.walk_m }),
      })),
      !(error instanceof Refused) && make("button", { type: "button", class: "wide-button", onclick: () => this.#again() }, icon("way"), _("Try again now")),
    ].filter((part) => part instanceof Node));
  }

  #again() {
    this.#fill(this.helper.route);
    find("#helpers-title").focus();
    this.#ask(this.key);
  }
}

/** How far it is to the edge of a cordon, and inside it. @param {any} cordon as the ways' answer tells it @param {boolean} leaves */
function inCordon({ outside_s, outside_m, inside_s, inside_m }, leaves) {
  const out = minutes({ duration_s: outside_s, distance_m: outside_m });
  const way = minutes({ duration_s: inside_s, distance_m: inside_m });
  return leaves
    ? _("Inside the cordon {way}; from its edge {out}", { out, way })
    : _("To the edge of the cordon {out}; inside it {way}", { out, way });
}
