// @ts-check
/**
 * The legend, which is the filter: pressing a magnet shows it alone, pressing
 * another adds it, and taking the last one away shows everything again.
 * @module
 */

import { find, make } from "./dom.js";
import { _ } from "./i18n.js";
import { magnetDrawing } from "./shapes.js";

/**
 * What is shown after a press.
 * @param {readonly string[]} shown none means all
 * @param {string} pressed
 * @returns {string[]}
 */
export function pressed(shown, pressed) {
  return shown.includes(pressed) ? shown.filter((id) => id !== pressed) : [...shown, pressed];
}

export class Legend {
  /**
   * @param {import("./state.js").State} state
   * @param {Iterable<import("./merchant-layer.js").Category>} categories
   */
  constructor(state, categories) {
    this.state = state;
    /** @type {Map<string, {button: HTMLElement, count: HTMLElement}>} */
    this.entries = new Map();
    const seen = [...categories].filter((category) => !category.hidden).sort((a, b) => a.rank - b.rank);
    for (const group of ["merchant", "facility"]) {
      const box = find(`#legend-${group}`);
      box.replaceChildren(
        ...seen.filter((category) => category.group === group).map((category) => this.#entry(category)),
      );
    }
    find("#legend-all").addEventListener("click", () => state.change({ categories: [] }, { push: true }));
    state.addEventListener("change", () => this.#mark());
    this.#mark();
    const facilities = find("#facilities");
    const wanted = seen.some(({ id, group }) => group === "facility" && state.view.categories.includes(id));
    if (wanted) facilities.setAttribute("open", "");
  }

  /** @param {Record<string, number>} counts of what is in view */
  count(counts) {
    for (const [id, { count, button }] of this.entries) {
      count.textContent = String(counts[id] ?? 0);
      button.classList.toggle("is-empty", !counts[id]);
    }
  }

  /** @param {import("./merchant-layer.js").Category} category */
  #entry(category) {
    const count = make("span", { class: "legend-count" }, "–");
    const button = make(
      "button",
      {
        type: "button",
        class: "legend-entry",
        "data-category": category.id,
        onclick: () =>
          this.state.change({ categories: pressed(this.state.view.categories, category.id) }, { push: true }),
      },
      magnetDrawing(category),
      make("span", { class: "legend-name" }, category.name),
      count,
    );
    this.entries.set(category.id, { button, count });
    return button;
  }

  #mark() {
    const { categories } = this.state.view;
    for (const [id, { button }] of this.entries) {
      button.setAttribute("aria-pressed", String(categories.includes(id)));
      button.classList.toggle("is-off", categories.length > 0 && !categories.includes(id));
    }
    find("#legend-all").hidden = categories.length === 0;
    find("#legend").setAttribute("aria-label", categories.length ? _("Categories, some chosen") : _("Categories, all shown"));
  }
}
