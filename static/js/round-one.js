// @ts-check
/**
 * A round as it goes: how far each worker is, and an urgent visit put between.
 * @module
 */

import { find, make } from "./dom.js";
import { below, getJson, lasting } from "./fetching.js";
import { follow, news } from "./following.js";
import { _, ngettext } from "./i18n.js";
import { clock } from "./round-draft.js";
import { sorry } from "./round-homes.js";
import { leftOut, lists } from "./round-lists.js";
import { freshKey, send } from "./sending.js";

const EVERY_MS = 3_000;
const LATER_MS = 300;

/** @param {{map: any, layer: any, urls: Record<string, string>}} parts */
export async function openOne(parts) {
  const one = new One(parts);
  await one.open();
}

class One {
  /** @param {{map: any, layer: any, urls: Record<string, string>}} parts */
  constructor({ map, layer, urls }) {
    this.map = map;
    this.layer = layer;
    this.urls = urls;
    this.page = find("#content");
    this.address = below(urls.kept, this.page.dataset.round ?? "");
    /** @type {any} */
    this.saved = null;
    /** @type {any} */
    this.place = null;
  }

  async open() {
    try {
      this.saved = await getJson(this.address);
    } catch (error) {
      this.#away(sorry(error));
      setTimeout(() => this.open(), EVERY_MS);
      return;
    }
    this.#away("");
    this.#show();
    const box = this.layer.bounds();
    if (box.isValid()) this.map.fitBounds(box, { padding: [40, 40], maxZoom: 17, animate: false });
    this.#urgent();
    follow({
      ask: news(this.address.replace(/(\?|$)/, "/progress$1"), { read: (told) => this.#read(told) }),
      every: EVERY_MS,
      onChange: (saved) => {
        this.saved = saved;
        this.#show();
      },
      onTrouble: (error) => this.#away(lasting(error) ? sorry(error) : _("No connection just now. What is shown may be old.")),
      onWell: () => this.#away(""),
    });
    this.page.dataset.ready = "yes";
  }

  /** @param {string} sentence */
  #away(sentence) {
    find("#away").textContent = sentence;
    find("#away").hidden = !sentence;
  }

  // ---- as it goes

  /** @param {{version: number, told: any}} progress */
  #read({ version, told }) {
    return version === this.saved.version ? { ...this.saved, told } : getJson(this.address);
  }

  #show() {
    const { asked, rounds, unassigned, told } = this.saved;
    const visits = asked.visits.map((visit) => ({ ...visit, title: asked.labels[visit.id]?.title ?? visit.id, note: asked.labels[visit.id]?.note ?? "" }));
    const known = new Map(visits.map((visit) => [visit.id, visit]));
    this.layer.show({ visits, workers: asked.workers, rounds, told });
    const states = rounds.flatMap((round) => round.visits.map(({ id }) => told[id]?.state ?? "open"));
    const count = (state) => states.filter((one) => one === state).length;
    find("#progress").textContent = [
      _("{n} of {all} visited", { n: count("done"), all: states.length }),
      count("absent") && _("{n} nobody in", { n: count("absent") }),
      count("moved") && _("{n} put off", { n: count("moved") }),
    ].filter(Boolean).join(" · ");
    const more = (at) => {
      const ways = document.querySelector(`#worker-${at}`);
      return ways instanceof HTMLTemplateElement ? [ways.content.cloneNode(true)] : [];
    };
    const seen = (id) => this.map.setView([known.get(id).at[1], known.get(id).at[0]], Math.max(17, this.map.getZoom()), { animate: false });
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.textContent;
    find("#answer").replaceChildren(...leftOut(unassigned, known), ...lists(rounds, known, { told, onPress: seen, more: /** @type {any} */ (more) }));
    // What had the focus was made anew.
    if (focused && document.activeElement === document.body) {
      [...find("#answer").querySelectorAll("a, button")].find((one) => one.textContent === focused)?.focus({ preventScroll: true });
    }
  }

  // ---- an urgent visit

  #urgent() {
    const box = document.querySelector("#urgent");
    if (!(box instanceof HTMLDetailsElement)) return;
    const words = /** @type {HTMLInputElement} */ (find("#urgent-words"));
    let timer = 0;
    words.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#homes(words.value.trim()), LATER_MS);
    });
    const placing = () => {
      find("#map-hint").textContent = _("Press the place of the urgent visit");
      find("#map-hint").hidden = !box.open;
      find(".round-map").classList.toggle("is-placing", box.open);
      if (!box.open) this.layer.sketch({});
    };
    box.addEventListener("toggle", placing);
    // Somebody in a hurry has typed before the round was here.
    if (box.open) placing();
    if (words.value.trim()) this.#homes(words.value.trim());
    this.map.on("click", ({ latlng: { lat, lng } }) => {
      if (box.open) this.#choose({ id: `u-${freshKey()}`, name: _("Urgent visit"), lon: Number(lng.toFixed(6)), lat: Number(lat.toFixed(6)) });
    });
    find("#urgent-ask").addEventListener("click", () => this.#insert(false));
  }

  /** @param {string} words */
  async #homes(words) {
    const list = find("#urgent-found");
    if (!words) return list.replaceChildren();
    try {
      const { homes } = await send(this.urls.homes, { words });
      list.replaceChildren(...homes.slice(0, 12).map((home) => make("li", {},
        make("button", { type: "button", class: "wide-button", onclick: () => this.#choose(home) }, make("bdi", {}, home.name), home.address && make("bdi", { class: "quiet" }, home.address)))));
      find("#urgent-where").textContent = homes.length ? "" : _("No building of your area is called so.");
    } catch (error) {
      find("#urgent-where").textContent = sorry(error);
    }
  }

  /** @param {any} home */
  #choose(home) {
    this.place = home;
    find("#urgent-found").replaceChildren();
    find("#urgent-answer").hidden = true;
    find("#urgent-where").textContent = _("Chosen: {name}", { name: home.name });
    this.layer.sketch({ at: [home.lon, home.lat] });
  }

  /** @param {boolean} keep */
  async #insert(keep) {
    if (!this.place) {
      find("#urgent-where").textContent = _("Choose the home first.");
      return;
    }
    const button = /** @type {HTMLButtonElement} */ (find("#urgent-ask"));
    button.disabled = true;
    const known = this.saved.asked.visits.some(({ id }) => id === this.place.id);
    const visit = {
      id: known ? `u-${freshKey()}` : this.place.id, at: [this.place.lon, this.place.lat],
      minutes: Math.min(720, Math.max(1, Math.round(Number(/** @type {HTMLInputElement} */ (find("#urgent-minutes")).value)) || 10)),
    };
    const label = { title: this.place.name, note: /** @type {HTMLInputElement} */ (find("#urgent-note")).value };
    try {
      const found = await send(this.address.replace(/(\?|$)/, "/urgent$1"), { visit, label, keep });
      if (keep && found.worker) return this.#put(found);
      this.#told(found);
    } catch (error) {
      find("#urgent-answer").replaceChildren(sorry(error));
      find("#urgent-answer").hidden = false;
    } finally {
      button.disabled = false;
    }
  }

  /** @param {any} found */
  #put(found) {
    this.saved = found.round;
    this.place = null;
    /** @type {HTMLDetailsElement} */ (find("#urgent")).open = false;
    this.layer.sketch({});
    find("#urgent-answer").hidden = true;
    find("#urgent-where").textContent = "";
    this.#show();
    find("#announcement").textContent = _("The urgent visit is in the round.");
  }

  /** @param {any} found */
  #told(found) {
    const { labels } = found.round.asked;
    const box = find("#urgent-answer");
    box.hidden = false;
    if (!found.worker) return box.replaceChildren(_("Nobody can get there without giving up another visit."), " ", found.reason);
    const moves = Object.entries(found.moves);
    box.replaceChildren(
      make("p", {}, make("strong", {}, _("{name} gets there at {time}.", { name: found.worker, time: clock(found.arrive) }))),
      make("p", {}, moves.length ? ngettext("One other visit moves:", "{n} other visits move:", moves.length) : _("No other visit moves.")),
      make("ul", { class: "moves" }, ...moves.map(([id, minutes]) => make("li", {}, make("bdi", {}, labels[id]?.title ?? id), " ",
        minutes > 0 ? _("{n} min later", { n: minutes }) : _("{n} min sooner", { n: -minutes })))),
      make("button", { type: "button", class: "main-button", onclick: () => this.#insert(true) }, _("Put it in")));
  }
}
