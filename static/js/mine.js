// @ts-check
/**
 * A private link's token stands behind the #, which no browser sends. It is
 * posted, the cookie keeps it, and the address forgets it.
 * @module
 */

import { find } from "./dom.js";
import { tellDone } from "./done.js";
import { Refused, lasting } from "./fetching.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";

tellDone();
const form = /** @type {HTMLFormElement} */ (find("#open"));
const token = location.hash.slice(1);
addEventListener("hashchange", () => location.hash.length > 1 && location.reload());
if (token && form.dataset.holds) ask();
else if (token) open();

// Whoever is signed in decides whether this link is worth leaving for.
function ask() {
  history.replaceState(null, "", location.pathname + location.search);
  /** @type {HTMLInputElement} */ (find("#open-token")).value = token;
  find("#open-ask").hidden = form.hidden = false;
  form.querySelector("button")?.focus();
}

async function open() {
  const body = new FormData();
  body.append("token", token);
  try {
    const { next } = await send(form.action, body);
    location.replace(next);
  } catch (error) {
    const words = find("#open-words");
    words.textContent = error instanceof Refused && lasting(error)
      ? error.sentence
      : _("No connection just now. Open the link once more.");
    words.hidden = false;
    form.hidden = false;
  }
}
