// @ts-check
/**
 * What the script of the map of an incident, made by webmap/layers, calls.
 * @module
 */

import { ClosureLayer } from "./closure-layer.js";
import { keepIcons } from "./dom.js";
import { openEmergency } from "./emergency-page.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { IncidentLayer } from "./incident-layer.js";
import { neighbourMap } from "./neighbour-map.js";
import { streetGround } from "./street-ground.js";

keepIcons();

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  closureLayer: (options) => new ClosureLayer(options),
  incidentLayer: (options) => new IncidentLayer(options),
  tileGround,
  streetGround,
  openEmergency,
});
