// @ts-check
/**
 * What the script of the closures' map, made by webmap/layers, calls.
 * @module
 */

import { openClosures } from "./closure-desk.js";
import { ClosureLayer } from "./closure-layer.js";
import { keepIcons } from "./dom.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { neighbourMap } from "./neighbour-map.js";
import { streetGround } from "./street-ground.js";

keepIcons();

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  closureLayer: (options) => new ClosureLayer(options),
  tileGround,
  streetGround,
  openClosures,
});
