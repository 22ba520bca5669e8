// @ts-check
/**
 * Asking who can help: one question at a time, the last one counts. Whatever
 * comes too late is dropped; where the server is away it is asked again by
 * itself, for as long as it takes.
 * @module
 */

import { Refused, lasting } from "./fetching.js";
import { send } from "./sending.js";

const DEBOUNCE_MS = 150;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;
/** A question without an answer for so long is given up, or a dead line would be waited on for ever. */
const PATIENCE_MS = 15_000;
/** What is open, and closed, changes with the clock. */
const FRESH_MS = 60_000;

/**
 * Fires `asking` when a question goes out, `answer` with `detail` {answer, question, at, why} as
 * soon as it is known who can help, `around` with {rings, homes}, which take longer,
 * `trouble` with `detail` {error, lasts}: whether asking again cannot help.
 */
export class Asking extends EventTarget {
  /** @param {string} url */
  constructor(url) {
    super();
    this.url = url;
    /** @type {any} */
    this.question = null;
    this.why = "";
    this.turn = 0;
    this.timer = 0;
    this.wait = FIRST_WAIT_MS;
    /** Whether the last question had the token of a session that is over. */
    this.stale = false;
    addEventListener("online", () => this.again());
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  /**
   * Ask this from now on.
   * @param {any} question null for none
   * @param {string} [why] what the reader should know of it beside the answer
   */
  ask(question, why = "") {
    this.question = question;
    this.why = why;
    this.#overtake();
    this.wait = FIRST_WAIT_MS;
    if (question) this.#later(DEBOUNCE_MS);
  }

  /** Ask the same once more, at once. @param {string} [why] */
  again(why = this.why) {
    if (!this.question) return;
    this.why = why;
    this.#overtake();
    this.#go();
  }

  #overtake() {
    this.turn += 1;
    this.asking?.abort();
    clearTimeout(this.timer);
  }

  /** @param {number} ms */
  #later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#go(), ms);
  }

  #seen() {
    if (!document.hidden && this.question && performance.now() - (this.askedAt ?? 0) > FRESH_MS) this.again("");
  }

  async #go() {
    const { turn, question } = this;
    const asking = (this.asking = new AbortController());
    const patience = setTimeout(() => asking.abort(), PATIENCE_MS);
    this.askedAt = performance.now();
    this.#tell("asking", { question });
    try {
      const answer = await send(this.url, { ...question, around: false }, { signal: asking.signal });
      if (turn !== this.turn) return;
      const { why } = this;
      this.why = "";
      this.#tell("answer", { answer, question, at: new Date(), why });
      if (!answer.trouble) {
        const around = await send(this.url, { ...question, who: false }, { signal: asking.signal });
        if (turn !== this.turn) return;
        this.#tell("around", { rings: around.rings, homes: around.homes });
      }
      [this.wait, this.stale] = [FIRST_WAIT_MS, false];
      this.timer = setTimeout(() => document.hidden || this.again(""), FRESH_MS);
    } catch (error) {
      if (turn === this.turn) this.#fail(error);
    } finally {
      clearTimeout(patience);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    // A token of a session that is over: the next question has a new one, or is told to sign in.
    const stale = error instanceof Refused && error.status === 400;
    const lasts = lasting(error) && !(stale && !this.stale);
    this.stale = stale;
    if (!lasts) {
      this.#later(this.wait);
      this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
    }
    this.#tell("trouble", { error, lasts });
  }

  /** @param {string} name @param {Record<string, unknown>} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
