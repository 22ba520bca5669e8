// @ts-check
/**
 * Sending the form: as often as it takes, under one key, so that what arrives
 * twice is one registration. What is wrong is written beside its field.
 * @module
 */

import { find, make } from "./dom.js";
import { Refused, lasting } from "./fetching.js";
import { mark, mended } from "./field-wrong.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";

const PATIENCE_MS = 20_000;
const FIRST_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 30_000;
const CONFLICT = 409;
const NOT_BELIEVED = 400;
const TOO_OFTEN = 429;

export class Sending {
  /** @param {HTMLFormElement} form @param {() => void} sent when the server has it */
  constructor(form, sent) {
    this.form = form;
    this.sent = sent;
    this.button = /** @type {HTMLButtonElement} */ (find("#send"));
    this.busy = false;
    this.wait = 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.wait = 0;
      this.go();
    });
    form.addEventListener("input", ({ target }) => right(/** @type {HTMLElement} */ (target)));
    find("#lost-again").addEventListener("click", () => this.go());
    addEventListener("online", () => this.timer && this.go());
    showFirst();
  }

  async go() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    this.timer = 0;
    this.button.disabled = true;
    find("#lost").hidden = true;
    try {
      await this.#try();
    } finally {
      this.busy = false;
      this.button.disabled = false;
    }
  }

  async #try() {
    try {
      const { next } = await this.#once().catch((error) => {
        // The page may have been open for longer than its session: a fresh token, once.
        if (error instanceof Refused && error.status === NOT_BELIEVED) return this.#once();
        throw error;
      });
      this.sent();
      location.assign(next);
    } catch (error) {
      if (!lasting(error)) this.#later(error);
      // What differs from the server's is shown by the server.
      else if (/** @type {Refused} */ (error).status === CONFLICT) this.form.submit();
      else show(/** @type {Refused} */ (error));
    }
  }

  async #once() {
    const body = new FormData(this.form);
    const asked = new AbortController();
    const timer = setTimeout(() => asked.abort(), PATIENCE_MS);
    try {
      return await send(this.form.action, body, {
        headers: { "Idempotency-Key": String(body.get("key") ?? "") },
        signal: asked.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {unknown} error */
  #later(error) {
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2 || FIRST_WAIT_MS);
    if (error instanceof Refused && error.status === TOO_OFTEN) this.wait = LONGEST_WAIT_MS;
    const sentence = error instanceof Refused && error.sentence
      ? error.sentence
      : _("No connection just now. What you typed is safe; it will be sent by itself when there is one.");
    find("#lost-words").textContent = sentence;
    find("#lost").hidden = false;
    find("#lost").scrollIntoView({ block: "nearest" });
    this.timer = setTimeout(() => this.go(), this.wait);
  }
}

/** Write what is wrong beside each field, and go to the first. @param {Refused} error */
function show({ sentence, details }) {
  /** @type {Record<string, string>} */
  const fields = details.fields ?? {};
  for (const line of document.querySelectorAll("[id^=wrong-]")) {
    const name = line.id.slice("wrong-".length);
    mark(name, fields[name] ?? "");
  }
  find("#summary-words").textContent = sentence;
  find("#summary-list").replaceChildren(...Object.entries(fields).map(([name, words]) =>
    make("li", {}, make("a", { href: `#field-${name}` }, words))));
  find("#summary").hidden = false;
  showFirst();
}

function right(field) {
  const line = field.closest(".field")?.querySelector(".field-wrong");
  const name = line?.id.slice("wrong-".length) ?? "";
  // A place is right when the picker knows it.
  if (line?.id.startsWith("wrong-") && name !== "position") mended(name);
}

/** Go to the first field that is wrong, else to the words about the whole. */
function showFirst() {
  const summary = find("#summary");
  if (summary.hidden) return;
  const box = document.querySelector(".field.is-wrong");
  const field = box?.matches("fieldset") ? box : box?.querySelector("input, textarea, select");
  const first = /** @type {HTMLElement} */ (field ?? summary);
  first.focus({ preventScroll: true });
  (box ?? summary).scrollIntoView({ block: "center" });
}
