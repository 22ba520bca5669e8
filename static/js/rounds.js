// @ts-check
/**
 * What the scripts of the maps of rounds, made by webmap/layers, call.
 * @module
 */

import { ClosureLayer } from "./closure-layer.js";
import { keepIcons } from "./dom.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { neighbourMap } from "./neighbour-map.js";
import { RoundLayer } from "./round-layer.js";
import { openNew } from "./round-new.js";
import { openOne } from "./round-one.js";
import { openSheet } from "./round-sheet.js";
import { streetGround } from "./street-ground.js";

keepIcons();

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  closureLayer: (options) => new ClosureLayer(options),
  roundLayer: () => new RoundLayer(),
  tileGround,
  streetGround,
  openRounds: { new: openNew, one: openOne, sheet: openSheet },
});
