// @ts-check
/**
 * What is asked before a decision: a reason, or which one it is the same as.
 * @module
 */

import { length } from "./distance.js";
import { make } from "./dom.js";
import { getJson, withParameters } from "./fetching.js";
import { metres } from "./geo.js";
import { _, language } from "./i18n.js";

const ID = /^[0-9A-HJKMNP-TV-Z]{10}$/;
const LONGEST_WHY = 300;
const WAIT_MS = 200;

/**
 * Ask for a reason.
 * @param {{title: string, go: string, needed: boolean, quick: string[]}} how `needed`: none is refused
 * @returns {Promise<string | null>} null where the reader thought better of it
 */
export function askReason({ title, go, needed, quick }) {
  const field = /** @type {HTMLTextAreaElement} */ (make("textarea", { id: "reason", rows: 3, maxlength: LONGEST_WHY }));
  const wrong = make("p", { class: "field-wrong", id: "reason-wrong", hidden: true }, _("Please give a reason: whoever asked will read it."));
  field.setAttribute("aria-describedby", "reason-wrong");
  const put = (words) => {
    const said = field.value.trim();
    field.value = said ? `${said}${language === "zh" ? "；" : "; "}${words}` : words;
    field.focus();
  };
  const fine = () => {
    const missing = needed && !field.value.trim();
    wrong.hidden = !missing;
    field.toggleAttribute("aria-invalid", missing);
    if (missing) field.focus();
    return missing ? null : field.value.trim();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      field.form?.requestSubmit();
    }
  });
  return asked(title, go, fine, [
    quick.length > 0 && make("div", { class: "quick", role: "group", "aria-label": _("Common reasons") },
      ...quick.map((words) => make("button", { type: "button", class: "wide-button", onclick: () => put(words) }, words))),
    make("div", { class: "field" },
      make("label", { for: "reason" }, _("Reason"), !needed && make("span", { class: "field-optional" }, ` ${_("optional")}`)),
      field, wrong),
  ], field);
}

/**
 * Ask which merchant it is the same as.
 * @param {any} item as the server tells it
 * @param {{merchants: string}} urls
 * @returns {Promise<{id: string, name: string} | null>}
 */
export function askSame(item, urls) {
  const list = make("div", { class: "same", role: "radiogroup", "aria-label": _("Which one") });
  const none = make("p", { class: "quiet", role: "status" });
  const wrong = make("p", { class: "field-wrong", role: "alert" });
  const choices = new Map();
  const shown = (found) => {
    choices.clear();
    for (const one of found) choices.set(one.id, one);
    list.replaceChildren(...found.map((one, at) => choice(one, at === 0 && found.length === 1)));
    none.textContent = found.length ? "" : _("Nothing is found.");
  };
  const field = /** @type {HTMLInputElement} */ (make("input", { id: "same-search", type: "search", maxlength: 100, autocomplete: "off" }));
  let timer = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = field.value.trim();
      const found = text ? await looked(text, item, urls).catch(() => []) : item.alike;
      if (text === field.value.trim()) shown(found);
    }, WAIT_MS);
  });
  shown(item.alike);
  if (!item.alike.length) none.textContent = _("Nothing like it is near. Search by name, phone or number.");
  const fine = () => {
    const checked = list.querySelector("input:checked");
    wrong.textContent = checked ? "" : _("Please choose one.");
    return checked instanceof HTMLInputElement ? choices.get(checked.value) : null;
  };
  return asked(_("Merge two into one"), _("Merge"), fine, [
    make("p", {}, _("What it lacks is filled from here. The old number leads to it.")),
    make("div", { class: "field" }, make("label", { for: "same-search" }, _("Search by name, phone or number")), field),
    list, none, wrong,
  ], field);
}

async function looked(text, item, urls) {
  const features = ID.test(text.toUpperCase())
    ? [await getJson(`${urls.merchants}/${text.toUpperCase()}`)]
    : (await getJson(withParameters(urls.merchants, { q: text, limit: 8 }))).features;
  return features
    .filter(({ id }) => id !== item.merchant.id)
    .map(({ id, properties, geometry }) => ({
      id, name: properties.name, address: properties.address, metres: metres(item.wanted, geometry.coordinates),
    }));
}

function choice(one, checked) {
  return make("label", { class: "same-one" },
    make("input", { type: "radio", name: "same", value: one.id, checked }),
    make("span", {}, make("bdi", { class: "queue-name" }, one.name),
      make("span", { class: "quiet" }, one.address && make("bdi", {}, one.address), " ",
        _("{distance} away", { distance: length(one.metres) }), ` · ${one.id}`),
      one.pending && make("span", { class: "sign" }, _("Waiting for review"))));
}

/**
 * Open a dialog and wait for its end.
 * @template T
 * @param {string} title
 * @param {string} go what the button says
 * @param {() => T | null} fine the answer, or null while something is missing
 * @param {import("./dom.js").Child[]} parts
 * @param {HTMLElement} first where to begin
 * @returns {Promise<T | null>}
 */
function asked(title, go, fine, parts, first) {
  return new Promise((resolve) => {
    const opener = document.activeElement;
    /** @type {T | null} */
    let answer = null;
    const dialog = /** @type {HTMLDialogElement} */ (make("dialog", { class: "asking", "aria-labelledby": "asking-title" },
      make("form", { method: "dialog", class: "form", onsubmit: (event) => {
        event.preventDefault();
        answer = fine();
        if (answer !== null) dialog.close();
      } },
      make("h2", { id: "asking-title" }, title), ...parts,
      make("div", { class: "form-ways" },
        make("button", { class: "main-button" }, go),
        make("button", { type: "button", class: "wide-button", onclick: () => dialog.close() }, _("Cancel"))))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (answer === null && opener instanceof HTMLElement) opener.focus();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    first.focus();
  });
}
