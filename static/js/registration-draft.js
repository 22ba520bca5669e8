// @ts-check
/**
 * What was typed and not sent yet, kept in this browser for a week: through a
 * closed tab, a lost connection, an empty battery.
 * @module
 */

const NAME = "linju.shop";
const SHARED = "linju.shared";
const WEEK_MS = 7 * 86_400_000;
const DEBOUNCE_MS = 300;
const NOT_KEPT = new Set(["csrf_token", "shared"]);
/** What a form has before anybody types. */
const NOTHING_SAID = new Set(["key", "datum"]);

export class Draft {
  /** @param {HTMLFormElement} form @param {HTMLInputElement} shared checked where others use the device too */
  constructor(form, shared) {
    this.form = form;
    this.shared = shared;
    this.done = false;
    shared.checked = stored(SHARED) === "yes";
    form.addEventListener("input", () => this.#later());
    form.addEventListener("change", () => this.#later());
    shared.addEventListener("change", () => this.#share());
    addEventListener("pagehide", () => this.keep());
    document.addEventListener("visibilitychange", () => document.hidden && this.keep());
  }

  /** Put back what was kept; tells whether there was something. */
  restore() {
    const kept = parsed(stored(NAME));
    if (!kept || Date.now() - kept.at > WEEK_MS) return false;
    const said = Object.entries(kept.values).filter(([name]) => !NOTHING_SAID.has(name));
    if (!said.some(([, values]) => values.some(Boolean))) return false;
    for (const [name, values] of Object.entries(kept.values)) fill(this.form, name, values);
    return true;
  }

  /** Keep what stands in the form now. */
  keep() {
    clearTimeout(this.timer);
    if (this.done || this.shared.checked) return;
    /** @type {Record<string, string[]>} */
    const values = {};
    for (const [name, value] of new FormData(this.form)) {
      if (!NOT_KEPT.has(name)) (values[name] ??= []).push(String(value));
    }
    store(NAME, JSON.stringify({ at: Date.now(), values }));
  }

  /** Forget it: it was sent, or is not wanted. */
  clear() {
    clearTimeout(this.timer);
    this.done = true;
    store(NAME, null);
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), DEBOUNCE_MS);
  }

  #share() {
    store(SHARED, this.shared.checked ? "yes" : null);
    if (this.shared.checked) store(NAME, null);
    else this.keep();
  }
}

/** @param {HTMLFormElement} form @param {string} name @param {string[]} values */
function fill(form, name, values) {
  const fields = /** @type {HTMLInputElement[]} */ ([...form.elements].filter((field) => /** @type {any} */ (field).name === name));
  if (fields[0]?.type === "radio") {
    for (const field of fields) field.checked = values.includes(field.value);
    return;
  }
  fields.forEach((field, at) => (field.value = values[at] ?? field.value));
}

// A browser may keep nothing at all, by its settings or for want of room.

/** @param {string} name */
function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string | null} value */
function store(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // Then what was typed lives as long as the page.
  }
}

/** @param {string | null} text @returns {{at: number, values: Record<string, string[]>} | null} */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
