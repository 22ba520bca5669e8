// @ts-check
/** Telling a screen reader what has changed. @module */

import { find } from "./dom.js";

let timer = 0;

/** Say a sentence when the page has come to rest. @param {string} sentence */
export function announce(sentence) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const region = find("#announcement");
    if (region.textContent !== sentence) region.textContent = sentence;
  }, 400);
}
