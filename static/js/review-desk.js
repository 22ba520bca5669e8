// @ts-check
/**
 * The desk of a reviewer: joins the queue, the proposal, the map and the keys.
 * What is decided goes to the server at once; nothing is assumed to have gone
 * well before it says so.
 * @module
 */

import { announce } from "./announce.js";
import { find, make } from "./dom.js";
import { Refused, getJson, withParameters } from "./fetching.js";
import { _, ngettext } from "./i18n.js";
import { acts, common, done, oneKind, question } from "./review-acts.js";
import { askReason, askSame } from "./review-dialogs.js";
import { Item } from "./review-item.js";
import { Keys } from "./review-keys.js";
import { Queue } from "./review-queue.js";
import { send } from "./sending.js";

/** @typedef {{id: string, version: number, name: string}} Done what was decided, to be taken back */

const NARROW = matchMedia("(max-width: 60rem)");

function narrow() {
  return NARROW.matches;
}

/** @param {{map: any, layer: any, urls: Record<string, string>}} parts */
export function openReview(parts) {
  return new Desk(parts);
}

class Desk {
  constructor({ map, layer, urls }) {
    this.map = map;
    this.layer = layer;
    this.urls = urls;
    this.queue = new Queue(urls.queue, layer);
    this.item = new Item(layer, {
      act: (name) => this.act(name),
      merge: (one) => this.#decide("merge", { into: one.id }),
      contact: () => this.#contact(),
      reopen: () => this.#back([this.#seen()]),
      back: () => this.#leave(),
    });
    /** @type {any} the proposal beside the map */
    this.told = null;
    /** @type {Done[][]} what can be taken back, the last at the end */
    this.undos = [];
    this.busy = false;
    /** How often a proposal was asked for: only the last answer is shown. */
    this.asked = 0;
    this.keys = new Keys([
      { keys: ["j", "ArrowDown"], words: _("The next one"), act: () => this.#step(1) },
      { keys: ["k", "ArrowUp"], words: _("The previous one"), act: () => this.#step(-1) },
      { keys: ["a", "p"], words: _("Publish, or accept"), act: () => this.act("publish") },
      { keys: ["r"], words: _("Return with a reason"), act: () => this.act("return") },
      { keys: ["d"], words: _("Leave as it is: the change or the report is wrong"), act: () => this.act("dismiss") },
      { keys: ["m"], words: _("Merge into another"), act: () => this.act("merge") },
      { keys: ["x"], words: _("Take off the map, or reject"), act: () => this.act("retire") },
      { keys: ["c"], words: _("Choose it, to decide several at once"), act: () => this.queue.toggle(this.queue.selected) },
      { keys: ["u"], words: _("Undo the last decision"), act: () => this.undo() },
    ]);
    this.#listen();
    this.#begin();
  }

  #listen() {
    this.queue.addEventListener("pick", (event) => this.#pick(/** @type {CustomEvent} */ (event).detail.id));
    this.queue.addEventListener("check", () => this.#bar());
    find("#queue-filter").addEventListener("change", () => this.#filtered());
    find("#queue-filter").addEventListener("submit", (event) => event.preventDefault());
    addEventListener("popstate", () => this.#follow());
    NARROW.addEventListener("change", () => this.#resized());
  }

  async #begin() {
    await this.layer.ready;
    await this.#follow();
    document.documentElement.dataset.ready = "true";
  }

  // ---- the address says what is shown

  async #follow() {
    const asked = new URLSearchParams(location.search);
    const state = asked.get("state") ?? "";
    const filter = { state: ["returned", "decided"].includes(state) ? state : "open", area: asked.get("area") ?? "" };
    if (JSON.stringify(filter) !== JSON.stringify(this.queue.filter) || !this.told) {
      this.queue.filter = filter;
      /** @type {HTMLSelectElement} */ (find("#queue-state")).value = filter.state;
      /** @type {HTMLSelectElement} */ (find("#queue-area")).value = filter.area;
      await this.#read();
    }
    const id = asked.get("item") ?? (narrow() ? "" : this.queue.lines[0]?.id ?? "");
    if (id) await this.#open(id, { focus: false });
    else this.#close();
  }

  /** @param {string} id @param {boolean} push a step that the back button undoes */
  #address(id, push) {
    const query = new URLSearchParams(location.search);
    const { state, area } = this.queue.filter;
    for (const [name, value] of Object.entries({ state: state === "open" ? "" : state, area, item: id })) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const address = query.size ? `?${query}` : location.pathname;
    if (push) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }

  async #filtered() {
    this.queue.filter = {
      state: /** @type {HTMLSelectElement} */ (find("#queue-state")).value,
      area: /** @type {HTMLSelectElement} */ (find("#queue-area")).value,
    };
    this.#address("", true);
    await this.#read();
    announce(find("#queue-title").textContent ?? "");
    const first = this.queue.lines[0]?.id;
    if (first && !narrow()) await this.#open(first, { focus: false });
    else this.#close();
  }

  async #read() {
    try {
      await this.queue.read();
    } catch (error) {
      this.#say(said(error));
    }
  }

  // ---- one proposal

  // What stands open stays as it stands: reading it again would hide the contact that was just shown.
  #pick(id) {
    if (this.told?.proposal.id === id) this.item.focus();
    else this.#open(id, { push: true });
  }

  /**
   * @param {string} id
   * @param {{push?: boolean, focus?: boolean, notice?: string, seen?: number}} [how] `notice`: what must be known
   *   first, with what happened since the version that was `seen`
   */
  async #open(id, { push = false, focus = true, notice = "", seen = Infinity } = {}) {
    this.#address(id, push && new URLSearchParams(location.search).get("item") !== id);
    this.queue.mark(id);
    const asked = (this.asked += 1);
    const overtaken = () => asked !== this.asked || this.queue.selected !== id;
    try {
      const told = await getJson(withParameters(`${this.urls.items}/${encodeURIComponent(id)}`, { lang: this.urls.lang }));
      if (overtaken()) return;
      this.told = told;
      document.body.classList.add("has-item");
      // On a phone the list was scrolled, and the proposal stands in its place.
      if (narrow()) scrollTo(0, 0);
      this.item.show(told, notice, seen);
      this.map.invalidateSize({ animate: false });
      this.layer.show(told);
      if (focus) this.item.focus();
    } catch (error) {
      if (overtaken()) return;
      this.told = null;
      this.layer.empty();
      this.item.empty(said(error));
    }
  }

  #close() {
    this.told = null;
    this.queue.mark("");
    this.layer.empty();
    document.body.classList.remove("has-item");
    this.item.empty(this.queue.lines.length ? _("Choose one from the queue.") : _("All done here."));
  }

  // On a phone: from the proposal to the list.
  #leave() {
    const id = this.queue.selected;
    this.#address("", true);
    this.#close();
    this.queue.mark(id, { focus: true });
  }

  #step(by) {
    const id = this.queue.beside(by);
    if (id) this.#open(id);
  }

  #resized() {
    this.map.invalidateSize({ animate: false });
    this.layer.frame();
  }

  #seen() {
    const { proposal, merchant } = this.told;
    return { id: proposal.id, version: proposal.version, merchant_version: merchant.version, name: merchant.name };
  }

  #contact() {
    return send(`${this.urls.contact}/${this.told.merchant.id}`, {}).catch((error) => {
      this.#say(said(error));
      return null;
    });
  }

  // ---- deciding

  /** Do what a button or a key says, and ask what has to be asked before. @param {string} name */
  async act(name) {
    const { told } = this;
    if (this.busy || !told || told.proposal.state !== "open") return;
    if (!acts(told.proposal.kind).some(([one]) => one === name)) return this.#say(_("This cannot be done here. The buttons show what can."));
    if (name === "publish") return this.#decide(name, {});
    if (name === "merge") {
      const one = await askSame(told, /** @type {any} */ (this.urls));
      return one && this.#decide(name, { into: one.id });
    }
    const why = await askReason(question(name, told.proposal.kind));
    return why !== null && this.#decide(name, { why });
  }

  async #decide(name, more) {
    if (this.busy || !this.told) return;
    const seen = this.#seen();
    const { kind } = this.told.proposal;
    this.busy = true;
    const answer = await this.#post(seen, name, more).catch((error) => error);
    this.busy = false;
    if (answer instanceof Error) {
      await this.#conflict(answer, seen);
      return;
    }
    // Until the next one stands there no key may decide the last one again.
    this.told = null;
    this.undos.push([{ id: seen.id, version: answer.version, name: seen.name }]);
    const next = this.queue.filter.state === "open" ? this.queue.drop(seen.id) : seen.id;
    this.#say(`${done(name, kind)} · ${seen.name}`, true);
    if (next) {
      await this.#open(next);
    } else {
      this.#close();
      this.item.focus();
    }
  }

  #post({ id, version, merchant_version }, name, more) {
    return send(`${this.urls.items}/${id}/${name}?lang=${this.urls.lang}`, { version, merchant_version, ...more });
  }

  // Somebody was quicker: nothing is overwritten, and what is there now is shown.
  async #conflict(error, { id, merchant_version }) {
    if (!(error instanceof Refused) || error.status !== 409) return this.#say(said(error));
    const notice = error.code === "version_stale"
      ? _("This was changed while you looked at it. It is shown as it is now: please look again.")
      : error.sentence;
    if (error.code === "proposal_decided" && this.queue.filter.state === "open") this.queue.drop(id);
    else if (error.code === "version_stale") await this.#read();
    await this.#open(id, { notice, seen: error.code === "version_stale" ? merchant_version : Infinity });
  }

  // ---- several at once

  #bar() {
    const bar = find("#queue-chosen");
    const n = this.queue.checked.size;
    bar.hidden = n === 0;
    bar.replaceChildren(
      make("span", {}, ngettext("{n} chosen", "{n} chosen", n)),
      ...(n ? common(this.#kinds()) : []).map(([name, words], at) => make("button", {
        type: "button", class: at ? "wide-button" : "main-button", onclick: () => this.#several(name) }, words)));
  }

  #kinds() {
    return this.queue.lines.filter(({ id }) => this.queue.checked.has(id)).map(({ kind }) => kind);
  }

  // Each is a transaction of its own: one that cannot go does not hold up the others.
  async #several(name) {
    if (this.busy) return;
    const chosen = [...this.queue.checked].map((id) => this.queue.line(id)).filter(Boolean);
    const kind = oneKind(this.#kinds());
    const why = name === "publish" ? "" : await askReason(question(name, kind));
    if (why === null) return;
    this.busy = true;
    /** @type {Done[]} */
    const gone = [];
    const left = [];
    for (const line of /** @type {import("./review-queue.js").Line[]} */ (chosen)) {
      try {
        const { version } = await this.#post(line, name, { why });
        gone.push({ id: line.id, version, name: line.name });
      } catch (error) {
        left.push({ name: line.name, why: said(error) });
      }
    }
    this.busy = false;
    if (gone.length) this.undos.push(gone);
    await this.#read();
    const count = _("{done} of {all}", { done: gone.length, all: chosen.length });
    this.#say(`${done(name, kind)} · ${count}`, gone.length > 0, left);
    const first = this.queue.lines[0]?.id;
    if (first) await this.#open(first);
    else this.#close();
  }

  // ---- taking back

  /** Take back what was decided last. */
  undo() {
    const last = this.undos.at(-1);
    if (last) return this.#back(last);
    this.#say(_("There is nothing to undo."));
    return undefined;
  }

  /** @param {Done[]} gone */
  async #back(gone) {
    if (this.busy) return;
    this.busy = true;
    this.undos = this.undos.filter((one) => one !== gone);
    const left = [];
    for (const { id, version, name } of [...gone].reverse()) {
      try {
        await this.#post({ id, version, merchant_version: 0 }, "reopen", {});
      } catch (error) {
        left.push({ name, why: said(error) });
      }
    }
    this.busy = false;
    await this.#read();
    this.#say(left.length < gone.length ? _("Undone.") : _("It could not be undone."), false, left);
    await this.#open(gone[0].id);
  }

  /**
   * Say what came of it.
   * @param {string} sentence
   * @param {boolean} [undoable]
   * @param {{name: string, why: string}[]} [left] what did not go, and why
   */
  #say(sentence, undoable = false, left = []) {
    const toast = find("#toast");
    toast.hidden = false;
    toast.replaceChildren(
      make("p", {}, make("bdi", {}, sentence)),
      undoable ? make("button", { type: "button", class: "quiet-button", id: "toast-undo", onclick: () => this.undo() },
        _("Undo"), make("kbd", { "aria-hidden": "true" }, "u")) : "",
      left.length ? make("ul", { class: "toast-left" }, ...left.map(({ name, why }) =>
        make("li", {}, make("bdi", {}, name), ` · ${why}`))) : "",
      make("button", { type: "button", class: "quiet-button", onclick: () => this.#hush() }, _("Close")));
  }

  #hush() {
    find("#toast").hidden = true;
    if (narrow() && !this.told) find("#queue-title").focus();
    else this.item.focus();
  }
}

/** @param {unknown} error */
function said(error) {
  if (!(error instanceof Refused)) return _("The connection is lost: nothing was changed. Please try again.");
  return error.sentence || _("The server could not answer.");
}
