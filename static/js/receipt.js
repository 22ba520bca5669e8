// @ts-check
/** Ways to keep a private link: copy it, send it to oneself, print it. @module */

import { find } from "./dom.js";
import { _ } from "./i18n.js";

const field = /** @type {HTMLInputElement} */ (find("#link"));
const done = find("#link-done");

offer("#link-copy", true, async () => {
  try {
    await navigator.clipboard.writeText(field.value);
    done.textContent = _("The link is copied.");
  } catch {
    // A plain connection has no clipboard: the text is marked, to be copied by hand.
    field.focus();
    field.select();
    const copied = document.execCommand("copy");
    done.textContent = copied ? _("The link is copied.") : _("Copy this link.");
  }
});
offer("#link-share", Boolean(navigator.share), () =>
  navigator.share({ title: document.title, url: field.value }).catch(() => {}));
offer("#link-print", true, () => print());
field.addEventListener("focus", () => field.select());

/** @param {string} selector @param {boolean} possible @param {() => unknown} act */
function offer(selector, possible, act) {
  const button = find(selector);
  button.hidden = !possible;
  button.addEventListener("click", act);
}
