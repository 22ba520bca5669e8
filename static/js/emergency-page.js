// @ts-check
/**
 * The page of an incident: joins the question, the asking, the map and what is
 * told. Whatever changes, it is asked again; the last good answer stays in
 * sight until the next one is there.
 * @module
 */

import { announce } from "./announce.js";
import { find } from "./dom.js";
import { searching, showAround, showChecks } from "./emergency-around.js";
import { Asking } from "./emergency-asking.js";
import { Chosen } from "./emergency-chosen.js";
import { Cordon } from "./emergency-cordon.js";
import { Helpers } from "./emergency-helpers.js";
import { Incident } from "./emergency-incident.js";
import { Notices } from "./emergency-notices.js";
import { Keeping } from "./emergency-plan.js";
import { Steps } from "./emergency-steps.js";
import { Where } from "./emergency-where.js";
import { away, closureWords, nearFirst } from "./emergency-words.js";
import { _ } from "./i18n.js";
import { Sheet } from "./sheet.js";

const CLOSE_UP = 17;
/** So many of the first are brought into view. */
const FITTED = 3;
const FITTED_ON_PHONE = 2;
/** Of rings to search in, so many: one begins near by. */
const FIRST_RINGS = 2;

/** @param {{map: any, layer: any, closures: any, urls: Record<string, string>}} parts */
export function openEmergency(parts) {
  return new Page(parts);
}

class Page {
  constructor({ map, layer, closures, urls }) {
    this.map = map;
    this.layer = layer;
    this.closures = closures;
    this.panel = find("#panel");
    this.sheet = new Sheet();
    const { account = "", plan } = this.panel.dataset;
    this.incident = new Incident(scenarios(), account);
    this.asking = new Asking(urls.answer);
    this.where = new Where(map, layer, urls);
    this.steps = new Steps(this.incident, layer);
    this.notices = new Notices(this.panel.dataset.signIn ?? "", () => this.asking.again());
    this.helpers = new Helpers(layer, {
      choose: (id) => this.#choose(id),
      leave: (id, name) => this.#leave(id, name),
      back: (id) => this.#back(id),
    });
    this.chosen = new Chosen(urls.ways, this.helpers.slot);
    this.cordon = new Cordon(layer, urls.closures, () => this.#closed());
    find("#cordon-place").append(this.cordon.box);
    this.keeping = new Keeping({ url: urls.plans, page: plan }, this.incident, () => this.answer);
    /** @type {any} the last good one */
    this.answer = null;
    /** Details that the reader has opened. @type {Set<string>} */
    this.open = new Set();
    /** For which place and scenario the map was brought into view. */
    this.fitted = "";
    /** Whether the reader has moved the map since. */
    this.moved = false;
    this.#place();
    new ResizeObserver(() => this.#room()).observe(find(".masthead"));
    this.#listen();
    this.#follow(null, "");
    layer.ready.then(() => {
      this.steps.signs();
      this.#draw();
      document.documentElement.dataset.ready = "true";
    });
  }

  #listen() {
    const { incident, asking, layer, map, closures, where } = this;
    incident.addEventListener("change", (event) => {
      const { before, why } = /** @type {CustomEvent} */ (event).detail;
      this.#follow(before, why);
    });
    where.addEventListener("place", (event) => this.#put(/** @type {CustomEvent} */ (event).detail));
    map.on("click", ({ latlng }) => where.press(latlng));
    map.on("dragstart", () => { this.moved = true; });
    layer.on("put", ({ at }) => this.#put({ at, words: _("the place on the map"), look: false }));
    layer.on("pick", ({ id }) => this.#pick(id));
    layer.on("way", ({ at }) => this.chosen.take(at));
    closures.on("closures", ({ closures: now }) => this.#closuresCame(now));
    closures.on("pick", ({ closure, latlng }) => this.#told(closure, latlng));
    asking.addEventListener("asking", (event) => this.#asks(/** @type {CustomEvent} */ (event).detail));
    asking.addEventListener("answer", (event) => this.#answered(/** @type {CustomEvent} */ (event).detail));
    asking.addEventListener("around", (event) => this.#around(/** @type {CustomEvent} */ (event).detail));
    asking.addEventListener("trouble", (event) => this.notices.trouble(/** @type {CustomEvent} */ (event).detail, this.#same(asking.question)));
    this.chosen.addEventListener("change", () => this.#drawMap());
    this.sheet.addEventListener("change", () => this.#fitLater());
    find("#start-over").addEventListener("click", () => this.#startOver());
    const notes = /** @type {HTMLTextAreaElement} */ (find("#notes"));
    notes.value = incident.told.notes;
    notes.addEventListener("input", () => incident.change({ notes: notes.value }));
  }

  // What stands beside the map begins below the masthead, however many lines that has.
  #room() {
    document.documentElement.style.setProperty("--emergency-top", `${find(".masthead").offsetHeight}px`);
    this.map.invalidateSize({ animate: false });
  }

  // The server thinks of a desk screen; on a phone the sheet covers the lower half.
  #place() {
    const { place } = this.incident.told;
    if (place) this.#look(place.at);
    else this.map.panBy([0, this.sheet.covers() / 2], { animate: false });
  }

  // ---- the question

  /** @param {import("./emergency-incident.js").Told | null} before null at the start @param {string} why */
  #follow(before, why) {
    const { told, question } = this.incident;
    this.steps.show();
    this.layer.put(told.place?.at ?? null);
    const asked = JSON.stringify(question);
    if (asked !== this.asked) {
      this.asked = asked;
      this.asking.ask(question, why);
      this.notices.said(why);
      if (!question) this.#empty();
    } else if (before && (before.chosen !== told.chosen || before.rings !== told.rings)) {
      this.#draw();
    }
  }

  /** @param {{at: import("./geo.js").Position, words: string, look: boolean}} place */
  async #put({ at, words, look }) {
    const before = this.incident.told.place;
    this.steps.fold();
    this.incident.change({ place: { at, words } });
    if (look) this.#look(at);
    this.sheet.go(this.incident.question ? "half" : this.sheet.stop === "full" ? "half" : this.sheet.stop);
    if (before && !look) this.notices.toast(_("The place was moved."), _("Take back"), () => this.incident.change({ place: before }));
    if (!this.incident.told.scenario) this.steps.next("what");
    const found = await this.where.words(at);
    const { place } = this.incident.told;
    if (found && place && String(place.at) === String(at) && !look) this.incident.change({ place: { at, words: nearFirst(found) } });
  }

  /** @param {import("./geo.js").Position} at */
  #look([lon, lat]) {
    const covered = this.sheet.covers();
    const zoom = Math.max(CLOSE_UP, this.map.getZoom());
    const middle = this.map.project([lat, lon], zoom).add([0, covered / 2]);
    this.map.setView(this.map.unproject(middle, zoom), zoom, { animate: false });
  }

  #leave(id, name) {
    const { without, chosen } = this.incident.told;
    const part = { without: [...without, { id, name }], chosen: chosen === id ? "" : chosen };
    this.incident.change(part);
    this.notices.toast(_("{name} is left out.", { name }), _("Take back"), () => this.#back(id));
  }

  #back(id) {
    this.notices.untoast();
    this.incident.change({ without: this.incident.told.without.filter((one) => one.id !== id) });
    find("#helpers-title").focus({ preventScroll: true });
  }

  #choose(id) {
    const chosen = this.incident.told.chosen === id ? "" : id;
    this.incident.change({ chosen });
    if (chosen) this.#reveal(chosen);
  }

  // Pressed on the map: its row comes into sight.
  #pick(id) {
    if (this.incident.told.chosen !== id) this.incident.change({ chosen: id });
    this.sheet.go("half");
    this.helpers.row(id)?.scrollIntoView({ block: "start" });
  }

  #startOver() {
    const before = this.incident.told;
    this.incident.clear();
    this.keeping.close();
    /** @type {HTMLTextAreaElement} */ (find("#notes")).value = "";
    this.steps.next("what");
    this.notices.toast(_("A new incident."), _("Take back"), () => {
      this.incident.change(before);
      /** @type {HTMLTextAreaElement} */ (find("#notes")).value = before.notes;
    });
  }

  // ---- what is closed

  // Drawn or lifted elsewhere: answered again, and said why. What changes by the clock alone comes with the next answer.
  /** @param {import("./closures-live.js").Closure[]} now */
  #closuresCame(now) {
    const seen = new Map(now.map((one) => [one.id, `${one.version} ${one.state}`]));
    const before = this.seen;
    [this.seen, this.names] = [seen, new Map([...(this.names ?? []), ...now.map((one) => [one.id, one.reason])])];
    if (!before) return;
    const differ = [...seen.keys(), ...before.keys()].filter((id) => seen.get(id) !== before.get(id));
    if (!differ.length) return;
    const [id] = differ.filter((one) => !this.cordon.mine.has(one));
    if (!id) {
      this.asking.again();
      return;
    }
    const reason = this.names.get(id) ?? "";
    const words = !before.has(id) ? _("A street was closed: “{reason}”. Answered again.", { reason })
      : seen.has(id) ? _("A closure was changed: “{reason}”. Answered again.", { reason })
        : _("A closure is over: “{reason}”. Answered again.", { reason });
    this.asking.again(words);
  }

  // What is pressed is a closure, or the place in it: both are offered.
  #told(closure, latlng) {
    if (!this.incident.told.place) this.where.press(latlng);
    else this.notices.toast(closureWords(closure, Date.now()), _("Put the place here"), () => this.where.press(latlng));
  }

  #closed() {
    this.closures.live?.refresh();
    this.asking.again();
  }

  // ---- the answer

  // What is asked again for the clock's sake alone troubles nobody.
  #asks({ question }) {
    if (this.#same(question)) return;
    this.notices.asks();
    find("#answer").classList.add("is-stale");
  }

  // Whether what is shown is the answer to this question.
  #same(question) {
    return Boolean(this.answer) && JSON.stringify(question) === JSON.stringify(this.question);
  }

  #answered({ answer, question, at, why }) {
    // What was around stays until it is told anew.
    const { rings = [], homes = null } = (!answer.trouble && this.answer) || {};
    this.answer = { ...answer, rings, homes };
    this.question = question;
    find("#answer").classList.remove("is-stale");
    this.notices.answered(answer, at, why);
    // At another hour other streets are closed than now.
    this.closures.instead(question.departure ? answer.closures : null);
    this.#draw();
    const [first] = answer.helpers;
    announce([why, find("#helpers-title").textContent,
      first && _("The first: {name}, {away}", { name: first.merchant.properties.name, away: away(first) })].filter(Boolean).join(" · "));
    if (!searching(answer.scenario)) this.#fitOnce();
  }

  #around({ rings, homes }) {
    this.answer = { ...this.answer, rings, homes };
    this.#drawAround();
    this.#drawMap();
    this.#fitOnce();
  }

  // Once for a scenario and a mode: whoever has moved the map meanwhile stays there.
  #fitOnce() {
    const fitted = `${this.question.scenario} ${this.question.modes}`;
    if (fitted === this.fitted) return;
    this.fitted = fitted;
    this.#fit();
    find("#panel-rest").scrollTop = 0;
  }

  #empty() {
    this.answer = null;
    this.fitted = "";
    find("#answer").hidden = true;
    this.notices.clear();
    this.closures.instead(null);
    this.cordon.hide();
    this.chosen.show(null, null, null);
    this.layer.draw({ helpers: [], rings: [], chosen: "", ways: [], way: 0 });
    this.layer.mark([]);
  }

  #draw() {
    const { answer, incident: { told, scenario } } = this;
    if (!answer || !scenario) return;
    find("#answer").hidden = false;
    find("#answer").classList.toggle("is-search", searching(answer.scenario));
    const chosen = answer.helpers.find(({ merchant }) => merchant.id === told.chosen) ?? null;
    this.helpers.show(answer, { chosen: chosen?.merchant.id ?? "", without: told.without });
    this.chosen.show(chosen, this.question, answer);
    this.cordon.show(answer, scenario);
    this.#drawAround();
    showChecks(scenario, told.ticks[scenario.id] ?? [], (ticks) =>
      this.incident.change({ ticks: { ...this.incident.told.ticks, [scenario.id]: ticks } }));
    this.#drawMap();
  }

  #drawAround() {
    const { rings } = this.incident.told;
    showAround(this.answer, { rings, open: this.open, layer: this.layer, toggle: () => this.incident.change({ rings: !this.incident.told.rings }) });
  }

  #drawMap() {
    const { answer, incident: { told }, chosen } = this;
    if (!answer) return;
    const { ways, way, marks } = chosen.drawn;
    this.layer.draw({ helpers: answer.helpers, rings: told.rings ? answer.rings : [], chosen: told.chosen, ways, way });
    this.layer.mark(marks);
  }

  // ---- what is seen of the map

  #fit() {
    const search = searching(this.answer.scenario) && this.incident.told.rings;
    const box = search ? this.layer.ringsBox(FIRST_RINGS) : this.layer.box(this.answer.helpers.slice(0, this.sheet.narrow.matches ? FITTED_ON_PHONE : FITTED));
    if (box.isValid()) this.#fitBox(box);
  }

  #fitLater() {
    if (this.answer && !this.moved && this.sheet.stop !== "full" && this.sheet.narrow.matches) this.#fit();
  }

  #reveal(id) {
    const helper = this.answer?.helpers.find(({ merchant }) => merchant.id === id);
    if (helper) this.#fitBox(this.layer.box([helper]));
  }

  #fitBox(box) {
    this.moved = false;
    const narrow = this.sheet.narrow.matches;
    const aside = getComputedStyle(find("#aside")).position === "fixed" ? find("#aside").offsetWidth + 16 : 0;
    this.map.fitBounds(box, {
      paddingTopLeft: [narrow ? 32 : 48, 72],
      paddingBottomRight: narrow ? [72, this.sheet.covers() + 16] : [aside + 56, 48],
      maxZoom: CLOSE_UP,
      animate: false,
    });
  }
}

/** The scenarios, as the page has them. */
function scenarios() {
  const tiles = [...document.querySelectorAll("#tiles .tile")];
  const told = tiles.map((tile) => JSON.parse(/** @type {HTMLElement} */ (tile).dataset.scenario ?? "{}"));
  return new Map(told.map((one) => [one.id, one]));
}

