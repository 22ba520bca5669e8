// @ts-check
/** A plan as it was and, beside it, as it would be now. @module */

import { find, make } from "./dom.js";
import { away, regret } from "./emergency-words.js";
import { getJson } from "./fetching.js";
import { _ } from "./i18n.js";

export class Now {
  /** @param {string} url @param {(answer: any) => void} draw on the map */
  constructor(url, draw) {
    this.url = url;
    this.draw = draw;
    this.button = /** @type {HTMLButtonElement} */ (find("#now-ask"));
    this.button.addEventListener("click", () => this.#ask());
    for (const which of ["was", "now"]) find(`#show-${which}`).addEventListener("click", () => this.#show(which));
  }

  /** Tell the answer as it was. @param {any} answer */
  then(answer) {
    this.was = answer;
    this.button.disabled = false;
  }

  async #ask() {
    this.button.disabled = true;
    find("#now-said").textContent = _("Asking…");
    try {
      const { answer, differences } = await getJson(this.url);
      this.now = answer;
      this.#fill(differences);
      this.#show("now");
    } catch (error) {
      find("#now-said").textContent = regret(error);
    } finally {
      this.button.disabled = false;
    }
  }

  /** @param {{what: string, text: string}[]} differences */
  #fill(differences) {
    find("#now-said").textContent = differences.length ? "" : _("It would be the same now.");
    find("#differences").replaceChildren(...differences.map(({ what, text }) => make("li", { class: `is-${what}` }, make("bdi", {}, text))));
    const here = new Map(this.now.helpers.map((one) => [`${one.merchant.id} ${one.mode}`, one]));
    find("#now-rows").replaceChildren(...this.was.helpers.map((old, at) => {
      const { merchant, mode } = old;
      const now = here.get(`${merchant.id} ${mode}`);
      return make("tr", {}, make("th", { scope: "row" }, `${at + 1}. `, make("bdi", {}, merchant.properties.name)),
        make("td", {}, away(old)), make("td", {}, now ? away(now) : _("not on the map")));
    }));
    find("#now-told").hidden = false;
  }

  /** @param {string} which */
  #show(which) {
    for (const one of ["was", "now"]) find(`#show-${one}`).setAttribute("aria-pressed", String(one === which));
    this.draw(which === "now" ? this.now : this.was);
  }
}
