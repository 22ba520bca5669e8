// @ts-check
/**
 * The check list of a plan: a tick is seen at once, sent, and sent again where
 * there was no connection; nobody's tick takes another's away.
 * @module
 */

import { when } from "./closure-words.js";
import { find, make } from "./dom.js";
import { lasting } from "./fetching.js";
import { regret } from "./emergency-words.js";
import { _ } from "./i18n.js";

/** Where there was no connection it is tried again so soon. */
const AGAIN_MS = 3_000;

/** @typedef {{text: string, done: boolean, at: string | null, by?: string}} Item */

export class Checks {
  /**
   * @param {{checklist: Item[]}} state
   * @param {{change: (wanted: object) => Promise<void>, refresh: () => Promise<void>, tell: (words: string) => void}} does
   * @param {boolean} mayEdit
   */
  constructor({ checklist }, does, mayEdit) {
    this.does = does;
    /** What was pressed and is not with the server yet. @type {Map<number, boolean>} */
    this.pending = new Map();
    this.sending = false;
    this.timer = 0;
    this.rows = checklist.map(({ text }, at) => row(text, at, mayEdit, (done) => this.#tick(at, done)));
    find("#checks").replaceChildren(...this.rows.map(({ element }) => element));
    find("#checks-part").hidden = !checklist.length;
    addEventListener("beforeunload", (event) => this.pending.size && event.preventDefault());
  }

  /** @param {{checklist: Item[]}} state */
  show({ checklist }) {
    this.items = checklist;
    const now = Date.now();
    checklist.forEach(({ done, at, by }, n) => {
      const { box, note, element } = this.rows[n];
      const waits = this.pending.has(n);
      box.checked = this.pending.get(n) ?? done;
      element.classList.toggle("is-done", box.checked);
      note.textContent = waits ? _("is being sent…") : done && at ? [when(Date.parse(at), now), by].filter(Boolean).join(" · ") : "";
    });
    const left = checklist.filter(({ done }) => !done).length;
    find("#checks-left").textContent = left ? _("{n} of {all} left", { n: left, all: checklist.length }) : _("all done");
  }

  /** Send what could not be sent. */
  retry() {
    clearTimeout(this.timer);
    if (this.pending.size) this.#send();
  }

  /** @param {number} at @param {boolean} done */
  #tick(at, done) {
    this.pending.set(at, done);
    this.show({ checklist: this.items ?? [] });
    this.#send();
  }

  async #send() {
    if (this.sending) return;
    this.sending = true;
    const sent = new Map(this.pending);
    try {
      await this.does.change({ checklist: [...sent].map(([item, done]) => ({ item, done })) });
      this.#forget(sent);
      this.does.tell("");
    } catch (error) {
      // Without a connection it stays, and goes with the next one.
      if (lasting(error)) {
        this.#forget(sent);
        await this.does.refresh();
      } else {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.retry(), AGAIN_MS);
      }
      this.does.tell(regret(error));
    } finally {
      this.sending = false;
      this.show({ checklist: this.items ?? [] });
    }
    // Pressed while the others were on their way.
    if ([...this.pending].some(([at, done]) => sent.get(at) !== done)) await this.#send();
  }

  /** @param {Map<number, boolean>} sent */
  #forget(sent) {
    for (const [at, done] of sent) if (this.pending.get(at) === done) this.pending.delete(at);
  }
}

/** @param {string} text @param {number} at @param {boolean} mayEdit @param {(done: boolean) => void} tick */
function row(text, at, mayEdit, tick) {
  const box = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox", id: `check-${at}`, disabled: !mayEdit, "aria-describedby": `check-note-${at}` }));
  box.addEventListener("change", () => tick(box.checked));
  const note = make("span", { class: "check-note", id: `check-note-${at}` });
  const element = make("li", { class: "plan-check" }, make("label", { class: "check", for: `check-${at}` }, box, make("bdi", {}, text)), note);
  return { box, note, element };
}
