// @ts-check
/**
 * What a drawing is and touches, in words: its size, the streets that it is
 * on, the closures that it overlaps.
 * @module
 */

import { partsOf, sizeOf } from "./closure-shapes.js";
import { when } from "./closure-words.js";
import { length } from "./distance.js";
import { find, make } from "./dom.js";
import { Refused } from "./fetching.js";
import { _, LOCALE, language } from "./i18n.js";
import { send } from "./sending.js";
import { streetsTouched } from "./street-touch.js";

const KM2 = 1e6;

export class Touching {
  /** @param {any} map @param {string} address */
  constructor(map, address) {
    this.map = map;
    this.address = address;
    this.turn = 0;
  }

  /** Say nothing of a drawing; of one that cannot be taken up, that. @param {any} base */
  clear(base) {
    this.turn += 1;
    find("#drawn-words").textContent = base ? _("Its place stays as it is, unless you draw it anew.") : "";
    find("#drawn-streets").textContent = "";
    find("#drawn-overlaps").replaceChildren();
    this.#closes(null);
  }

  /** Say what it is. @param {any} geometry */
  describe(geometry) {
    find("#drawn-words").textContent = described(geometry);
    const streets = streetsTouched(this.map, geometry);
    this.#closes(null);
    find("#drawn-streets").textContent = streets.length ? _("It touches {streets}.", { streets: streets.join(language === "zh" ? "、" : ", ") }) : "";
  }

  // A footpath may be missing on the map, so it can be sent all the same.
  /** @param {number | null} streets how many it closes; null where nobody knows */
  #closes(streets) {
    const nothing = find("#drawn-nothing");
    nothing.hidden = streets !== 0;
    nothing.textContent = streets === 0 ? _("It is on no street, so it closes none. Is it drawn where it should be?") : "";
    if (streets === 0) find("#drawn-streets").textContent = "";
  }

  /**
   * Ask what it overlaps, and whether it closes a street at all.
   * @param {any} geometry
   * @param {{from?: string, until?: string, level?: string}} how
   * @param {string} but the closure that is drawn anew
   * @param {number} now
   * @returns {Promise<{code: string, sentence: string, details: Record<string, any>} | null>} what is wrong with it
   */
  async ask(geometry, how, but, now) {
    const turn = (this.turn += 1);
    try {
      const { overlapping, streets } = await send(this.address, { geometry, but, ...how });
      if (turn !== this.turn) return null;
      find("#drawn-overlaps").replaceChildren(...overlapping.map((/** @type {any} */ one) => overlap(one, now)));
      this.#closes(streets);
    } catch (error) {
      // Without a connection the server says it when the form is sent.
      const { code, sentence, details } = error instanceof Refused ? error : { code: "", sentence: "", details: {} };
      if (turn === this.turn && (code.startsWith("closure_") || code === "forbidden")) return { code, sentence, details };
    }
    return null;
  }
}

/** @param {any} geometry */
function described(geometry) {
  const [{ kind }] = partsOf(geometry);
  const size = sizeOf(geometry);
  if (kind === "point") return _("A point: it closes what lies within 5 m.");
  if (kind === "line") return _("A stretch of about {length}: it closes what lies within 5 m.", { length: length(size) });
  const words = size < KM2 / 10 ? `${Math.round(size).toLocaleString(LOCALE)} m²` : `${(size / KM2).toFixed(2)} km²`;
  return _("An area of about {size}.", { size: words });
}

/** @param {any} one @param {number} now */
function overlap(one, now) {
  return make("li", {}, _("It overlaps:"), " ", make("bdi", {}, one.reason), " · ",
    _("until {until}", { until: when(Date.parse(one.until), now, { end: true }) }));
}
