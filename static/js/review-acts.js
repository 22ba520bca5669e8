// @ts-check
/**
 * What can be decided of a proposal, and how that is said: on its buttons,
 * before it is done and afterwards.
 * @module
 */

import { _ } from "./i18n.js";

/** @typedef {[name: string, words: string, key: string]} Act */

/** By the kind of proposal; the first is the main one. A report has nobody to be returned to. @type {Record<string, () => Act[]>} */
const ACTS = {
  new: () => [["publish", _("Publish"), "a"], ["return", _("Return…"), "r"], ["merge", _("Merge…"), "m"], ["retire", _("Reject…"), "x"]],
  edit: () => [["publish", _("Accept the change"), "a"], ["return", _("Return…"), "r"], ["dismiss", _("Leave as it is…"), "d"],
    ["merge", _("Merge…"), "m"], ["retire", _("Take off the map…"), "x"]],
  report: () => [["publish", _("It is settled"), "a"], ["dismiss", _("The report is wrong…"), "d"], ["merge", _("Merge…"), "m"],
    ["retire", _("Take off the map…"), "x"]],
};

/** What the buttons say where several of different kinds are decided. */
const MIXED = { publish: () => _("Accept all of them"), return: () => _("Return…"), dismiss: () => _("Leave as it is…"), retire: () => _("Take off…") };

const DONE = {
  publish: (kind) => ({ new: _("Published"), edit: _("Change accepted"), report: _("Settled") }[kind] ?? _("Passed")),
  return: () => _("Returned"),
  merge: () => _("Merged"),
  retire: (kind) => (kind === "new" ? _("Rejected") : _("Taken off")),
  dismiss: () => _("Left as it is"),
};

const QUICK = () => [
  _("The address is not complete"), _("The place on the map is not right"), _("Nobody answers this phone"),
  _("The name is another one than on the sign"), _("Please add the opening hours"), _("It is not in our area"),
];

/** What can be decided of a kind of proposal. @param {string} kind @returns {Act[]} */
export function acts(kind) {
  return ACTS[kind]();
}

/** What can be decided of several at once. @param {string[]} kinds @returns {Act[]} */
export function common(kinds) {
  const [first, ...others] = [...new Set(kinds)];
  const every = (name) => others.every((kind) => acts(kind).some(([other]) => other === name));
  return acts(first)
    .filter(([name]) => name !== "merge" && every(name))
    .map(([name, words, key]) => [name, others.length ? MIXED[name]() : words, key]);
}

/** The kind that all are of, "" where they differ. @param {string[]} kinds */
export function oneKind(kinds) {
  return new Set(kinds).size === 1 ? kinds[0] : "";
}

/** What is said afterwards. @param {string} name @param {string} kind "" where there were several @returns {string} */
export function done(name, kind) {
  return DONE[name](kind);
}

/** What is asked before a decision. @param {string} name @param {string} kind "" where there are several */
export function question(name, kind) {
  const titles = {
    return: _("Return it to whoever made it"),
    retire: kind === "new" ? _("Reject the registration") : _("Take it off the map"),
    dismiss: kind === "report" ? _("The report is wrong") : _("Leave it as it is"),
  };
  const go = {
    return: _("Return"),
    retire: kind === "new" ? _("Reject") : _("Take off the map"),
    dismiss: kind === "report" ? _("The report is wrong") : _("Leave as it is"),
  };
  return { title: titles[name], go: go[name], needed: name === "return", quick: name === "return" ? QUICK() : [] };
}
