// @ts-check
/**
 * Who lives alone is shown in the list, one at a time, and hidden again: the page that would show
 * it without a script is not left for it.
 * @module
 */

import { icon, make } from "./dom.js";
import { Refused } from "./fetching.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";

/** @typedef {{name: string, address: string, phones: {said: string, dialled: string}[], note: string}} Told */

for (const form of document.querySelectorAll("form.elder-show")) {
  form.querySelector("button")?.setAttribute("aria-expanded", "false");
  form.addEventListener("submit", (event) => {
    const pressed = /** @type {SubmitEvent} */ (event).submitter;
    if (!(pressed instanceof HTMLButtonElement) || pressed.name) return;
    event.preventDefault();
    turn(/** @type {HTMLFormElement} */ (form), pressed);
  });
}

/**
 * Show who it is, or hide it again.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 */
async function turn(form, button) {
  const entry = /** @type {HTMLElement} */ (form.parentElement);
  const shown = entry.querySelector(".elder-told, .notice");
  shown?.remove();
  if (shown?.matches(".elder-told")) {
    say(button, false);
    return;
  }
  button.disabled = true;
  const part = await send(form.action, new FormData(form)).then(told, refused);
  button.disabled = false;
  entry.append(part);
  say(button, part.matches(".elder-told"));
  part.focus();
}

/** @param {HTMLButtonElement} button @param {boolean} open */
function say(button, open) {
  const word = button.querySelector(".elder-word");
  if (word) word.textContent = open ? _("Hide") : _("Show");
  button.setAttribute("aria-expanded", String(open));
}

/** @param {Told} found */
function told({ name, address, phones, note }) {
  const calls = phones.map(({ said, dialled }) =>
    make("a", { class: "elder-call", href: `tel:${dialled}` }, icon("phone"), make("bdi", {}, said)));
  return make("dl", { class: "elder-told", tabindex: "-1" },
    fact(_("Full name"), make("bdi", {}, name)),
    address && fact(_("Flat"), make("bdi", {}, address)),
    calls.length > 0 && fact(_("Phone"), ...calls),
    note && fact(_("Remark"), make("bdi", { class: "elder-note" }, note)));
}

/** @param {string} label @param {...Node} words */
function fact(label, ...words) {
  return make("div", {}, make("dt", {}, label), make("dd", {}, ...words));
}

/** @param {unknown} error */
function refused(error) {
  const words = error instanceof Refused && error.sentence ? error.sentence : _("The server cannot be reached just now.");
  return make("p", { class: "notice notice-bad", role: "alert", tabindex: "-1" }, words);
}
