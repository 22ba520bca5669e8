// @ts-check
/**
 * What is wrong with a field: beside it, and as an entry of the summary that leads to it.
 * @module
 */

import { find } from "./dom.js";

/** Say what is wrong with a field, "" for nothing. @param {string} name @param {string} words */
export function mark(name, words) {
  const line = find(`#wrong-${name}`);
  line.textContent = words;
  line.hidden = !words;
  line.closest(".field")?.classList.toggle("is-wrong", Boolean(words));
  for (const field of line.closest(".field")?.querySelectorAll(`[aria-describedby~="${line.id}"]`) ?? []) {
    if (words) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

/** Whoever mends a field is told no longer that it is wrong. @param {string} name */
export function mended(name) {
  mark(name, "");
  const entry = document.querySelector(`#summary-list a[href="#field-${name}"]`);
  if (!entry) return;
  entry.closest("li")?.remove();
  const summary = find("#summary");
  summary.hidden = !summary.querySelector("li");
}
