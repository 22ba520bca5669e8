// @ts-check
/**
 * What somebody typed and did not send yet, kept in the tab for their account: through a reload,
 * a lost connection, a session that had ended. Another account at the same device does not find
 * it, and a sign-out takes it away.
 * @module
 */

const PREFIX = "linju.own.";
/** Once somebody has signed out, no page that is being left keeps anything more. */
let left = false;

/**
 * Keep something; null forgets it.
 * @param {string} name @param {string} account whose it is @param {unknown} draft
 */
export function keep(name, account, draft) {
  if (left) return;
  try {
    if (draft === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify({ account, draft }));
  } catch {
    // A browser may keep nothing at all: then it lives as long as the page.
  }
}

/** What was kept for an account, or null. @param {string} name @param {string} account @returns {any} */
export function kept(name, account) {
  return read(PREFIX + name, account);
}

/** Forget what is another's. @param {string} account who is here */
export function forgetOthers(account) {
  for (const name of names()) if (read(name, account) === null) remove(name);
}

/** Forget all of it: somebody signs out. */
export function leave() {
  left = true;
  names().forEach(remove);
}

/** @param {string} name @param {string} account */
function read(name, account) {
  try {
    const { account: whose, draft = null } = JSON.parse(sessionStorage.getItem(name) ?? "{}");
    return whose === account ? draft : null;
  } catch {
    return null;
  }
}

function names() {
  try {
    return Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

/** @param {string} name */
function remove(name) {
  sessionStorage.removeItem(name);
}
