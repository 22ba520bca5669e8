// @ts-check
/**
 * What the script of the review's map, made by webmap/layers, calls.
 * @module
 */

import { keepIcons } from "./dom.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { neighbourMap } from "./neighbour-map.js";
import { openReview } from "./review-desk.js";
import { ReviewLayer } from "./review-layer.js";
import { streetGround } from "./street-ground.js";

keepIcons();

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  reviewLayer: (options) => new ReviewLayer(options),
  tileGround,
  streetGround,
  openReview,
});
