// @ts-check
/**
 * The list beside the map: the same places as the magnets in view, as buttons
 * that a keyboard and a screen reader can use.
 * @module
 */

import { straight, walked } from "./distance.js";
import { find, icon, make } from "./dom.js";
import { keyOf, tally } from "./features.js";
import { metres } from "./geo.js";
import { openness } from "./hours.js";
import { _, ngettext } from "./i18n.js";
import { magnetDrawing } from "./shapes.js";

export class List {
  /**
   * @param {any} merchants the layer
   * @param {{select: (feature: any) => void, enter: (feature: any) => void}} does
   *   what pressing a merchant and a cluster does
   */
  constructor(merchants, does) {
    this.merchants = merchants;
    this.does = does;
    this.box = find("#results");
    this.box.addEventListener("keydown", (event) => this.#move(event));
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    /** @type {WeakMap<HTMLElement, string>} what a row was made of */
    this.made = new WeakMap();
    this.selected = "";
  }

  /**
   * Show these places, nearest first; open ones first when nobody has said where they are.
   * @param {any[]} features
   * @param {object} how
   * @param {import("./geo.js").Position | null} how.near where the reader is
   * @param {import("./geo.js").Position} how.middle of the view
   * @param {boolean} how.best they come best match first, which is kept: Enter opens the first
   * @param {(id: string) => import("./distance.js").Away | undefined} how.along how far a merchant is along streets
   */
  show(features, { near, middle, best, along }) {
    const focused = document.activeElement?.closest("li")?.dataset.key;
    const said = (feature, away) => {
      const told = along(feature.id);
      return told ? walked(told) : straight(away);
    };
    const rows = this.#ordered(features, near ?? middle, { near, best, along })
      .map(({ feature, away }) => this.#row(feature, near ? said(feature, away) : ""));
    const same = rows.length === this.rows.size && [...this.rows.values()].every((row, at) => row === rows[at]);
    this.rows = new Map(rows.map((row) => [row.dataset.key ?? "", row]));
    if (!same) this.box.replaceChildren(...rows);
    this.mark(this.selected);
    if (focused && !same) this.rows.get(focused)?.querySelector("button")?.focus({ preventScroll: true });
  }

  // A row that says the same is kept: most of the list survives a small move.
  #row(feature, away) {
    const key = keyOf(feature);
    const made = JSON.stringify([feature.properties, feature.geometry.coordinates, away, this.merchants.categories.size]);
    const known = this.rows.get(key);
    if (known && this.made.get(known) === made) return known;
    const row = feature.properties.cluster ? this.#cluster(feature) : this.#merchant(feature, away);
    row.dataset.key = key;
    this.made.set(row, made);
    return row;
  }

  #ordered(features, from, { near, best, along }) {
    const placed = features.map((feature) => ({
      feature,
      away: metres(from, feature.geometry.coordinates),
      lasts: (near && along(feature.id)?.duration_s) ?? Infinity,
      rank: near ? 0 : this.#rank(feature.properties),
    }));
    const nearer = (a, b) => (a.lasts === b.lasts ? a.away - b.away : a.lasts - b.lasts);
    return best && !near ? placed : placed.sort((a, b) => a.rank - b.rank || nearer(a, b));
  }

  // Shops that are open first; public service points, the quieter group, last.
  #rank({ cluster, open, category }) {
    if (cluster) return 0;
    if (this.merchants.category(category).group === "facility") return 3;
    return open === true ? 1 : 2;
  }

  /** Mark one row as the chosen one. @param {string} id */
  mark(id) {
    this.selected = id;
    for (const [key, row] of this.rows) {
      const button = row.querySelector("button");
      if (key === id) button?.setAttribute("aria-current", "true");
      else button?.removeAttribute("aria-current");
    }
  }

  /** Bring the chosen row into sight. @param {{focus?: boolean}} [how] */
  reveal({ focus = false } = {}) {
    const row = this.rows.get(this.selected);
    row?.scrollIntoView({ block: "nearest" });
    if (focus) row?.querySelector("button")?.focus();
    return Boolean(row);
  }

  /** @param {string} away how far it is, in words; empty where nobody has said from where */
  #merchant(feature, away) {
    const { properties } = feature;
    const category = this.merchants.category(properties.category);
    const said = openness(properties);
    const phone = (properties.phones ?? [])[0];
    return make(
      "li",
      { class: "row" },
      make(
        "button",
        { type: "button", class: "row-main", onclick: () => this.does.select(feature) },
        magnetDrawing(category),
        make(
          "span",
          { class: "row-words" },
          make("bdi", { class: "row-name" }, properties.name),
          make("span", { class: "visually-hidden" }, ` ${category.name} `),
          make("span", { class: "row-facts" },
            away && make("span", { class: "row-away" }, away),
            make("span", { class: `open-${said.kind}` }, said.text)),
        ),
      ),
      phone && make(
        "a",
        { class: "row-call", href: `tel:${dialled(phone)}`, "aria-label": _("Call {name}", { name: properties.name }) },
        icon("phone"),
      ),
    );
  }

  #cluster(feature) {
    const { count } = feature.properties;
    const parts = Object.entries(tally([feature]))
      .sort(([, a], [, b]) => b - a)
      .map(([id, n]) => `${this.merchants.category(id).name} ${n}`);
    return make(
      "li",
      { class: "row row-cluster" },
      make(
        "button",
        { type: "button", class: "row-main", onclick: () => this.does.enter(feature) },
        make("span", { class: "pile", "aria-hidden": "true" }, String(count)),
        make(
          "span",
          { class: "row-words" },
          make("span", { class: "row-name" }, ngettext("{n} place here", "{n} places here", count)),
          make("span", { class: "row-facts" }, make("span", {}, parts.join(" · "))),
        ),
        make("span", { class: "row-do" }, _("zoom in")),
      ),
    );
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...this.box.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement?.closest("li")?.querySelector("button"));
    const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : at + (step ?? NaN);
    if (at < 0 || Number.isNaN(to)) return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, to))]?.focus();
  }
}

/** A phone number as a phone wants it. @param {string} phone */
export function dialled(phone) {
  return phone.replace(/[^\d+]/g, "");
}
