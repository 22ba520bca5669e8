// @ts-check
/**
 * A list in an order that counts, the legend's or that of scenarios: moved by
 * dragging or by arrows, without the page being loaded again.
 * @module
 */

import { announce } from "./announce.js";
import { find, keepIcons } from "./dom.js";
import { Refused } from "./fetching.js";
import { _ } from "./i18n.js";
import { send } from "./sending.js";
import "./faces.js";

keepIcons();

const form = /** @type {HTMLFormElement} */ (find("#kinds"));
const list = find(".kinds");
/** @type {HTMLElement | null} */
let held = null;

form.addEventListener("submit", (event) => {
  const button = /** @type {HTMLButtonElement} */ (/** @type {SubmitEvent} */ (event).submitter);
  if (!["up", "down"].includes(button.name)) return; // hiding loads the page again
  event.preventDefault();
  const kind = /** @type {HTMLElement} */ (button.closest(".kind"));
  const other = button.name === "up" ? kind.previousElementSibling : kind.nextElementSibling;
  if (!other) return;
  if (button.name === "up") other.before(kind);
  else other.after(kind);
  button.focus();
  save(kind);
});

list.addEventListener("dragstart", (event) => {
  held = /** @type {HTMLElement} */ (event.target).closest(".kind");
  held?.classList.add("is-held");
  event.dataTransfer?.setData("text/plain", "");
});
list.addEventListener("dragover", (event) => {
  const over = /** @type {HTMLElement} */ (event.target).closest(".kind");
  if (!held || !over) return;
  event.preventDefault();
  if (over === held) return;
  const { top, height } = over.getBoundingClientRect();
  if (event.clientY < top + height / 2) over.before(held);
  else over.after(held);
});
list.addEventListener("drop", (event) => event.preventDefault());
list.addEventListener("dragend", () => {
  held?.classList.remove("is-held");
  if (held) save(held);
  held = null;
});

/** @param {HTMLElement} kind that was moved */
async function save(kind) {
  const order = new FormData();
  for (const one of list.querySelectorAll(".kind")) order.append("order", /** @type {HTMLElement} */ (one).dataset.id ?? "");
  const trouble = find("#kinds-trouble");
  try {
    await send(form.action, order);
    trouble.hidden = true;
    const place = [...list.children].indexOf(kind) + 1;
    announce(_("{name} is number {n} now.", { name: kind.querySelector("strong")?.textContent, n: place }));
    await renew();
  } catch (error) {
    trouble.textContent = error instanceof Refused && error.sentence ? error.sentence : _("The order could not be saved. Load the page again.");
    trouble.hidden = false;
  }
}

/** Learn the versions that the moved ones have now. */
async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll('input[name^="version-"]')) {
    const old = form.querySelector(`input[name="${CSS.escape(fresh.getAttribute("name") ?? "")}"]`);
    old?.setAttribute("value", fresh.getAttribute("value") ?? "");
  }
}
