// @ts-check
/**
 * Keeping an answer as a plan: a name, what was noted, what was ticked. It
 * goes to the server by one press, and the plan's own page follows.
 * @module
 */

import { find, make } from "./dom.js";
import { clock, regret } from "./emergency-words.js";
import { Refused } from "./fetching.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";

const LONGEST = 60;
/** So many helpers belong to a plan. */
const HELPERS = 8;

export class Keeping {
  /**
   * @param {{url: string | undefined, page: string | undefined}} where `url` is empty where no plans are kept
   * @param {import("./emergency-incident.js").Incident} incident
   * @param {() => any} answered the answer that is shown
   */
  constructor({ url, page }, incident, answered) {
    this.url = url;
    this.page = page;
    this.incident = incident;
    this.answered = answered;
    this.box = find("#keep-plan");
    if (url && page) this.#offer();
  }

  #offer() {
    this.box.replaceChildren(make("button", { type: "button", class: "main-button", id: "plan-open", onclick: () => this.#open() }, _("Keep as a plan…")));
  }

  #open() {
    const { told, scenario } = this.incident;
    const title = told.title || [scenario?.name, told.place?.words, clock(new Date())].filter(Boolean).join(" · ").slice(0, LONGEST);
    const input = /** @type {HTMLInputElement} */ (make("input", { id: "plan-name", name: "name", maxlength: LONGEST, required: true, value: title }));
    input.addEventListener("input", () => this.incident.change({ title: input.value }));
    const trouble = make("p", { class: "field-wrong", role: "alert", hidden: true });
    const button = /** @type {HTMLButtonElement} */ (make("button", { class: "main-button", id: "plan-send" }, _("Keep the plan")));
    const form = make("form", { class: "plan-form" },
      make("div", { class: "field" }, make("label", { for: "plan-name" }, _("Name of the plan")), input),
      trouble,
      make("div", { class: "step-ways" }, button, make("button", { type: "button", class: "quiet-button", onclick: () => this.#cancel() }, _("Cancel"))));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        const { id } = await send(this.url ?? "", this.#plan(input.value.trim()));
        location.assign((this.page ?? "").replace("PLAN", encodeURIComponent(id)));
      } catch (error) {
        trouble.textContent = error instanceof Refused ? regret(error) : `${regret(error)} ${_("Nothing is lost: send it again in a moment.")}`;
        trouble.hidden = false;
        button.disabled = false;
      }
    });
    this.box.replaceChildren(form);
    input.focus();
  }

  #cancel() {
    this.#offer();
    find("#plan-open").focus();
  }

  /** @param {string} name */
  #plan(name) {
    const { told, question, scenario } = this.incident;
    const { helpers } = this.answered();
    const ticks = told.ticks[told.scenario] ?? [];
    return {
      name,
      incident: question,
      place: told.place?.words ?? "",
      helpers: helpers.slice(0, HELPERS).map(({ merchant, mode }) => ({ merchant: merchant.id, mode })),
      notes: told.notes,
      checklist: (scenario?.checklist ?? []).map((_line, at) => ticks[at] === true),
    };
  }
}
