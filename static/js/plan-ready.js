// @ts-check
/** When a map is drawn, ground and all: what is printed before that lacks streets. @module */

const PATIENCE_MS = 10_000;

/** @param {L.Map} map @returns {Promise<void>} resolves after some seconds at the latest */
export function drawn(map) {
  const grounds = [];
  map.eachLayer((layer) => layer instanceof L.GridLayer && grounds.push(layer));
  const waited = grounds.map((ground) => new Promise((resolve) => {
    if (!ground.isLoading()) resolve(undefined);
    else ground.once("load", resolve);
  }));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  return Promise.race([Promise.all(waited), late]).then(() => new Promise((resolve) => requestAnimationFrame(() => resolve())));
}
