// The view of requests: each one that a client made, whether it was refused, tried again or met a
// fault.
import { get } from "./api.js";
import { badge, bytes, clock, el, empty, failure, icon, millis, number, plural, put, setText, viewOf } from "./dom.js";
import { faultCard } from "./faults.js";
import { Grid, textCell } from "./grid.js";
import { go, href, onRoute, route, withParams } from "./route.js";
import { find, on, store } from "./store.js";

const most = 1000;
const view = viewOf("requests");

let requests = [];
let problem;
let ready = false;
let loading = false;
let again = false;

// A client that has the definitions already is told so by 304.
const bad = (r) => (r.status < 200 || r.status > 299) && r.status !== 304;

const statusCell = (r, cell) => put(cell, badge(r.status ? String(r.status) : "no reply", bad(r) ? "invalid" : "ok"));
const noteCell = (r, cell) => {
  cell.title = r.refusal || "";
  put(cell, r.attempt > 1 && badge("attempt " + r.attempt, "unplanned"), r.again > 0 && badge(plural(r.again, "event") + " again", "unplanned"), r.fault && badge("fault", "accent"), r.refusal && el("span", { class: "why" }, r.refusal));
};

const grid = new Grid({
  name: "requests",
  label: "Requests",
  heights: [34, 58],
  columns: [
    { name: "time", title: "Time", cell: (r, cell) => textCell(cell, clock(r.at)) },
    { name: "status", title: "Status", cell: statusCell },
    { name: "path", title: "Request", cell: (r, cell) => textCell(cell, r.method + " " + r.path, r.kind + (r.sdk ? " from " + r.sdk : "")) },
    { name: "note", title: "What happened", cell: noteCell },
    { name: "number", title: "Events", cell: (r, cell) => textCell(cell, r.events ? number(r.events) : "") },
    { name: "size", title: "Size", cell: (r, cell) => textCell(cell, bytes(r.bytes) + (r.codec ? " " + r.codec : "")) },
    { name: "took", title: "Took", cell: (r, cell) => textCell(cell, millis(r.ms)) },
  ],
  keyOf: (r) => r.seq,
  findKey: find,
  dress: (r, e) => {
    e.dataset.seq = r.seq;
    e.dataset.status = r.status;
  },
  open: (r) => r.events && go(href({ view: "events", params: { request: String(r.seq) } })),
});

const status = el("select", { id: "requests-status" }, [["", "any"], ["refused", "refused"], ["again", "tried again"], ["fault", "met a fault"]].map(([value, text]) => el("option", { value }, text)));
const search = el("input", { type: "search", id: "requests-text", placeholder: "Find a request", autocomplete: "off", spellcheck: "false" });
const shown = el("span", { class: "shown" });
view.append(faultCard(),
  el("div", { class: "bar" }, el("label", { class: "find" }, el("span", { class: "hidden" }, "Find a request"), icon("search"), search, el("kbd", { "aria-hidden": "true" }, "/")),
    el("label", { class: "pick" }, el("span", null, "Only"), status), el("span", { class: "grow" }), shown),
  el("div", { class: "holder" }, grid.element));

const tests = { refused: bad, again: (r) => r.attempt > 1 || r.again > 0, fault: (r) => r.fault };

let nothing;
const show = (anchor = true) => {
  if (route.view !== "requests" || (store.paused && anchor)) return;
  const test = tests[route.params.status];
  const text = (route.params.text || "").toLowerCase();
  const some = requests.filter((r) => (!test || test(r)) && (!text || [r.path, r.kind, r.sdk, r.refusal, r.status].join(" ").toLowerCase().includes(text)));
  grid.update(some, anchor);
  const { requests: all = requests.length, refused = 0, replays = 0 } = store.summary || {};
  const rest = (refused ? `, ${number(refused)} refused` : "") + (replays ? `, ${plural(replays, "recording")}` : "");
  setText(shown, test || text ? `${number(some.length)} of ${number(requests.length)}` : all > requests.length ? `newest ${number(requests.length)} of ${number(all)}${rest}` : plural(requests.length, "request") + rest);
  nothing ||= { none: empty("No requests yet", el("p", null, "Each request of a client of PostHog is listed here, with its answer, its retries and why it was refused. The view of events says how to point one at this address.")), some: empty("No request matches", el("p", null, "Fewer words, or any outcome, find more.")), loading: empty("Loading", el("p", null, "the requests.")) };
  grid.message(some.length ? undefined : problem ? failure(problem, load) : requests.length ? nothing.some : ready ? nothing.none : nothing.loading);
};

const load = async () => {
  if (route.view !== "requests") return;
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  again = false;
  const { run } = store;
  try {
    const { requests: fresh } = await get("/api/requests", { since: requests.at(-1)?.seq || "", limit: most });
    if (run === store.run) requests = requests.concat(fresh || []).slice(-most);
    problem = undefined;
    ready = true;
  } catch (err) {
    problem = err;
  }
  loading = false;
  show();
  choose();
  if (again) load();
};

// choose marks the request that the address names.
const choose = () => {
  const seq = Number(route.params.request) || undefined;
  if (seq && grid.selected !== seq && requests.some((r) => r.seq === seq)) grid.select(seq);
};

let waiting;
const soon = () => {
  if (waiting || route.view !== "requests") return;
  waiting = setTimeout(() => {
    waiting = undefined;
    load();
  }, 150);
};

search.addEventListener("input", () => go(withParams({ text: search.value.trim() }), true));
status.addEventListener("change", () => go(withParams({ status: status.value }), true));

const fields = () => {
  if (document.activeElement !== search) search.value = route.params.text || "";
  status.value = route.params.status || "";
};

export const requestGrid = grid;

export const startRequests = () => {
  on("requests", soon);
  on("run", () => {
    requests = [];
    grid.select(undefined);
    load();
  });
  on("paused", (paused) => !paused && show());
  onRoute((now, before) => {
    if (now.view !== "requests") return;
    fields();
    const other = before.view !== "requests";
    if (other) load();
    show(!other && now.params.text === before.params.text && now.params.status === before.params.status);
    choose();
  });
  if (route.view === "requests") fields();
  load();
};
