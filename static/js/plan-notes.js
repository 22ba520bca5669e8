// @ts-check
/**
 * The notes of a plan. What somebody else wrote meanwhile is shown beside
 * what is being written; neither takes the other's place unseen.
 * @module
 */

import { find } from "./dom.js";
import { regret } from "./emergency-words.js";
import { Refused } from "./fetching.js";
import { _ } from "./i18n.js";

const STALE = 412;

export class Notes {
  /**
   * @param {{notes: string, version: number}} state
   * @param {{change: (wanted: object, version?: number) => Promise<void>, refresh: () => Promise<void>}} does
   */
  constructor(state, does) {
    this.does = does;
    this.field = /** @type {HTMLTextAreaElement} */ (find("#notes"));
    this.button = /** @type {HTMLButtonElement} */ (find("#notes-save"));
    this.said = find("#notes-said");
    this.theirs = find("#notes-theirs");
    /** What the field was filled from, and the version that had it. */
    this.base = { notes: state.notes, version: state.version };
    this.field.value = state.notes;
    this.field.addEventListener("input", () => this.#typed());
    find("#notes-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    addEventListener("beforeunload", (event) => this.#dirty && event.preventDefault());
  }

  get #dirty() {
    return this.field.value !== this.base.notes;
  }

  /** @param {{notes: string, version: number}} state */
  show({ notes, version }) {
    this.state = { notes, version };
    if (!this.#dirty || this.field.value === notes) {
      this.base = { notes, version };
      if (this.field.value !== notes) this.field.value = notes;
    }
    const other = notes !== this.base.notes;
    this.theirs.hidden = !other;
    find("#notes-theirs-words").textContent = other ? notes || _("nothing") : "";
    this.#typed();
  }

  #typed() {
    this.button.disabled = !this.#dirty;
    if (this.#dirty) this.said.textContent = "";
  }

  async #save() {
    // Shown beside: whoever presses now has seen it.
    const seen = this.theirs.hidden ? this.base.version : this.state?.version;
    try {
      await this.does.change({ notes: this.field.value }, seen);
      this.said.textContent = _("Saved");
    } catch (error) {
      if (error instanceof Refused && error.status === STALE) {
        await this.does.refresh();
        this.said.textContent = _("Somebody else has just written here too. Compare, then save again.");
      } else {
        this.said.textContent = `${regret(error)} ${_("Your words are still here.")}`;
      }
    }
  }
}
