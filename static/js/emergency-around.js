// @ts-check
/**
 * Around the place: who lives there, in numbers; how far one gets, and what
 * lies within; what is closed. And the check list.
 * @module
 */

import { find, icon, make } from "./dom.js";
import { closureWords, homesWords, modeWords } from "./emergency-words.js";
import { _, ngettext } from "./i18n.js";
import { countsTable } from "./reach-layer.js";

/** So many rings are a search: they come before all else. */
const SEARCHING = 4;

/** Whether one searches in rings. @param {{rings: number[]}} scenario */
export function searching({ rings }) {
  return rings.length >= SEARCHING;
}

/**
 * @param {any} answer
 * @param {{rings: boolean, open: Set<string>, layer: any, toggle: () => void}} how `open` are the details that were opened
 */
export function showAround(answer, { rings, open, layer, toggle }) {
  const { homes } = answer;
  // Those around the place itself cannot be avoided.
  const closures = answer.closures.filter(({ id }) => !answer.inside.includes(id));
  const now = Date.parse(answer.departure);
  const held = find("#around").contains(document.activeElement) ? document.activeElement?.id : "";
  find("#around").replaceChildren(...[
    homes && make("p", { class: "homes-near", id: "homes-near" }, homesWords(homes)),
    answer.rings.length > 0 && make("button", { type: "button", class: "wide-button around-rings", id: "around-rings", "aria-pressed": String(rings), onclick: toggle },
      icon("rings"), _("Rings of {minutes} minutes", { minutes: answer.rings.map(({ properties }) => properties.minutes).reverse().join(" / ") })),
    answer.rings.length > 0 && details("counts", _("What lies inside the rings"), open,
      countsTable(answer.rings, layer, modeWords().foot)),
    closures.length > 0 && details("closed", ngettext("{n} closure is obeyed", "{n} closures are obeyed", closures.length), open,
      make("ul", { class: "closed" }, ...closures.map((one) => make("li", {}, make("bdi", {}, closureWords(one, now)))))),
  ].filter((part) => part instanceof Node));
  if (held) /** @type {HTMLElement | null} */ (document.querySelector(`#around #${held}`))?.focus({ preventScroll: true });
}

/** @param {string} name @param {string} words @param {Set<string>} open @param {HTMLElement} content */
function details(name, words, open, content) {
  const box = /** @type {HTMLDetailsElement} */ (make("details", { class: "more", open: open.has(name) },
    make("summary", { id: `more-${name}` }, icon("chevron"), words), content));
  box.addEventListener("toggle", () => (box.open ? open.add(name) : open.delete(name)));
  return box;
}

/**
 * What is to be thought of, with what was ticked.
 * @param {{checklist: string[]}} scenario
 * @param {boolean[]} ticks
 * @param {(ticks: boolean[]) => void} change
 */
export function showChecks({ checklist }, ticks, change) {
  const list = find("#checks-list");
  const made = JSON.stringify(checklist);
  find("#checks").hidden = !checklist.length;
  // What is being ticked is not taken from under the finger.
  if (list.dataset.made === made) return;
  list.dataset.made = made;
  list.replaceChildren(...checklist.map((line, at) => {
    const box = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox", checked: ticks[at] === true }));
    box.addEventListener("change", () => change(checklist.map((_line, n) => (n === at ? box.checked : ticksNow()[n]))));
    return make("li", {}, make("label", { class: "check" }, box, make("bdi", {}, line)));
  }));
}

/** The ticks as they stand. @returns {boolean[]} */
export function ticksNow() {
  return [...document.querySelectorAll("#checks-list input")].map((box) => /** @type {HTMLInputElement} */ (box).checked);
}
