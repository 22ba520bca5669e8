// @ts-check
/**
 * The search box. What matches in view is on the map and in the list already;
 * here it is told what matches elsewhere, and that the words name a category.
 * @module
 */

import { find } from "./dom.js";
import { _, ngettext } from "./i18n.js";
import { magnetDrawing } from "./shapes.js";

const DEBOUNCE_MS = 250;

export class Search {
  /**
   * @param {import("./state.js").State} state
   * @param {any} merchants the layer
   * @param {(feature: any) => void} open show the best match
   */
  constructor(state, merchants, open) {
    this.state = state;
    this.merchants = merchants;
    this.open = open;
    this.input = /** @type {HTMLInputElement} */ (find("#search-box"));
    this.clear = find("#search-clear");
    this.elsewhere = find("#elsewhere");
    this.meant = find("#meant");
    this.inView = 0;
    this.input.value = state.view.query;
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (event) => event.key === "Escape" && this.#escape(event));
    this.clear.addEventListener("click", () => this.#set("", true));
    find("#search").addEventListener("submit", (event) => this.#enter(event));
    this.elsewhere.addEventListener("click", () => this.#fit());
    merchants.on("categories", () => this.#suggest());
    state.addEventListener("change", () => this.#follow());
    this.#follow();
  }

  /** The layer has shown what is in view. @param {number} matched */
  shown(matched) {
    this.inView = matched;
    this.#tell();
  }

  #typed() {
    clearTimeout(this.timer);
    this.clear.hidden = !this.input.value;
    this.timer = setTimeout(() => this.#set(this.input.value, false), DEBOUNCE_MS);
  }

  // One search is one step back, however many letters it took.
  #set(text, erased) {
    clearTimeout(this.timer);
    const query = text.trim().slice(0, 100);
    const push = !this.state.view.query || !query;
    this.state.change({ query }, { push });
    if (erased) {
      this.input.value = "";
      this.input.focus();
    }
    this.clear.hidden = !this.input.value;
  }

  #escape(event) {
    if (!this.input.value) return;
    event.stopPropagation();
    event.preventDefault();
    this.#set("", true);
  }

  async #enter(event) {
    event.preventDefault();
    const category = this.#named(this.input.value)[0];
    if (category && folded(category.name) === folded(this.input.value)) {
      this.#take(category);
      return;
    }
    this.#set(this.input.value, false);
    if (!this.state.view.query) return;
    const answer = await this.#ask();
    if (answer?.features.length) this.open(answer.features[0]);
  }

  #follow() {
    const { query } = this.state.view;
    if (document.activeElement !== this.input) this.input.value = query;
    this.clear.hidden = !this.input.value;
    this.#suggest();
    const { categories, open, area } = this.state.view;
    const asked = JSON.stringify([query, categories, open, area]);
    if (asked === this.asked) return;
    this.asked = asked;
    this.everywhere = null;
    this.#tell();
    if (query || area || open || categories.length) this.#ask();
  }

  /** @returns {Promise<any>} every match; null when the question was overtaken or not answered */
  async #ask() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    // The layer learns of the change by the same event, perhaps after this.
    await Promise.resolve();
    try {
      this.everywhere = await this.merchants.matchEverywhere(asking.signal);
      this.#tell();
      return this.everywhere;
    } catch {
      return null; // the layer tells of the trouble
    }
  }

  #tell() {
    const outside = (this.everywhere?.numberMatched ?? 0) - this.inView;
    this.elsewhere.hidden = outside <= 0;
    if (outside > 0) {
      find("#elsewhere-words").textContent =
        ngettext("{n} more outside of the view", "{n} more outside of the view", outside);
    }
  }

  // Who types 理发 wants every barber, whatever its name says.
  #suggest() {
    const [category] = this.#named(this.state.view.query);
    this.meant.hidden = !category;
    if (!category) return;
    this.meant.replaceChildren(magnetDrawing(category), _("Show the category {name}", { name: category.name }));
    this.meant.onclick = () => this.#take(category);
  }

  /** The categories that a text begins to name. @param {string} text */
  #named(text) {
    const categories = [...this.merchants.categories.values()];
    return folded(text) ? categories.filter(({ name, hidden }) => !hidden && folded(name).startsWith(folded(text))) : [];
  }

  /** @param {import("./merchant-layer.js").Category} category */
  #take(category) {
    clearTimeout(this.timer);
    this.input.value = "";
    this.state.change({ query: "", categories: [category.id] }, { push: true });
    find("#results-title").focus();
  }

  #fit() {
    const places = this.everywhere.features.map(({ geometry: { coordinates: [lon, lat] } }) => [lat, lon]);
    this.merchants.fit(places);
    find("#results-title").focus();
  }
}

/** @param {string} text */
function folded(text) {
  return text.trim().toLowerCase();
}
