// @ts-check
/**
 * Making elements. Text of people reaches the page here and only here, as
 * text nodes; nothing in these scripts parses HTML.
 * @module
 */

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("../icons/ui.svg", import.meta.url).pathname;

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `onclick` and its kind are listeners; `true` is
 *   an attribute without value; `null`, `undefined` and `false` leave it out
 * @param {...Child} children strings become text
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...present(children));
  return element;
}

/**
 * Make an element of a drawing.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function draw(tag, attributes = {}, ...children) {
  const element = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  set(element, attributes);
  element.append(...present(children));
  return element;
}

/**
 * Make an icon of the sprite `static/icons/ui.svg`; it says nothing to a reader.
 * @param {string} name
 */
export function icon(name) {
  return draw(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    draw("use", { href: document.getElementById(`icon-${name}`) ? `#icon-${name}` : `${ICONS}#${name}` }),
  );
}

/**
 * Keep the sprite in the page, so that icons drawn later need no connection.
 * It is our own file, read as XML; nothing of people is in it.
 */
export async function keepIcons() {
  const answer = await fetch(ICONS).catch(() => null);
  if (!answer?.ok) return; // each icon then asks for the sprite itself
  const sprite = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
  const symbols = [...sprite.querySelectorAll("symbol")].map((symbol) => document.importNode(symbol, true));
  for (const symbol of symbols) symbol.id = `icon-${symbol.id}`;
  document.body.append(draw("svg", { class: "visually-hidden", "aria-hidden": "true", focusable: "false" }, ...symbols));
  for (const use of document.querySelectorAll(`use[href^="${ICONS}#"]`)) {
    use.setAttribute("href", `#icon-${use.getAttribute("href")?.split("#")[1]}`);
  }
}

/**
 * Find an element of the page that must be there.
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(selector) {
  const found = document.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`no ${selector} in this page`);
  return found;
}

/** @param {Element} element @param {Record<string, unknown>} attributes */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/** @param {Child[]} children */
function present(children) {
  return children
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}
