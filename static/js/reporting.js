// @ts-check
/**
 * "Something wrong?" on a card: anybody tells the reviewers that a shop has
 * moved, closed, or has another phone. Nothing on the map changes by it.
 * @module
 */

import { make } from "./dom.js";
import { Refused, withParameters } from "./fetching.js";
import { _, language } from "./i18n.js";
import { send } from "./sending.js";

const LONGEST = 500;

/**
 * The part of a card that takes a report.
 * @param {string} itemsUrl address of the merchants
 * @param {string} id of the merchant
 * @returns {HTMLElement}
 */
export function reporting(itemsUrl, id) {
  const words = make("textarea", { id: "report-words", rows: 2, maxlength: LONGEST });
  const told = make("p", { role: "status", class: "report-told" });
  const button = /** @type {HTMLButtonElement} */ (make("button", { class: "wide-button" }, _("Send")));
  const form = /** @type {HTMLFormElement} */ (make("form", { class: "report-form" },
    make("fieldset", {}, make("legend", {}, _("What is not right?")), ...whats().map(([what, said]) =>
      make("label", { class: "report-what" },
        make("input", { type: "radio", name: "what", value: what, required: true }), make("span", {}, said)))),
    make("label", { for: "report-words" }, _("What is right? (optional)")),
    words, button, told));
  const box = make("details", { class: "report" }, make("summary", {}, _("Something wrong?")), form);
  box.addEventListener("toggle", () => form.scrollIntoView({ block: "nearest" }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    told.textContent = "";
    const body = { what: String(new FormData(form).get("what")), words: /** @type {any} */ (words).value };
    try {
      await send(withParameters(`${itemsUrl}/${encodeURIComponent(id)}/reports`, { lang: language }), body);
      const thanks = make("p", { class: "report-thanks", role: "status", tabindex: "-1" }, _("Thank you. The community office will look at it."));
      box.replaceWith(thanks);
      thanks.focus();
    } catch (error) {
      told.textContent = error instanceof Refused && error.sentence
        ? error.sentence
        : _("No connection just now. Please send it once more.");
      button.disabled = false;
    }
  });
  return box;
}

/** @returns {[string, string][]} */
function whats() {
  return [
    ["moved", _("It has moved")],
    ["closed", _("It is gone")],
    ["phone", _("The phone is not right")],
    ["hours", _("The hours are not right")],
    ["position", _("The place on the map is not right")],
    ["other", _("Something else")],
  ];
}

/**
 * Ways for those who may change a shop: its form, and what happened to it.
 * @param {HTMLElement} page tells who the page is for
 * @param {{id: string, properties: {area: string}}} feature
 * @returns {HTMLElement | null} null for everybody else
 */
export function keeping({ dataset }, { id, properties }) {
  const staff = dataset.scope !== undefined && properties.area.startsWith(dataset.scope);
  const owner = (dataset.owns ?? "").split(" ").includes(id);
  if (!staff && !owner) return null;
  const way = (pattern, words) =>
    make("a", { class: "wide-button", href: (pattern ?? "").replace("MERCHANT", encodeURIComponent(id)) }, words);
  return make("div", { class: "card-keeping" }, way(dataset.editUrl, _("Change")), way(dataset.historyUrl, _("History")));
}
