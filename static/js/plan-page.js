// @ts-check
/**
 * The page of a plan: what is to be done is ticked and noted here by several
 * at once; what others do appears by itself.
 * @module
 */

import { announce } from "./announce.js";
import { find, make } from "./dom.js";
import { tellDone } from "./done.js";
import { regret } from "./emergency-words.js";
import { getJson } from "./fetching.js";
import { follow, news } from "./following.js";
import { _ } from "./i18n.js";
import { Checks } from "./plan-checks.js";
import { Notes } from "./plan-notes.js";
import { Now } from "./plan-now.js";
import { STATUSES, closureRows, fit, helperRows, statusTrack, statusWords, troubleWords } from "./plan-parts.js";
import { drawn } from "./plan-ready.js";
import { offer } from "./plan-tools.js";
import { send } from "./sending.js";

const EVERY_MS = 3_000;

offer((parts) => new Page(parts));

class Page {
  constructor({ map, layer, closures }) {
    const main = find("#content");
    this.map = map;
    this.layer = layer;
    this.closures = closures;
    this.urls = { plan: main.dataset.plan ?? "", state: main.dataset.state ?? "", now: main.dataset.now ?? "" };
    this.mayEdit = main.dataset.edit === "yes";
    this.state = JSON.parse(find("#plan-state").dataset.told ?? "{}");
    const does = { change: (wanted, version) => this.#change(wanted, version), refresh: () => this.live.refresh(), tell: (words) => this.#tell(words) };
    this.checks = new Checks(this.state, does, this.mayEdit);
    this.notes = new Notes(this.state, does);
    this.now = new Now(this.urls.now, (answer) => this.#draw(answer));
    this.live = follow({
      ask: news(this.urls.state, { read: (told) => (told.version < this.state.version ? null : told) }),
      every: EVERY_MS,
      onChange: (state) => this.#become(state),
      onTrouble: (error) => this.#trouble(regret(error)),
      onWell: () => {
        this.#trouble("");
        this.checks.retry();
      },
    });
    layer.on("pick", ({ id }) => find("#plan-helpers").querySelector(`[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "center" }));
    this.#fill();
    this.#renaming();
    this.#load();
    tellDone();
  }

  async #load() {
    try {
      const plan = await getJson(this.urls.plan);
      await this.layer.ready;
      this.answer = plan.answer;
      this.now.then(plan.answer);
      find("#plan-helpers").replaceChildren(...helperRows(plan.answer, this.layer));
      find("#plan-none").hidden = plan.answer.helpers.length > 0;
      find("#plan-closures").replaceChildren(...closureRows(plan.answer));
      find("#plan-closed").hidden = !plan.answer.closures.length;
      find("#plan-straight").textContent = troubleWords(plan.answer);
      this.#draw(plan.answer);
      await drawn(this.map);
      document.documentElement.dataset.ready = "true";
    } catch (error) {
      this.#trouble(regret(error));
    }
  }

  /** @param {any} answer of then or of now */
  #draw(answer) {
    this.closures.show(answer.closures);
    this.layer.tell(answer);
    fit(this.map, this.layer, answer);
  }

  // ---- how it stands

  /** @param {any} state */
  #become(state) {
    const before = this.state;
    this.state = { ...before, ...state };
    this.#fill();
    if (before.status !== state.status) announce(statusWords()[/** @type {import("./plan-parts.js").Status} */ (state.status)]);
  }

  #fill() {
    const { state } = this;
    find("#plan-name").textContent = state.name;
    this.#standing();
    this.checks.show(state);
    this.notes.show(state);
    const events = state.events ?? [];
    find("#events").replaceChildren(...events.map(({ at, by, what, why }) => make("li", {},
      make("span", { class: "quiet" }, `${at} · `, make("bdi", {}, by)), make("span", {}, make("bdi", {}, what)), why && make("q", {}, why))));
  }

  // Made anew only when it is another status: somebody may be typing a reason.
  #standing() {
    const { state } = this;
    const key = JSON.stringify(state.steps);
    if (key === this.standing) return;
    this.standing = key;
    const box = find("#status");
    const held = box.contains(document.activeElement);
    box.replaceChildren(statusTrack(state), ...(this.mayEdit ? this.#steps() : []));
    if (held) /** @type {HTMLElement | null} */ (box.querySelector("button, summary"))?.focus({ preventScroll: true });
  }

  /**
   * Send what is to be different. Others' changes of something else are no hindrance.
   * @param {Record<string, unknown>} wanted
   * @param {number} [version] the one that was seen
   * @throws as {@link send} does
   */
  async #change(wanted, version = this.state.version) {
    const state = await send(this.urls.plan, wanted, { method: "PATCH", headers: { "If-Match": `"${version}"` } });
    this.#become(state);
    this.live.refresh(); // for the history
  }

  // ---- the status

  #steps() {
    const here = STATUSES.indexOf(this.state.status);
    const [before, after] = [STATUSES[here - 1], STATUSES[here + 1]];
    const forward = { under_way: _("Begin"), done: _("Finish") };
    const parts = [];
    if (after) parts.push(make("button", { type: "button", class: "main-button", id: "step-on", onclick: () => this.#step({ status: after }) }, forward[after]));
    if (before) parts.push(this.#back(before));
    return [make("div", { class: "form-ways" }, ...parts)];
  }

  /** @param {string} before */
  #back(before) {
    const words = statusWords()[/** @type {import("./plan-parts.js").Status} */ (before)];
    const why = /** @type {HTMLInputElement} */ (make("input", { id: "step-why", required: true, maxlength: 200, autocomplete: "off" }));
    const form = make("form", { onsubmit: (event) => {
      event.preventDefault();
      this.#step({ status: before, why: why.value });
    } }, make("div", { class: "field" }, make("label", { for: "step-why" }, _("Why?")), why), make("button", { class: "wide-button" }, _("Back to “{status}”", { status: words })));
    return make("details", { class: "sure" }, make("summary", {}, _("One step back…")), form);
  }

  async #step(wanted) {
    try {
      await this.#change(wanted);
      this.#tell("");
    } catch (error) {
      this.#tell(regret(error));
      this.live.refresh();
    }
  }

  // ---- the name

  #renaming() {
    const form = document.getElementById("rename");
    if (!form) return;
    const input = /** @type {HTMLInputElement} */ (find("#rename-name"));
    const box = /** @type {HTMLDetailsElement} */ (form.closest("details"));
    box.addEventListener("toggle", () => {
      if (box.open) input.value = this.state.name;
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await this.#change({ name: input.value });
        box.open = false;
        this.#tell("");
      } catch (error) {
        this.#tell(regret(error));
      }
    });
  }

  // ---- what is not well

  /** @param {string} words "" for nothing */
  #tell(words) {
    const box = find("#plan-told");
    box.textContent = words;
    box.hidden = !words;
  }

  /** @param {string} words */
  #trouble(words) {
    const box = find("#plan-trouble");
    box.textContent = words && `${words} ${_("What you see may be old; it is tried again.")}`;
    box.hidden = !words;
  }
}
