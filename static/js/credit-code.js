// @ts-check
/** A credit code is read as soon as it is typed: whether it can be right, and where it was registered. @module */

import { find } from "./dom.js";
import { send } from "./sending.js";

/** @param {HTMLFormElement} form */
export function watchCreditCode(form) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credit_code"));
  const words = find("#code-words");
  const wrong = find("#wrong-credit_code");
  let turn = 0;
  const say = (told, trouble) => {
    words.textContent = told;
    words.hidden = !told;
    wrong.textContent = trouble;
    wrong.hidden = !trouble;
    field.closest(".field")?.classList.toggle("is-wrong", Boolean(trouble));
    if (trouble) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };
  field.addEventListener("input", () => say("", ""));
  field.addEventListener("change", async () => {
    const now = (turn += 1);
    if (!field.value.trim()) return say("", "");
    const told = new FormData(form);
    const place = told.get("lon") && told.get("lat")
      ? { lon: Number(told.get("lon")), lat: Number(told.get("lat")), datum: told.get("datum") }
      : {};
    try {
      const answer = await send(form.dataset.code ?? "", { code: field.value, ...place });
      if (now === turn) say(answer.words ?? "", answer.ok ? "" : answer.sentence);
    } catch {
      // Checked once more when the form is sent.
    }
  });
}
