// @ts-check
/** Magnets that a page shows beside names, drawn in full: shape, shadow and sign. @module */

import { magnetDrawing } from "./shapes.js";

for (const face of document.querySelectorAll(".kind-face")) {
  const { colour = "", shape = "", glyph = "" } = /** @type {HTMLElement} */ (face).dataset;
  face.replaceChildren(magnetDrawing({ colour, shape, glyph }));
}
