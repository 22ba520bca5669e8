// @ts-check
/**
 * What the page shows, as its address says it. The address is the only copy:
 * a shared link, the back button and a reload all bring the same view.
 *
 * Where a person stands is never here, so it never reaches an address.
 * @module
 */

/**
 * @typedef {object} View
 * @property {import("./geo.js").Position | null} center
 * @property {number | null} zoom
 * @property {readonly string[]} categories shown; none means all
 * @property {string} query
 * @property {boolean} open only what is open now
 * @property {string} selected id of a merchant
 * @property {string} area code of an area
 * @property {boolean} rings around the chosen merchant, or the reader's place
 */

/** @param {string} search @returns {View} */
export function parse(search) {
  const asked = new URLSearchParams(search);
  const [lon, lat] = (asked.get("c") ?? "").split(",").map(Number);
  const placed = asked.has("c") && Math.abs(lon) <= 180 && Math.abs(lat) <= 85;
  const zoom = Number(asked.get("z"));
  return {
    center: placed ? [lon, lat] : null,
    zoom: asked.has("z") && Number.isFinite(zoom) ? zoom : null,
    categories: (asked.get("cat") ?? "").split(",").filter(Boolean),
    query: (asked.get("q") ?? "").slice(0, 100),
    open: asked.get("open") === "now",
    selected: asked.get("sel") ?? "",
    area: asked.get("area") ?? "",
    rings: asked.get("rings") === "1",
  };
}

/**
 * Write a view as the query of an address, `mode` and `lang` kept.
 * @param {View} view
 * @param {string} search the query as it is
 */
export function write(view, search) {
  const kept = new URLSearchParams(search);
  const parts = [];
  const add = (name, value) => value && parts.push(`${name}=${value}`);
  add("c", view.center?.map((degree) => degree.toFixed(5)).join(","));
  add("z", view.zoom);
  add("cat", view.categories.map(encodeURIComponent).join(","));
  add("q", encodeURIComponent(view.query));
  add("open", view.open ? "now" : "");
  add("sel", encodeURIComponent(view.selected));
  add("area", encodeURIComponent(view.area));
  add("rings", view.rings ? "1" : "");
  for (const name of ["mode", "lang"]) add(name, encodeURIComponent(kept.get(name) ?? ""));
  return parts.length ? `?${parts.join("&")}` : "";
}

/** The view of the page and its changes. Fires `change`; `detail.before` is the view before. */
export class State extends EventTarget {
  constructor() {
    super();
    /** @type {View} */
    this.view = parse(location.search);
    addEventListener("popstate", () => this.#become(parse(location.search), true));
  }

  /**
   * Change a part of the view.
   * @param {Partial<View>} part
   * @param {{push?: boolean}} [how] `push` for a step that the back button undoes
   */
  change(part, { push = false } = {}) {
    const next = { ...this.view, ...part };
    const query = write(next, location.search);
    if (query === write(this.view, location.search)) return;
    const address = query || location.pathname;
    if (push) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    this.#become(next, false);
  }

  /** @param {View} next @param {boolean} travelled by back or forward */
  #become(next, travelled) {
    const before = this.view;
    this.view = next;
    this.dispatchEvent(new CustomEvent("change", { detail: { before, travelled } }));
  }
}
