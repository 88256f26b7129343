// The view of exceptions: grouped by type and message, with the stack of the newest of each.
import { get, lines } from "./api.js";
import { clock, el, empty, failure, number, plural, put, redraw, viewOf } from "./dom.js";
import { setCount } from "./header.js";
import { go, href, onRoute, route, withParams } from "./route.js";
import { exceptions, stack, titleOf } from "./stack.js";
import { on, store } from "./store.js";

const most = 500; // that are looked at, the newest
const view = viewOf("exceptions");
const list = el("ul", { class: "entries" });
const detail = el("div", { class: "entry-detail" });
const body = el("div", { class: "split", tabindex: "-1" }, list, detail);
view.append(body);

let found = new Map(); // seq → {row, raw}
let groups = [];
let loading = false;
let again = false;
let problem;
let ready = false;

// idOf is short, stays the same from run to run, and may stand in an address.
const idOf = (text) => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
};

const group = () => {
  const byID = new Map();
  for (const e of found.values()) {
    const first = titleOf(exceptions(e.raw)[0]);
    const id = idOf(first.type + "\n" + first.value);
    const g = byID.get(id);
    if (g) {
      g.events.push(e);
      g.people.add(e.row.person);
    } else byID.set(id, { id, ...first, events: [e], people: new Set([e.row.person]) });
  }
  groups = [...byID.values()].sort((a, b) => b.events.at(-1).row.seq - a.events.at(-1).row.seq);
};

const parse = (line) => {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
};

// take fetches the JSON of rows. The rows have the numbers and the export the JSON, in one order;
// what was dropped between the two requests is missing at the beginning.
const take = async (rows) => {
  const texts = await lines("/api/export", { event: "$exception", since: rows[0].seq - 1, before: rows.at(-1).seq + 1 });
  const n = Math.min(rows.length, texts.length);
  for (let i = n; i > 0; i--) {
    const row = rows[rows.length - i];
    found.set(row.seq, { row, raw: parse(texts[texts.length - i]) });
    if (i % 50 === 0) await new Promise((done) => setTimeout(done)); // somebody may want to scroll
  }
  while (found.size > most) found.delete(found.keys().next().value);
};

// load fetches what is not known yet.
const load = async () => {
  if (route.view !== "exceptions") return;
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  again = false;
  const { run } = store;
  try {
    const page = await get("/api/events", { event: "$exception", limit: most });
    const rows = page.rows || [];
    const first = rows.findIndex((r) => !found.has(r.seq));
    if (first >= 0) await take(rows.slice(first));
    problem = undefined;
  } catch (err) {
    problem = err;
  }
  loading = false;
  if (run !== store.run) found = new Map();
  else ready = true;
  if (run !== store.run || again) return load();
  group();
  show();
};

const entry = (g, open) => {
  const newest = g.events.at(-1).row;
  return el("li", null,
    el("a", { href: href({ view: "exceptions", item: g.id }), "data-item": g.id, "aria-current": g === open ? "true" : undefined },
      el("span", { class: "entry-head" }, el("code", null, g.type), el("b", null, number(g.events.length), el("span", { class: "hidden" }, " times"))),
      el("span", { class: "entry-text" }, g.value || "no message"),
      el("span", { class: "entry-more" }, "last ", clock(newest.at), " · ", plural(g.people.size, "person", "people"))));
};

// On a wide page one is always open: the newest, until another is chosen.
const wide = matchMedia("(min-width: 46.01rem)");
let current;
const chosen = () => {
  const id = route.item || current;
  const g = groups.find((x) => x.id === id) || (wide.matches && !route.item ? groups[0] : undefined);
  current = g?.id;
  return g;
};

let shownDetail = "";
const showDetail = () => {
  const g = chosen();
  const key = g ? g.id + g.events.length : "none" + route.item;
  if (key === shownDetail) return;
  shownDetail = key;
  body.toggleAttribute("data-open", Boolean(route.item));
  if (!g) {
    put(detail, route.item ? empty("That exception is not there", el("p", null, "It may have been dropped to make room, or the run that it came in has ended."), el("a", { class: "plain", href: "#/exceptions" }, "All exceptions")) : "");
    return;
  }
  const newest = g.events.at(-1);
  redraw(detail, [
    el("p", { class: "back" }, el("a", { class: "plain", href: href({ view: "exceptions" }) }, "← All exceptions")),
    el("header", null, el("h2", null, el("code", null, g.type)), el("p", { class: "soft" }, plural(g.events.length, "time"), " · first ", clock(g.events[0].row.at), " · last ", clock(newest.row.at), " · ", plural(g.people.size, "person", "people"))),
    stack(newest.raw),
    el("h3", null, "Events"),
    el("ul", { class: "links" }, g.events.slice(-20).reverse().map((e) => el("li", null, el("a", { href: withParams({ seq: String(e.row.seq) }) }, clock(e.row.at)), " ", el("a", { class: "soft", href: href({ view: "people", item: e.row.person }) }, e.row.person)))),
  ]);
};

const show = () => {
  if (problem || !groups.length) {
    shownDetail = "";
    put(detail);
    body.removeAttribute("data-open");
    put(list, el("li", null, problem ? failure(problem, load) : !ready ? empty("Loading", el("p", null, "the exceptions that are kept.")) : empty("No exceptions", el("p", null, "Events named $exception appear here, grouped, with your own code before that of libraries."))));
    return;
  }
  body.toggleAttribute("data-open", Boolean(route.item));
  const open = wide.matches ? chosen() : undefined;
  redraw(list, groups.map((g) => entry(g, open)));
  showDetail();
};

let waiting;
const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(load, 400);
};

export const exceptionList = { leave: () => route.item && go(href({ view: "exceptions" })) };

export const startExceptions = () => {
  on("rows", (rows) => !store.paused && rows.some((r) => r.event === "$exception") && soon());
  on("rebuilt", soon);
  on("run", () => {
    found = new Map();
    groups = [];
    ready = false;
    if (route.view === "exceptions") show();
  });
  on("summary", () => {
    const of = store.summary?.names?.find((n) => n.event === "$exception");
    setCount("exceptions", of ? of.ok + of.unplanned + of.invalid : 0);
  });
  onRoute((now, before) => {
    if (now.view !== "exceptions") return;
    if (before.view !== "exceptions") load();
    show();
  });
  load();
  if (route.view === "exceptions") show();
};
