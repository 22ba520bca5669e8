// @ts-check
/**
 * What is shown once can be copied with one press.
 * @module
 */

import { find } from "./dom.js";
import { _ } from "./i18n.js";

const words = /** @type {HTMLInputElement} */ (find(".once-words"));
const button = find(".once-copy");
button.hidden = false;
words.addEventListener("focus", () => words.select());
button.addEventListener("click", async () => {
  words.focus();
  words.select();
  // Browsers lend the clipboard to https:// and localhost only; elsewhere the old way is left.
  const done = navigator.clipboard
    ? await navigator.clipboard.writeText(words.value).then(() => true, () => false)
    : document.execCommand("copy");
  button.textContent = done ? _("Copied") : _("Selected: copy it with your keyboard");
});
