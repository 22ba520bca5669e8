// @ts-check
/**
 * Moving apart what covers each other, so that each can be seen and pressed.
 * @module
 */

const PASSES = 24;
/** How much of two magnets may lie over each other: their shadows' worth. */
const CLOSE = 0.92;
/** Turns those at one spot into as many directions (the golden angle). */
const TURN = Math.PI * (3 - Math.sqrt(5));

/**
 * @typedef {object} Disc
 * @property {number} x
 * @property {number} y
 * @property {number} size its diameter
 * @property {boolean} [fixed] the others make way
 *
 * @param {readonly Disc[]} discs in pixels
 * @param {number} most pixels that one may be moved
 * @returns {{x: number, y: number}[]} where they lie now; one that was alone lies where it was
 */
export function apart(discs, most) {
  const places = discs.map(({ x, y }) => ({ x, y }));
  const turns = ranks(discs);
  const widest = Math.max(0, ...discs.map(({ size }) => size));
  for (let pass = 0; pass < PASSES; pass += 1) {
    let moved = false;
    const order = [...places.keys()].sort((a, b) => places[a].x - places[b].x || a - b);
    order.forEach((a, at) => {
      for (let next = at + 1; next < order.length; next += 1) {
        const b = order[next];
        if (places[b].x - places[a].x >= widest) break;
        moved = part(discs, places, a, b, turns) || moved;
      }
    });
    if (!moved) break;
    places.forEach((place, at) => keepNear(place, discs[at], most));
  }
  return places;
}

/**
 * Which each is of those at its spot, so that a pile falls apart alike whatever else is drawn.
 * @param {readonly Disc[]} discs
 */
function ranks(discs) {
  const seen = new Map();
  return discs.map(({ x, y }) => {
    const spot = `${Math.round(x)},${Math.round(y)}`;
    const rank = seen.get(spot) ?? 0;
    seen.set(spot, rank + 1);
    return rank;
  });
}

/**
 * @param {readonly Disc[]} discs
 * @param {{x: number, y: number}[]} places
 * @param {number} a
 * @param {number} b
 * @param {readonly number[]} turns
 */
function part(discs, places, a, b, turns) {
  if (discs[a].fixed && discs[b].fixed) return false;
  let [dx, dy] = [places[b].x - places[a].x, places[b].y - places[a].y];
  const away = Math.hypot(dx, dy);
  const lacking = ((discs[a].size + discs[b].size) / 2) * CLOSE - away;
  if (lacking < 0.5) return false;
  if (away < 0.01) [dx, dy] = [Math.cos(turns[b] * TURN), Math.sin(turns[b] * TURN)];
  else [dx, dy] = [dx / away, dy / away];
  const share = discs[a].fixed ? 0 : discs[b].fixed ? 1 : 0.5;
  places[a].x -= dx * lacking * share;
  places[a].y -= dy * lacking * share;
  places[b].x += dx * lacking * (1 - share);
  places[b].y += dy * lacking * (1 - share);
  return true;
}

/** @param {{x: number, y: number}} place @param {Disc} home @param {number} most */
function keepNear(place, home, most) {
  const away = Math.hypot(place.x - home.x, place.y - home.y);
  if (away <= most) return;
  place.x = home.x + ((place.x - home.x) / away) * most;
  place.y = home.y + ((place.y - home.y) / away) * most;
}
