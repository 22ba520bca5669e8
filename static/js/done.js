// @ts-check
/**
 * What was done is told once: a screen reader is led to it, and the address forgets it,
 * so that the page opened again does not say it again.
 * @module
 */

/** Lead to the words about what was done, if there are any. */
export function tellDone() {
  const words = document.getElementById("done");
  if (!words) return;
  words.focus();
  const address = new URL(location.href);
  address.searchParams.delete("done");
  history.replaceState(history.state, "", address);
}
