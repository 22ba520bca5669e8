// @ts-check
/**
 * A plan on its map: the incident, the helpers by number, each one's way in
 * its own colour and pattern. Fires `pick` ({id}) when a helper is pressed.
 * @module
 */

import { LOOKS, OTHER_LOOK, helperPin, incidentPin } from "./emergency-marks.js";
import { IncidentLayer } from "./incident-layer.js";

/** @typedef {import("./emergency-marks.js").Look} Look */

/** As many as a plan has ways as a rule; then the number tells them apart. @type {readonly Look[]} */
const MORE_LOOKS = Object.freeze([
  ...LOOKS,
  { ...OTHER_LOOK, aside: 16 },
  { color: "#8a3620", dashArray: "6 9", weight: 6, aside: -16 },
  { color: "#5b3fa8", dashArray: "26 8", weight: 6, aside: 24 },
  { color: "#00607f", dashArray: "2 9 14 9", weight: 6, aside: -24 },
  { color: "#6b6154", dashArray: "14 7 2 7 2 7", weight: 6, aside: 0 },
]);
const PIN = [48, 56];
const MAGNET_PX = 38;
const RINGS = { fillOpacity: 0.04, weight: 1.5, dashArray: "2 5" };

/** How the way of a helper looks, by its place in the plan. @param {number} at */
export function lookOf(at) {
  return MORE_LOOKS[at % MORE_LOOKS.length];
}

export const PlanLayer = IncidentLayer.extend({
  _newMarker() {
    const html = /** @type {any} */ (incidentPin());
    const icon = L.divIcon({ className: "incident-pin", html, iconSize: PIN, iconAnchor: [PIN[0] / 2, PIN[1]] });
    return L.marker([0, 0], { icon, interactive: false, keyboard: false, pane: "place" });
  },

  // Nobody moves it: the list beside the map says where it is.
  _name() {},

  /** Show an answer, of then or of now. @param {any} answer */
  tell(answer) {
    this.put(answer.at);
    this._rings.put(answer.rings, RINGS);
    this.draw(answer);
  },

  /** @param {any} answer */
  draw(answer) {
    this._shown = answer;
    this._ways.clearLayers();
    this._pins.clearLayers();
    const { helpers } = answer;
    // One who is told of twice, on foot and by car, has both numbers at one pin.
    const places = new Map(helpers.map(({ merchant: { id } }) => [id, []]));
    helpers.forEach(({ merchant: { id } }, at) => places.get(id)?.push(at));
    for (const numbers of places.values()) this._spot(helpers, numbers);
    for (let at = helpers.length - 1; at >= 0; at -= 1) {
      const helper = helpers[at];
      if (helper.route) this._line(helper.route, lookOf(at), helper, at + 1, false);
    }
  },

  /** @param {any[]} helpers @param {number[]} numbers those at one place */
  _spot(helpers, numbers) {
    const [first] = numbers;
    const { merchant: { id, geometry, properties }, open, route } = helpers[first];
    const [lon, lat] = geometry.coordinates;
    const html = helperPin(this.category(properties.category), /** @type {any} */ (numbers.map((at) => at + 1).join("·")), route ? lookOf(first) : null);
    const className = ["pin", "helper-spot", open === false && "is-closed"].filter(Boolean).join(" ");
    const icon = L.divIcon({ className, html, iconSize: [MAGNET_PX, MAGNET_PX] });
    const pin = L.marker([lat, lon], { icon, pane: "marks", keyboard: false, zIndexOffset: -first });
    pin.on("click", () => this.fire("pick", { id }));
    this._pins.addLayer(pin);
  },
});
