// @ts-check
/** A phone that looks like none is doubted beside its field, as an import doubts it; it is taken all the same. @module */

import { find } from "./dom.js";
import { send } from "./sending.js";

const DEBOUNCE_MS = 600;

/** @param {HTMLFormElement} form */
export function watchPhones(form) {
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".phone-doubt"))) {
    watch(find(line.dataset.of ?? ""), line, form.dataset.phones ?? "");
  }
}

/** @param {HTMLElement} box around fields @param {HTMLElement} line @param {string} url */
function watch(box, line, url) {
  const fields = [...box.querySelectorAll("input")];
  let timer = 0;
  let turn = 0;
  const ask = async () => {
    const now = (turn += 1);
    const phones = fields.map(({ value }) => value.trim()).filter(Boolean);
    const { words = "" } = phones.length ? await send(url, { phones }).catch(() => ({})) : {};
    if (now !== turn) return;
    if (line.textContent !== words) line.textContent = words;
    line.hidden = !words;
  };
  for (const field of fields) {
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
    // Not when the field is left: the line would push away what is just being pressed.
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, DEBOUNCE_MS);
    });
  }
  ask();
}
