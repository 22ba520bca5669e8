// @ts-check
/**
 * What a phone knows of a round and has to tell, kept through lost connections, a closed page and
 * an empty battery. It belongs to the account, or to the link, under which it was written: nobody
 * else at the same phone finds it, and nobody else's name is put to it.
 * @module
 */

const PREFIX = "linju.round.";
const FNV_START = 0xcbf29ce484222325n;
const FNV_FACTOR = 0x100000001b3n;

/**
 * @typedef {{visit: string, state: string, note: string, at: string}} Tick
 * @typedef {object} Kept
 * @property {string} account whose it is, "" for a link's
 * @property {string} page that sends it
 * @property {any} walk what the server told last, null where it may not be seen any more
 * @property {Tick[]} waiting what was not told yet
 * @property {Record<string, string>} titles of the visits that wait, once the walk is gone
 */

export class Queue {
  /** @param {{account: string, page: string, token: string}} of */
  constructor({ account, page, token }) {
    this.name = PREFIX + digest(token || `${account} ${page}`);
    /** @type {Kept} */
    this.nothing = { account, page, walk: null, waiting: [], titles: {} };
    /** What is not in the store: it takes nothing, or it shall not be found there. @type {Kept | null} */
    this.here = null;
  }

  /** @returns {Kept} */
  get kept() {
    return this.here ?? { ...this.nothing, ...read(this.name) };
  }

  /** What the server tells now. @param {any} walk @param {Tick[]} [sent] what it has taken */
  told(walk, sent = []) {
    const gone = new Set(sent.map((tick) => JSON.stringify(tick)));
    // Another page of this round may have added to it meanwhile.
    const kept = { ...this.kept, walk, waiting: this.kept.waiting.filter((tick) => !gone.has(JSON.stringify(tick))), titles: {} };
    if (walk.status === "done" && !kept.waiting.length) {
      // It is over and all of it is told: it stays for as long as the page is open.
      remove(this.name);
      this.here = kept;
    } else this.#store(kept);
  }

  /** @param {Tick} tick @returns {boolean} whether the phone could keep it */
  add(tick) {
    const { kept } = this;
    return this.#store({ ...kept, waiting: [...kept.waiting, tick] });
  }

  /** It may not be seen any more: what was never told is all that stays. */
  shut() {
    const { kept } = this;
    if (kept.waiting.length) this.#store(bare(kept));
    else this.clear();
  }

  clear() {
    this.here = null;
    remove(this.name);
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
    const stored = write(this.name, kept);
    this.here = stored ? null : kept;
    return stored;
  }
}

/** Forget rounds that are over, and others' rounds but for what they never told. @param {string | null} account who is here, "" nobody, null not known */
export function sweep(account) {
  for (const [name, kept] of all()) {
    const over = !(Date.parse(kept.walk?.until) > Date.now());
    if (!over && (account === null || !kept.account || kept.account === account)) continue;
    if (kept.waiting?.length) write(name, bare(kept));
    else remove(name);
  }
}

/** What an account never told. @param {string} account @returns {{page: string, n: number}[]} */
export function untold(account) {
  return of(account).filter(([, { waiting }]) => waiting?.length).map(([, { page, waiting }]) => ({ page, n: waiting.length }));
}

/** Forget all that is an account's. @param {string} account */
export function discard(account) {
  for (const [name] of of(account)) remove(name);
}

/** What was never told, without the round. @param {Kept} kept @returns {Kept} */
function bare(kept) {
  const { walk, waiting, titles = {} } = kept;
  const known = waiting.map(({ visit }) => [visit, walk?.stops.find(({ id }) => id === visit)?.title ?? titles[visit] ?? ""]);
  return { ...kept, walk: null, titles: Object.fromEntries(known) };
}

/** So few digits of so long a token do not tell it; two rounds of one phone have different ones all the same. @param {string} text */
function digest(text) {
  let hash = FNV_START;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_FACTOR);
  return hash.toString(16).padStart(16, "0");
}

/** @param {string} account */
function of(account) {
  return account ? all().filter(([, kept]) => kept.account === account) : [];
}

/** @returns {[string, Kept][]} */
function all() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).map((name) => [name, /** @type {any} */ (read(name))]);
  } catch {
    return [];
  }
}

// A browser may keep nothing at all, by its settings or for want of room.

/** @param {string} name @returns {Partial<Kept>} */
function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {string} name @param {Kept} kept */
function write(name, kept) {
  try {
    localStorage.setItem(name, JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
}

/** @param {string} name */
function remove(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Nothing was kept then.
  }
}
