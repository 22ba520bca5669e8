// @ts-check
/**
 * A private link's token stands behind the #, which no browser sends. It is
 * posted, the cookie keeps it, and the address forgets it.
 * @module
 */

import { find } from "./dom.js";
import { Refused, lasting } from "./fetching.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";

const token = location.hash.slice(1);
addEventListener("hashchange", () => location.hash.length > 1 && location.reload());
if (token) open();

async function open() {
  const form = /** @type {HTMLFormElement} */ (find("#open"));
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
  }
}
