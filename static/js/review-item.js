// @ts-check
/**
 * One proposal: what is wanted, what would change, what it may be the same as,
 * what happened before, and the buttons that decide.
 * @module
 */

import { ago, moment } from "./ages.js";
import { length } from "./distance.js";
import { find, icon, make } from "./dom.js";
import { _ } from "./i18n.js";
import { dialled } from "./list.js";
import { acts } from "./review-acts.js";
import { magnetDrawing } from "./shapes.js";

export class Item {
  /**
   * @param {any} layer which knows the categories
   * @param {{act: (name: string) => void, merge: (one: any) => void, contact: () => Promise<{name: string, phone: string} | null>,
   *   reopen: () => void, back: () => void}} does
   */
  constructor(layer, does) {
    this.layer = layer;
    this.does = does;
    this.box = find("#item");
  }

  /**
   * @param {any} told as the server tells it
   * @param {string} notice what the reader must know first
   * @param {number} seen the version up to which the reader knew the merchant
   */
  show(told, notice, seen) {
    const { proposal } = told;
    this.box.replaceChildren(...[
      this.#head(told),
      this.#notice(notice, told.history.filter(({ version }) => version > seen)),
      this.#decided(proposal),
      proposal.words && make("blockquote", { class: "item-words" }, make("bdi", {}, proposal.words)),
      told.moved_on && make("p", { class: "notice" }, _("It was changed on the map after this was proposed: compare.")),
      this.#changes(told),
      // Of what is new everything is to be read; of a change what it is like elsewhere.
      ...(proposal.kind === "new" ? [this.#facts(told), this.#alike(told)] : [this.#alike(told), this.#facts(told)]),
      this.#contact(),
      this.#history(told),
      this.#acts(proposal),
    ].filter(Boolean));
    this.box.scrollTop = 0;
  }

  /** Say that there is nothing to show. @param {string} sentence */
  empty(sentence) {
    this.box.replaceChildren(make("h2", { id: "item-title", class: "item-none", tabindex: "-1" }, sentence));
  }

  focus() {
    find("#item-title").focus({ preventScroll: true });
  }

  #head({ proposal, merchant }) {
    const category = this.layer.category(merchant.category);
    return make("header", { class: "item-head" },
      make("button", { type: "button", class: "quiet-button item-back", onclick: this.does.back }, _("Back to the queue")),
      magnetDrawing(category),
      make("div", {},
        make("h2", { id: "item-title", tabindex: "-1" }, make("bdi", {}, merchant.name)),
        make("p", { class: "quiet" },
          make("span", { class: `queue-kind kind-${proposal.kind}` }, proposal.what), " ",
          merchant.category_name, " · ", make("bdi", {}, proposal.by), " · ",
          make("time", { datetime: proposal.at, title: moment(proposal.at) }, ago(proposal.at)))));
  }

  #notice(sentence, since) {
    return sentence && make("div", { class: "notice notice-bad", id: "item-notice", role: "alert" },
      make("p", {}, sentence), since.length > 0 && make("ol", { class: "events" }, ...since.map(happened)));
  }

  // Who decided it, when and why: also what a second reviewer finds.
  #decided(proposal) {
    if (proposal.state === "open") return null;
    return make("div", { class: "notice item-decided", id: "item-decided" },
      make("p", {}, make("strong", {}, proposal.state_name), " · ", make("bdi", {}, proposal.decided_by), " · ",
        proposal.decided && make("time", { datetime: proposal.decided, title: moment(proposal.decided) }, ago(proposal.decided))),
      proposal.why && make("p", {}, make("bdi", {}, proposal.why)),
      proposal.reopens && make("button", { type: "button", class: "wide-button", onclick: this.does.reopen }, _("Undo this decision")));
  }

  #changes({ changes }) {
    if (!changes.length) return null;
    return make("section", { class: "item-part", "aria-labelledby": "changes-title" },
      make("h3", { id: "changes-title" }, _("What would change")),
      make("div", { class: "diffs" }, ...changes.map((one) => difference(one))));
  }

  #alike({ alike }) {
    if (!alike.length) return null;
    return make("section", { class: "item-part", "aria-labelledby": "alike-title" },
      make("h3", { id: "alike-title" }, _("Is it one of these?")),
      make("ol", { class: "alikes" }, ...alike.map((one, at) => make("li", {},
        make("span", { class: "pin-number" }, at + 1),
        make("div", {},
          make("p", {}, make("bdi", { class: "queue-name" }, one.name), ` · ${one.category_name} · ${one.status}`),
          one.address && make("p", { class: "quiet" }, make("bdi", {}, one.address)),
          make("p", { class: "alike-why" }, ...signs(one).map((sign) => make("span", { class: "sign" }, sign)))),
        make("button", { type: "button", class: "wide-button", onclick: () => this.does.merge(one) },
          _("Merge into this one"))))));
  }

  #facts({ proposal, facts, credit, merchant, links }) {
    const title = { new: _("What was registered"), edit: _("After the change"), report: _("What the map says") }[proposal.kind];
    return make("section", { class: "item-part", "aria-labelledby": "facts-title" },
      make("h3", { id: "facts-title" }, title),
      make("dl", { class: "item-facts" }, ...facts.flatMap(({ label, text }) =>
        [make("dt", {}, label), make("dd", {}, make("bdi", {}, text))]),
        credit && make("dt", {}, _("Registered in")),
        credit && make("dd", {}, credit.region, credit.elsewhere && make("strong", { class: "sign sign-doubt" }, _("another district than the shop")))),
      make("p", { class: "item-links" },
        make("a", { href: links.history }, _("History")),
        links.edit && make("a", { href: links.edit }, _("Edit")),
        merchant.public && make("a", { href: links.map }, _("See it on the map"))));
  }

  #contact() {
    const told = make("p", { class: "item-contact", role: "status", tabindex: "-1" });
    const button = make("button", { type: "button", class: "wide-button", onclick: async () => {
      const found = await this.does.contact();
      if (!found) return; // and why not has been said
      const { name, phone } = found;
      const call = phone && make("a", { class: "call-link", href: `tel:${dialled(phone)}` }, icon("phone"), phone);
      told.replaceChildren(make("bdi", {}, name || _("No name was given.")), " ", call || _("No phone was given."));
      button.hidden = true;
      (call || told).focus();
    } }, _("Show the contact"));
    return make("section", { class: "item-part", "aria-labelledby": "contact-title" },
      make("h3", { id: "contact-title" }, _("Contact")), button, told,
      make("p", { class: "quiet" }, _("Only reviewers see it, and each look is recorded.")));
  }

  #history({ history, links }) {
    return make("section", { class: "item-part", "aria-labelledby": "history-title" },
      make("h3", { id: "history-title" }, _("History")),
      make("ol", { class: "events" }, ...history.map(happened)),
      make("a", { href: links.history }, _("Full history, with undo")));
  }

  #acts(proposal) {
    if (proposal.state !== "open") return null;
    return make("div", { class: "item-acts", role: "group", "aria-label": _("Decide") },
      ...acts(proposal.kind).map(([act, words, key], at) => make("button", {
        type: "button", class: at ? "wide-button" : "main-button", "data-act": act, "aria-keyshortcuts": key || null,
        onclick: () => this.does.act(act),
      }, words, key && make("kbd", { "aria-hidden": "true" }, key))));
  }
}

/** One line of a history. @param {any} event */
function happened({ what, by, at, why, differences }) {
  return make("li", {},
    make("p", {}, make("strong", {}, what), " · ", make("bdi", {}, by), " · ",
      make("time", { datetime: at, title: moment(at) }, ago(at))),
    why && make("p", { class: "quiet" }, make("bdi", {}, why)),
    differences.length > 0 && make("div", { class: "diffs" }, ...differences.map(difference)));
}

/** One field, old and new. @param {{label: string, old: string, new: string, moved: string}} one */
export function difference({ label, old, new: wanted, moved }) {
  return make("div", { class: "diff" },
    make("span", { class: "diff-label" }, label),
    moved && make("strong", {}, moved),
    !moved && make("del", {}, make("span", { class: "visually-hidden" }, _("before:")), make("bdi", {}, old || _("nothing"))),
    !moved && make("ins", {}, make("span", { class: "visually-hidden" }, _("now:")), make("bdi", {}, wanted || _("nothing"))));
}

/** Why two may be the same. @param {any} one @returns {string[]} */
function signs({ metres, likeness, phone, code }) {
  return [
    _("{distance} away", { distance: length(metres) }),
    _("name {n}% alike", { n: likeness }),
    phone && _("same phone"),
    code && _("same credit code"),
  ].filter(Boolean);
}
