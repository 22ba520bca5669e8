// @ts-check
/**
 * The page of files: a spreadsheet can be dropped on it, and one that is too
 * large is refused before it is sent.
 * @module
 */

import { find } from "./dom.js";
import { _ } from "./i18n.js";

const form = /** @type {HTMLFormElement} */ (find("#upload"));
const input = /** @type {HTMLInputElement} */ (find("#file"));
const drop = find("#drop");
const most = Number(form.dataset.most) * 1e6;

input.addEventListener("change", tooLarge);

// A file beside the frame would make the browser leave the page for it.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, () => drop.classList.add("is-over"));
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, () => drop.classList.remove("is-over"));
}
drop.addEventListener("drop", (event) => {
  const files = event.dataTransfer?.files;
  if (!files?.length) return;
  input.files = files;
  if (!tooLarge()) form.requestSubmit();
});

form.addEventListener("submit", (event) => {
  if (tooLarge()) {
    event.preventDefault();
    input.focus();
    return;
  }
  find("#upload-words").textContent = _("Uploading…");
  /** @type {HTMLButtonElement} */ (find("#upload .main-button")).disabled = true;
});

// The back button brings the page as it was left.
addEventListener("pageshow", () => {
  find("#upload-words").textContent = "";
  /** @type {HTMLButtonElement} */ (find("#upload .main-button")).disabled = false;
});

function tooLarge() {
  const size = input.files?.[0]?.size ?? 0;
  find("#file-wrong").hidden = size <= most;
  input.toggleAttribute("aria-invalid", size > most);
  return size > most;
}
