// @ts-check
/**
 * Keeps the pages of rounds on the phone, so that they open without a connection: the page
 * itself, which holds nothing of anybody, and its own files. Everything else passes by.
 */

const CACHE = "linju-round-1";
const PAGE = /^\/(round|rounds\/[0-9A-Z]{10}\/[0-9]+)$/;
const PATIENCE_MS = 6_000;

addEventListener("install", () => /** @type {any} */ (globalThis).skipWaiting());

addEventListener("activate", (event) => {
  /** @type {any} */ (event).waitUntil(/** @type {any} */ (globalThis).clients.claim());
});

addEventListener("message", (event) => {
  const { keep, forget } = event.data ?? {};
  /** @type {any} */ (event).waitUntil(
    (keep ? kept(keep) : forgotten(forget)).then(
      (done) => event.ports[0]?.postMessage(done),
      () => event.ports[0]?.postMessage(false),
    ),
  );
});

addEventListener("fetch", (event) => {
  const { request, clientId } = /** @type {any} */ (event);
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const page = request.mode === "navigate" && PAGE.test(pathname);
  const part = clientId && (pathname.startsWith("/static/") || pathname === "/words.js");
  if (page || part) /** @type {any} */ (event).respondWith(newest(request));
});

/** Ask the server, and where it does not answer, what was kept. @param {Request} request */
async function newest(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request, { ignoreVary: true });
  try {
    const answer = await fetch(request, known ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
    if (known && answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    // A server that is being started anew is away as well.
    return known && answer.status >= 500 ? known : answer;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

/** @param {string[]} addresses */
async function kept(addresses) {
  const cache = await caches.open(CACHE);
  await Promise.all(addresses.map(async (address) => {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(address);
    await cache.put(address, answer);
  }));
  return true;
}

/** @param {string} pathname of a page */
async function forgotten(pathname) {
  const cache = await caches.open(CACHE);
  const pages = (await cache.keys()).filter(({ url }) => new URL(url).pathname === pathname);
  await Promise.all(pages.map((request) => cache.delete(request)));
  return true;
}
