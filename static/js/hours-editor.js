// @ts-check
/**
 * Opening hours without knowing a syntax: presets, groups of days with their
 * times, a break, public holidays. It writes into a text field, which stays
 * the only copy, and the server reads back what that says.
 * @module
 */

import { find, make } from "./dom.js";
import { dayName } from "./hours.js";
import { WEEK, isOvernight, isWholeDay, read, write } from "./hours-osm.js";
import { _, language } from "./i18n.js";
import { send } from "./sending.js";

/** @typedef {import("./hours-osm.js").Plan} Plan */
/** @typedef {import("./hours-osm.js").Group} Group */

const DEBOUNCE_MS = 400;
const WORKDAYS = [1, 2, 3, 4, 5];
const NOON = [["08:30", "11:30"], ["13:30", "17:00"]];
const MOST_SPANS = 3;
/** Where to go on when what was pressed is gone. */
const FIRST = "hours-preset-0";
const COMMA = language === "zh" ? "、" : ", ";

export class HoursEditor {
  /** @param {string} url where hours are read back */
  constructor(url) {
    this.url = url;
    this.field = /** @type {HTMLInputElement} */ (find("#field-hours"));
    this.box = find("#hours-editor");
    this.hand = /** @type {HTMLDetailsElement} */ (find("#hours-hand"));
    this.told = find("#hours-read");
    /** @type {Plan | null} null while the text is more than the editor shows */
    this.plan = { groups: [], holidaysOff: false };
    this.box.hidden = false;
    this.hand.open = false;
    this.field.addEventListener("input", (event) => event.isTrusted && this.#later());
    this.show();
  }

  /** Begin with what stands in the field. */
  async show() {
    this.plan = { groups: [], holidaysOff: false };
    this.#draw();
    await this.#readBack({ take: true });
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#readBack({ take: true }), DEBOUNCE_MS);
  }

  /** What the server understands; `take` lets the editor follow the text. */
  async #readBack({ take }) {
    clearTimeout(this.timer);
    const text = this.field.value.trim();
    const turn = (this.turn = (this.turn ?? 0) + 1);
    if (!text) {
      this.told.replaceChildren();
      if (take) this.#become({ groups: [], holidaysOff: false });
      return;
    }
    try {
      const answer = await send(this.url, { text });
      if (turn !== this.turn) return;
      if (take) this.#become(answer.ok ? read(answer.osm) : null);
      this.told.replaceChildren(...(answer.ok ? inWords(answer) : doubt(text)));
    } catch {
      // Without a connection nothing is read back; what is written stays.
      if (turn === this.turn) this.told.replaceChildren();
    }
  }

  /** @param {Plan | null} plan */
  #become(plan) {
    this.plan = plan;
    if (!plan) this.hand.open = true;
    this.#draw();
  }

  /** @param {Plan} plan @param {string} [then] the id of where to go on when what was pressed is gone */
  #set(plan, then) {
    this.plan = plan;
    this.field.value = write(plan);
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.#draw(then);
    this.#readBack({ take: false });
  }

  // ---- what is seen

  /** @param {string} [then] */
  #draw(then) {
    const focused = this.box.contains(document.activeElement) ? document.activeElement?.id : "";
    const fresh = make("div", {}, ...this.#parts());
    // A field in which somebody is typing stays: a new one would begin again at the hour.
    if (!follow(this.box, fresh)) this.box.replaceChildren(...fresh.childNodes);
    if (!focused) return;
    const next = document.getElementById(focused) ?? document.getElementById(then || FIRST);
    if (next !== document.activeElement) next?.focus();
  }

  #parts() {
    const presets = make("div", { class: "hours-presets", role: "group", "aria-label": _("Usual hours") },
      ...this.#presets().map(([words, plan], at) =>
        make("button", { type: "button", class: "chip-button", id: `hours-preset-${at}`, "aria-pressed": this.#is(plan) ? "true" : "false", onclick: () => this.#set(plan) }, words)),
      make("button", { type: "button", class: "chip-button", id: "hours-own", "aria-pressed": String(this.#own()), onclick: () => this.#choose() }, _("Choose days and times yourself")));
    if (!this.plan) {
      return [presets, make("p", { class: "field-hint" }, _("These hours are kept as text, below."))];
    }
    const { groups } = this.plan;
    if (!groups.length) return [presets];
    return [
      presets,
      make("p", { class: "field-hint" }, _("Press the days on which you are open, then mend the times.")),
      ...groups.map((group, at) => this.#group(group, at)),
      make("div", { class: "form-ways" },
        this.#free().length > 0 && make("button", { type: "button", class: "wide-button", id: "hours-more", onclick: () => this.#addGroup() }, _("Other hours on other days")),
        make("button", { type: "button", class: "quiet-button", id: "hours-none", onclick: () => this.#set({ groups: [], holidaysOff: false }) }, _("No hours"))),
      make("label", { class: "check" },
        make("input", { type: "checkbox", id: "hours-holidays", checked: this.plan.holidaysOff, onchange: (event) => this.#change({ holidaysOff: event.target.checked }) }),
        make("span", {}, _("Closed on public holidays"))),
    ];
  }

  /** @returns {[string, Plan][]} */
  #presets() {
    const every = (spans) => ({ groups: [{ days: [...WEEK], spans }], holidaysOff: false });
    const workdays = (spans) => ({ groups: [{ days: WORKDAYS, spans }], holidaysOff: false });
    return /** @type {[string, Plan][]} */ ([
      [_("Every day 8:00–20:00"), every([["08:00", "20:00"]])],
      [_("Monday to Friday 8:30–17:00, weekend closed"), workdays([["08:30", "17:00"]])],
      [_("Every day 8:30–11:30, 13:30–17:00"), every(NOON)],
      [_("24 hours"), every([["00:00", "00:00"]])],
    ]);
  }

  // Hours that none of the usual ones are.
  #own() {
    return Boolean(this.plan?.groups.length) && !this.#presets().some(([, plan]) => this.#is(plan));
  }

  /** Show days and times, and go there. */
  #choose() {
    if (!this.plan?.groups.length) this.#set({ groups: [{ days: [...WEEK], spans: [["09:00", "18:00"]] }], holidaysOff: false });
    const day = find("#hours-0-day-1");
    day.focus({ preventScroll: true });
    day.closest(".hours-group")?.scrollIntoView({ block: "nearest" });
  }

  #is(plan) {
    return Boolean(this.plan) && write(plan) === write(/** @type {Plan} */ (this.plan));
  }

  /** @param {Group} group @param {number} at */
  #group(group, at) {
    const name = group.days.map((day) => dayName(day, "short")).join(COMMA);
    return make("div", { class: "hours-group", role: "group", id: `hours-${at}`, "aria-label": name || _("No day chosen") },
      make("div", { class: "hours-days" }, ...WEEK.map((day) =>
        make("button", {
          type: "button", class: "day", id: `hours-${at}-day-${day}`, "aria-label": dayName(day),
          "aria-pressed": String(group.days.includes(day)), onclick: () => this.#toggle(at, day),
        }, dayName(day, "narrow")))),
      ...group.spans.map((span, n) => this.#span(group, at, span, n)),
      make("div", { class: "form-ways" },
        group.spans.length < MOST_SPANS && !isWholeDay(group.spans[0]) && make("button", { type: "button", class: "quiet-button", id: `hours-${at}-break`, onclick: () => this.#addSpan(at) }, _("Add a break")),
        /** @type {Plan} */ (this.plan).groups.length > 1 && make("button", { type: "button", class: "quiet-button", id: `hours-${at}-away`, onclick: () => this.#dropGroup(at) }, _("Take these days out"))));
  }

  #span(group, at, span, n) {
    const time = (end, label) => make("label", { class: "hours-time" },
      make("span", {}, label),
      make("input", { type: "time", id: `hours-${at}-${n}-${end}`, value: span[end], required: true, onchange: (event) => this.#time(at, n, end, event.target.value) }));
    return make("div", { class: "hours-span" },
      time(0, n ? _("Again from") : _("Open from")), time(1, _("To")),
      make("span", { class: "hours-next", id: `hours-${at}-${n}-next` },
        isOvernight(span) && _("of the next day"), isWholeDay(span) && _("the whole day")),
      group.spans.length > 1 && make("button", { type: "button", class: "quiet-button", id: `hours-${at}-${n}-away`, onclick: () => this.#dropSpan(at, n) }, _("Take out")));
  }

  // ---- what is done

  /** @param {Partial<Plan>} part @param {string} [then] */
  #change(part, then = "") {
    this.#set({ .../** @type {Plan} */ (this.plan), ...part }, then);
  }

  /** @param {number} at @param {(group: Group) => Group} change @param {string} [then] */
  #changeGroup(at, change, then = "") {
    const { groups } = /** @type {Plan} */ (this.plan);
    this.#change({ groups: groups.map((group, n) => (n === at ? change(group) : group)) }, then);
  }

  // A day has one kind of hours: chosen here, it leaves the others.
  #toggle(at, day) {
    const { groups } = /** @type {Plan} */ (this.plan);
    const chosen = !groups[at].days.includes(day);
    this.#change({
      groups: groups.map((group, n) => ({
        ...group,
        days: n === at && chosen ? [...group.days, day].sort() : group.days.filter((other) => other !== day),
      })),
    });
  }

  #time(at, n, end, value) {
    if (!/^\d\d:\d\d$/.test(value)) return;
    this.#changeGroup(at, (group) => ({
      ...group,
      spans: group.spans.map((span, m) => (m === n ? /** @type {any} */ (span.map((time, e) => (e === end ? value : time))) : span)),
    }));
  }

  #addSpan(at) {
    this.#changeGroup(at, (group) => {
      const [from, to] = group.spans.at(-1) ?? ["08:00", "20:00"];
      // What was one stretch becomes two, with noon between them.
      const parts = from < "11:30" && (to > "13:30" || to <= from)
        ? [[from, "11:30"], ["13:30", to]]
        : [[from, to], ["18:00", "20:00"]];
      return { ...group, spans: [...group.spans.slice(0, -1), .../** @type {any} */ (parts)] };
    }, `hours-${at}-${MOST_SPANS - 1}-0`);
  }

  #dropSpan(at, n) {
    this.#changeGroup(at, (group) => ({ ...group, spans: group.spans.filter((_span, m) => m !== n) }), `hours-${at}-${Math.max(0, n - 1)}-1`);
  }

  #free() {
    const { groups } = /** @type {Plan} */ (this.plan);
    return WEEK.filter((day) => !groups.some(({ days }) => days.includes(day)));
  }

  #addGroup() {
    const { groups } = /** @type {Plan} */ (this.plan);
    this.#change({ groups: [...groups, { days: this.#free(), spans: [["09:00", "17:00"]] }] });
    find(`#hours-${groups.length}-day-1`).focus();
  }

  #dropGroup(at) {
    const { groups } = /** @type {Plan} */ (this.plan);
    this.#change({ groups: groups.filter((_group, n) => n !== at) }, "hours-more");
  }
}

/**
 * Bring what is shown up to date without replacing it, where it has the same parts.
 * @param {HTMLElement} shown @param {HTMLElement} fresh @returns {boolean} whether it has
 */
function follow(shown, fresh) {
  const before = /** @type {HTMLElement[]} */ ([...shown.querySelectorAll("[id]")]);
  const after = /** @type {HTMLElement[]} */ ([...fresh.querySelectorAll("[id]")]);
  if (before.length !== after.length || before.some(({ id }, at) => id !== after[at].id)) return false;
  before.forEach((part, at) => {
    for (const name of ["aria-pressed", "aria-label"]) {
      const told = after[at].getAttribute(name);
      if (told !== null) part.setAttribute(name, told);
    }
    if (part.classList.contains("hours-next")) part.textContent = after[at].textContent;
    if (!(part instanceof HTMLInputElement) || part === document.activeElement) return;
    const twin = /** @type {HTMLInputElement} */ (after[at]);
    [part.value, part.checked] = [twin.value, twin.checked];
  });
  return true;
}

/** @param {{week: {day: number, spans: string[]}[], holidays: string}} answer */
function inWords({ week, holidays }) {
  const said = ({ spans }) => spans.join(COMMA).replaceAll("-", "–") || _("closed");
  /** @type {{first: number, last: number, words: string}[]} */
  const runs = [];
  for (const day of week) {
    const words = said(day);
    const before = runs.at(-1);
    if (before?.words === words) before.last = day.day;
    else runs.push({ first: day.day, last: day.day, words });
  }
  const name = ({ first, last }) => {
    if (first === 1 && last === 7) return _("Every day");
    return first === last ? dayName(first) : _("{first} to {last}", { first: dayName(first), last: dayName(last) });
  };
  return [
    make("p", { class: "hours-told" }, _("Residents will read:")),
    make("dl", { class: "hours-list" }, ...runs.flatMap((run) => [
      make("dt", {}, name(run)), make("dd", {}, run.words === "00:00–24:00" ? _("24 hours") : run.words)])),
    ...(holidays ? [make("p", {}, holidays)] : []),
  ];
}

/** @param {string} text */
function doubt(text) {
  return [make("p", { class: "field-hint" },
    _("The map cannot tell from this when you are open. It will be shown as you wrote it: {text}", { text }))];
}
