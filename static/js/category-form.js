// @ts-check
/**
 * The form of a category: the magnet as it will be, and what speaks against
 * its colour beside the others, while somebody chooses.
 * @module
 */

import { find, make } from "./dom.js";
import { getJson, withParameters } from "./fetching.js";
import { _ } from "./i18n.js";
import { magnetDrawing } from "./shapes.js";

const WAIT_MS = 200;
const COLOUR = /^#[0-9a-f]{6}$/i;

const form = /** @type {HTMLFormElement} */ (find("#kind"));
const colour = /** @type {HTMLInputElement} */ (find("#field-colour"));
const wheel = /** @type {HTMLInputElement} */ (find("#kind-wheel"));
/** @type {AbortController | null} */
let asking = null;
let timer = 0;

find("#kind-picker").hidden = false;
find("#kind-judged").hidden = false;

wheel.addEventListener("input", () => {
  colour.value = wheel.value.toUpperCase();
  changed();
});
form.addEventListener("input", (event) => event.target !== wheel && changed());
changed();

function changed() {
  const chosen = new FormData(form);
  const told = (name) => String(chosen.get(name) ?? "");
  if (!COLOUR.test(told("colour").trim())) return;
  wheel.value = told("colour").trim().toLowerCase();
  const look = { colour: wheel.value, shape: told("shape"), glyph: told("glyph") };
  find("#kind-preview .kind-face").replaceChildren(magnetDrawing(look));
  clearTimeout(timer);
  timer = setTimeout(() => judge({ ...look, group: told("group"), id: form.dataset.id ?? "" }), WAIT_MS);
}

/** @param {Record<string, string>} look */
async function judge(look) {
  asking?.abort();
  asking = new AbortController();
  try {
    const { doubts, seen } = await getJson(withParameters(String(form.dataset.judge), look), asking.signal);
    find("#kind-doubts").replaceChildren(
      doubts.length
        ? make("ul", { class: "kind-doubts" }, ...doubts.map((doubt) => make("li", { class: "kind-doubt" }, doubt)))
        : make("p", { class: "kind-fine" }, _("The colour can be told from the others.")),
    );
    find("#kind-seen").replaceChildren(
      ...seen.map(({ name, magnets }) =>
        make("p", {}, make("span", { class: "kind-eyes" }, name), ...magnets.map((one) => magnetDrawing(one))),
      ),
    );
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "AbortError") find("#kind-doubts").replaceChildren();
  }
}
