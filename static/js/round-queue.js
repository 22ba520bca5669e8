// @ts-check
/**
 * What a phone knows of a round and has to tell, kept through lost connections, a closed page and
 * an empty battery.
 * @module
 */

/**
 * @typedef {{visit: string, state: string, note: string, at: string}} Tick
 * @typedef {{walk: any, waiting: Tick[]}} Kept
 */

export class Queue {
  /** @param {string} name different for each round */
  constructor(name) {
    this.name = `linju.round.${name}`;
  }

  /** @returns {Kept} */
  get kept() {
    try {
      const { walk = null, waiting = [] } = JSON.parse(localStorage.getItem(this.name) ?? "{}");
      // What was shown is forgotten in time; what has not been told never.
      const over = walk && !waiting.length && Date.parse(walk.until) < Date.now();
      return { walk: over ? null : walk, waiting };
    } catch {
      return { walk: null, waiting: [] };
    }
  }

  /** What the server tells now. @param {any} walk @param {Tick[]} [sent] what it has taken */
  told(walk, sent = []) {
    const gone = new Set(sent.map((tick) => JSON.stringify(tick)));
    // Another page of this round may have added to it meanwhile.
    this.#store({ walk, waiting: this.kept.waiting.filter((tick) => !gone.has(JSON.stringify(tick))) });
  }

  /** @param {Tick} tick @returns {boolean} whether the phone could keep it */
  add(tick) {
    const { walk, waiting } = this.kept;
    return this.#store({ walk, waiting: [...waiting, tick] });
  }

  clear() {
    try {
      localStorage.removeItem(this.name);
    } catch {
      // Nothing was kept then.
    }
  }

  /** How visits stand: what was told last by its moment, sent or not. @returns {Record<string, any>} */
  states() {
    const { walk, waiting } = this.kept;
    /** @type {Record<string, any>} */
    const states = { ...(walk?.told ?? {}) };
    for (const tick of waiting) {
      const known = states[tick.visit];
      if (!known || Date.parse(tick.at) >= Date.parse(known.at)) states[tick.visit] = { ...tick, by: "", waiting: true };
    }
    return states;
  }

  /** @param {Kept} kept */
  #store(kept) {
    try {
      localStorage.setItem(this.name, JSON.stringify(kept));
      return true;
    } catch {
      return false;
    }
  }
}

/** Forget rounds that are over, of whatever name. */
export function sweep() {
  try {
    for (const name of Object.keys(localStorage).filter((key) => key.startsWith("linju.round."))) {
      const { walk, waiting = [] } = JSON.parse(localStorage.getItem(name) ?? "{}");
      if (!waiting.length && !(Date.parse(walk?.until) > Date.now())) localStorage.removeItem(name);
    }
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}
