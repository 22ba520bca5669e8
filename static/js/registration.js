// @ts-check
/**
 * The form of a shop comes alive: map, hours, duplicates, and what was typed
 * is kept until the server has it. Without this script it is a plain form.
 * @module
 */

import { Alike } from "./alike.js";
import { watchCreditCode } from "./credit-code.js";
import { find, keepIcons } from "./dom.js";
import { tellDone } from "./done.js";
import { BoundaryLayer, tileGround } from "./ground.js";
import { HoursEditor } from "./hours-editor.js";
import { neighbourMap } from "./neighbour-map.js";
import { watchPhones } from "./phones.js";
import { placePicker } from "./place-picker.js";
import { Draft } from "./registration-draft.js";
import { Sending } from "./registration-sending.js";
import { magnetDrawing } from "./shapes.js";
import { streetGround } from "./street-ground.js";

keepIcons();
tellDone();

// What the script of the map calls; it runs after this one.
globalThis.linju = Object.freeze({
  ...globalThis.linju,
  neighbourMap,
  boundaryLayer: (options) => new BoundaryLayer(options),
  tileGround,
  streetGround,
  placePicker,
});

const form = /** @type {HTMLFormElement} */ (find("#shop"));

for (const element of document.querySelectorAll(".where-map, .where-how, .where-tools, #where-paste")) {
  /** @type {HTMLElement} */ (element).hidden = false;
}
/** @type {HTMLDetailsElement} */ (find("#where-hand")).open = false;
for (const face of document.querySelectorAll(".choice-face")) {
  const { colour, shape, glyph } = /** @type {HTMLElement} */ (face).dataset;
  face.querySelector(".magnet")?.replaceWith(magnetDrawing({ colour: colour ?? "", shape: shape ?? "", glyph: glyph ?? "" }));
}

const draft = form.dataset.draft === undefined ? null : keepDraft();
new HoursEditor(form.dataset.hours ?? "");
new Alike(form);
watchCreditCode(form);
watchPhones(form);
new Sending(form, () => draft?.clear());

// A page that the back button brings again would send what was sent.
addEventListener("pageshow", ({ persisted }) => persisted && draft?.done && location.reload());

function keepDraft() {
  find("#shared-line").hidden = false;
  const kept = new Draft(form, /** @type {HTMLInputElement} */ (find("#shared")));
  // A form that the server sent back has what was typed last.
  if (form.dataset.draft === "kept" && kept.restore()) find("#restored").hidden = false;
  find("#afresh").addEventListener("click", () => {
    kept.clear();
    form.reset();
    location.reload();
  });
  return kept;
}
