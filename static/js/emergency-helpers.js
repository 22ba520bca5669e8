// @ts-check
/**
 * Who can help: one row each, the phone large enough for a shaking hand. What
 * is closed, or cut off, stays in the list and is marked.
 * @module
 */

import { find, icon, make } from "./dom.js";
import { searching } from "./emergency-around.js";
import { badge, swatch } from "./emergency-marks.js";
import { away, counted } from "./emergency-words.js";
import { openness } from "./hours.js";
import { _ } from "./i18n.js";
import { looksOf } from "./incident-layer.js";
import { dialled } from "./list.js";
import { magnetDrawing } from "./shapes.js";

export class Helpers {
  /**
   * @param {any} layer which knows the categories
   * @param {{choose: (id: string) => void, leave: (id: string, name: string) => void, back: (id: string) => void}} does
   */
  constructor(layer, does) {
    this.layer = layer;
    this.does = does;
    this.box = find("#helpers");
    /** Where the way of the chosen one is told. */
    this.slot = make("div", { class: "helper-way", id: "helper-way" });
    /** What the rows were made of. */
    this.made = "";
    this.box.addEventListener("keydown", (event) => this.#step(event));
  }

  /**
   * Show an answer.
   * @param {any} answer
   * @param {{chosen: string, without: {id: string, name: string}[]}} told
   */
  show(answer, { chosen, without }) {
    // Rows that say the same are kept: the phone may just be pressed.
    const made = JSON.stringify([answer.helpers, chosen, without, answer.scenario, this.layer.categories.size]);
    if (made === this.made) return;
    this.made = made;
    const held = this.#held();
    const looks = looksOf(answer.helpers, chosen);
    const at = new Date(answer.departure);
    this.box.replaceChildren(...answer.helpers.map((helper, n) =>
      this.#row(helper, n + 1, looks.get(helper.merchant.id) ?? null, helper.merchant.id === chosen, at)));
    find("#helpers-none").hidden = answer.helpers.length > 0;
    find("#helpers-title").textContent = title(answer);
    find("#left-out").replaceChildren(...without.map((one) => this.#left(one)));
    this.#hold(held);
  }

  // The rows are made anew; whoever was on a button of one stays there.
  #held() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const id = focused?.closest("li")?.dataset.id;
    if (!focused || !id || !this.box.contains(focused) || this.slot.contains(focused)) return null;
    return { id, part: focused.dataset.part ?? "main" };
  }

  /** @param {{id: string, part: string} | null} held */
  #hold(held) {
    if (!held) return;
    const row = this.row(held.id);
    const there = row?.querySelector(`[data-part="${held.part}"]`) ?? this.box.querySelector("[data-part]") ?? find("#helpers-title");
    /** @type {HTMLElement} */ (there).focus({ preventScroll: true });
  }

  /** The row of a merchant. @param {string} id @returns {HTMLElement | null} */
  row(id) {
    return this.box.querySelector(`li[data-id="${CSS.escape(id)}"]`);
  }

  #row(helper, number, look, chosen, at) {
    const { merchant: { id, properties } } = helper;
    const category = this.layer.category(properties.category);
    const said = openness(properties, at);
    const facts = make("span", { class: "helper-facts" },
      make("strong", { class: helper.cut_off && "is-cut" }, away(helper)),
      make("span", { class: `open-${said.kind}` }, said.text));
    const main = make("button", { type: "button", class: "helper-main", "data-part": "main", "aria-expanded": String(chosen), onclick: () => this.does.choose(id) },
      make("span", { class: "helper-signs" }, magnetDrawing(category), badge(number, look), look && swatch(look)),
      make("span", { class: "helper-words" },
        make("bdi", { class: "helper-name" }, properties.name),
        make("span", { class: "visually-hidden" }, ` ${category.name} `),
        facts),
      icon("chevron"));
    const leave = make("button", { type: "button", class: "icon-button", "data-part": "leave",
      "aria-label": _("Leave out {name}", { name: properties.name }), onclick: () => this.does.leave(id, properties.name) }, icon("close"));
    const state = [said.kind === "closed" && "is-closed", helper.cut_off && "is-cut", chosen && "is-chosen"].filter(Boolean).join(" ");
    return make("li", { class: `helper ${state}`, "data-id": id }, main, make("div", { class: "helper-ways" }, ...phones(properties), leave), chosen && this.slot);
  }

  /** @param {{id: string, name: string}} one */
  #left({ id, name }) {
    return make("li", {}, make("span", {}, _("Left out:"), " ", make("bdi", {}, name)),
      make("button", { type: "button", class: "quiet-button", onclick: () => this.does.back(id) }, _("Take back"), make("span", { class: "visually-hidden" }, ` ${name}`)));
  }

  // Up and down go from helper to helper.
  #step(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = document.activeElement?.closest("li.helper");
    if (!by || !here || this.slot.contains(document.activeElement)) return;
    event.preventDefault();
    const all = [...this.box.querySelectorAll("li.helper")];
    const to = all[Math.min(all.length - 1, Math.max(0, all.indexOf(here) + by))];
    /** @type {HTMLElement | null} */ (to?.querySelector(".helper-main"))?.focus();
  }
}

/** @param {any} properties of a merchant */
function phones({ name, phones: numbers = [] }) {
  if (!numbers.length) return [make("span", { class: "helper-mute" }, _("No phone is known"))];
  return [make("div", { class: "helper-calls" }, ...numbers.map((phone) =>
    make("a", { class: "helper-call", "data-part": "call", href: `tel:${dialled(phone)}` }, icon("phone"),
      make("span", { class: "visually-hidden" }, _("Call {name}", { name })), make("span", {}, phone))))];
}

/** @param {any} answer */
function title({ helpers, scenario }) {
  const words = searching(scenario) ? _("Whom to ask") : scenario.direction === "go" ? _("Where to go") : _("Whom to call");
  return [words, ...counted(helpers)].join(" · ");
}
