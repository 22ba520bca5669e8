// @ts-check
/** A sheet of paper on the screen: printed by one press. @module */

import { find } from "./dom.js";

find("#print").addEventListener("click", () => print());
document.documentElement.dataset.ready = "yes";
