// @ts-check
/**
 * The list of closures beside the map: each with how long it lasts, and, once
 * chosen, what can be done with it.
 *
 * Fires `pick` ({id}) when a row is pressed and `act` ({act, id}) for a
 * button: longer-2, longer-24, edit, lift, again.
 * @module
 */

import { sign } from "./closure-marks.js";
import { partsOf } from "./closure-shapes.js";
import { left, span } from "./closure-words.js";
import { make } from "./dom.js";
import { _ } from "./i18n.js";
import { moment } from "./ages.js";

/** @typedef {import("./closures-live.js").Closure} Closure */

const AGE_MS = 15_000;

export class ClosureList extends EventTarget {
  /**
   * @param {HTMLElement} box
   * @param {object} how
   * @param {() => number} how.now by the server's clock
   * @param {(id: string) => Promise<{events: import("./closure-sending.js").Event[]}>} how.history
   * @param {string} how.scope beginning of the codes of areas that the reader looks after
   */
  constructor(box, { now, history, scope }) {
    super();
    this.box = box;
    this.now = now;
    this.history = history;
    this.scope = scope;
    this.chosen = "";
    /** @type {Closure[]} */
    this.closures = [];
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    box.addEventListener("click", (event) => this.#pressed(/** @type {HTMLElement} */ (event.target)));
    setInterval(() => this.#age(), AGE_MS);
  }

  /** Show these, as they come. @param {Closure[]} closures */
  show(closures) {
    const focus = /** @type {HTMLElement | null} */ (document.activeElement);
    const [id, act] = this.box.contains(focus) ? [focus?.closest("li")?.dataset.id ?? "", focus?.dataset.act ?? ""] : ["", ""];
    this.closures = closures;
    const rows = closures.map((one) => {
      const key = `${one.id} ${one.version} ${one.state}`;
      const row = this.rows.get(key) ?? this.#row(one);
      row.dataset.key = key;
      return row;
    });
    this.rows = new Map(rows.map((row) => [row.dataset.key ?? "", row]));
    this.box.replaceChildren(...rows);
    this.choose(this.chosen);
    if (id) this.#find(id)?.querySelector(act ? `[data-act="${act}"]` : ".closure-row")?.focus({ preventScroll: true });
    this.#age();
  }

  /** Open one; "" for none. @param {string} id @param {{focus?: boolean}} [how] */
  choose(id, { focus = false } = {}) {
    this.chosen = id;
    for (const row of this.rows.values()) {
      const open = row.dataset.id === id;
      row.classList.toggle("is-chosen", open);
      row.querySelector(".closure-row")?.setAttribute("aria-expanded", String(open));
      const acts = /** @type {HTMLElement} */ (row.querySelector(".closure-acts"));
      acts.hidden = !open;
      if (open && focus) row.querySelector(".closure-row")?.focus();
      if (open && focus) row.scrollIntoView({ block: "nearest" });
    }
  }

  /** @param {string} id @returns {any} */
  #find(id) {
    return [...this.rows.values()].find((row) => row.dataset.id === id);
  }

  /** @param {Closure} closure */
  #row(closure) {
    const open = closure.id === this.chosen;
    const acts = `acts-${closure.id}`;
    return make("li", { class: "closure", "data-id": closure.id },
      make("button", { type: "button", class: "closure-row", "aria-expanded": String(open), "aria-controls": acts },
        sign(closure.state),
        make("span", { class: "closure-said" },
          make("span", { class: "visually-hidden" }, stateWords(closure.state)),
          make("bdi", { class: "closure-reason" }, closure.reason),
          make("span", { "data-clock": "span" }),
          make("span", { class: "closure-left", "data-clock": "left" }),
          make("span", { class: "quiet" }, ...facts(closure)))),
      make("div", { class: "closure-acts", id: acts, hidden: !open },
        closure.area.startsWith(this.scope)
          ? make("div", { class: "form-ways" }, ...buttons(closure))
          : make("div", {},
            make("p", { class: "quiet" }, closure.liftable ? _("Its middle lies outside the area that you look after: you may lift it, not change it.") : _("It lies outside the area that you look after.")),
            closure.liftable && closure.state !== "over" && make("div", { class: "form-ways" }, liftButton())),
        make("details", { class: "closure-history", ontoggle: (event) => this.#unfold(event.target, closure.id) },
          make("summary", {}, _("History")), make("ol", { class: "events" }))));
  }

  async #unfold(details, id) {
    const list = details.querySelector("ol");
    if (!details.open || list.childElementCount) return;
    try {
      const { events } = await this.history(id);
      list.replaceChildren(...events.map(line));
    } catch {
      list.replaceChildren();
      list.append(make("li", { class: "field-wrong" }, _("The history cannot be read just now. Close it and open it again.")));
      details.addEventListener("toggle", () => list.replaceChildren(), { once: true });
    }
  }

  /** @param {HTMLElement} target */
  #pressed(target) {
    const id = target.closest("li[data-id]")?.getAttribute("data-id");
    const act = target.closest("[data-act]")?.getAttribute("data-act");
    if (!id) return;
    if (act) this.dispatchEvent(new CustomEvent("act", { detail: { act, id } }));
    else if (target.closest(".closure-row")) this.dispatchEvent(new CustomEvent("pick", { detail: { id: id === this.chosen ? "" : id } }));
  }

  // Only words change with the clock, so that nobody loses the place where they read.
  #age() {
    const now = this.now();
    for (const closure of this.closures) {
      for (const line of this.#find(closure.id)?.querySelectorAll("[data-clock]") ?? []) {
        line.textContent = line.dataset.clock === "span" ? span(closure, now) : left(closure, now);
      }
    }
  }
}

/** @param {Closure["state"]} state */
function stateWords(state) {
  return { in_force: _("closed now: "), coming: _("closed soon: "), over: _("was closed: ") }[state];
}

/** @param {Closure} closure */
function facts(closure) {
  const kind = { area: _("an area"), line: _("a stretch"), point: _("a point") }[partsOf(closure.geometry)[0].kind];
  return [
    [kind, closure.level === "all" && _("bridges and underpasses too"), closure.public ? _("residents see it") : _("for staff only")].filter(Boolean).join(" · "),
    " · ",
    make("bdi", {}, closure.by),
  ];
}

/** @param {Closure} closure */
function buttons(closure) {
  if (closure.state === "over") return [button("again", _("Close it again"))];
  return [
    button("longer-2", _("+2 hours")),
    button("longer-24", _("+1 day")),
    button("edit", _("Change")),
    liftButton(),
  ];
}

/** @param {string} act @param {string} words */
function button(act, words) {
  return make("button", { type: "button", class: "wide-button", "data-act": act }, words);
}

function liftButton() {
  return button("lift", _("Lift"));
}

/** One line of a history. @param {import("./closure-sending.js").Event} event */
export function line(event) {
  return make("li", {},
    make("p", {}, make("strong", {}, event.what), " · ", make("bdi", {}, event.by), " · ", make("time", { datetime: event.at }, moment(event.at))),
    event.why && make("p", { class: "quiet" }, make("bdi", {}, event.why)),
    event.differences.length > 0 && make("div", { class: "diffs" }, ...event.differences.map(difference)));
}

/** @param {{label: string, old: string, new: string}} one */
function difference(one) {
  const before = one.old && make("del", {}, make("span", { class: "visually-hidden" }, _("before:")), make("bdi", {}, one.old));
  return make("div", { class: "diff" }, make("span", { class: "diff-label" }, one.label), before,
    before ? make("ins", {}, make("span", { class: "visually-hidden" }, _("now:")), make("bdi", {}, one.new)) : make("bdi", {}, one.new));
}

