// JSON as a tree. Children are made when they are asked for, so that an event of megabytes costs
// no more than a small one.
import { el, number, plural } from "./dom.js";

const most = 100; // children at a time
const longest = 300; // characters of a text until it is asked for

const kindOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
const isBranch = (value) => value !== null && typeof value === "object";

const text = (value) => {
  const json = JSON.stringify(value);
  if (json.length <= longest) return [el("span", { class: "v-" + kindOf(value) }, json)];
  const short = el("span", { class: "v-" + kindOf(value) }, json.slice(0, longest) + "…");
  const all = el("button", { type: "button", class: "more", on: { click: () => (short.textContent = json) && all.remove() } }, "all " + number(json.length) + " characters");
  return [short, " ", all];
};

const size = (value) => (Array.isArray(value) ? plural(value.length, "item") : plural(Object.keys(value).length, "key"));

// child is the path of a value inside another: "items[3].sku".
const child = (path, key, inArray) => (inArray ? `${path}[${key}]` : path ? `${path}.${key}` : key);

// marks tells about a path: {own} if it is marked, {inside} if something in it is.
export const marksOf = (paths) => {
  const own = new Map();
  const inside = new Set();
  for (const [path, mark] of paths) {
    own.set(path, mark);
    for (let i = path.length; i > 0; i = Math.max(path.lastIndexOf(".", i - 1), path.lastIndexOf("[", i - 1))) if (i < path.length) inside.add(path.slice(0, i));
  }
  return { own, inside };
};

const leaf = (key, value, mark) => el("li", { class: mark ? "marked" : undefined }, el("span", { class: "twig", "aria-hidden": "true" }), key, text(value), mark && el("em", null, mark));

const branch = (key, value, path, marks, open, mark) => {
  const list = el("ul", null);
  const brackets = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const details = el("details", { open }, el("summary", null, key, el("span", { class: "size" }, brackets[0] + " " + size(value) + " " + brackets[1]), mark && el("em", null, mark)), list);
  let made = false;
  const make = () => {
    if (made || !details.open) return;
    made = true;
    addChildren(list, value, path, marks, 0);
  };
  details.addEventListener("toggle", make);
  make();
  return el("li", { class: mark ? "marked" : undefined }, details);
};

const addChildren = (list, value, path, marks, from) => {
  const keys = Object.keys(value);
  const inArray = Array.isArray(value);
  for (const key of keys.slice(from, from + most)) list.append(node(key, value[key], path === undefined ? undefined : child(path, key, inArray), marks, inArray));
  const left = keys.length - from - most;
  if (left <= 0) return;
  const more = el("li", null, el("button", { type: "button", class: "more", on: { click: () => {
    more.remove();
    addChildren(list, value, path, marks, from + most);
  } } }, number(left) + " more"));
  list.append(more);
};

const node = (key, value, path, marks, inArray) => {
  const label = el("span", { class: inArray ? "index" : "k" }, key, ":\u00a0");
  const mark = path === undefined ? undefined : marks.own.get(path);
  if (!isBranch(value)) return leaf(label, value, mark);
  const open = path !== undefined && (marks.inside.has(path) || Boolean(mark));
  return branch(label, value, path, marks, open, mark);
};

// tree shows a value. root says which of its members the marks' paths begin in; only that one and
// what is marked is open.
export const tree = (value, { marks = marksOf([]), root } = {}) => {
  if (!isBranch(value)) return el("ul", { class: "tree" }, leaf("", value));
  const list = el("ul", { class: "tree" });
  for (const key of Object.keys(value).slice(0, 1000)) {
    const label = el("span", { class: "k" }, key, ":\u00a0");
    const own = root === undefined ? key : key === root ? "" : undefined;
    if (isBranch(value[key])) list.append(branch(label, value[key], own, marks, key === root || (own !== undefined && marks.inside.has(own)), marks.own.get(own)));
    else list.append(leaf(label, value[key], own === undefined ? undefined : marks.own.get(own)));
  }
  return list;
};
