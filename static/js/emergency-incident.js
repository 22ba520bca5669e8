// @ts-check
/**
 * What is asked of an incident, and what was noted down to it. It lives in
 * the tab's session storage: a reload or a way back brings it again, no
 * address ever holds the place, and another account does not find it.
 * @module
 */

import * as own from "./belongings.js";

const NAME = "emergency";

/**
 * @typedef {object} Scenario as the server tells it
 * @property {string} id
 * @property {string} name
 * @property {string[]} categories
 * @property {import("./distance.js").Mode[]} modes
 * @property {"come" | "go"} direction
 * @property {number[]} rings
 * @property {number} cordon_m
 * @property {string[]} checklist
 *
 * @typedef {{at: import("./geo.js").Position, words: string}} Spot
 *
 * @typedef {object} Told
 * @property {string} scenario id, "" for none yet
 * @property {Spot | null} place
 * @property {import("./distance.js").Mode | ""} mode "" for the scenario's own
 * @property {string} departure as a field has it, in China; "" for now
 * @property {{id: string, name: string}[]} without merchants that are left out
 * @property {string} chosen id of the merchant whose way is shown
 * @property {boolean} rings whether they are drawn
 * @property {Record<string, boolean[]>} ticks of the check list, by scenario
 * @property {string} notes
 * @property {string} title of the plan
 */

/** @returns {Told} */
function blank() {
  return {
    scenario: "", place: null, mode: "", departure: "", without: [], chosen: "",
    rings: true, ticks: {}, notes: "", title: "",
  };
}

/** Fires `change`; `detail.before` is what was told before, `detail.why` what the reader should know of it. */
export class Incident extends EventTarget {
  /** @param {Map<string, Scenario>} scenarios @param {string} account */
  constructor(scenarios, account) {
    super();
    this.scenarios = scenarios;
    this.account = account;
    /** @type {Told} */
    this.told = { ...blank(), ...own.kept(NAME, account) };
    if (!scenarios.has(this.told.scenario)) this.told.scenario = "";
  }

  /** @returns {Scenario | undefined} */
  get scenario() {
    return this.scenarios.get(this.told.scenario);
  }

  /** @returns {import("./distance.js").Mode} */
  get mode() {
    return this.told.mode || this.scenario?.modes[0] || "foot";
  }

  /** The question as the server takes it; null while something of it is not told. */
  get question() {
    const { scenario, place, departure, without } = this.told;
    if (!scenario || !place) return null;
    return {
      at: place.at,
      scenario,
      modes: [this.mode],
      departure: departure ? `${departure}:00+08:00` : null,
      without: without.map(({ id }) => id),
    };
  }

  /** @param {Partial<Told>} part @param {string} [why] */
  change(part, why = "") {
    const before = this.told;
    this.told = { ...before, ...part };
    own.keep(NAME, this.account, this.told);
    this.dispatchEvent(new CustomEvent("change", { detail: { before, why } }));
  }

  /** Forget all of it. */
  clear() {
    this.change(blank());
  }
}
