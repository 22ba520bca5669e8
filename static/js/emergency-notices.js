// @ts-check
/**
 * How it stands with the answer: of when it is, what it leaves out, why it was
 * given again; the calm word where the server or the streets are away.
 * @module
 */

import { announce } from "./announce.js";
import { find, make } from "./dom.js";
import { LIST_MARK, clock, closureWords, regret, sentences } from "./emergency-words.js";
import { Refused } from "./fetching.js";
import { _ } from "./i18n.js";

const TOAST_MS = 12_000;
const SIGNED_OUT = [401, 403];

export class Notices {
  /** @param {string} signIn where one signs in again @param {() => void} again */
  constructor(signIn, again) {
    this.signIn = signIn;
    this.stand = find("#stand");
    this.words = find("#stand-words");
    this.again = find("#stand-again");
    this.again.addEventListener("click", again);
    this.top = find("#notices");
    /** @type {Date | null} */
    this.at = null;
    this.why = "";
  }

  clear() {
    find("#state").hidden = true;
    this.top.replaceChildren();
    this.at = null;
    this.why = "";
    this.#trouble(false);
  }

  /** Why it is asked again; "" when the reader has changed something. @param {string} why */
  said(why) {
    this.why = why;
  }

  /** Something else is asked. */
  asks() {
    if (this.stand.classList.contains("is-trouble")) return; // until it has gone well
    this.#stand(this.at ? _("Answer of {time}, asking again…", { time: clock(this.at) }) : _("Asking…"));
  }

  /** @param {any} answer @param {Date} at @param {string} why */
  answered(answer, at, why) {
    this.at = at;
    if (why) this.why = why;
    this.#trouble(false);
    this.#stand(_("Answer of {time}", { time: clock(at) }));
    const inside = answer.closures.filter(({ id }) => answer.inside.includes(id));
    const now = Date.parse(answer.departure);
    const straight = Boolean(answer.trouble);
    this.top.replaceChildren(...[
      this.why && make("p", { class: "notice notice-why" }, this.why),
      straight && make("p", { class: "notice notice-trouble" }, sentences(answer.trouble.text, _("The order is that of straight lines, without times and ways."))),
      inside.length > 0 && make("p", { class: "notice notice-inside" },
        _("The place lies inside a closure: {closures}. Ways are told through it; ask before you go in.", { closures: inside.map((one) => closureWords(one, now)).join(LIST_MARK) })),
    ].filter((part) => part instanceof Node));
  }

  /** @param {{error: unknown, lasts: boolean}} trouble @param {boolean} same whether what is shown is the answer to what is asked */
  trouble({ error, lasts }, same) {
    const out = error instanceof Refused && SIGNED_OUT.includes(error.status);
    const time = this.at && clock(this.at);
    const kept = !time ? "" : same ? _("Below is the answer of {time}.", { time }) : _("Below is the answer of {time}, to what was asked before.", { time });
    const next = lasts ? "" : _("It is asked again by itself.");
    this.#trouble(true);
    this.#stand(sentences(regret(error), kept, next));
    if (out) this.words.append(" ", make("a", { href: this.signIn }, _("Sign in again: nothing is lost.")));
    this.again.hidden = false;
    announce(this.words.textContent ?? "");
  }

  /** @param {boolean} on */
  #trouble(on) {
    this.stand.classList.toggle("is-trouble", on);
    this.again.hidden = true;
    find("#answer").classList.toggle("is-old", on);
  }

  /** @param {string} sentence */
  #stand(sentence) {
    find("#state").hidden = false;
    this.words.textContent = sentence;
  }

  // ---- what was done, and how it is taken back

  /** @param {string} sentence @param {string} action @param {() => void} act */
  toast(sentence, action, act) {
    clearTimeout(this.timer);
    const toast = find("#toast");
    toast.replaceChildren(make("span", {}, sentence),
      make("button", { type: "button", class: "quiet-button", id: "toast-undo", onclick: () => {
        this.untoast();
        act();
      } }, action));
    toast.hidden = false;
    this.timer = setTimeout(() => this.untoast(), TOAST_MS);
  }

  untoast() {
    clearTimeout(this.timer);
    find("#toast").hidden = true;
  }
}
