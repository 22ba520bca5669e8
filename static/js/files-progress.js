// @ts-check
/**
 * Waiting for a job: the bar follows it, and when it has ended the page is
 * loaded again and says what came of it.
 * @module
 */

import { find } from "./dom.js";
import { getJson } from "./fetching.js";
import { _ } from "./i18n.js";

const EVERY_MS = 700;
const RUNNING = ["checking", "working"];

const waiting = find("#working");
const bar = /** @type {HTMLProgressElement} */ (find("#bar"));
const words = find("#working-words");
const said = words.textContent;

async function ask() {
  try {
    const { stage, done, total } = await getJson(String(waiting.dataset.state));
    if (!RUNNING.includes(stage)) return location.reload();
    if (total) bar.value = Math.round((100 * done) / total);
    words.textContent = said;
  } catch {
    words.textContent = _("The server cannot be reached just now. The work goes on.");
  }
  setTimeout(ask, EVERY_MS);
}

setTimeout(ask, EVERY_MS);
