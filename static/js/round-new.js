// @ts-check
/**
 * Planning rounds: homes, people, the answer; changed as often as one likes, kept in this tab.
 * @module
 */

import { announce } from "./announce.js";
import { find } from "./dom.js";
import { Refused, below, getJson } from "./fetching.js";
import { _, ngettext } from "./i18n.js";
import { blank, drafted, keep, keeping, kept, question } from "./round-draft.js";
import { visitRow, workerCard } from "./round-fields.js";
import { Homes, sorry } from "./round-homes.js";
import { leftOut, lists } from "./round-lists.js";
import { freshKey, send } from "./sending.js";

const KEEP_MS = 250;
const STALE = 412;

/** @param {{map: any, layer: any, urls: Record<string, string>}} parts */
export function openNew(parts) {
  return new Planning(parts).open();
}

class Planning {
  /** @param {{map: any, layer: any, urls: Record<string, string>}} parts */
  constructor({ map, layer, urls }) {
    this.map = map;
    this.layer = layer;
    this.urls = urls;
    this.page = find("#content");
    this.account = this.page.dataset.account ?? "";
    this.draft = blank();
    this.turn = 0;
    /** @type {((at: [number, number]) => void) | null} */
    this.pressed = null;
  }

  async open() {
    const of = new URLSearchParams(location.search).get("from") ?? "";
    const before = kept(this.account);
    if (before && before.of === of) this.draft = before;
    else if (of) await this.#load(of);
    find("#draft-told").hidden = !(before && before.of === of && (before.visits.length || before.result));
    if (!this.draft.workers.length) this.#addWorker();
    for (const name of ["day", "minutes", "name"]) this.#bind(name);
    new Homes({ map: this.map, layer: this.layer, urls: this.urls, add: (homes) => this.#add(homes), press: (hint, then) => this.#press(hint, then) });
    this.map.on("click", ({ latlng: { lat, lng } }) => this.pressed?.([Number(lng.toFixed(6)), Number(lat.toFixed(6))]));
    this.layer.on("stop", ({ id }) => this.#open(id));
    find("#worker-add").addEventListener("click", () => this.#addWorker(true));
    find("#visits-clear").addEventListener("click", () => this.#changed(() => (this.draft.visits = []), true));
    find("#solve").addEventListener("click", () => this.#solve());
    find("#keep").addEventListener("click", () => this.#save());
    find("#start-over").addEventListener("click", () => {
      this.done = true;
      keep(this.account, null);
      location.reload();
    });
    addEventListener("pagehide", () => this.done || keep(this.account, this.draft));
    this.#lists();
    this.#answer();
    this.#look();
    this.page.dataset.ready = "yes";
  }

  /** @param {string} of */
  async #load(of) {
    try {
      this.draft = drafted(await getJson(below(this.urls.kept, of)));
    } catch (error) {
      this.#trouble(sorry(error));
    }
  }

  // ---- what is typed

  /** @param {string} name */
  #bind(name) {
    const field = /** @type {HTMLInputElement} */ (find(`#${name}`));
    field.value = String(this.draft[name]);
    field.addEventListener("input", () => {
      if (name === "minutes") {
        const minutes = Math.min(720, Math.max(1, Math.round(Number(field.value)) || this.draft.minutes));
        for (const visit of this.draft.visits) if (visit.minutes === this.draft.minutes) visit.minutes = minutes;
        this.#changed(() => (this.draft.minutes = minutes), true);
      } else this.#changed(() => (this.draft[name] = field.value), false, name !== "name");
    });
  }

  /** @param {() => void} does @param {boolean} [drawn] @param {boolean} [stale] */
  #changed(does, drawn = false, stale = true) {
    does();
    if (stale && this.draft.result) this.draft.stale = true;
    this.draft.key = freshKey();
    find("#stale").hidden = !(this.draft.result && this.draft.stale);
    find("#keeping").hidden = !this.draft.result || this.draft.stale;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => keep(this.account, this.draft), KEEP_MS);
    if (drawn) {
      this.#lists();
      this.#draw();
    }
  }

  /** @param {any[]} homes */
  #add(homes) {
    const known = new Set(this.draft.visits.map(({ id }) => id));
    const room = Number(this.page.dataset.mostVisits) - known.size;
    const own = homes.filter(({ id }) => !known.has(id));
    const added = own.slice(0, room).map(({ id, name, address, lon, lat, minutes, note, within }) => ({
      id, title: name || address || id, note: note ?? "", at: /** @type {[number, number]} */ ([lon, lat]),
      minutes: minutes ?? this.draft.minutes, from: within?.[0] ?? "", until: within?.[1] ?? "", priority: 0, skills: "",
    }));
    this.#changed(() => this.draft.visits.push(...added), true);
    if (added.length) this.#look();
    return { added: added.length, known: homes.length - own.length };
  }

  #addWorker(seen = false) {
    if (this.draft.workers.length >= Number(this.page.dataset.mostWorkers)) return;
    const before = this.draft.workers.at(-1);
    const centre = this.page.dataset.centre ? JSON.parse(this.page.dataset.centre) : null;
    const middle = this.map.getCenter();
    const start = before?.start ?? (centre ? [centre.lon, centre.lat] : [Number(middle.lng.toFixed(6)), Number(middle.lat.toFixed(6))]);
    const { from = "09:00", until = "11:30", mode = "foot", back = true } = before ?? {};
    const place = before?.place ?? centre?.name ?? _("middle of the map");
    const name = _("Person {n}", { n: this.draft.workers.length + 1 });
    this.#changed(() => this.draft.workers.push({ name, start, place, back, end: null, from, until, mode, skills: "" }), true);
    if (seen) /** @type {HTMLElement | null} */ (document.querySelector("#workers > :last-child input"))?.focus();
  }

  /** What the next press of the map means. @param {string} hint @param {((at: [number, number]) => void) | null} then */
  #press(hint, then) {
    this.pressed = then;
    find("#map-hint").textContent = hint;
    find("#map-hint").hidden = !then;
    find(".round-map").classList.toggle("is-placing", Boolean(then));
  }

  /** @param {number} at */
  #placeWorker(at) {
    find(".round-map").scrollIntoView({ block: "nearest" });
    this.#press(_("Press where person {n} sets out", { n: at + 1 }), (place) => {
      this.#press("", null);
      this.#changed(() => Object.assign(this.draft.workers[at], { start: place, place: "" }), true);
      announce(_("marked on the map"));
    });
  }

  // ---- what is shown

  #lists() {
    const { visits, workers } = this.draft;
    const open = new Set([...document.querySelectorAll("#visits details[open]")].map((row) => /** @type {HTMLElement} */ (row.parentElement).dataset.visit));
    find("#visits").replaceChildren(...visits.map((visit) =>
      visitRow(visit, { changed: () => this.#changed(() => {}), remove: () => this.#changed(() => (this.draft.visits = visits.filter((one) => one !== visit)), true) })));
    for (const row of document.querySelectorAll("#visits > li")) {
      /** @type {HTMLDetailsElement} */ (row.firstElementChild).open = open.has(/** @type {HTMLElement} */ (row).dataset.visit);
    }
    find("#visits-told").textContent = visits.length ? ngettext("{n} home chosen", "{n} homes chosen", visits.length) : _("No home is chosen yet.");
    find("#visits-clear").hidden = !visits.length;
    find("#workers").replaceChildren(...workers.map((worker, at) => workerCard(worker, at, {
      changed: () => this.#changed(() => {}),
      place: () => this.#placeWorker(at),
      remove: workers.length > 1 ? () => this.#changed(() => workers.splice(at, 1), true) : null,
    })));
  }

  #draw() {
    const { visits, workers, result } = this.draft;
    const known = new Set(visits.map(({ id }) => id));
    const rounds = this.draft.stale ? [] : result?.rounds ?? [];
    this.layer.show({ visits, workers: workers.filter(({ start }) => start), rounds: rounds.filter(({ visits: stops }) => stops.every(({ id }) => known.has(id))) });
  }

  #look() {
    this.#draw();
    const box = this.layer.bounds();
    if (box.isValid()) this.map.fitBounds(box, { padding: [40, 40], maxZoom: 17, animate: false });
  }

  #answer() {
    const { result, visits, stale } = this.draft;
    const known = new Map(visits.map((visit) => [visit.id, visit]));
    find("#answer").replaceChildren(...(result ? [...leftOut(result.unassigned, known), ...lists(result.rounds, known, { onPress: (id) => this.#find(id) })] : []));
    find("#stale").hidden = !(result && stale);
    find("#keeping").hidden = !result || stale;
    this.#draw();
  }

  /** Show a visit on the map. @param {string} id */
  #find(id) {
    const visit = this.draft.visits.find((one) => one.id === id);
    if (visit) this.map.setView([visit.at[1], visit.at[0]], Math.max(17, this.map.getZoom()), { animate: false });
  }

  /** Open a visit's fields. @param {string} id */
  #open(id) {
    if (this.pressed) return;
    const row = [...document.querySelectorAll("#visits > li")].find((one) => /** @type {HTMLElement} */ (one).dataset.visit === id);
    if (!row) return;
    /** @type {HTMLDetailsElement} */ (find("#visits-box")).open = true;
    /** @type {HTMLDetailsElement} */ (row.firstElementChild).open = true;
    row.scrollIntoView({ block: "center" });
    /** @type {HTMLElement | null} */ (row.querySelector("summary"))?.focus({ preventScroll: true });
  }

  /** @param {string} sentence */
  #trouble(sentence) {
    find("#trouble").textContent = sentence;
    find("#trouble").hidden = !sentence;
  }

  // ---- asking and saving

  /** What is missing before anything can be asked. */
  #missing() {
    const { visits, workers, day } = this.draft;
    if (!visits.length) return _("Choose the homes first.");
    if (!day) return _("Choose the day.");
    const names = workers.map(({ name }) => name.trim());
    if (names.some((name) => !name)) return _("Everybody who goes needs a name.");
    if (new Set(names).size < names.length) return _("Two people have the same name.");
    if (workers.some(({ from, until }) => !from || !until)) return _("Say from when until when everybody works.");
    return "";
  }

  async #solve() {
    const missing = this.#missing();
    this.#trouble(missing);
    if (missing) return;
    const turn = (this.turn += 1);
    const button = /** @type {HTMLButtonElement} */ (find("#solve"));
    button.disabled = true;
    find("#solve-told").textContent = _("Planning…");
    keep(this.account, this.draft);
    try {
      const found = await send(this.urls.solve, question(this.draft));
      if (turn !== this.turn) return;
      Object.assign(this.draft, { result: found, stale: false, key: freshKey() });
      keep(this.account, this.draft);
      find("#solve-told").textContent = "";
      this.#answer();
      this.#look();
      announce(_("The rounds are planned."));
      if (!this.draft.name) this.#suggest();
    } catch (error) {
      find("#solve-told").textContent = "";
      this.#refused(error);
    } finally {
      button.disabled = false;
    }
  }

  #suggest() {
    const field = /** @type {HTMLInputElement} */ (find("#name"));
    field.value = _("Visits {day}", { day: this.draft.day });
    field.dispatchEvent(new Event("input"));
  }

  /** @param {unknown} error */
  #refused(error) {
    const lasts = error instanceof Refused && error.status < 500;
    this.#trouble([sorry(error), lasts ? "" : _("What you typed is kept here.")].filter(Boolean).join(" "));
    if (error instanceof Refused && error.status === STALE) this.#trouble(_("Somebody else has changed this round meanwhile. Open it anew to see how it stands."));
  }

  async #save() {
    find("#name-wrong").hidden = Boolean(this.draft.name.trim());
    if (!this.draft.name.trim()) return find("#name").focus();
    const button = /** @type {HTMLButtonElement} */ (find("#keep"));
    button.disabled = true;
    this.#trouble("");
    try {
      const { of, version, key } = this.draft;
      const saved = of
        ? await send(below(this.urls.kept, `${of}`).replace(/(\?|$)/, "/plan$1"), keeping(this.draft), { method: "PATCH", headers: { "If-Match": `"${version}"` } })
        : await send(this.urls.kept, keeping(this.draft), { headers: { "Idempotency-Key": key } });
      this.done = true;
      keep(this.account, null);
      location.assign((this.page.dataset.one ?? "").replace("ROUND", saved.id));
    } catch (error) {
      this.#refused(error);
      button.disabled = false;
    }
  }
}
