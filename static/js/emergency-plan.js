// @ts-check
/**
 * Keeping an answer as a plan: a name, what was noted, what was ticked. It
 * goes to the server by one press, and the plan's own page follows.
 * @module
 */

import { find, make } from "./dom.js";
import { clock, regret, sentences } from "./emergency-words.js";
import { Refused } from "./fetching.js";
import { _ } from "./i18n.js";
import { freshKey, send } from "./sending.js";

const LONGEST = 60;
const LONGEST_PLACE = 100;
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
    this.key = this.sent = "";
    this.close();
  }

  #offer() {
    this.box.replaceChildren(make("button", { type: "button", class: "main-button", id: "plan-open", onclick: () => this.#open() }, _("Keep as a plan…")));
  }

  /** Put the form away, as nothing of it belongs to another incident. */
  close() {
    if (this.url && this.page) this.#offer();
  }

  #open() {
    const { told, scenario } = this.incident;
    const title = told.title || [scenario?.name, this.#place(), clock(new Date())].filter(Boolean).join(" · ").slice(0, LONGEST);
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
        const plan = this.#plan(input.value.trim());
        const { id } = await send(this.url ?? "", plan, { headers: { "Idempotency-Key": this.#key(plan) } });
        location.assign((this.page ?? "").replace("PLAN", encodeURIComponent(id)));
      } catch (error) {
        trouble.textContent = error instanceof Refused ? regret(error) : sentences(regret(error), _("Nothing is lost: send it again in a moment."));
        trouble.hidden = false;
        button.disabled = false;
      }
    });
    this.box.replaceChildren(form);
    form.scrollIntoView({ block: "nearest" });
    input.focus({ preventScroll: true });
  }

  #cancel() {
    this.#offer();
    find("#plan-open").focus();
  }

  // What is beside it; the area is told by the plan itself.
  #place() {
    return (this.incident.told.place?.words.split(" · ")[0] ?? "").slice(0, LONGEST_PLACE);
  }

  // The same plan keeps its key, so that sending it twice keeps it once.
  #key(plan) {
    const made = JSON.stringify(plan);
    if (made !== this.sent) {
      this.sent = made;
      this.key = freshKey();
    }
    return this.key;
  }

  /** @param {string} name */
  #plan(name) {
    const { told, question, scenario } = this.incident;
    const { helpers } = this.answered();
    const ticks = told.ticks[told.scenario] ?? [];
    return {
      name,
      incident: question,
      place: this.#place(),
      helpers: helpers.slice(0, HELPERS).map(({ merchant, mode }) => ({ merchant: merchant.id, mode })),
      notes: told.notes,
      checklist: (scenario?.checklist ?? []).map((_line, at) => ticks[at] === true),
    };
  }
}
