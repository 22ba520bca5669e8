// @ts-check
/**
 * A button beside each password that shows what was typed: few hit every key unseen.
 * @module
 */

import { make } from "./dom.js";
import { _ } from "./i18n.js";

for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('input[type="password"]'))) {
  const button = make("button", { type: "button", class: "quiet-button reveal", "aria-pressed": "false" }, _("Show the password"));
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
  // What is shown must not be kept as text by the browser.
  field.form?.addEventListener("submit", () => (field.type = "password"));
  field.after(button);
}
