// @ts-check
/**
 * Where the next one helps: what the script of the map, made by webmap/layers, calls; the question,
 * how far a job is, and how list and map of what was found go together.
 * @module
 */

import { find, keepIcons } from "./dom.js";
import { getJson } from "./fetching.js";
import { follow } from "./following.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { _ } from "./i18n.js";
import { MerchantLayer } from "./merchant-layer.js";
import { neighbourMap } from "./neighbour-map.js";
import { SitingLayer } from "./siting-layer.js";
import { Points } from "./siting-points.js";
import { streetGround } from "./street-ground.js";

const CLOSE_UP = 17;
const EVERY_MS = 1000;
const OPEN = ["waiting", "running"];

keepIcons();

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  merchantLayer: (options) => new MerchantLayer(options),
  tileGround,
  streetGround,
  openSiting: (parts) => new SitingPage(parts),
});

class SitingPage {
  /** @param {{map: any, merchants: any, urls: {points: string}}} parts */
  constructor({ map, merchants, urls }) {
    this.map = map;
    this.merchants = merchants;
    this.layer = new SitingLayer(map);
    if (document.querySelector("#points")) this.points = new Points(map, this.layer, urls.points);
    this.category = /** @type {HTMLSelectElement | null} */ (document.querySelector("#pick-category"));
    this.category?.addEventListener("change", () => this.#filter());
    this.#filter();
    new ResizeObserver(() => map.invalidateSize({ animate: false, pan: true })).observe(map.getContainer());
    const job = document.querySelector("#job");
    if (job instanceof HTMLElement && job.dataset.open !== undefined) this.#follow(job.dataset.job ?? "");
    const list = document.querySelector("#sites");
    if (list instanceof HTMLElement && job instanceof HTMLElement) this.#open(list, job.dataset.job ?? "");
    else this.#ready();
  }

  #ready() {
    this.merchants.ready.then(() => { document.documentElement.dataset.ready = "yes"; });
  }

  #filter() {
    if (this.category) this.merchants.setFilter({ categories: [this.category.value], query: "", open: false, area: "" });
  }

  // ---- how far it is

  /** @param {string} address */
  #follow(address) {
    const bar = /** @type {HTMLProgressElement} */ (find("#job-bar"));
    const trouble = find("#job-trouble");
    follow({
      ask: () => getJson(address),
      every: EVERY_MS,
      onChange: ({ state, progress }) => {
        // The server's page tells what came of it.
        if (!OPEN.includes(state)) return location.reload();
        bar.value = Math.round(100 * progress);
        find("#job-words").textContent = state === "waiting" ? _("Waits for another search to end.") : _("{n} % of the way; half a minute at most.", { n: bar.value });
      },
      onTrouble: () => { trouble.hidden = false; },
      onWell: () => { trouble.hidden = true; },
    });
  }

  // ---- what was found

  /** @param {HTMLElement} list @param {string} address */
  async #open(list, address) {
    list.addEventListener("click", (event) => this.#named(event));
    this.layer.addEventListener("pick", (event) => this.#choose(/** @type {CustomEvent} */ (event).detail.rank));
    this.list = list;
    try {
      const { asked, answer } = await getJson(address);
      this.layer.found(answer.places, answer.homes, asked.minutes);
      const bounds = this.layer.bounds();
      if (bounds) this.map.fitBounds(bounds, { padding: [32, 32], maxZoom: CLOSE_UP, animate: false });
    } finally {
      // Without the answer on the map the list tells it all the same.
      this.#ready();
    }
  }

  /** A place of the list was pressed. @param {MouseEvent} event */
  #named(event) {
    const link = event.target instanceof Element ? event.target.closest("[data-rank]") : null;
    const rank = link instanceof HTMLElement ? Number(link.dataset.rank) : 0;
    const at = this.layer.at(rank);
    // With a key held down one wants the map in a window of its own.
    if (!at || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.map.setView(at, Math.max(CLOSE_UP, this.map.getZoom()), { animate: false });
    this.map.getContainer().scrollIntoView({ block: "nearest" });
    this.#choose(rank);
  }

  /** @param {number} rank */
  #choose(rank) {
    this.layer.choose(rank);
    for (const line of this.list?.children ?? []) {
      const chosen = line.querySelector("[data-rank]")?.getAttribute("data-rank") === String(rank);
      line.classList.toggle("is-chosen", chosen);
      if (chosen) line.scrollIntoView({ block: "nearest" });
    }
  }
}
