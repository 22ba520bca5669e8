// @ts-check
/**
 * The queue: what waits, the oldest first, with check boxes for several at once.
 *
 * Events: `pick` when one is chosen ({id}), `check` when the check boxes changed.
 * @module
 */

import { ago } from "./ages.js";
import { find, make } from "./dom.js";
import { getJson, withParameters } from "./fetching.js";
import { _, ngettext } from "./i18n.js";
import { magnetDrawing } from "./shapes.js";

const AGE_MS = 60_000;

/** @typedef {{id: string, at: string, kind: string, what: string, state: string, state_name: string, version: number,
 *   merchant: string, merchant_version: number, name: string, category: string, area: string}} Line */

export class Queue extends EventTarget {
  /** @param {string} address @param {any} layer which knows the categories */
  constructor(address, layer) {
    super();
    this.address = address;
    this.layer = layer;
    this.list = find("#queue-list");
    this.title = find("#queue-title");
    this.more = /** @type {HTMLButtonElement} */ (find("#queue-more"));
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Set<string>} ids of those chosen for several at once */
    this.checked = new Set();
    this.selected = "";
    this.after = "";
    this.waiting = 0;
    this.filter = { state: "open", area: "" };
    this.more.addEventListener("click", () => this.read(true));
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.list.addEventListener("change", (event) => this.#ticked(event));
    setInterval(() => this.#age(), AGE_MS);
  }

  /**
   * Read the queue, or its next page.
   * @param {boolean} [further]
   * @throws as {@link getJson} does
   */
  async read(further = false) {
    const asked = JSON.stringify(this.filter);
    const told = await getJson(withParameters(this.address, { ...this.filter, after: further ? this.after : "" }));
    if (asked !== JSON.stringify(this.filter)) return;
    const focused = further && document.activeElement === this.more;
    const first = this.lines.length;
    this.lines = further ? [...this.lines, ...told.items] : told.items;
    this.after = told.after;
    if (told.waiting !== null) this.waiting = told.waiting;
    if (!further) this.checked.clear();
    this.draw();
    if (focused) this.#button(this.lines[first]?.id)?.focus();
  }

  /** Show what is known. */
  draw() {
    this.list.replaceChildren(...this.lines.map((line) => this.#row(line)));
    this.more.hidden = !this.after;
    const none = find("#queue-none");
    none.hidden = this.lines.length > 0;
    none.textContent = this.filter.state === "open" ? _("Nothing is waiting here.") : _("Nothing here.");
    this.title.textContent = this.#counted();
    this.dispatchEvent(new Event("check"));
  }

  #counted() {
    if (this.filter.state === "open") return ngettext("{n} waiting", "{n} waiting", this.waiting);
    return this.filter.state === "returned" ? _("Returned") : _("Decided, the newest first");
  }

  #row(line) {
    const current = line.id === this.selected;
    return make("li", { class: "queue-row", "data-id": line.id },
      make("label", { class: "queue-check", hidden: this.filter.state !== "open" },
        make("input", { type: "checkbox", checked: this.checked.has(line.id) }),
        make("span", { class: "visually-hidden" }, _("Choose {name}", { name: line.name }))),
      make("button", { type: "button", class: "queue-main", "aria-current": current && "true" },
        magnetDrawing(this.layer.category(line.category)),
        make("span", { class: "queue-words" },
          make("bdi", { class: "queue-name" }, line.name),
          make("span", { class: "queue-facts" },
            make("span", { class: `queue-kind kind-${line.kind}` }, line.what),
            line.state !== "open" && make("span", {}, line.state_name),
            make("time", { datetime: line.at }, ago(line.at)),
            make("bdi", {}, line.area)))));
  }

  /** Mark one as the one beside the map. @param {string} id @param {{focus?: boolean}} [how] */
  mark(id, { focus = false } = {}) {
    this.#button(this.selected)?.removeAttribute("aria-current");
    this.selected = id;
    const button = this.#button(id);
    button?.setAttribute("aria-current", "true");
    button?.closest("li")?.scrollIntoView({ block: "nearest" });
    if (focus) button?.focus();
  }

  /** The one so many places away from the chosen one. @param {number} by @returns {string} "" for none */
  beside(by) {
    const at = this.lines.findIndex(({ id }) => id === this.selected);
    const next = at < 0 ? (by > 0 ? 0 : this.lines.length - 1) : at + by;
    return this.lines[next]?.id ?? "";
  }

  /** Take one out that does not wait any more, and tell which comes in its place. @param {string} id @returns {string} */
  drop(id) {
    const at = this.lines.findIndex((line) => line.id === id);
    if (at < 0) return this.selected;
    this.lines.splice(at, 1);
    this.checked.delete(id);
    if (this.filter.state === "open") this.waiting = Math.max(0, this.waiting - 1);
    this.draw();
    return (this.lines[at] ?? this.lines[at - 1])?.id ?? "";
  }

  /** @param {string} id */
  line(id) {
    return this.lines.find((line) => line.id === id);
  }

  /** Choose one for several at once, or let it go. @param {string} id */
  toggle(id) {
    const box = this.list.querySelector(`[data-id="${CSS.escape(id)}"] input`);
    if (box instanceof HTMLInputElement) box.click();
  }

  #pressed(event) {
    const button = event.target.closest?.(".queue-main");
    const id = button?.closest("li")?.dataset.id;
    if (id) this.dispatchEvent(new CustomEvent("pick", { detail: { id } }));
  }

  #ticked({ target }) {
    const id = target.closest("li")?.dataset.id;
    if (target.checked) this.checked.add(id);
    else this.checked.delete(id);
    this.dispatchEvent(new Event("check"));
  }

  #button(id) {
    const found = id && this.list.querySelector(`[data-id="${CSS.escape(id)}"] .queue-main`);
    return found instanceof HTMLElement ? found : null;
  }

  #age() {
    for (const time of this.list.querySelectorAll("time")) time.textContent = ago(time.dateTime);
  }
}
