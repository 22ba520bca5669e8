// @ts-check
/** A plan on paper: filled in when all of it is there, and printed by one press. @module */

import { find, make } from "./dom.js";
import { badge, swatch } from "./emergency-marks.js";
import { away, regret } from "./emergency-words.js";
import { getJson } from "./fetching.js";
import { openness } from "./hours.js";
import { _ } from "./i18n.js";
import { lookOf } from "./plan-layer.js";
import { closureRows, fit, stamp, troubleWords } from "./plan-parts.js";
import { drawn } from "./plan-ready.js";
import { offer } from "./plan-tools.js";
import { magnetDrawing } from "./shapes.js";

/** Paper is three times as fine as the pixels of a page. */
const SHARPEST = 3;

offer((parts) => fill(parts), { sharpest: SHARPEST });
find("#print").addEventListener("click", () => print());

/** @param {{map: any, layer: any, closures: any}} parts */
async function fill({ map, layer, closures }) {
  try {
    const plan = await getJson(find("#content").dataset.plan ?? "");
    await layer.ready;
    const { answer } = plan;
    find("#sheet-helpers").replaceChildren(...answer.helpers.map((helper, at) => row(helper, at, layer, new Date(answer.departure))));
    find("#sheet-ways").replaceChildren(...answer.helpers.map(steps).filter((part) => part instanceof Node));
    find("#sheet-checks").replaceChildren(...plan.checklist.map(line));
    find("#sheet-closures").replaceChildren(...closureRows(answer));
    find("#sheet-closed").hidden = !answer.closures.length;
    find("#sheet-straight").textContent = troubleWords(answer);
    closures.show(answer.closures);
    layer.tell(answer);
    fit(map, layer, answer);
    await drawn(map);
    find("#print").removeAttribute("disabled");
    find("#sheet-wait").hidden = true;
    document.documentElement.dataset.ready = "true";
  } catch (error) {
    find("#sheet-wait").textContent = regret(error);
  }
}

/** @param {any} helper @param {number} at @param {any} layer @param {Date} departure */
function row(helper, at, layer, departure) {
  const { merchant: { properties }, route } = helper;
  const category = layer.category(properties.category);
  const look = route ? lookOf(at) : null;
  return make("tr", {},
    make("td", { class: "sheet-number" }, badge(at + 1, look), look && swatch(look)),
    make("th", { scope: "row" }, make("div", { class: "sheet-who" }, magnetDrawing(category), make("span", {}, make("bdi", {}, properties.name), make("small", {}, [category.name, properties.address].filter(Boolean).join(" · "))))),
    make("td", { class: "sheet-phones" }, properties.phones.join("\n") || "—"),
    make("td", { class: "sheet-away" }, away(helper)),
    make("td", {}, openness(properties, departure).text));
}

/** @param {any} helper @param {number} at */
function steps({ merchant, route }, at) {
  if (!route) return null;
  return make("section", { class: "sheet-way" },
    make("h3", {}, badge(at + 1, lookOf(at)), make("bdi", {}, merchant.properties.name)),
    make("p", {}, route.properties.summary),
    make("ol", {}, ...route.properties.steps.map(({ text }) => make("li", {}, make("bdi", {}, text)))));
}

/** @param {{text: string, done: boolean, at: string, by: string}} item */
function line({ text, done, at, by }) {
  return make("li", {}, make("span", { class: "sheet-box", "aria-hidden": "true" }, done ? "✓" : ""),
    make("span", {}, done && make("span", { class: "visually-hidden" }, _("done:"), " "), make("bdi", {}, text),
      done && make("small", {}, ` ${stamp(at)} ${by}`)));
}
