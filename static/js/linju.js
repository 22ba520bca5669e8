// @ts-check
/**
 * The one global: what the script of the map, made by webmap/layers, calls.
 * `/words.js` has put the words there before.
 * @module
 */

import { ClosureLayer } from "./closure-layer.js";
import { closureNotice } from "./closure-notice.js";
import { keepIcons } from "./dom.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { MerchantLayer } from "./merchant-layer.js";
import { neighbourMap } from "./neighbour-map.js";
import { openPage } from "./page.js";
import { ReachLayer } from "./reach-layer.js";
import { streetGround } from "./street-ground.js";
import { WayLayer } from "./way-layer.js";

keepIcons();

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  closureLayer: (options) => new ClosureLayer(options),
  closureNotice,
  merchantLayer: (options) => new MerchantLayer(options),
  reachLayer: (options) => new ReachLayer(options),
  tileGround,
  streetGround,
  wayLayer: (options) => new WayLayer(options),
  openPage,
});
