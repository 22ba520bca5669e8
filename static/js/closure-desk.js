// @ts-check
/**
 * The desk of closures: joins the list, the map, the pen and the form. What is
 * drawn and typed is kept until the server has it.
 * @module
 */

import { announce } from "./announce.js";
import { ClosureActs } from "./closure-acts.js";
import { changesOf, movedOn, toldOf } from "./closure-changes.js";
import { keep, kept } from "./closure-draft.js";
import { ClosureForm } from "./closure-form.js";
import { ClosureList, line } from "./closure-list.js";
import { counted } from "./closure-notice.js";
import { Pen, rounded } from "./closure-pen.js";
import { history, transmit } from "./closure-sending.js";
import { partsOf } from "./closure-shapes.js";
import { Touching } from "./closure-touching.js";
import { find, make } from "./dom.js";
import { getJson, withParameters } from "./fetching.js";
import { _ } from "./i18n.js";
import { freshKey } from "./sending.js";

/** @typedef {import("./closures-live.js").Closure} Closure */
/** @typedef {import("./closure-draft.js").Drafted} Drafted */
/** @typedef {import("./closure-sketch.js").Kind} Kind */

const CLOSE_UP = 17;
const WAIT_MS = 300;

/** @param {{map: any, layer: any, urls: {closures: string, touched: string, history: string}}} parts */
export function openClosures(parts) {
  return new Desk(parts);
}

class Desk {
  constructor({ map, layer, urls }) {
    this.map = map;
    this.layer = layer;
    this.urls = urls;
    this.placed = new URLSearchParams(location.search).has("c");
    this.who = find("#side").dataset.who ?? "";
    const now = () => layer.live.now();
    const told = (/** @type {string} */ id) => history(urls, id);
    this.pen = new Pen(map);
    this.form = new ClosureForm(now);
    this.touching = new Touching(map, urls.touched);
    const scope = find("#side").dataset.scope ?? "";
    this.list = new ClosureList(find("#closures-list"), { now, history: told, scope });
    this.past = new ClosureList(find("#past-list"), { now, history: told, scope });
    this.acts = new ClosureActs(layer, urls, {
      say: (words, more) => this.#notice(words, more),
      edit: (closure) => this.#edit(closure),
      again: (closure) => this.#again(closure),
      wrote: () => this.#wrote(),
    });
    /** @type {Drafted | null} */
    this.draft = null;
    this.#listen();
    this.#resume();
  }

  #listen() {
    const { layer, pen, form, list, past } = this;
    layer.on("closures", ({ closures }) => this.#became(closures));
    layer.on("pick", ({ closure }) => this.#pick(closure.id, { byList: false }));
    layer.on("trouble", () => { find("#trouble").hidden = false; });
    layer.on("well", () => { find("#trouble").hidden = true; });
    find("#trouble-again").addEventListener("click", () => layer.live.refresh());
    for (const button of document.querySelectorAll("[data-draw]")) {
      button.addEventListener("click", (event) => this.#begin(
        /** @type {Kind} */ (/** @type {HTMLElement} */ (button).dataset.draw), /** @type {MouseEvent} */ (event).detail === 0));
    }
    pen.addEventListener("change", () => this.#drawn());
    pen.addEventListener("done", () => this.#whole());
    pen.addEventListener("cancel", () => this.#cancelled());
    form.addEventListener("change", () => this.#typed());
    form.addEventListener("send", () => this.#send());
    form.addEventListener("cancel", () => this.#leave());
    form.addEventListener("redraw", () => this.#redraw());
    list.addEventListener("pick", ({ detail }) => this.#pick(/** @type {any} */ (detail).id, { byList: true }));
    list.addEventListener("act", ({ detail }) => this.acts.go(/** @type {any} */ (detail)));
    past.addEventListener("pick", ({ detail }) => past.choose(/** @type {any} */ (detail).id));
    past.addEventListener("act", ({ detail }) => this.#again(/** @type {any} */ (past.closures.find(({ id }) => id === /** @type {any} */ (detail).id))));
    find("#past").addEventListener("toggle", () => this.#readPast());
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.map.getContainer());
  }

  // ---- what there is

  /** @param {Closure[]} closures */
  #became(closures) {
    const known = new Set(this.list.closures.map(({ id }) => id));
    const fresh = document.documentElement.dataset.ready ? closures.filter(({ id }) => !known.has(id)) : [];
    const title = closures.length ? counted(closures) : _("Nothing is closed now.");
    this.list.show(closures);
    find("#closures-title").textContent = title;
    this.layer.choose(this.list.chosen);
    // At first all that is listed is seen, unless the address tells a view or one goes on drawing.
    if (!document.documentElement.dataset.ready && !this.placed && !this.draft) this.#fit(this.layer.bounds());
    document.documentElement.dataset.ready = "true";
    if (fresh.length) announce(_("New: {reasons}", { reasons: fresh.map(({ reason }) => reason).join(" · ") }));
  }

  /** @param {string} id @param {{byList: boolean}} how */
  #pick(id, { byList }) {
    if (byList && id) this.#fit(this.layer.bounds(id));
    if (this.draft) return;
    this.list.choose(id, { focus: !byList });
    this.layer.choose(id);
  }

  /** @param {any} box */
  #fit(box) {
    if (box.isValid()) this.map.fitBounds(box, { padding: [64, 64], maxZoom: CLOSE_UP, animate: false });
  }

  async #readPast() {
    if (!(/** @type {HTMLDetailsElement} */ (find("#past")).open)) return;
    const none = find("#past-none");
    try {
      const { closures } = await getJson(withParameters(this.urls.closures, { when: "past" }));
      this.past.show(closures);
      none.hidden = closures.length > 0;
      none.textContent = _("There are none.");
    } catch {
      none.hidden = false;
      none.textContent = _("They cannot be read just now. Close this and open it again.");
    }
  }

  // ---- drawing

  /** @param {Kind} kind @param {boolean} byKey */
  #begin(kind, byKey) {
    this.#notice("");
    // Whoever began an area and wants a stretch goes on with its corners.
    const corners = this.draft && kind !== "point" ? this.draft.corners : [];
    this.draft ??= { who: this.who, key: freshKey(), base: null, kind, corners, whole: false, redrawn: true, told: this.form.blank() };
    this.draft.kind = kind;
    this.#view("drawing");
    this.list.choose("");
    this.layer.choose("");
    this.pen.begin(kind, { corners, byKey });
  }

  #drawn() {
    if (!this.draft || this.pen.phase === "off") return;
    const moved = this.draft.whole && JSON.stringify(this.draft.corners) !== JSON.stringify(this.pen.corners);
    Object.assign(this.draft, { kind: this.pen.kind, corners: this.pen.corners, redrawn: this.draft.redrawn || moved });
    keep(this.draft);
    if (this.pen.phase === "moving") this.#touch();
  }

  #whole() {
    if (!this.draft) return;
    Object.assign(this.draft, { whole: true, redrawn: true, before: undefined });
    this.#fill();
    if (!matchMedia("(pointer: coarse)").matches) this.form.reason.focus();
  }

  #cancelled() {
    const before = /** @type {any} */ (this.draft)?.before;
    if (this.draft && before) {
      Object.assign(this.draft, before, { before: undefined });
      this.#fill();
    } else {
      const kind = this.draft?.kind ?? "area";
      this.#forget();
      find(`[data-draw="${kind}"]`).focus();
    }
  }

  #redraw() {
    if (!this.draft) return;
    const { kind, corners, whole, redrawn } = this.draft;
    /** @type {any} */ (this.draft).before = { kind, corners, whole, redrawn };
    this.draft.whole = false;
    this.#view("drawing");
    this.pen.begin(kind, { byKey: !matchMedia("(pointer: coarse)").matches && document.activeElement?.matches(":focus-visible") });
  }

  // The form, with the drawing on the map.
  #fill() {
    const { draft, form, pen } = this;
    if (!draft) return;
    this.#view("form");
    form.told = draft.told;
    form.show({ changing: Boolean(draft.base), begun: draft.base?.state === "in_force" });
    if (draft.corners.length) pen.take(draft.kind, draft.corners);
    else pen.rest();
    keep(draft);
    this.#touch();
    if (draft.corners.length) this.#see(pen.sketch.bounds());
  }

  /** @param {any} box */
  #see(box) {
    if (!this.map.getBounds().pad(-0.05).contains(box)) this.#fit(box);
  }

  // What it touches, or what is wrong with it, a moment after the last change.
  #touch() {
    clearTimeout(this.timer);
    const geometry = this.pen.geometry;
    this.form.clearDrawing();
    if (!geometry) return this.touching.clear(this.draft?.base ?? null);
    const { base } = /** @type {Drafted} */ (this.draft);
    this.touching.describe(geometry);
    this.timer = setTimeout(async () => {
      const wrong = await this.touching.ask(geometry, this.form.times(), base?.id ?? "", this.layer.live.now());
      if (wrong && this.draft) this.#wrong(wrong, { quietly: true });
    }, WAIT_MS);
  }

  #typed() {
    if (!this.draft) return;
    this.draft.told = this.form.told;
    keep(this.draft);
    this.#touch();
  }

  // ---- sending

  async #send() {
    const { draft, form, pen, urls } = this;
    if (!draft || this.busy) return;
    const body = form.body();
    if (!body) return;
    const geometry = pen.geometry;
    if (!geometry && !draft.base) return form.wrong({ code: "closure_empty", sentence: _("Nothing is drawn yet."), details: {} });
    const { base } = draft;
    const what = base
      ? { method: /** @type {const} */ ("PATCH"), id: base.id, version: base.version, body: changesOf(base, body, draft.redrawn ? geometry : null, form.told.begins === "now", this.layer.live.now()) }
      : { method: /** @type {const} */ ("POST"), key: draft.key, body: { ...body, geometry } };
    if (base && !Object.keys(what.body).length) return this.#forget();
    const outcome = await this.#busily(() => transmit(urls, what));
    if ("done" in outcome) return this.#done(outcome.done, base ? _("Saved.") : _("It is closed now, for everybody."));
    return this.#not(outcome);
  }

  /** @template T @param {() => Promise<T>} act @returns {Promise<T>} */
  async #busily(act) {
    this.busy = this.form.busy = true;
    try {
      return await act();
    } finally {
      this.busy = this.form.busy = false;
    }
  }

  /** @param {Closure} closure @param {string} words */
  async #done(closure, words) {
    this.#forget();
    this.#notice(closure.state === "coming" ? _("It is drawn, and begins by itself.") : words);
    await this.layer.live.refresh();
    this.list.choose(closure.id, { focus: true });
    this.layer.choose(closure.id);
  }

  /** @param {Exclude<import("./closure-sending.js").Outcome, {done: Closure}>} outcome */
  #not(outcome) {
    if ("lost" in outcome) {
      this.form.trouble(outcome.lost || _("No connection just now. What you drew and typed is safe here."),
        make("button", { type: "submit", class: "wide-button", id: "send-again" }, _("Send it again")));
    } else if ("signedOut" in outcome) {
      this.form.trouble(_("You are not signed in any more. What you drew and typed is safe here: sign in and go on."),
        make("a", { class: "wide-button", href: location.href }, _("Sign in")));
    } else if ("stale" in outcome) {
      this.#stale(outcome.stale, outcome.events);
    } else {
      this.#wrong(outcome.wrong, { quietly: false });
    }
  }

  // Somebody was quicker: what they did is shown, and what was typed here stands beside it.
  /** @param {Closure} closure @param {import("./closure-sending.js").Event[]} events */
  #stale(closure, events) {
    const { draft, form } = this;
    if (!draft?.base) return;
    const theirs = events.filter(({ version }) => version > /** @type {Closure} */ (draft.base).version);
    const lines = make("ol", { class: "events" }, ...theirs.map(line));
    if (closure.state === "over") {
      form.trouble(_("This closure is over meanwhile; your change was not saved."), make("div", { class: "form" }, lines,
        make("button", { type: "button", class: "wide-button", onclick: () => this.#again(closure, form.told) }, _("Close it again as it stands here"))));
      return;
    }
    form.told = draft.told = movedOn(draft.told, draft.base, closure);
    draft.base = closure;
    if (!draft.redrawn) Object.assign(draft, shapeOf(closure));
    if (!draft.redrawn && draft.corners.length) this.pen.take(draft.kind, draft.corners);
    keep(draft);
    form.trouble(_("Somebody else has changed this closure meanwhile; your change was not saved yet. Press Save again, and what stands here holds."), lines);
  }

  /** @param {{code: string, sentence: string, details: Record<string, any>}} wrong @param {{quietly: boolean}} how `quietly`: nobody has sent it yet */
  #wrong(wrong, { quietly }) {
    if (wrong.code === "closure_crosses_itself") {
      this.pen.sketch.crosses([wrong.details.lon, wrong.details.lat]);
      find("#drawn-words").textContent = ""; // its size means nothing
      wrong = { ...wrong, sentence: _("The outline crosses itself; the map shows where. Move the corners until no line crosses another.") };
    }
    this.form.wrong(wrong, { quietly });
  }

  // ---- leaving and coming back

  #leave() {
    const { draft } = this;
    this.#forget();
    const back = () => {
      this.#notice("");
      this.draft = draft;
      if (draft?.base) this.layer.leaveOut(draft.base.id);
      this.#fill();
    };
    this.#notice(_("Nothing was sent."), make("button", { type: "button", class: "quiet-button", onclick: back }, _("Go on with it after all")));
    find("#closures-title").focus();
  }

  #forget() {
    clearTimeout(this.timer);
    this.draft = null;
    keep(null);
    this.pen.rest();
    this.form.hide();
    this.touching.clear(null);
    this.layer.leaveOut("");
    this.#view("list");
  }

  #resume() {
    const draft = kept(this.who);
    if (!draft || (!draft.whole && !draft.corners.length)) return;
    this.draft = draft;
    if (draft.base) this.layer.leaveOut(draft.base.id);
    if (draft.whole) {
      this.#fill();
      this.form.trouble(_("This was not sent yet."));
    } else {
      this.#view("drawing");
      this.pen.begin(draft.kind, { corners: draft.corners });
      this.#see(this.pen.sketch.bounds());
    }
  }

  /** @param {"list" | "drawing" | "form"} name */
  #view(name) {
    document.documentElement.dataset.view = name;
    find("#side-list").hidden = name === "form";
    for (const button of document.querySelectorAll("[data-draw]")) {
      button.setAttribute("aria-pressed", String(name === "drawing" && /** @type {HTMLElement} */ (button).dataset.draw === this.draft?.kind));
    }
    if (name !== "form") this.form.hide();
  }

  /** @param {string} words @param {Node | null} [more] */
  #notice(words, more = null) {
    find("#closures-notice-words").textContent = words;
    find("#closures-notice-more").replaceChildren(...(more ? [more] : []));
    find("#closures-notice").hidden = !words;
  }

  // ---- what is done with one

  /** @param {Closure} closure */
  #edit(closure) {
    this.#notice("");
    this.draft = { who: this.who, key: freshKey(), base: closure, ...shapeOf(closure), whole: true, redrawn: false, told: toldOf(closure) };
    if (this.draft.corners.length) this.layer.leaveOut(closure.id);
    this.#fill();
    find("#closure-form-title").focus();
  }

  /** Draw one again that is over. @param {Closure} closure @param {import("./closure-draft.js").Told} [told] */
  #again(closure, told = { ...this.form.blank(), reason: closure.reason, level: closure.level, public: closure.public }) {
    this.#notice("");
    this.draft = { who: this.who, key: freshKey(), base: null, ...shapeOf(closure), whole: true, redrawn: true, told: { ...told, begins: "now" } };
    this.#fill();
    find("#closure-form-title").focus();
  }

  async #wrote() {
    await this.layer.live.refresh();
    this.#readPast();
    // What was pressed may be gone: a keyboard goes on from the top of the list.
    if (document.activeElement === document.body) find("#closures-title").focus();
  }
}

/** What the pen can take up of a closure: of several parts, or one with holes, nothing. @param {Closure} closure @returns {{kind: Kind, corners: import("./geo.js").Position[]}} */
function shapeOf({ geometry }) {
  const [part, ...more] = partsOf(geometry);
  const corners = part.kind === "area" ? part.rings[0].slice(0, -1) : part.kind === "line" ? part.line : [part.at];
  const simple = !more.length && (part.kind !== "area" || part.rings.length === 1);
  return { kind: part.kind, corners: simple ? corners.map(rounded) : [] };
}
