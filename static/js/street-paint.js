// @ts-check
/**
 * How the ground is painted: warm greys, so that magnets are the only strong
 * colour. One list of rules, from below to above, for protomaps-leaflet.
 * @module
 */

const COLOUR = Object.freeze({
  home: "#efe7d8",
  civic: "#ebe2d3",
  trade: "#f0e6d6",
  work: "#e8e1d5",
  plaza: "#faf6ed",
  park: "#dde1c8",
  wood: "#d2d9bd",
  pitch: "#d6dcc0",
  water: "#c3d0d3",
  bank: "#b2c2c6",
  building: "#e1d5c0",
  buildingEdge: "#cdbfa5",
  street: "#fffefa",
  express: "#fdf3df",
  casing: "#c8b898",
  expressCasing: "#b89f76",
  walk: "#b8a587",
  rail: "#a89c8b",
  sleeper: "#f6f1e7",
  wall: "#a8987e",
  hedge: "#b9c29d",
});

/**
 * Widths in pixels at the zooms from `from` on; between nothing and the first
 * there is nothing, and beyond the last it stays.
 * @typedef {{from: number, px: number[]}} Widths
 */

/** @type {Readonly<Record<string, Widths>>} from the least street to the greatest */
export const STREETS = Object.freeze({
  alley: { from: 14, px: [0.7, 1.4, 2.6, 4.6, 7.5, 12] },
  street: { from: 13, px: [0.7, 1.5, 3, 5.2, 8.5, 13, 20] },
  ramp: { from: 13, px: [0.9, 1.8, 3, 4.6, 7, 10.5, 16] },
  tertiary: { from: 12, px: [0.8, 1.5, 2.8, 4.6, 7.2, 11, 16.5, 24] },
  secondary: { from: 11, px: [0.8, 1.3, 2.2, 3.8, 5.8, 8.6, 13, 19, 28] },
  primary: { from: 10, px: [0.8, 1.2, 1.9, 3, 4.7, 7, 10.2, 15, 22, 32] },
  express: { from: 8, px: [0.8, 1, 1.4, 1.8, 2.5, 3.6, 5.4, 7.8, 11.2, 16.5, 24, 34] },
});

/** @param {Widths} widths @param {number} zoom */
function widthAt({ from, px }, zoom) {
  return zoom < from ? 0 : px[Math.min(px.length - 1, Math.floor(zoom) - from)];
}

/** @param {CanvasRenderingContext2D} context @param {{x: number, y: number}[][]} geometry */
function trace(context, geometry) {
  context.beginPath();
  for (const line of geometry) {
    context.moveTo(line[0].x, line[0].y);
    for (let i = 1; i < line.length; i += 1) context.lineTo(line[i].x, line[i].y);
  }
}

/** @param {string} colour @param {string} [edge] of the line around it, from `edgeFrom` on */
function area(colour, edge = "", edgeFrom = 0) {
  let edged = false;
  return {
    before(context, zoom) {
      edged = Boolean(edge) && zoom >= edgeFrom;
      context.globalAlpha = 1;
      context.fillStyle = colour;
      context.strokeStyle = edge;
      context.lineWidth = 1;
      context.setLineDash([]);
    },
    draw(context, geometry) {
      trace(context, geometry);
      context.fill();
      if (edged) context.stroke();
    },
  };
}

/**
 * @param {string} colour
 * @param {(zoom: number) => number} width
 * @param {{dash?: number[], cap?: CanvasLineCap, alpha?: number}} [options]
 */
function stroke(colour, width, { dash = [], cap = "round", alpha = 1 } = {}) {
  return {
    before(context, zoom) {
      context.globalAlpha = alpha;
      context.strokeStyle = colour;
      context.lineWidth = width(zoom);
      context.lineCap = cap;
      context.lineJoin = "round";
      context.setLineDash(dash);
    },
    draw(context, geometry) {
      trace(context, geometry);
      context.stroke();
    },
  };
}

/** A gap in the wall, with its two posts. */
const GATE = {
  before(context) {
    context.globalAlpha = 1;
    context.fillStyle = COLOUR.street;
    context.strokeStyle = COLOUR.wall;
    context.lineWidth = 1.25;
    context.setLineDash([]);
  },
  draw(context, geometry, zoom) {
    const radius = zoom >= 18 ? 4 : 2.75;
    context.beginPath();
    context.arc(geometry[0][0].x, geometry[0][0].y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  },
};

const is = (...kinds) => (_zoom, feature) => kinds.includes(feature.props.kind);

/** @param {string} dataLayer */
function rule(dataLayer, symbolizer, { filter, from } = /** @type {any} */ ({})) {
  return { dataLayer, symbolizer, filter, minzoom: from };
}

const casingColour = (kind) => (kind === "express" ? COLOUR.expressCasing : COLOUR.casing);
const faceColour = (kind) => (kind === "express" ? COLOUR.express : COLOUR.street);
const edge = (zoom) => (zoom >= 16 ? 2 : 1.4);

/** The dark line under a street, which shows at both of its sides. */
function casing(kind, filter, colour = casingColour(kind), cap = "round") {
  const width = (zoom) => widthAt(STREETS[kind], zoom) + edge(zoom);
  return rule("street", stroke(colour, width, { cap }), { filter, from: STREETS[kind].from });
}

function face(kind, filter) {
  const symbolizer = stroke(faceColour(kind), (zoom) => widthAt(STREETS[kind], zoom));
  return rule("street", symbolizer, { filter, from: STREETS[kind].from });
}

function streets() {
  const kinds = Object.keys(STREETS);
  const level = (kind) => (_zoom, { props }) => props.kind === kind && !props.over && !props.under;
  const above = (kind) => (_zoom, { props }) => props.kind === kind && Boolean(props.over);
  const below = (kind) => (_zoom, { props }) => props.kind === kind && Boolean(props.under);
  const tunnel = (kind) => rule(
    "street",
    stroke(casingColour(kind), (zoom) => widthAt(STREETS[kind], zoom) + edge(zoom), { cap: "butt", alpha: 0.35 }),
    { filter: below(kind), from: 14 },
  );
  return [
    ...kinds.map(tunnel),
    ...kinds.map((kind) => casing(kind, level(kind))),
    ...kinds.map((kind) => face(kind, level(kind))),
    ...kinds.flatMap((kind) => [
      casing(kind, above(kind), COLOUR.expressCasing, "butt"),
      face(kind, above(kind)),
    ]),
  ];
}

const walkWidth = (zoom) => (zoom >= 18 ? 1.8 : zoom >= 17 ? 1.5 : 1.1);
const waterLine = (px) => (zoom) => px * 2 ** Math.max(-1.5, (zoom - 16) * 0.7);

/** From below to above. */
export function paintRules() {
  return [
    rule("land", area(COLOUR.home), { filter: is("home") }),
    rule("land", area(COLOUR.work), { filter: is("work") }),
    rule("land", area(COLOUR.trade), { filter: is("trade") }),
    rule("land", area(COLOUR.civic), { filter: is("civic") }),
    rule("green", area(COLOUR.wood), { filter: is("wood") }),
    rule("green", area(COLOUR.park), { filter: is("park") }),
    rule("green", area(COLOUR.pitch, "#c8d0ae", 17), { filter: is("pitch") }),
    rule("water", stroke(COLOUR.water, waterLine(2)), { filter: is("stream"), from: 14 }),
    rule("water", stroke(COLOUR.water, waterLine(5)), { filter: is("canal"), from: 12 }),
    rule("water", stroke(COLOUR.water, waterLine(7)), { filter: is("river"), from: 9 }),
    rule("water", area(COLOUR.water, COLOUR.bank, 15), { filter: is("area") }),
    rule("land", area(COLOUR.plaza, COLOUR.casing, 17), { filter: is("plaza"), from: 14 }),
    rule("building", area(COLOUR.building, COLOUR.buildingEdge, 16), { from: 15 }),
    rule("wall", stroke(COLOUR.hedge, () => 2), { filter: is("hedge"), from: 17 }),
    rule("wall", stroke(COLOUR.wall, () => 0.8, { dash: [4, 2] }), { filter: is("fence"), from: 16 }),
    rule("wall", stroke(COLOUR.wall, (zoom) => (zoom >= 17 ? 1.5 : 1)), { filter: is("wall"), from: 15 }),
    rule("street", stroke(COLOUR.street, (zoom) => walkWidth(zoom) + 2), { filter: is("walk", "steps"), from: 16 }),
    rule("street", stroke(COLOUR.walk, walkWidth, { dash: [4, 3], cap: "butt" }), { filter: is("walk"), from: 16 }),
    rule("street", stroke(COLOUR.walk, () => 0.8, { dash: [3, 3], cap: "butt" }), { filter: is("sidewalk"), from: 18 }),
    rule("street", stroke(COLOUR.walk, (zoom) => (zoom >= 17 ? 5 : 3), { dash: [1.2, 1.6], cap: "butt" }), { filter: is("steps"), from: 16 }),
    rule("gate", GATE, { from: 16 }),
    ...streets(),
    rule("rail", stroke(COLOUR.rail, (zoom) => (zoom >= 16 ? 1.2 : 0.8)), { filter: is("tram"), from: 15 }),
    rule("rail", stroke(COLOUR.rail, (zoom) => (zoom >= 16 ? 3.2 : zoom >= 13 ? 2.2 : 1)), { filter: is("rail"), from: 11 }),
    rule("rail", stroke(COLOUR.sleeper, (zoom) => (zoom >= 16 ? 1.8 : 1), { dash: [7, 7], cap: "butt" }), { filter: is("rail"), from: 13 }),
  ];
}
