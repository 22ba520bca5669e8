// @ts-check
/**
 * The map: Leaflet set up for this page, opened where the address says.
 * @module
 */

import { _ } from "./i18n.js";
import { State } from "./state.js";

// From below to above. Leaflet's own overlay pane is at 400.
const PANES = { areas: 350, reach: 360, closures: 430, ways: 440, magnets: 450, marks: 455, place: 460 };

/**
 * Make the map. The address's `c` and `z` win over the options.
 * @param {string} id of the element
 * @param {{center: [number, number], zoom: number, minZoom: number, maxZoom: number}} options
 *   `center` has latitude first
 * @returns {L.Map} with its `state`
 */
export function neighbourMap(id, options) {
  const state = new State();
  const { center, zoom } = state.view;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(id, {
    ...options,
    center: center ? [center[1], center[0]] : options.center,
    zoom: Math.min(options.maxZoom, Math.max(options.minZoom, zoom ?? options.zoom)),
    zoomControl: false,
    attributionControl: false,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    inertia: !calm,
    keyboardPanDelta: 120,
  });
  for (const [name, level] of Object.entries(PANES)) {
    map.createPane(name).style.zIndex = String(level);
  }
  L.control.zoom({ position: "bottomright", zoomInTitle: _("Zoom in"), zoomOutTitle: _("Zoom out") }).addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map);
  L.control.attribution({ position: "bottomleft", prefix: false }).addTo(map);
  const element = map.getContainer();
  element.setAttribute("role", "application");
  element.setAttribute("aria-roledescription", _("map"));
  element.setAttribute("aria-label", _("Map of the neighbourhood. Arrow keys move it, plus and minus zoom. The list has the same places."));
  map.state = state;
  return map;
}
