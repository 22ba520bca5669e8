// @ts-check
/**
 * Asking the server: JSON, one question of a kind at a time.
 * @module
 */

/** The server answered, but not with what was asked for. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} sentence for the reader; may be empty
   * @param {Record<string, any>} [details] as the server tells them
   * @param {string} [code] the server's word for what went wrong, which never changes
   */
  constructor(status, sentence, details = {}, code = "") {
    super(sentence || `status ${status}`);
    this.status = status;
    this.sentence = sentence;
    this.details = details;
    this.code = code;
  }
}

/**
 * Whether asking again cannot help: the server understood and says no.
 * @param {unknown} error
 */
export function lasting(error) {
  return error instanceof Refused && error.status < 500 && ![408, 425, 429].includes(error.status);
}

/**
 * Get JSON.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 * @throws {Refused} when the server says no; a `TypeError` when it cannot be reached
 */
export async function getJson(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, String(problem.detail ?? ""), problem.details ?? {}, String(problem.title ?? ""));
}

/**
 * An address with parameters added; empty ones are left out.
 * @param {string} address may have a query of its own
 * @param {Record<string, string | number | undefined>} parameters
 */
export function withParameters(address, parameters) {
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value)).replaceAll("%2C", ",")}`)
    .join("&");
  return query ? `${address}${address.includes("?") ? "&" : "?"}${query}` : address;
}

/** The same address with a path added before its query. @param {string} address @param {string} part */
export function below(address, part) {
  const [path, query] = address.split("?");
  return `${path}/${encodeURIComponent(part)}${query ? `?${query}` : ""}`;
}
