// @ts-check
/**
 * The page's words. `/words.js` brings them for the reader's language; a
 * sentence that is not there is said as it stands, in English.
 * @module
 */

const { language = "zh", words = {} } = globalThis.linju ?? {};

export { language };

/** The language as the browser's own formatters know it. */
export const LOCALE = language === "zh" ? "zh-CN" : "en-GB";

/**
 * Say a sentence; `{name}` in it stands for a value.
 * @param {string} sentence
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function _(sentence, values = {}) {
  const said = words[sentence];
  return fill(typeof said === "string" && said ? said : sentence, values);
}

/**
 * Say a sentence about `n` things; `{n}` stands for the number.
 * @param {string} one
 * @param {string} many
 * @param {number} n
 * @param {Record<string, unknown>} [values]
 * @returns {string}
 */
export function ngettext(one, many, n, values = {}) {
  const forms = words[one];
  const said = Array.isArray(forms) ? forms[Math.min(n === 1 ? 0 : 1, forms.length - 1)] : "";
  return fill(said || (n === 1 ? one : many), { n, ...values });
}

/** @param {string} sentence @param {Record<string, unknown>} values */
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (mark, name) =>
    name in values ? String(values[name]) : mark,
  );
}
