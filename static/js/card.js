// @ts-check
/**
 * The card of one merchant: all that is known of it, and what to do next.
 * @module
 */

import { announce } from "./announce.js";
import { find, icon, make } from "./dom.js";
import { dayName, openness, today } from "./hours.js";
import { _ } from "./i18n.js";
import { dialled } from "./list.js";
import { keeping, reporting } from "./reporting.js";
import { magnetDrawing } from "./shapes.js";

export class Card {
  /**
   * @param {any} merchants the layer
   * @param {{close: () => void, show: (feature: any) => void, way: (feature: any) => Node | null}} does
   *   `way` gives the part that tells how to get there
   */
  constructor(merchants, does) {
    this.merchants = merchants;
    this.does = does;
    this.box = find("#card");
    /** @type {(() => void) | null} asks once more for what could not be read */
    this.again = null;
    /** @type {(() => void) | null} shows the same once more, when the categories have come */
    this.redraw = null;
    this.onclose = does.close;
  }

  get isOpen() {
    return !this.box.hidden;
  }

  /**
   * Show a merchant.
   * @param {any} feature with all its properties
   * @param {{outside: boolean, focus: boolean}} how `outside` when it is not in view
   */
  show(feature, { outside, focus }) {
    const { properties } = feature;
    const category = this.merchants.category(properties.category);
    this.#fill(
      this.#head(magnetDrawing(category), properties.name, category.name),
      outside && this.#note(_("This place is outside of the view."), _("Go there"), () => this.does.show(feature)),
      this.#openness(properties),
      this.#phones(properties),
      this.does.way(feature),
      this.#facts(properties),
      this.#actions(properties),
      keeping(this.box, feature),
      reporting(this.merchants.options.itemsUrl, feature.id),
    );
    this.redraw = () => this.show(feature, { outside, focus: this.box.contains(document.activeElement) });
    if (focus) find("#card-title").focus();
  }

  /**
   * Say that the merchant is not there, or cannot be read now.
   * @param {string} sentence
   * @param {boolean} focus
   * @param {(() => void) | null} again asks once more; null where that cannot help
   */
  apologise(sentence, focus, again) {
    this.#fill(
      this.#head(icon("lost"), sentence, ""),
      again && make("button", { type: "button", class: "wide-button", id: "card-again", onclick: again }, _("Try again now")),
    );
    this.again = again;
    announce(sentence);
    if (focus) find("#card-title").focus();
  }

  hide() {
    this.box.hidden = true;
    document.documentElement.classList.remove("has-card");
    this.box.replaceChildren();
    this.again = this.redraw = null;
  }

  #fill(...parts) {
    this.box.replaceChildren(...parts.filter(Boolean));
    this.again = this.redraw = null;
    this.box.hidden = false;
    this.box.scrollTop = 0;
    document.documentElement.classList.add("has-card");
  }

  #head(drawing, name, category) {
    return make(
      "header",
      { class: "card-head" },
      drawing,
      make("div", { class: "card-title" },
        make("h2", { id: "card-title", tabindex: "-1" }, make("bdi", {}, name)),
        category && make("p", {}, category)),
      make("button", { type: "button", class: "icon-button", "aria-label": _("Close"), onclick: this.onclose }, icon("close")),
    );
  }

  #note(sentence, action, onclick) {
    return make("p", { class: "card-note" }, sentence, " ",
      make("button", { type: "button", class: "quiet-button", onclick }, action));
  }

  #openness(properties) {
    const said = openness(properties);
    const words = make("p", { class: `card-open open-${said.kind}` }, said.text);
    if (!properties.week?.length) {
      if (!properties.hours) return words;
      return make("div", {}, words, make("p", { class: "card-quiet" }, make("bdi", {}, properties.hours)));
    }
    const [{ spans: first }] = properties.week;
    if (properties.week.every(({ spans }) => String(spans) === String(first))) {
      if (String(first) === "00:00-24:00") return words;
      return make("div", {}, words, make("p", { class: "card-quiet" }, _("Every day"), " ", ...hoursOfDay(first)));
    }
    const now = today();
    const rows = properties.week.map(({ day, spans }) =>
      make("tr", { class: day === now && "is-today" },
        make("th", { scope: "row" }, dayName(day), day === now && make("span", { class: "today" }, _("today"))),
        make("td", {}, ...hoursOfDay(spans))));
    return make("div", {}, words,
      make("details", { class: "card-week" },
        make("summary", {}, _("Hours of the week")),
        make("table", {}, make("tbody", {}, ...rows))));
  }

  #phones({ phones = [] }) {
    return phones.length > 0 && make("div", { class: "card-phones" }, ...phones.map((phone) =>
      make("a", { class: "call-button", href: `tel:${dialled(phone)}` }, icon("phone"),
        make("span", { class: "visually-hidden" }, _("Call")), make("span", {}, phone))));
  }

  #facts({ address, area_path: path = [], note }) {
    const facts = [
      [_("Address"), address],
      [_("Area"), path.map(({ name }) => name).join(" › ")],
      [_("Note"), note],
    ].filter(([, text]) => text);
    return facts.length > 0 && make("dl", { class: "card-facts" }, ...facts.flatMap(([name, text]) =>
      [make("dt", {}, name), make("dd", {}, make("bdi", {}, text))]));
  }

  #actions({ navigate = {} }) {
    const services = [["amap", _("Amap")], ["baidu", _("Baidu")], ["tencent", _("Tencent")]]
      .filter(([name]) => /^https:\/\//.test(navigate[name] ?? ""));
    const field = make("input", { class: "share-field", readonly: true, hidden: true, "aria-label": _("Address of this view") });
    const done = make("p", { class: "card-quiet", role: "status" });
    return make("div", { class: "card-actions" },
      services.length > 0 && make("h3", { id: "navigate-title" }, _("Navigate with")),
      services.length > 0 && make("ul", { class: "navigate", "aria-labelledby": "navigate-title" }, ...services.map(([name, words]) =>
        make("li", {}, make("a", { href: navigate[name], target: "_blank", rel: "noopener noreferrer" }, words,
          make("span", { class: "visually-hidden" }, _("opens in a new window")))))),
      make("button", { type: "button", class: "wide-button", id: "share", onclick: () => share(field, done) },
        icon("share"), _("Share this place")),
      field, done);
  }
}

/** @param {string[]} spans of one day @returns {(Node | string)[]} */
function hoursOfDay(spans) {
  if (!spans.length) return [_("closed")];
  return spans.map((span) => make("span", { class: "span" }, span.replace("-", "–")));
}

/** @param {HTMLElement} field shown when nothing else works @param {HTMLElement} done */
async function share(field, done) {
  const url = location.href;
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    await navigator.share({ title: document.title, url }).catch(() => {});
    return;
  }
  try {
    await navigator.clipboard.writeText(url);
    done.textContent = _("The link is copied.");
  } catch {
    const input = /** @type {HTMLInputElement} */ (field);
    input.value = url;
    input.hidden = false;
    input.focus();
    input.select();
    done.textContent = _("Copy this link.");
  }
}
