// @ts-check
/**
 * What a file would put on the map: each place a magnet of its category, and
 * what would become of it told by a ring or by being faint.
 * @module
 */

import { draw, find, make } from "./dom.js";
import { getJson } from "./fetching.js";
import { _, ngettext } from "./i18n.js";
import { Magnet } from "./magnets.js";
import { INK, UNKNOWN } from "./shapes.js";

/** @typedef {"added" | "changed" | "unchanged" | "left_out"} Fate */

const PANE = { pane: "magnets" };
const SIZE = 28;
/** Below the others first. @type {Fate[]} */
const ORDER = ["unchanged", "left_out", "changed", "added"];
/** @type {Record<Fate, import("leaflet").CircleMarkerOptions | null>} */
const RINGS = {
  added: null,
  changed: { radius: 19, color: INK, weight: 3, fill: false },
  unchanged: { radius: 5, color: INK, weight: 1, fillColor: "#8b7b64", fillOpacity: 1 },
  left_out: { radius: 9, color: "#8a3620", weight: 3, dashArray: "4 4", fill: false },
};

/** @returns {Record<Fate, string>} */
function names() {
  return {
    added: _("added"),
    changed: _("changed"),
    unchanged: _("unchanged"),
    left_out: _("left out"),
  };
}

/**
 * Fetch the places and put them on the map.
 * @param {L.Map} map
 * @param {{pointsUrl: string, categoriesUrl: string}} urls
 */
export async function previewLayer(map, { pointsUrl, categoriesUrl }) {
  const words = find("#preview-words");
  try {
    const [found, { categories }] = await Promise.all([getJson(pointsUrl), getJson(categoriesUrl)]);
    const known = new Map(categories.map((category) => [category.id, category]));
    const features = [...found.features].sort((a, b) => rank(a) - rank(b));
    const how = { ...PANE, renderer: L.canvas({ ...PANE, padding: 0.3 }) };
    for (const feature of features) place(map, feature, known.get(feature.properties.category) ?? UNKNOWN, how);
    if (features.length) map.fitBounds(bounds(features), { padding: [40, 40], maxZoom: 17, animate: false });
    find("#looks").replaceChildren(...looks(features));
    words.textContent =
      found.of > features.length
        ? _("{n} of {all} places are drawn, spread evenly; the numbers above count all.", { n: features.length, all: found.of })
        : ngettext("One place is drawn.", "{n} places are drawn.", features.length);
  } catch {
    words.textContent = _("The places cannot be shown just now.");
  }
}

/** @param {any} feature */
function rank(feature) {
  return ORDER.indexOf(feature.properties.fate);
}

/** @param {any[]} features */
function bounds(features) {
  return L.latLngBounds(features.map(({ geometry: { coordinates: [lon, lat] } }) => L.latLng(lat, lon)));
}

/** @param {L.Map} map @param {any} feature @param {any} category @param {object} how */
function place(map, feature, category, how) {
  const [lon, lat] = feature.geometry.coordinates;
  const { fate, name, row } = feature.properties;
  const ring = RINGS[/** @type {Fate} */ (fate)];
  const told = () =>
    make("p", { class: "preview-name" }, make("strong", {}, name), ` · ${_("Row {n}", { n: row })} · ${names()[/** @type {Fate} */ (fate)]}`);
  if (ring) L.circleMarker([lat, lon], { ...how, ...ring }).bindPopup(told).addTo(map);
  if (fate === "added" || fate === "changed") {
    const look = { size: SIZE, chosen: false, label: "", category };
    new Magnet(L.latLng(lat, lon), { ...how, look, feature }).bindPopup(told).addTo(map);
  }
}

/** What the marks mean, as far as they occur. @param {any[]} features */
function looks(features) {
  return ORDER.toReversed()
    .filter((fate) => features.some(({ properties }) => properties.fate === fate))
    .map((fate) => make("li", { class: "look" }, mark(fate), names()[fate]));
}

/** @param {Fate} fate */
function mark(fate) {
  const ring = RINGS[fate];
  return draw(
    "svg",
    { class: "look-mark", viewBox: "-16 -16 32 32", "aria-hidden": "true", focusable: "false" },
    fate === "added" || fate === "changed"
      ? draw("rect", { x: -7, y: -7, width: 14, height: 14, rx: 3, fill: "#0072B2", stroke: INK, "stroke-width": 1.5 })
      : null,
    ring &&
      draw("circle", {
        r: Math.min(Number(ring.radius), 14),
        fill: ring.fill === false ? "none" : ring.fillColor,
        stroke: ring.color,
        "stroke-width": ring.weight,
        "stroke-dasharray": ring.dashArray,
      }),
  );
}
