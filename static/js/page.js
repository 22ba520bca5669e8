// @ts-check
/**
 * The page around the map: joins the address, the map, the layer and the
 * panel. Every change goes through the state, and the parts follow it.
 * @module
 */

import { announce } from "./announce.js";
import { Card } from "./card.js";
import { find } from "./dom.js";
import { Refused, below, getJson, lasting } from "./fetching.js";
import { _, ngettext } from "./i18n.js";
import { Journey } from "./journey.js";
import { Legend } from "./legend.js";
import { List } from "./list.js";
import { Near } from "./near.js";
import { Search } from "./search.js";
import { Sheet } from "./sheet.js";

const CLOSE_UP = 17;
/** So many of the nearest are brought into view. */
const SHOWN_NEAREST = 3;

/**
 * Bring the page to life.
 * @param {{map: any, merchants: any, boundaries: any, way: any, reach: any,
 *   urls: {nearest: string, homes: string, streets: string}}} parts `nearest` is empty where no streets are installed
 */
export function openPage(parts) {
  return new Page(parts);
}

class Page {
  constructor({ map, merchants, boundaries, way, reach, urls }) {
    this.map = map;
    this.merchants = merchants;
    this.boundaries = boundaries;
    this.state = map.state;
    this.sheet = new Sheet();
    this.near = new Near(map, urls.homes);
    this.journey = new Journey({ merchants, way, reach, near: this.near, state: this.state, urls });
    this.list = new List(merchants, {
      select: (feature) => this.#select(feature, true),
      enter: (feature) => this.#enter(feature),
    });
    this.card = new Card(merchants, {
      close: () => this.#close(),
      show: (feature) => this.#go(feature),
      way: (feature) => this.journey.part(feature),
    });
    this.search = new Search(this.state, merchants, (feature) => this.#select(feature, true));
    // Before anybody listens: where the map is put is not yet a view that was shared.
    this.#place();
    this.#listen();
    this.#follow(null);
    // From here on the address says what is seen, so that it can be shared and come back to.
    this.#moved();
  }

  // The server thinks of a desk screen. On a phone the sheet covers the lower
  // half, so the first view steps back and moves up into what can be seen.
  #place() {
    const { center, zoom } = this.state.view;
    if (center || !this.sheet.narrow.matches) return;
    if (zoom === null) this.map.setZoom(this.map.getZoom() - 1, { animate: false });
    this.map.panBy([0, this.sheet.covers() / 2], { animate: false });
  }

  #listen() {
    const { map, merchants, state, near } = this;
    merchants.on("categories", () => {
      this.legend = new Legend(state, merchants.categories.values());
      if (this.shown) this.#show(this.shown);
      this.card.redraw?.();
    });
    merchants.on("items", (items) => this.#show(items));
    merchants.on("answered", () => this.#answered());
    merchants.on("trouble", ({ error, again }) => this.#trouble(error, again));
    merchants.on("pick", ({ feature, latlng }) => this.#pick(feature, latlng));
    map.on("moveend", () => this.#moved());
    map.on("dragend", () => this.#let());
    map.getContainer().addEventListener("keydown", ({ key }) => key.startsWith("Arrow") && this.#let());
    find("#elsewhere").addEventListener("click", () => this.#let(), { capture: true });
    state.addEventListener("change", ({ detail }) => this.#follow(detail));
    near.addEventListener("change", () => this.#placed());
    this.journey.addEventListener("nearest", () => this.#nearest());
    this.journey.addEventListener("outdated", () => this.#outdated());
    near.addEventListener("asking", () => this.#ask());
    near.addEventListener("asked", () => document.documentElement.classList.remove("is-asking"));
    this.journey.addEventListener("way", () => this.#showAll(this.journey.way, CLOSE_UP));
    this.journey.addEventListener("rings", () => this.#showAll(this.journey.reach, CLOSE_UP));
    near.addEventListener("placing", () => this.sheet.go("low"));
    near.addEventListener("settled", () => this.sheet.go("half"));
    this.sheet.addEventListener("change", () => this.#cover());
    find("#open-now").addEventListener("click", () => state.change({ open: !state.view.open }, { push: true }));
    find("#area-all").addEventListener("click", () => state.change({ area: "" }, { push: true }));
    // Only those who keep the map true have the button, and load what is behind it.
    document.querySelector("#move-magnets")?.addEventListener("click", ({ currentTarget }) => this.#move(currentTarget));
    addEventListener("keydown", (event) => event.key === "Escape" && this.card.isOpen && this.#close());
    this.#cover();
  }

  // ---- what the state says

  /** @param {{before: any, travelled: boolean} | null} change null at the start */
  #follow(change) {
    const { view } = this.state;
    const before = change?.before ?? {};
    const { categories, query, open, area } = view;
    this.merchants.setFilter({ categories, query, open, area });
    find("#open-now").setAttribute("aria-pressed", String(open));
    if (area !== (before.area ?? "")) this.#focusArea(area, !change && !view.center);
    if (change?.travelled) this.#travel(view);
    if (view.selected !== (before.selected ?? "")) this.#showSelected(view, !change);
    if (view.rings !== (before.rings ?? false)) this.journey.follow();
    this.#keepLinks();
  }

  #travel({ center, zoom }) {
    if (!center) return;
    // A move may still be under way: where the map is counts, not what was noted last.
    this.map.stop();
    const { lng, lat } = this.map.getCenter();
    if (spot(center, zoom) === spot([lng, lat], this.map.getZoom())) return;
    this.#let();
    this.map.setView([center[1], center[0]], zoom ?? this.map.getZoom(), { animate: false });
  }

  async #showSelected({ selected, center }, first) {
    this.list.mark(selected);
    if (!selected) {
      this.card.hide();
      this.journey.leave();
      this.merchants.choose(null);
      return;
    }
    const focus = !first;
    try {
      const feature = await getJson(below(this.merchants.options.itemsUrl, selected));
      if (this.state.view.selected !== selected) return;
      if (feature.properties.status === "retired") throw new Refused(410, "");
      this.merchants.choose(feature);
      // Whoever chose it here is brought to it. A shared view stays as it was shared, but for
      // what is covered here, where it was shared from a wider screen or in another language.
      const [lon, lat] = feature.geometry.coordinates;
      const outside = first && Boolean(center) && !this.map.getBounds().contains([lat, lon]);
      this.card.show(feature, { outside, focus });
      if (first && !center) this.#go(feature);
      else if (!outside) this.merchants.reveal(feature.geometry.coordinates, this.#covered());
    } catch (error) {
      if (this.state.view.selected !== selected) return;
      const into = error instanceof Refused && error.details.into;
      if (into) return this.state.change({ selected: into }); // two that were one: an old link leads to the other
      this.journey.leave();
      this.merchants.choose(null);
      const again = lasting(error) ? null : () => this.#showSelected({ selected, center }, first);
      this.card.apologise(regret(error), focus, again);
    }
  }

  async #focusArea(code, fit) {
    find("#area-chip").hidden = !code;
    if (!code) {
      this.boundaries.focus("");
      return;
    }
    find("#area-name").textContent = code;
    const area = await this.boundaries.focus(code).catch(() => null);
    if (!area) return;
    find("#area-name").textContent = area.properties.name;
    if (fit) this.map.fitBounds(L.geoJSON(area).getBounds(), {
      paddingTopLeft: [24, 24],
      // What the sheet of a phone covers is not seen, and what is not seen is not in the list.
      paddingBottomRight: [24, 24 + this.sheet.covers()],
      animate: false,
    });
  }

  // ---- what the reader does

  #pick(feature, latlng) {
    if (this.near.placing) this.near.put(latlng);
    else if (this.moving?.on && !feature.properties.cluster) this.moving.pick(feature, false);
    else if (feature.properties.cluster) this.#enter(feature);
    else this.#select(feature, false);
  }

  #select(feature, byList) {
    if (byList && this.moving?.on) {
      this.sheet.go("low");
      this.moving.pick(feature, true);
      return;
    }
    if (!byList) this.sheet.go("half");
    this.opener = byList ? document.activeElement : null;
    this.merchants.choose(feature);
    if (feature.id === this.state.view.selected) this.#go(feature);
    else this.state.change({ selected: feature.id }, { push: true });
  }

  async #move(button) {
    if (!this.moving) {
      const { Moving } = await import("./moving.js");
      this.moving ??= new Moving(this.map, this.merchants, button, { moved: (id) => this.#stirred(id) });
    }
    this.moving.toggle();
    // On a phone the list would cover the map on which it is moved.
    if (this.moving.on) this.sheet.go("low");
  }

  // The card, the list and the minutes follow where it stands now.
  #stirred(id) {
    this.merchants.refresh();
    if (this.state.view.selected === id) this.#showSelected(this.state.view, false);
  }

  #enter({ geometry: { coordinates: [lon, lat] } }) {
    this.#let();
    this.map.setView([lat, lon], Math.min(this.map.getMaxZoom(), this.map.getZoom() + 2));
  }

  #go(feature) {
    this.#let();
    this.merchants.centre(feature.geometry.coordinates, Math.max(CLOSE_UP, this.map.getZoom()), this.#covered());
    if (this.card.isOpen) this.card.box.querySelector(".card-note")?.remove();
  }

  #close() {
    const { selected } = this.state.view;
    this.state.change({ selected: "", rings: false }, { push: true });
    this.list.mark(selected);
    if (!this.list.reveal({ focus: true })) find("#results-title").focus();
    this.list.mark("");
  }

  #placed() {
    const { place } = this.near;
    this.nearestId = "";
    this.journey.placed();
    if (place) {
      this.held = true;
      this.sheet.go("half");
      this.merchants.centre(place, Math.max(16, this.map.getZoom()));
    }
    if (this.shown) this.#show(this.shown);
    // On a phone the nearest come into sight, not the tools that were just used.
    if (place && this.sheet.narrow.matches) find("#start").scrollIntoView({ block: "start" });
  }

  // The whole way, or all rings, beside or above what covers the map.
  #showAll(layer, maxZoom) {
    const box = layer.bounds();
    if (box.isValid()) this.#fit(box, maxZoom);
  }

  #fit(box, maxZoom) {
    this.held = true;
    const { offsetHeight, offsetWidth } = this.card.box;
    const narrow = this.sheet.narrow.matches;
    const below = Math.max(this.sheet.covers(), offsetHeight);
    this.map.fitBounds(box, {
      paddingTopLeft: [48, 64],
      paddingBottomRight: narrow ? [48, below + 40] : [offsetWidth + 64, 56],
      maxZoom,
    });
  }

  // ---- what the map and the server say

  // The map stands around the reader after "near me", and where that is must not
  // get into an address that is shared: the address keeps the centre and zoom it
  // had until the reader goes elsewhere, by hand or to a place of the map.
  #let() {
    this.held = false;
  }

  #moved() {
    if (this.held) return;
    const { lng, lat } = this.map.getCenter();
    this.state.change({ center: [lng, lat], zoom: this.map.getZoom() });
  }

  #show(items) {
    this.shown = items;
    const { lng, lat } = this.merchants.visibleBounds().getCenter();
    const best = Boolean(this.state.view.query);
    const { nearest } = this.journey;
    const features = nearest ?? items.features;
    this.list.show(features, { near: this.near.place, middle: [lng, lat], best, along: (id) => this.journey.away(id) });
    this.journey.measure();
    this.list.mark(this.state.view.selected);
    this.legend?.count(items.counts);
    this.search.shown(items.matched);
    const found = nearest
      ? ngettext("The nearest place", "The nearest {n} places", nearest.length)
      : ngettext("{n} place in view", "{n} places in view", items.matched);
    find("#results-title").textContent = found;
    find("#results-none").hidden = features.length > 0;
    find("#elsewhere").classList.toggle("is-moot", Boolean(nearest));
    announce(found);
    document.documentElement.dataset.ready = "true";
  }

  #answered() {
    find("#trouble").hidden = this.isOutdated !== true;
    this.card.again?.();
    this.journey.again();
  }

  /** @param {Error} error @param {(() => void) | null} again null where asking again cannot help */
  #trouble(error, again) {
    const sentence = error instanceof Refused
      ? error.sentence || _("The server could not answer.")
      : _("The connection is lost. Trying again…");
    this.#banner(sentence, _("Try again now"), again);
  }

  /** @param {string} sentence @param {string} action @param {(() => void) | null} act null for no button */
  #banner(sentence, action, act) {
    find("#trouble-words").textContent = sentence;
    find("#trouble-again").textContent = action;
    find("#trouble-again").onclick = act;
    find("#trouble-again").hidden = !act;
    find("#trouble").hidden = false;
    announce(sentence);
  }

  // The nearest are shown on the map too, the reader among them: at first, and with another filter.
  #nearest() {
    const { nearest } = this.journey;
    if (this.shown) this.#show(this.shown);
    if (!nearest?.length || this.state.view.selected || nearest[0].id === this.nearestId) return;
    this.nearestId = nearest[0].id;
    const [lon, lat] = this.near.place;
    const box = L.latLngBounds([[lat, lon]]);
    for (const { geometry: { coordinates: [x, y] } } of nearest.slice(0, SHOWN_NEAREST)) box.extend([y, x]);
    if (!this.merchants.visibleBounds().contains(box)) this.#fit(box, CLOSE_UP);
  }

  // Ways and minutes come from other streets than those that this page has drawn.
  #outdated() {
    this.isOutdated = true;
    this.#banner(_("The streets are other ones now."), _("Show them"), () => location.reload());
  }

  // On a phone a card would cover the question where one begins.
  #ask() {
    document.documentElement.classList.add("is-asking");
    if (this.sheet.stop === "low") this.sheet.go("half");
  }

  #cover() {
    this.merchants.setInsets({ bottom: this.sheet.covers() });
  }

  // The card of a phone covers the map from below, the card of a desk from the right.
  #covered() {
    if (!this.card.isOpen) return {};
    const { offsetHeight, offsetWidth } = this.card.box;
    return this.sheet.narrow.matches ? { bottom: offsetHeight } : { right: offsetWidth + 16 };
  }

  // Links to other languages and modes of this page lead to the same view.
  #keepLinks() {
    for (const link of document.querySelectorAll("a[data-keep-view]")) {
      const target = new URL(/** @type {HTMLAnchorElement} */ (link).href);
      const view = new URLSearchParams(location.search);
      for (const name of ["lang", "mode"]) {
        view.delete(name);
        const value = target.searchParams.get(name);
        if (value) view.set(name, value);
      }
      target.search = view.toString().replaceAll("%2C", ",");
      /** @type {HTMLAnchorElement} */ (link).href = target.href;
    }
  }
}

/** A centre and zoom as an address has them. @param {import("./geo.js").Position | null} center @param {number | null} zoom */
function spot(center, zoom) {
  return `${center?.map((degree) => degree.toFixed(5))}/${zoom}`;
}

/** Why there is no card. @param {unknown} error */
function regret(error) {
  if (!lasting(error)) return _("This place cannot be read just now. Please try again.");
  return error instanceof Refused && error.status === 410
    ? _("This place is no longer on the map.")
    : _("This place is not on the map.");
}
