// @ts-check
/**
 * An invitation's token stands behind the #, which no browser sends: it is put into the form, and
 * what it is for is said above.
 * @module
 */

import { find } from "./dom.js";
import { Refused } from "./fetching.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";

const form = /** @type {HTMLFormElement} */ (find("#join"));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("token"));
const words = find("#join-what");

addEventListener("hashchange", () => location.reload());
const token = location.hash.slice(1) || field.value;
if (token) look();

async function look() {
  field.value = token;
  const body = new FormData();
  body.append("token", token.slice(token.lastIndexOf("#") + 1));
  try {
    const told = await send(form.dataset.look ?? "", body);
    find("#join-token").hidden = true;
    say(_("You are invited as {role} for {area}.", { role: told.role, area: told.area }));
    const title = /** @type {HTMLInputElement} */ (form.elements.namedItem("title"));
    title.value ||= told.title;
  } catch (error) {
    say(error instanceof Refused ? error.sentence : _("No connection just now. Open the link once more."), true);
  }
}

/** @param {string} sentence @param {boolean} [bad] */
function say(sentence, bad = false) {
  words.textContent = sentence;
  words.classList.toggle("notice-bad", bad);
  words.hidden = false;
}
