// @ts-check
/**
 * A line that runs some pixels beside where it is, so that several in one
 * street can all be seen.
 * @module
 */

/** Where a line turns back on itself its corner would run away: never farther than so many times the distance. */
const MITRE = 2;

export const BesideLine = L.Polyline.extend({
  // What Leaflet is about to draw, in pixels.
  _simplifyPoints() {
    L.Polyline.prototype._simplifyPoints.call(this);
    const { aside } = this.options;
    if (aside) this._parts = this._parts.map((part) => shifted(part, aside));
  },
});

/**
 * The points of a line moved to the right of its direction.
 * @param {L.Point[]} points
 * @param {number} by pixels; to the left where negative
 * @returns {L.Point[]}
 */
function shifted(points, by) {
  const line = points.filter((point, at) => !at || point.distanceTo(points[at - 1]) > 0);
  const normals = line.slice(1).map((point, at) => {
    const { x, y } = point.subtract(line[at]);
    const long = Math.hypot(x, y);
    return L.point(-y / long, x / long);
  });
  return line.map((point, at) => {
    const before = normals[Math.max(0, at - 1)];
    const after = normals[Math.min(at, normals.length - 1)];
    if (!before) return point;
    const sum = before.add(after);
    const long = Math.hypot(sum.x, sum.y);
    const stretch = long < 2 / MITRE ? MITRE / Math.max(long, 1e-6) : 2 / long / long;
    return point.add(sum.multiplyBy(by * Math.min(stretch, MITRE / Math.max(long, 1e-6))));
  });
}
