// @ts-check
/**
 * The preview of a file: what the script of the map calls, made by webmap/layers.
 * @module
 */

import { keepIcons } from "./dom.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { neighbourMap } from "./neighbour-map.js";
import { previewLayer } from "./preview-layer.js";
import { streetGround } from "./street-ground.js";

keepIcons();

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    if (button) button.disabled = true;
  });
}

globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  tileGround,
  streetGround,
  previewLayer,
});
