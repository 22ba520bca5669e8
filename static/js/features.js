// @ts-check
/**
 * Counting what the server answers: merchants, and clusters that stand for many.
 * @module
 */

/** What a feature is known by while the page is open. @param {any} feature */
export function keyOf(feature) {
  return feature.id ?? `${feature.geometry.coordinates}/${feature.properties.count}`;
}

/** How many merchants of each category these features stand for. @param {any[]} features */
export function tally(features) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { properties } of features) {
    const parts = properties.cluster ? properties.categories ?? {} : { [properties.category]: 1 };
    for (const [id, count] of Object.entries(parts)) counts[id] = (counts[id] ?? 0) + Number(count);
  }
  return counts;
}

/** @param {Record<string, number>} counts */
export function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
