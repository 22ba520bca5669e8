// @ts-check
/**
 * A round on the phone: the next visit first, large buttons, and every tick kept until it is sent.
 * @module
 */

import { find, make } from "./dom.js";
import { Refused, getJson, lasting } from "./fetching.js";
import { gcj02 } from "./geo.js";
import { _, ngettext } from "./i18n.js";
import { clock } from "./round-draft.js";
import { going, stateWord } from "./round-lists.js";
import { Queue, sweep } from "./round-queue.js";
import { send, session } from "./sending.js";

const AGAIN_MS = 15_000;
const PATIENCE_MS = 20_000;
const UNKNOWN = 401;
const SHUT_OUT = new Set([UNKNOWN, 403, 404]);

const page = find("#content");
const token = location.hash.slice(1);
const account = page.dataset.account ?? "";
const queue = new Queue({ account, page: location.pathname + location.search, token });
/** What was typed and not told yet: the list is made anew while somebody types. @type {Map<string, string>} */
const notes = new Map();
let sending = false;
/** Why the server will not have it, whatever is sent; "" where it will. */
let refused = "";
/** Whether that is because nobody is signed in here, or somebody else. */
let away = false;
let reached = navigator.onLine;
let ready = false;
let timer = 0;
let shown = "";

if (isShared()) addEventListener("hashchange", () => location.reload());
// Who is here is not known: a page that was kept opens for anybody.
sweep(null);
show();
turn();
addEventListener("online", turn);
addEventListener("offline", () => {
  reached = false;
  tell();
});
document.addEventListener("visibilitychange", () => document.hidden || turn());
addEventListener("storage", ({ key, newValue }) => {
  // Taken off in another tab, or signed out there.
  if (key === queue.name && newValue === null) queue.clear();
  show();
});
find("#unsent-sure").addEventListener("click", () => {
  queue.clear();
  show();
  turn();
});
find("#forget").addEventListener("submit", (event) => {
  event.preventDefault();
  queue.clear();
  ask({ forget: location.pathname });
  location.replace("/");
});
keepPage();

// ---- telling and being told

/** Send what waits, or else ask how it stands; again and again while the page is seen. */
async function turn() {
  clearTimeout(timer);
  if (isShared() && !token) return;
  // Who is offline for certain need not try.
  if (!navigator.onLine) reached = false;
  else if (!sending) {
    sending = true;
    tell();
    try {
      await stillHere();
      const { waiting } = queue.kept;
      const walk = waiting.length ? await told(waiting) : await asked();
      queue.told(walk, waiting);
      reached = true;
      [refused, away] = ["", false];
    } catch (error) {
      reached = error instanceof Refused;
      refused = error instanceof Refused && lasting(error) ? error.sentence : "";
      away = error?.status === UNKNOWN;
      // Who may not see it any more keeps nothing of it, but for what was never told.
      if (SHUT_OUT.has(error?.status)) queue.shut();
    }
    sending = false;
    show();
    // A tick that was pressed meanwhile waits for nothing.
    if (reached && !refused && queue.kept.waiting.length) return turn();
  }
  if (!document.hidden) timer = setTimeout(turn, AGAIN_MS);
}

/** Nobody's ticks go out as another's: the token for writing, asked for here, is of the account that is told with it. */
async function stillHere() {
  if (isShared()) return;
  const now = await session(true);
  if (now.account !== account) throw new Refused(UNKNOWN, _("Whoever opened this round is not signed in here any more."));
}

function asked() {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return token ? send(page.dataset.walk ?? "", { token }, { signal }) : getJson(page.dataset.walk ?? "", signal);
}

/** @param {import("./round-queue.js").Tick[]} ticks */
async function told(ticks) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  if (token) return send(page.dataset.ticks ?? "", { token, ticks }, { signal });
  await send(page.dataset.ticks ?? "", { ticks }, { signal });
  return asked();
}

/** @param {string} visit @param {string} state @param {string} note */
function tick(visit, state, note) {
  // Later than what it puts right, even where this phone's clock is behind.
  const before = Date.parse(queue.states()[visit]?.at ?? "") || 0;
  const at = new Date(Math.max(Date.now(), before + 1)).toISOString();
  if (!queue.add({ visit, state, note: note.trim(), at })) {
    find("#trouble").textContent = _("This phone keeps nothing. Please write it down on paper.");
    find("#trouble").hidden = false;
  }
  show();
  turn();
}

// ---- what is seen

function tell() {
  const { walk, waiting: { length: n } } = queue.kept;
  const line = find("#send-state");
  line.className = `send-state ${n ? "is-waiting" : reached ? "is-sent" : "is-away"}`;
  line.textContent = refused && !walk ? "" : refused && n ? _("{n} not sent: {why}", { n, why: refused })
    : !reached ? (n ? ngettext("Offline, {n} to be sent", "Offline, {n} to be sent", n) : _("Offline. You can go on; it is sent when you are back."))
      : n ? ngettext("Sending {n}…", "Sending {n}…", n)
        : walk ? _("All is sent.") : "";
}

function show() {
  tell();
  const { walk } = queue.kept;
  tellUnsent();
  find("#trouble").hidden = !(refused || (!walk && !token && isShared()));
  find("#trouble").textContent = refused || _("This link is not complete. Open it once more from the message, or scan the code.");
  tellKept();
  for (const part of ["#head", "#next", "#all", "#foot"]) find(part).hidden = !walk;
  if (!walk) {
    // Nobody reads in the page's source what is not to be seen.
    for (const part of ["#walk-name", "#walk-told", "#next", "#stops"]) find(part).replaceChildren();
    shown = "";
    return;
  }
  const states = queue.states();
  // Whoever is typing a note must not lose the field for nothing.
  const now = JSON.stringify([walk, states]);
  if (now === shown) return;
  shown = now;
  const typing = document.activeElement instanceof HTMLInputElement ? document.activeElement.id : "";
  const of = (id) => states[id]?.state ?? "open";
  const next = walk.stops.find(({ id }) => of(id) === "open");
  const done = walk.stops.filter(({ id }) => of(id) !== "open").length;
  find("#walk-name").replaceChildren(make("bdi", {}, walk.worker));
  find("#walk-told").replaceChildren(make("bdi", {}, walk.name), ` · ${walk.day} · `, _("{n} of {all} told", { n: done, all: walk.stops.length }));
  find("#next").replaceChildren(...(next ? nextVisit(next, walk) : [make("h2", {}, _("All visits are told. Thank you!"))]));
  const open = new Set([...document.querySelectorAll("#stops details[open]")].map((row) => /** @type {HTMLElement} */ (row).dataset.visit));
  find("#stops").replaceChildren(...walk.stops.map((stop, n) => row(stop, n + 1, walk, states[stop.id], open.has(stop.id))));
  document.getElementById(typing)?.focus({ preventScroll: true });
}

/** What can not be sent from here any more: to whom it belongs it is told in full. */
function tellUnsent() {
  const { walk, waiting, titles } = queue.kept;
  const box = find("#unsent");
  box.hidden = Boolean(walk) || !waiting.length || !refused;
  if (box.hidden) return;
  find("#unsent-title").textContent = ngettext("{n} visit was not sent", "{n} visits were not sent", waiting.length);
  find("#unsent-list").replaceChildren(...(away ? [] : waiting).map(({ visit, state, at, note }) =>
    make("li", {}, make("bdi", {}, titles[visit] || visit), ` · ${stateWord(state)} · ${clock(at)}`, note && make("bdi", {}, ` · ${note}`))));
  find("#unsent-list").hidden = find("#unsent-out").hidden = away;
  const door = document.getElementById("unsent-door");
  if (door) door.hidden = !away;
}

function tellKept() {
  find("#kept-told").textContent = ready ? _("This page also opens without a connection.")
    : globalThis.isSecureContext ? "" : _("Without a connection keep this page open: this server is not reached by https, so the phone cannot keep the page. What you tick off is kept.");
}

function isShared() {
  return location.pathname === "/round";
}

function nextVisit(stop, walk) {
  const number = walk.stops.indexOf(stop) + 1;
  return [
    make("p", { class: "walk-eyebrow" }, _("Next: number {n}", { n: number })),
    make("h2", {}, make("bdi", {}, stop.title)),
    make("p", { class: "walk-time" }, `${clock(stop.begin)}–${clock(stop.leave)}`, stop.duration_s ? ` · ${going(walk.mode, stop.duration_s)}` : ""),
    ...words(stop),
    make("p", {}, navigation(stop, number, walk.mode)),
    ...buttons(stop, "next"),
  ];
}

function words(stop) {
  return [
    stop.windows.length ? make("p", {}, _("begins between {times}", { times: stop.windows.map(([from, until]) => `${clock(from)}–${clock(until)}`).join("、") })) : null,
    stop.note ? make("p", {}, make("bdi", {}, stop.note)) : null,
  ].filter((one) => one !== null);
}

// A place and a number: no word of ours goes to a map service.
function navigation(stop, number, mode) {
  const [lon, lat] = gcj02(stop.at);
  const how = { foot: "walk", bike: "ride", car: "car" }[mode] ?? "walk";
  const to = encodeURIComponent(`${lon.toFixed(6)},${lat.toFixed(6)},${number}`);
  return make("a", { class: "wide-button walk-navigation", href: `https://uri.amap.com/navigation?to=${to}&mode=${how}&coordinate=gaode&callnative=1`, target: "_blank", rel: "noopener noreferrer" }, _("Navigate"));
}

function buttons(stop, where) {
  const id = `note-${where}-${stop.id}`;
  const note = /** @type {HTMLInputElement} */ (make("input", { id, maxlength: 200, autocomplete: "off", value: notes.get(stop.id) ?? "" }));
  note.addEventListener("input", () => notes.set(stop.id, note.value));
  const button = (state, words, kind) => make("button", { type: "button", class: `${kind} walk-button`, "data-state": state, onclick: () => {
    notes.delete(stop.id);
    tick(stop.id, state, note.value);
    find("#next").scrollIntoView({ block: "nearest" });
  } }, words);
  return [
    make("div", { class: "field" }, make("label", { for: id }, _("Remark")), note),
    make("div", { class: "walk-buttons" }, button("done", _("Visited"), "main-button"), button("absent", _("Nobody in"), "wide-button"), button("moved", _("Another time"), "wide-button")),
  ];
}

function row(stop, number, walk, told, open) {
  const state = told?.state ?? "open";
  return make("li", {},
    make("details", { class: `walk-row is-${state}`, "data-visit": stop.id, open },
      make("summary", {},
        make("span", { class: "walk-number" }, String(number)),
        make("span", { class: "walk-words" }, make("bdi", {}, stop.title), make("span", { class: "quiet" }, ` ${clock(stop.begin)}`)),
        make("span", { class: `walk-state is-${state}` }, state === "open" ? "" : stateWord(state), told?.waiting && make("span", { class: "quiet" }, " ", _("not sent yet")))),
      make("div", { class: "walk-more" },
        ...words(stop),
        told?.note && make("p", {}, _("Remark"), ": ", make("bdi", {}, told.note)),
        make("p", {}, navigation(stop, number, walk.mode)),
        ...(state === "open" ? buttons(stop, "row")
          : [make("button", { type: "button", class: "wide-button walk-button", onclick: () => tick(stop.id, "open", "") }, _("It is still open"))]))));
}

// ---- opening without a connection

async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(page.dataset.offline ?? "", { scope: "/round" });
    ready = await ask({ keep: resources() });
    page.dataset.kept = String(ready);
    show();
  } catch {
    // The page that is open goes on without it.
  }
}

/** @param {object} message @returns {Promise<boolean>} */
async function ask(message) {
  const worker = (await navigator.serviceWorker?.ready)?.active;
  if (!worker) return false;
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => resolve(data === true);
    worker.postMessage(message, [channel.port2]);
  });
}

function resources() {
  const own = performance.getEntriesByType("resource").map(({ name }) => new URL(name))
    .filter(({ origin, pathname }) => origin === location.origin && (pathname.startsWith("/static/") || pathname === "/words.js"));
  return [location.pathname + location.search, ...new Set(own.map(({ pathname, search }) => pathname + search))];
}
