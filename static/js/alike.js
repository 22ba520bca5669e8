// @ts-check
/**
 * Shops on the map near by that may be the one that is just being typed.
 * @module
 */

import { announce } from "./announce.js";
import { find, make } from "./dom.js";
import { _, ngettext } from "./i18n.js";
import { send } from "./sending.js";

const DEBOUNCE_MS = 500;
const SHORTEST = 2;
const WATCHED = new Set(["name", "lon", "lat", "datum", "phones"]);

export class Alike {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.url = form.dataset.alike ?? "";
    this.box = find("#alike");
    this.turn = 0;
    this.passed = "";
    form.addEventListener("input", ({ target }) => WATCHED.has(/** @type {any} */ (target).name) && this.#later());
    find("#alike-none").addEventListener("click", () => this.#pass());
    // Of a shop that is known already, only what is changed is worth a question.
    if (!form.dataset.id) this.#later();
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), DEBOUNCE_MS);
  }

  async #ask() {
    const turn = (this.turn += 1);
    const told = new FormData(this.form);
    const [lon, lat] = ["lon", "lat"].map((name) => (told.get(name) ? Number(told.get(name)) : NaN));
    const name = String(told.get("name")).trim();
    if (name.length < SHORTEST || Number.isNaN(lon + lat) || name === this.passed) {
      this.#show([]);
      return;
    }
    const phones = told.getAll("phones").map(String).filter(Boolean);
    const asked = { name, lon, lat, datum: told.get("datum"), phones, but: this.form.dataset.id ?? "" };
    try {
      const { alike = [] } = await send(this.url, asked);
      if (turn === this.turn) this.#show(alike);
    } catch {
      // A hint only: whoever reviews looks again.
    }
  }

  /** @param {{name: string, address: string, metres: number, same_phone: boolean, url: string}[]} found */
  #show(found) {
    const before = this.shown;
    this.shown = found.map(({ url }) => url).join();
    if (this.shown === before) return;
    find("#alike-list").replaceChildren(...found.map((one) =>
      make("li", {},
        make("a", { href: one.url, target: "_blank", rel: "noopener" },
          make("bdi", {}, one.name),
          make("span", { class: "visually-hidden" }, _("opens in a new window"))),
        make("span", { class: "quiet" }, [
          _("{metres} m away", { metres: one.metres }),
          one.same_phone && _("the same phone"),
        ].filter(Boolean).join(" · ")),
        one.address && make("bdi", { class: "quiet" }, one.address))));
    this.box.hidden = !found.length;
    if (found.length) announce(ngettext("{n} shop near by may be the same one", "{n} shops near by may be the same one", found.length));
  }

  #pass() {
    this.passed = String(new FormData(this.form).get("name")).trim();
    this.#show([]);
    /** @type {HTMLElement} */ (document.querySelector("[name=category]:checked, [name=category]"))?.focus();
  }
}
