// The keyboard, and the dialog that tells of it.
import { byID, el, icon, put, showOver } from "./dom.js";
import { togglePause } from "./header.js";
import { close, isOpen, steps } from "./panel.js";
import { addressOf, go, route, views } from "./route.js";

const help = byID("help");

const shortcuts = [
  ["Search", "/"],
  ["Next and former row", "J", "K"],
  ["Open", "Enter"],
  ["Close the event, leave a field", "Esc"],
  ["To the newest", "G"],
  ["Pause and go on", "P"],
  ["Views", "1", "…", "7"],
  ["This help", "?"],
];

const showHelp = () => {
  put(help,
    el("header", null, el("h2", { id: "h-help" }, "Keyboard"), el("button", { type: "button", class: "tool", "aria-label": "Close", on: { click: () => help.close() } }, icon("close"))),
    el("dl", null, shortcuts.map(([what, ...keys]) => [el("dt", null, what), el("dd", null, keys.map((k) => el("kbd", null, k)))])),
    el("p", { class: "soft" }, "What this page shows is at ", el("a", { href: "/api/openapi.json" }, "/api"), " for programs, too."));
  showOver(help);
};

const isField = (e) => e.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");

// How the keyboard uses the list of a view: {move(by), open(), focus(), top(), leave()}, each of
// which it may lack.
const lists = {};
export const setList = (view, list) => (lists[view] = list);

const move = (by) => {
  const list = lists[route.view];
  if (list?.move) return list.move(by);
  const items = [...document.querySelectorAll(`section[data-view="${route.view}"] [data-item]`)].filter((e) => e.checkVisibility());
  const i = items.indexOf(document.activeElement.closest?.("[data-item]"));
  const next = items[i < 0 ? 0 : Math.min(items.length - 1, Math.max(0, i + by))];
  next?.focus();
};
steps.to = move;

const search = () => {
  const fieldOf = () => document.querySelector(`section[data-view="${route.view}"] input[type=search]`);
  if (!fieldOf()?.checkVisibility()) go(addressOf("events"));
  fieldOf().focus();
  fieldOf().select();
};

const escape = (at) => {
  if (isField(at) && at.value && at.type === "search") {
    at.value = "";
    for (const type of ["input", "change"]) at.dispatchEvent(new Event(type, { bubbles: true }));
  } else if (isField(at)) {
    at.blur();
    lists[route.view]?.focus?.();
  } else if (isOpen()) close();
  else lists[route.view]?.leave?.();
};

const plainKeys = {
  "/": search,
  "?": showHelp,
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  g: () => lists[route.view]?.top?.(),
  p: togglePause,
};

const pressed = (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || help.open) return;
  const at = document.activeElement;
  if (event.key === "Escape") {
    event.preventDefault();
    escape(at);
    return;
  }
  if (isField(at)) {
    if (event.key === "ArrowDown" && at.type === "search") {
      event.preventDefault();
      lists[route.view]?.focus?.();
      move(1);
    }
    return;
  }
  const arrow = event.key.startsWith("Arrow");
  // Arrows belong to whatever can use them: choices, scrolling texts, open folds.
  if (arrow && at !== document.body && !at.closest("[data-item], .main")) return;
  if (arrow && at.matches("input, summary, pre")) return;
  const view = views[Number(event.key) - 1];
  const action = view ? () => go(addressOf(view)) : plainKeys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) {
    if (event.key === "Enter" && (at === document.body || at.matches("main"))) lists[route.view]?.open?.();
    return;
  }
  event.preventDefault();
  action();
};

export const startKeys = () => {
  document.addEventListener("keydown", pressed);
  byID("keys").addEventListener("click", showHelp);
  help.addEventListener("click", (event) => event.target === help && help.close());
};
