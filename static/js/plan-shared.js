// @ts-check
/**
 * The page of a link to a plan, for who has no account. The token stands
 * behind the #, which no browser sends; it is posted and never kept.
 * @module
 */

import { announce } from "./announce.js";
import { when } from "./closure-words.js";
import { find, make } from "./dom.js";
import { regret } from "./emergency-words.js";
import { Refused, lasting } from "./fetching.js";
import { follow } from "./following.js";
import { _ } from "./i18n.js";
import { closureRows, fit, helperRows, statusTrack, statusWords, troubleWords } from "./plan-parts.js";
import { drawn } from "./plan-ready.js";
import { offer } from "./plan-tools.js";
import { send } from "./sending.js";

const EVERY_MS = 10_000;

offer((parts) => new Shared(parts));
addEventListener("hashchange", () => location.reload());
// The same page in another language or in large type is behind the same link.
for (const way of document.querySelectorAll("a[data-keep-view]")) /** @type {HTMLAnchorElement} */ (way).hash = location.hash;

class Shared {
  constructor({ map, layer, closures }) {
    this.map = map;
    this.layer = layer;
    this.closures = closures;
    this.url = find("#content").dataset.open ?? "";
    this.token = location.hash.slice(1);
    /** @type {any} */
    this.plan = null;
    this.#open();
  }

  async #open() {
    try {
      if (!this.token) throw new Refused(404, _("This link is not complete. Copy the whole of it, or ask the community office for a new one."));
      await this.#become(await send(this.url, { token: this.token }));
    } catch (error) {
      this.#trouble(error);
      if (!lasting(error)) setTimeout(() => this.#open(), EVERY_MS);
      return;
    }
    follow({
      ask: async () => {
        const told = await send(this.url, { token: this.token, seen: this.plan.version });
        return told.version === this.plan.version ? null : told;
      },
      every: EVERY_MS,
      onChange: (plan) => this.#become(plan),
      onTrouble: (error) => this.#trouble(error),
      onWell: () => this.#well(),
    });
  }

  /** @param {any} plan */
  async #become(plan) {
    const before = this.plan;
    this.plan = plan;
    const words = statusWords()[/** @type {import("./plan-parts.js").Status} */ (plan.status)];
    find("#plan-name").textContent = plan.name;
    find("#plan-what").textContent = [plan.scenario.name, plan.place].filter(Boolean).join(" · ");
    find("#status-large").textContent = words;
    find("#status-large").className = `status-large is-${plan.status}`;
    find("#status").replaceChildren(statusTrack(plan));
    if (before && before.status !== plan.status) announce(words);
    this.#checks();
    find("#plan-notes").textContent = plan.notes;
    find("#notes-part").hidden = !plan.notes;
    this.#well();
    find("#plan-all").hidden = false;
    if (!before) await this.#draw();
  }

  // The answer never changes: it is drawn once.
  async #draw() {
    const { answer } = this.plan;
    await this.layer.ready;
    find("#plan-helpers").replaceChildren(...helperRows(answer, this.layer));
    find("#plan-closures").replaceChildren(...closureRows(answer));
    find("#plan-closed").hidden = !answer.closures.length;
    find("#plan-straight").textContent = troubleWords(answer);
    this.map.invalidateSize({ animate: false });
    this.closures.show(answer.closures);
    this.layer.tell(answer);
    fit(this.map, this.layer, answer);
    await drawn(this.map);
    document.documentElement.dataset.ready = "true";
  }

  #checks() {
    const { checklist } = this.plan;
    find("#checks-part").hidden = !checklist.length;
    find("#checks").replaceChildren(...checklist.map(({ text, done, at }) => make("li", { class: done ? "is-done" : "" },
      make("span", { class: "check-sign", "aria-hidden": "true" }, done ? "☑" : "☐"),
      make("span", {}, make("span", { class: "visually-hidden" }, done ? _("done:") : _("not done yet:"), " "), make("bdi", {}, text), done && make("span", { class: "check-note" }, ` ${when(Date.parse(at), Date.now())}`)))));
  }

  #well() {
    find("#plan-trouble").hidden = true;
  }

  /** @param {unknown} error */
  #trouble(error) {
    const box = find("#plan-trouble");
    box.hidden = false;
    const gone = lasting(error);
    box.textContent = gone ? regret(error) : `${regret(error)} ${this.plan ? _("What you see may be old; it is tried again.") : _("It is tried again.")}`;
    // Whoever must not see it any more does not keep it on the screen either.
    if (gone) find("#plan-all").hidden = true;
  }
}
