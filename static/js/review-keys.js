// @ts-check
/**
 * Single keys for a quick run through the queue. They never act while somebody
 * types, and can be switched off (WCAG 2.1.4): speech input would press them.
 * @module
 */

import { find, make } from "./dom.js";
import { _ } from "./i18n.js";

const KEPT = "linju.review.keys";

/** @typedef {{keys: string[], words: string, act: () => void}} Key */

export class Keys {
  /** @param {Key[]} keys */
  constructor(keys) {
    this.box = /** @type {HTMLDetailsElement} */ (find("#keys"));
    this.on = /** @type {HTMLInputElement} */ (find("#keys-on"));
    const help = { keys: ["?"], words: _("Show these keys"), act: () => this.#help() };
    this.keys = [...keys, help];
    this.on.checked = remembered();
    this.on.addEventListener("change", () => this.#switch());
    find("#keys-list").replaceChildren(...this.keys.flatMap(({ keys: signs, words }) => [
      make("dt", {}, ...signs.map((sign) => make("kbd", {}, shown(sign)))), make("dd", {}, words)]));
    addEventListener("keydown", (event) => this.#pressed(event));
    this.#tell();
  }

  #pressed(event) {
    if (!this.on.checked || event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = this.keys.find(({ keys }) => keys.includes(key));
    if (!found || (key.startsWith("Arrow") && !inQueue(event.target))) return;
    event.preventDefault();
    found.act();
  }

  #help() {
    this.box.open = !this.box.open;
    if (this.box.open) this.box.scrollIntoView({ block: "nearest" });
    find("#keys summary").focus();
  }

  #switch() {
    try {
      localStorage.setItem(KEPT, this.on.checked ? "on" : "off");
    } catch {
      // Where nothing may be kept it holds for this visit.
    }
    this.#tell();
  }

  // The signs on the buttons go with the keys.
  #tell() {
    document.documentElement.classList.toggle("has-keys", this.on.checked);
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

/** Arrow keys move the map and the page elsewhere. @param {any} target */
function inQueue(target) {
  return target === document.body || Boolean(target.closest?.("#queue-list, .item-head"));
}

/** @param {any} target */
function typing(target) {
  return Boolean(target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]"));
}

/** @param {string} key */
function shown(key) {
  return { ArrowDown: "↓", ArrowUp: "↑" }[key] ?? key;
}
