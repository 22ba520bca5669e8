// @ts-check
/**
 * A device that others use too: whoever signs out leaves nothing of theirs, and whoever comes next
 * finds nothing. What a round's phone has not sent yet is told before, and is lost by a press only.
 * @module
 */

import { forgetOthers, leave } from "./belongings.js";
import { make } from "./dom.js";
import { _, ngettext } from "./i18n.js";
import { discard, sweep, untold } from "./round-queue.js";

const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll("form[data-signs-out]")]);
const account = forms[0]?.dataset.signsOut ?? "";
const box = make("div", { class: "unsent", role: "status" });

sweep(account);
// Who is at the door may be the same one again: the drafts of a session that had ended are theirs.
if (account) forgetOthers(account);
tell(null);
for (const form of forms) {
  form.addEventListener("submit", (event) => {
    if (untold(account).length) {
      event.preventDefault();
      tell(form);
    } else {
      leave();
      discard(account);
    }
  });
}

/** Tell what was not sent. @param {HTMLFormElement | null} form that signs out, if somebody is about to */
function tell(form) {
  const waiting = untold(account);
  if (!waiting.length) return;
  document.querySelector(".masthead")?.append(box);
  const n = waiting.reduce((sum, one) => sum + one.n, 0);
  box.replaceChildren(
    make("p", {}, ngettext("{n} visit that you ticked off on this device has not been sent yet.", "{n} visits that you ticked off on this device have not been sent yet.", n)),
    ...waiting.map(({ page }) => make("a", { class: "wide-button", href: page }, _("Send now"))),
    ...(form ? [make("button", { type: "button", class: "wide-button", onclick: () => {
      discard(account);
      form.requestSubmit();
    } }, _("Throw away and sign out"))] : []));
  if (form) /** @type {HTMLElement | null} */ (box.querySelector("a, button"))?.focus();
}
