// @ts-check
/**
 * What is done with a closure from the list by one press: prolonged, or lifted
 * after a question. What became of it is said above the list.
 * @module
 */

import { line } from "./closure-list.js";
import { transmit } from "./closure-sending.js";
import { when } from "./closure-words.js";
import { make } from "./dom.js";
import { _ } from "./i18n.js";
import { askReason } from "./review-dialogs.js";

/** @typedef {import("./closures-live.js").Closure} Closure */

const HOUR_MS = 3_600_000;

export class ClosureActs {
  /**
   * @param {any} layer which knows the closures
   * @param {{closures: string, history: string}} urls
   * @param {{say: (words: string, more?: Node | null) => void, edit: (closure: Closure) => void,
   *   again: (closure: Closure) => void, wrote: () => Promise<void>}} does `wrote`: the server was asked for something
   */
  constructor(layer, urls, does) {
    this.layer = layer;
    this.urls = urls;
    this.does = does;
    this.busy = false;
  }

  /** @param {{act: string, id: string}} asked */
  async go({ act, id }) {
    const closure = this.layer.closure(id);
    if (!closure || this.busy) return;
    if (act === "edit") return this.does.edit(closure);
    this.busy = true;
    try {
      await (act === "lift" ? this.#lift(closure) : this.#prolong(closure, Number(act.split("-")[1])));
    } finally {
      this.busy = false;
    }
  }

  /** @param {Closure} closure @param {number} hours */
  async #prolong(closure, hours) {
    const until = new Date(Date.parse(closure.until) + hours * HOUR_MS);
    const body = { until: until.toISOString() };
    const outcome = await transmit(this.urls, { method: "PATCH", id: closure.id, version: closure.version, body });
    const end = when(until.getTime(), this.layer.live.now(), { end: true });
    await this.#said(outcome, _("Prolonged until {until}.", { until: end }));
  }

  /** @param {Closure} closure */
  async #lift(closure) {
    const why = await askReason({
      title: _("Lift “{reason}”?", { reason: closure.reason }), go: _("Lift"), needed: false,
      quick: [_("Repaired"), _("Cleared"), _("Drawn by mistake")],
    });
    if (why === null) return;
    const outcome = await transmit(this.urls, { method: "DELETE", id: closure.id, body: { why } });
    const back = make("button", { type: "button", class: "quiet-button", onclick: () => this.does.again(closure) }, _("Close it again"));
    await this.#said(outcome, _("Lifted: the streets are open again."), back);
  }

  /** @param {import("./closure-sending.js").Outcome} outcome @param {string} words @param {Node | null} [more] */
  async #said(outcome, words, more = null) {
    const { say } = this.does;
    if ("lost" in outcome) return say(outcome.lost || _("No connection just now: nothing was changed. Please press again."));
    if ("done" in outcome) say(words, more);
    else if ("signedOut" in outcome) say(_("You are not signed in any more."), make("a", { class: "quiet-button", href: location.href }, _("Sign in")));
    else if ("stale" in outcome) say(_("Somebody else was quicker; nothing was changed by you:"), make("ol", { class: "events" }, line(outcome.events[0])));
    else say(outcome.wrong.sentence);
    await this.does.wrote();
  }
}
