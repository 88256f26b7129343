// The view of events: the filters and the table.
import { get, query } from "./api.js";
import { badge, byID, byName, clock, el, empty, failure, frame, mark, number, plural, put, say, setText, shell, verdictMark } from "./dom.js";
import { Grid, textCell } from "./grid.js";
import { go, href, onRoute, route, withParams } from "./route.js";
import { filters, find, isFiltered, Matching, matcher, on, store } from "./store.js";

let rows = []; // that match
let matching; // how they are found, unless the server is asked
let search; // what the server is being asked, if there is a text
let problem;

// openEvent shows an event beside the table; once more, it goes there.
const openEvent = (row) => {
  if (route.params.seq === String(row.seq)) byID("panel").focus();
  else go(withParams({ seq: String(row.seq) }), Boolean(route.params.seq));
};

const verdictCell = (row, cell) => {
  if (cell.firstChild?.dataset?.verdict === row.verdict) return;
  const mark = verdictMark(row.verdict);
  mark.dataset.verdict = row.verdict;
  put(cell, mark);
};

const findingCell = (row, cell) => {
  const text = row.finding || (row.deprecated ? row.deprecated : "");
  cell.title = text;
  put(cell, row.deprecated && badge("deprecated", "unplanned"), row.finding && el("span", { class: "why" }, row.finding), row.findings > 1 && badge("+" + (row.findings - 1), row.verdict));
};

export const eventGrid = new Grid({
  name: "events",
  label: "Events",
  heights: [34, 58],
  columns: [
    { name: "time", title: "Time", cell: (row, cell) => textCell(cell, clock(row.at)) },
    { name: "verdict", title: "Verdict", cell: verdictCell },
    { name: "event", title: "Event", cell: (row, cell) => textCell(cell, row.event, row.event) },
    { name: "finding", title: "What the plan says", cell: findingCell },
    { name: "who", title: "Person", cell: (row, cell) => textCell(cell, row.person, row.person) },
  ],
  keyOf: (row) => row.seq,
  findKey: find,
  dress: (row, e) => {
    e.dataset.seq = row.seq;
    e.dataset.event = row.event;
    e.dataset.verdict = row.verdict;
  },
  choose: (row) => route.params.seq && openEvent(row),
  open: openEvent,
});
byID("events").append(eventGrid.element);

// filtersKey changes when the rows have to be looked for anew.
const filtersKey = () => JSON.stringify(filters.map((f) => route.params[f] || ""));
let key;

// refresh shows what matches now.
const refresh = (anchor = true) => {
  if (route.view !== "events") return;
  if (!search) rows = isFiltered(route.params) ? matching.rows() : store.rows;
  show(anchor);
};

const show = (anchor) => {
  if (store.paused && anchor) return;
  eventGrid.update(rows.slice(), anchor); // a copy, as these grow while a paused grid must not
  const shownRow = Number(route.params.seq) || undefined;
  if (shownRow && eventGrid.selected === undefined) eventGrid.select(shownRow, { reveal: false });
  summarise();
};

const summarise = () => {
  const total = store.summary ? store.summary.kept : store.rows.length;
  const dropped = store.summary?.dropped || 0;
  const waiting = store.missing.reduce((n, [a, b]) => n + b - a + 1, 0);
  let text = isFiltered(route.params) ? `${search?.more ? "newest " : ""}${number(rows.length)} of ${number(total)}` : dropped ? `newest ${number(total)} of ${plural(total + dropped, "event")}` : plural(total, "event");
  if (search?.loading) text = "Searching…";
  else if (waiting > 0 && store.connection === "live") text += store.rows.length ? ", loading" : "";
  setText(byID("shown"), text);
  eventGrid.message(rows.length ? undefined : nothing());
};

// What an empty table says; it is made again only when that changes.
let nothingKey = "";
let nothingShown;
const nothing = () => {
  const state = [problem?.message, isFiltered(route.params), store.connection, store.missing.length > 0, Boolean(search?.loading), store.last > 0].join("|");
  if (state === nothingKey) return nothingShown;
  nothingKey = state;
  nothingShown = explained();
  return nothingShown;
};

const explained = () => {
  if (problem) return failure(problem, () => searchText());
  if (search?.loading) return empty("Searching", el("p", null, "in all the events that are kept."));
  if (isFiltered(route.params)) {
    return empty("No event matches", el("p", null, store.last ? "None of the events that are kept passes these filters." : "Nothing has arrived yet, either."), el("button", { type: "button", class: "plain", on: { click: clear } }, "Clear filters"));
  }
  if (store.connection === "connecting" || store.missing.length) return empty("Loading", el("p", null, "the events that are kept."));
  return welcome();
};

const welcome = () =>
  empty(
    "Nothing has arrived yet",
    el("p", null, "Point your application at this address, in its environment:"),
    shell(`export POSTHOG_HOST=${location.origin}\nexport POSTHOG_API_KEY=phc_dev`),
    el("p", null, "Or let phgen start it, which sets both:"),
    shell("phgen dev -- go run ."),
    el("p", null, "To see one event at once:"),
    shell(`curl ${location.origin}/i/v0/e/ -H 'Content-Type: application/json' \\\n  -d '{"api_key":"phc_dev","event":"hello","distinct_id":"me"}'`),
  );

// searchText asks the server, which looks into all of the JSON.
const searchText = async () => {
  search?.abort.abort();
  problem = undefined;
  search = undefined;
  if (!route.params.text) return;
  const mine = { abort: new AbortController(), loading: true, last: 0 };
  search = mine;
  rows = [];
  show(false);
  try {
    await ask(mine, { limit: 5000 });
  } catch (err) {
    if (err.name === "AbortError") return;
    problem = err;
  }
  mine.loading = false;
  if (search === mine) show(true);
};

const ask = async (mine, bounds) => {
  const { event, verdict, person, text } = route.params;
  const page = await get("/api/events", { event, verdict, person, text, ...bounds }, mine.abort.signal);
  if (search !== mine) return;
  const match = matcher(route.params);
  rows = rows.concat((page.rows || []).filter((r) => r.seq > mine.last && match(r)));
  mine.last = page.last;
  mine.more ||= page.more && !bounds.since;
};

// searchMore looks at what has come since, twice a second at most.
const searchMore = () => {
  const mine = search;
  if (!mine || mine.loading || mine.waiting || store.last <= mine.last) return;
  mine.waiting = true;
  setTimeout(async () => {
    try {
      await ask(mine, { since: mine.last, limit: 5000 });
    } catch {
      // The next event asks again.
    }
    mine.waiting = false;
    if (search !== mine) return;
    show(true);
    searchMore();
  }, 500);
};

// The filters.
const fields = { event: byID("event"), verdict: byID("verdict"), person: byID("person"), text: byID("text") };

const clear = () => {
  go(withParams({ event: "", verdict: "", person: "", text: "", request: "" }), true);
  fields.text.focus();
};

const showFields = () => {
  const p = route.params;
  if (p.event && ![...fields.event.options].some((o) => o.value === p.event)) fields.event.append(el("option", { value: p.event }, p.event));
  for (const [name, field] of Object.entries(fields)) {
    if (document.activeElement !== field || field.value.trim() !== (p[name] || "")) field.value = p[name] || "";
    field.closest("label").classList.toggle("set", Boolean(p[name]));
  }
  byID("clear").hidden = !isFiltered(p);
  const set = ["event", "verdict", "person", "request"].filter((f) => p[f]).length;
  byID("more").textContent = set ? `Filters (${set})` : "Filters";
  byID("clear").textContent = p.request ? `Clear (request ${p.request})` : "Clear";
  byID("export").href = "/api/export" + query({ event: p.event, verdict: p.verdict, person: p.person, text: p.text });
  for (const a of document.querySelectorAll("[data-count]")) {
    const on_ = route.view === "events" && p.verdict === a.dataset.count;
    mark(a, on_);
    a.href = href({ view: "events", params: { ...(route.view === "events" ? p : {}), verdict: on_ ? "" : a.dataset.count, seq: "" } });
  }
};

// What is typed counts when it rests for a moment, or at once when the field is left.
let typing;
const typed = (event) => {
  clearTimeout(typing);
  const text = fields.text.value.trim();
  const person = fields.person.value.trim();
  const take = () => go(withParams({ text, person }), true);
  if (event.type === "change") take();
  else typing = setTimeout(take, 180);
};
for (const field of [fields.text, fields.person]) for (const type of ["input", "change"]) field.addEventListener(type, typed);
fields.event.addEventListener("change", () => go(withParams({ event: fields.event.value }), true));
fields.verdict.addEventListener("change", () => go(withParams({ verdict: fields.verdict.value }), true));
byID("clear").addEventListener("click", clear);
byID("more").addEventListener("click", () => byID("more").setAttribute("aria-expanded", byID("more").getAttribute("aria-expanded") !== "true"));
byID("filters").addEventListener("submit", (event) => {
  event.preventDefault();
  eventGrid.root.focus();
  eventGrid.move(1);
});

// The names, in the menu and beside it, the most frequent first.
let namesKey = "";
const showNames = () => {
  const names = store.summary?.names || [];
  const fresh = names.map((n) => n.event).join("\n");
  if (fresh !== namesKey && document.activeElement !== fields.event) {
    namesKey = fresh;
    put(fields.event, el("option", { value: "" }, "any"), names.map((n) => n.event).sort(byName).map((n) => el("option", { value: n }, n)));
    showFields();
  }
};

let announcedAt = performance.now();
let announced = 0;
const announce = () => {
  const counts = store.summary?.counts;
  const all = counts ? counts.ok + counts.unplanned + counts.invalid : 0;
  if (store.paused || performance.now() - announcedAt < 30_000) return;
  if (all > announced && announced > 0) say(plural(all - announced, "new event"));
  announced = all;
  announcedAt = performance.now();
};

const changed = () => {
  showFields();
  if (key !== filtersKey()) {
    key = filtersKey();
    matching = new Matching(matcher(route.params));
    eventGrid.select(undefined);
    searchText();
    refresh(false);
  } else refresh();
  const seq = Number(route.params.seq) || undefined;
  if (route.view === "events" && seq !== eventGrid.selected && seq) eventGrid.select(seq);
};

export const startEvents = () => {
  const look = frame(() => {
    refresh();
    searchMore();
  });
  on("rows", look);
  on("rebuilt", look);
  on("run", () => {
    eventGrid.select(undefined);
    searchText();
  });
  const tellAll = frame(() => {
    showNames();
    summarise();
    announce();
  });
  for (const topic of ["summary", "loading", "connection"]) on(topic, tellAll);
  on("paused", (paused) => !paused && refresh());
  onRoute(changed);
  changed();
};
