// @ts-check
/**
 * What the script of the map of a plan, made by webmap/layers, calls; which
 * page it is for, each page's own script says.
 * @module
 */

import { ClosureLayer } from "./closure-layer.js";
import { keepIcons } from "./dom.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { neighbourMap } from "./neighbour-map.js";
import { PlanLayer } from "./plan-layer.js";
import { streetGround } from "./street-ground.js";

/**
 * @param {(parts: {map: any, layer: any, closures: any}) => void} openPlan
 * @param {{sharpest?: number}} [how] how fine the ground is drawn; paper is finer than a screen
 */
export function offer(openPlan, { sharpest } = {}) {
  keepIcons();
  globalThis.linju = Object.freeze({
    ...globalThis.linju,
    neighbourMap,
    boundaryLayer: (options) => new BoundaryLayer(options),
    closureLayer: (options) => new ClosureLayer(options),
    planLayer: (options) => new PlanLayer(options),
    tileGround,
    streetGround: (options) => streetGround({ ...options, ...(sharpest && { sharpest }) }),
    openPlan,
  });
}
