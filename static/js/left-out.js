// @ts-check
/**
 * Who is left out: what the script of the map, made by webmap/layers, calls, and how list and map
 * go together.
 * @module
 */

import { announce } from "./announce.js";
import { find, keepIcons, make } from "./dom.js";
import { Refused, getJson } from "./fetching.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { _, ngettext } from "./i18n.js";
import { LeftOutLayer } from "./left-out-layer.js";
import { neighbourMap } from "./neighbour-map.js";
import { streetGround } from "./street-ground.js";

const CLOSE_UP = 17;

keepIcons();

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  leftOutLayer: (options) => new LeftOutLayer(options),
  tileGround,
  streetGround,
  openLeftOut: (parts) => new LeftOutPage(parts),
});

class LeftOutPage {
  /** @param {{map: any, layer: any}} parts */
  constructor({ map, layer }) {
    this.map = map;
    this.layer = layer;
    this.list = find("#homes");
    this.list.addEventListener("click", (event) => this.#named(event));
    layer.on("pick", ({ feature }) => this.#choose(feature));
    find("#trouble-again").addEventListener("click", () => this.#load());
    this.#load();
  }

  async #load() {
    const { homes, within } = this.list.dataset;
    find("#trouble").hidden = true;
    try {
      if (homes) {
        const { features } = await getJson(homes);
        this.layer.show(features, Number(within));
        if (features.length) this.map.fitBounds(this.layer.bounds(), { padding: [24, 24], maxZoom: CLOSE_UP, animate: false });
      }
      document.documentElement.dataset.ready = "yes";
    } catch (error) {
      find("#trouble-words").textContent = error instanceof Refused && error.sentence ? error.sentence : _("The homes cannot be shown just now; the list has them.");
      find("#trouble").hidden = false;
    }
  }

  /** A name of the list was pressed. @param {MouseEvent} event */
  #named(event) {
    const link = event.target instanceof Element ? event.target.closest("[data-home]") : null;
    const home = link instanceof HTMLElement && this.layer.home(link.dataset.home ?? "");
    // With a key held down one wants the map in a window of its own.
    if (!home || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const [lon, lat] = home.geometry.coordinates;
    this.map.setView([lat, lon], Math.max(CLOSE_UP, this.map.getZoom()), { animate: false });
    this.map.getContainer().scrollIntoView({ block: "nearest" });
    this.#choose(home);
  }

  #choose(home) {
    this.layer.choose(home.id);
    for (const row of this.list.querySelectorAll("tr")) {
      row.classList.toggle("is-chosen", row.querySelector("[data-home]")?.getAttribute("data-home") === home.id);
    }
    const [lon, lat] = home.geometry.coordinates;
    const told = words(home.properties);
    L.popup({ autoPanPadding: [24, 24] })
      .setLatLng([lat, lon])
      .setContent(make("div", { class: "home-told" }, make("strong", {}, told[0]), ...told.slice(1).map((line) => make("span", {}, line))))
      .openOn(this.map)
      .on("remove", () => this.layer.choose(""));
    announce(told.join(", "));
  }
}

/** What is known of a home, line by line. @param {any} home @returns {string[]} */
function words({ name, minutes, off_network, households, elders_alone }) {
  const walk = off_network
    ? _("no street near")
    : minutes === null
      ? _("no way")
      : _("{n} min on foot", { n: Math.max(1, Math.ceil(minutes)) });
  return [
    name || _("a home without a name"),
    walk,
    households === null ? _("households: not known") : ngettext("{n} household", "{n} households", households),
    elders_alone === null ? _("elders living alone: not known") : ngettext("{n} elder living alone", "{n} elders living alone", elders_alone),
  ];
}
