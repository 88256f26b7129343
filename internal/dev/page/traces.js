// The view of traces: what language models did, as a tree with latency, tokens and cost.
import { get } from "./api.js";
import { badge, clock, el, empty, failure, icon, millis, number, plural, put, redraw, viewOf } from "./dom.js";
import { setCount } from "./header.js";
import { go, href, onRoute, route, withParams } from "./route.js";
import { on, store } from "./store.js";

const most = 300; // traces that are listed
const view = viewOf("traces");
const list = el("ul", { class: "entries" });
const detail = el("div", { class: "entry-detail" });
const body = el("div", { class: "split" }, list, detail);
view.append(body);

let traces = [];
let ready = false;
let problem;
let loading;

const entry = (t, chosen) =>
  el("li", null,
    el("a", { href: href({ view: "traces", item: t.id }), "data-item": t.id, "aria-current": t.id === chosen ? "true" : undefined },
      el("span", { class: "entry-head" }, el("code", null, t.name || t.id), t.errors > 0 && badge(plural(t.errors, "error"), "invalid")),
      el("span", { class: "entry-more" }, clock(t.at), " · ", plural(t.events, "event"), t.name ? " · " + t.id : "")));

// cost is in US dollars; a model call is often a part of a cent.
const dollars = (cost) => "$" + (cost < 0.01 ? cost.toFixed(5) : cost.toFixed(cost < 1 ? 4 : 2));

const sum = (nodes) => {
  const total = { tokens: [0, 0], cost: 0, longest: 0 };
  const visit = (list) => {
    for (const n of list || []) {
      total.longest = Math.max(total.longest, n.latency || 0);
      if (!n.nodes?.length) {
        total.tokens[0] += n.tokens?.[0] || 0;
        total.tokens[1] += n.tokens?.[1] || 0;
        total.cost += n.cost || 0;
      }
      visit(n.nodes);
    }
  };
  visit(nodes);
  return total;
};

const tokens = (t) => (t?.[0] || t?.[1] ? number(t[0]) + " → " + number(t[1]) : "");

const open = new Map(); // which nodes somebody folded

const node = (n, longest, path) => {
  const children = n.nodes || [];
  const key = path + "/" + (n.id || n.seq);
  const bar = el("i", { class: n.failed ? "failed" : undefined });
  bar.style.width = longest > 0 ? Math.max(0.5, (100 * (n.latency || 0)) / longest) + "%" : "0";
  const chosen = route.params.seq === String(n.seq);
  const item = el("li", null,
    el("div", { class: "span" },
      children.length > 0 ? el("button", { type: "button", class: "fold-button", "aria-expanded": String(open.get(key) !== false), "aria-label": "Parts of " + (n.name || n.event), on: { click: () => {
        open.set(key, open.get(key) === false);
        item.querySelector(".fold-button").setAttribute("aria-expanded", String(open.get(key)));
        item.lastChild.hidden = !open.get(key);
      } } }, icon("right")) : el("span", { class: "fold-space" }),
      el("a", { href: withParams({ seq: chosen ? "" : String(n.seq) }), "data-item": n.seq, "aria-current": chosen ? "true" : undefined },
        el("span", { class: "span-name" }, el("b", null, n.name || n.event), el("small", null, n.event), n.failed && badge("failed", "invalid")),
        el("span", { class: "span-bar" }, bar),
        el("span", { class: "span-time" }, n.latency ? millis(n.latency * 1000) : ""),
        el("span", { class: "span-tokens" }, tokens(n.tokens)),
        el("span", { class: "span-cost" }, n.cost ? dollars(n.cost) : ""))),
    children.length > 0 && el("ul", { hidden: open.get(key) === false }, children.map((c) => node(c, longest, key))));
  return item;
};

const render = (id, nodes) => {
  const total = sum(nodes);
  const known = traces.find((t) => t.id === id);
  redraw(detail, [
    el("p", { class: "back" }, el("a", { class: "plain", href: "#/traces" }, "← All traces")),
    el("header", null, el("h2", null, el("code", null, known?.name || id)),
      el("p", { class: "soft" }, [known?.name && id, total.longest > 0 && millis(total.longest * 1000), tokens(total.tokens) && tokens(total.tokens) + " tokens", total.cost > 0 && dollars(total.cost)].filter(Boolean).join(" · "))),
    el("div", { class: "span-heads", "aria-hidden": "true" }, el("span", null, "Span"), el("span", null, "Latency"), el("span", null), el("span", null, "Tokens in → out"), el("span", null, "Cost")),
    el("ul", { class: "spans" }, nodes.map((n) => node(n, total.longest, ""))),
    el("p", { class: "soft hint" }, "Open a span for its input and output."),
  ]);
};

// On a wide page one is always open: the newest, until another is chosen.
const wide = matchMedia("(min-width: 46.01rem)");
let shownID;
const chosenID = () => {
  if (route.item || !wide.matches) return route.item || undefined;
  return traces.some((t) => t.id === shownID) ? shownID : traces[0]?.id;
};

const showDetail = async () => {
  const id = chosenID();
  body.toggleAttribute("data-open", Boolean(route.item));
  if (!id) return put(detail);
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  if (shownID !== id) put(detail, el("p", { class: "soft" }, "Loading the trace"));
  shownID = id;
  try {
    const trace = await get("/api/traces/" + encodeURIComponent(id), undefined, signal);
    if (!signal.aborted) render(id, trace.nodes || []);
  } catch (err) {
    if (err.name === "AbortError") return;
    put(detail, err.status === 404 ? empty("That trace is not there", el("p", null, "It may have been dropped to make room, or the run that it came in has ended."), el("a", { class: "plain", href: "#/traces" }, "All traces")) : failure(err, showDetail));
  }
};

const showList = () => {
  const chosen = chosenID();
  redraw(list, [traces.slice(0, most).map((t) => entry(t, chosen)),
    traces.length > most && el("li", { class: "soft hint" }, "And " + number(traces.length - most) + " older ones."),
    !traces.length && el("li", null, problem ? failure(problem, load) : !ready ? empty("Loading", el("p", null, "the traces that are kept.")) : empty("No traces", el("p", null, "Calls of language models appear here as trees, with what they took and what they said. Events named $ai_generation, $ai_span, $ai_embedding and $ai_trace make them; package phai of phgen sends them.")))]);
};

const load = async () => {
  if (route.view !== "traces") return;
  try {
    traces = (await get("/api/traces")).traces || [];
    traces.sort((a, b) => new Date(b.at) - new Date(a.at));
    problem = undefined;
    ready = true;
  } catch (err) {
    problem = err;
  }
  setCount("traces", traces.length);
  showList();
  if (traces.length || route.item) showDetail();
  else put(detail);
};

let waiting;
const soon = () => {
  if (waiting || route.view !== "traces") return;
  waiting = setTimeout(() => {
    waiting = undefined;
    if (!store.paused) load();
  }, 800);
};

// move goes through the traces and the spans; with a span open it opens the next one.
const move = (by) => {
  const spans = [...detail.querySelectorAll("a[data-item]")].filter((a) => a.checkVisibility());
  const open = spans.findIndex((a) => a.hasAttribute("aria-current"));
  const items = open < 0 ? [...list.querySelectorAll("[data-item]"), ...spans].filter((a) => a.checkVisibility()) : spans;
  const from = open < 0 ? items.indexOf(document.activeElement) : open;
  const next = items[from < 0 ? 0 : Math.min(items.length - 1, Math.max(0, from + by))];
  next?.focus();
  if (next && open >= 0 && next !== spans[open]) go(withParams({ seq: next.dataset.item }), true);
};

export const traceList = { move, leave: () => route.item && go(href({ view: "traces" })) };

export const startTraces = () => {
  on("rows", (rows) => rows.some((r) => r.event.startsWith("$ai_")) && soon());
  on("run", () => {
    traces = [];
    shownID = undefined;
    setCount("traces", 0);
    load();
  });
  onRoute((now, before) => {
    if (now.view !== "traces") return;
    if (before.view !== "traces") load();
    else {
      showList();
      showDetail();
    }
  });
  load();
};
