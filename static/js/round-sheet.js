// @ts-check
/**
 * A worker's round on paper: the map in black on white, and the button that prints.
 * @module
 */

import { find } from "./dom.js";
import { getJson, below } from "./fetching.js";

/** @param {{map: any, layer: any, urls: Record<string, string>}} parts */
export async function openSheet({ map, layer, urls }) {
  const page = find("#sheet");
  find("#print").addEventListener("click", () => print());
  const saved = await getJson(below(urls.kept, page.dataset.round ?? ""));
  const { workers, visits, labels } = saved.asked;
  const only = Number(page.dataset.number) - 1;
  const shown = visits.map((visit) => ({ ...visit, title: labels[visit.id]?.title ?? visit.id }));
  layer.show({ visits: shown, workers, rounds: saved.rounds, only, plain: true });
  const look = () => {
    map.invalidateSize({ animate: false });
    if (layer.bounds().isValid()) map.fitBounds(layer.bounds(), { padding: [30, 30], animate: false });
  };
  look();
  // The element has another size on paper.
  addEventListener("beforeprint", look);
  page.dataset.ready = "yes";
}
