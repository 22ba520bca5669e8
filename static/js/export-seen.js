// @ts-check
/**
 * The way of staff from the map to a file of what it shows: the page of files
 * with the filter that stands in the address, and without the place.
 * @module
 */

import { find } from "./dom.js";

const KEPT = ["cat", "q", "open", "area"];

const link = /** @type {HTMLAnchorElement} */ (find("#export-seen"));
for (const name of ["pointerdown", "focus"]) link.addEventListener(name, follow);
link.addEventListener("click", follow);

function follow() {
  const shown = new URLSearchParams(location.search);
  const address = new URL(link.href);
  for (const name of KEPT) {
    const value = shown.get(name);
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  link.href = address.href;
}
