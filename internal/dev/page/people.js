// The view of people: who sent events, and what one of them did, in order.
import { badge, clock, copyButton, el, empty, icon, number, plural, put, setText, verdictMark, viewOf } from "./dom.js";
import { Grid, textCell } from "./grid.js";
import { go, href, onRoute, route, withParams } from "./route.js";
import { find, Matching, on, store } from "./store.js";

const view = viewOf("people");
const pace = 500; // ms between two looks at the people

let people = new Map();
let of; // the list that was looked at
let looked = 0;
let timeline; // the Matching of one person
let person;

// gather adds what is new to the people.
const gather = () => {
  if (of !== store.rows) {
    of = store.rows;
    looked = 0;
    people = new Map();
  }
  for (; looked < of.length; looked++) {
    const row = of[looked];
    let p = people.get(row.person);
    if (!p) people.set(row.person, (p = { id: row.person, events: 0, unplanned: 0, invalid: 0 }));
    p.events++;
    if (row.verdict !== "ok") p[row.verdict]++;
    p.last = row;
  }
};

const problems = (p, cell) => put(cell, p.invalid > 0 && badge(number(p.invalid) + " invalid", "invalid"), p.unplanned > 0 && badge(number(p.unplanned) + " unplanned", "unplanned"));

const grid = new Grid({
  name: "people",
  label: "People",
  moving: true,
  heights: [34, 58],
  columns: [
    { name: "name", title: "Person", cell: (p, cell) => textCell(cell, p.id || "no distinct ID", p.id) },
    { name: "number", title: "Events", cell: (p, cell) => textCell(cell, number(p.events)) },
    { name: "problems", title: "Problems", cell: problems },
    { name: "who", title: "Last event", cell: (p, cell) => textCell(cell, p.last.event, p.last.event) },
    { name: "time", title: "Last seen", cell: (p, cell) => textCell(cell, clock(p.last.at)) },
  ],
  keyOf: (p) => p.id,
  dress: (p, e) => (e.dataset.person = p.id),
  open: (p) => go(href({ view: "people", item: p.id })),
});

const openEvent = (row) => go(withParams({ seq: String(row.seq) }), Boolean(route.params.seq));

// gap is the time since the event before, of the same person.
const gap = (row, cell) => {
  const i = find(timelineGrid.rows, row.seq);
  const before = timelineGrid.rows[i - 1];
  const s = before ? (new Date(row.at) - new Date(before.at)) / 1000 : 0;
  textCell(cell, before ? "+" + (s < 60 ? s.toFixed(1) + " s" : s < 3600 ? Math.round(s / 60) + " min" : Math.round(s / 3600) + " h") : "first");
};

const timelineGrid = new Grid({
  name: "timeline",
  label: "Timeline",
  relative: true,
  heights: [34, 58],
  columns: [
    { name: "time", title: "Time", cell: (row, cell) => textCell(cell, clock(row.at)) },
    { name: "gap", title: "After", cell: gap },
    { name: "verdict", title: "Verdict", cell: (row, cell) => put(cell, verdictMark(row.verdict)) },
    { name: "event", title: "Event", cell: (row, cell) => textCell(cell, row.event, row.event) },
    { name: "finding", title: "What the plan says", cell: (row, cell) => put(cell, row.finding && el("span", { class: "why", title: row.finding }, row.finding)) },
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

const search = el("input", { type: "search", id: "people-text", placeholder: "Find a person", autocomplete: "off", spellcheck: "false" });
search.addEventListener("input", () => go(withParams({ text: search.value.trim() }), true));
const shown = el("span", { class: "shown" });
const listBar = el("div", { class: "bar" }, el("label", { class: "find" }, el("span", { class: "hidden" }, "Find a person"), icon("search"), search, el("kbd", { "aria-hidden": "true" }, "/")), el("span", { class: "grow" }), shown);
const list = el("div", { class: "part-view" }, listBar, el("div", { class: "holder" }, grid.element));
const one = el("div", { class: "part-view" }, el("div", { class: "bar" }), el("div", { class: "holder" }, timelineGrid.element));
view.append(list, one);

let nobody;
const showList = (anchor) => {
  const text = (route.params.text || "").toLowerCase();
  const all = [...people.values()].filter((p) => !text || p.id.toLowerCase().includes(text)).sort((a, b) => a.last.seq - b.last.seq);
  grid.update(all, anchor);
  setText(shown, plural(all.length, "person", "people"));
  nobody ||= { some: empty("No such person", el("p", null, "No distinct ID holds that text.")), none: empty("Nobody yet", el("p", null, "Each distinct ID that sends an event is listed here. The view of events says how to send one.")) };
  grid.message(all.length ? undefined : people.size ? nobody.some : nobody.none);
};

const showBar = () => {
  put(one.firstChild,
    el("a", { class: "plain", href: href({ view: "people" }) }, "← People"),
    el("h2", { class: "who-title" }, copyButton(person)),
    el("span", { class: "grow" }),
    el("a", { class: "plain", href: href({ view: "events", params: { person } }) }, "In the events"));
};

let absent;
const showOne = (anchor) => {
  const rows = timeline.rows();
  timelineGrid.update(rows.slice(), anchor);
  absent ||= empty("No event of that person is kept", el("p", null, "It may have been dropped to make room, or the run that it came in has ended."));
  timelineGrid.message(rows.length || store.missing.length ? undefined : absent);
};

let waiting = false;
const refresh = (anchor = true) => {
  if (route.view !== "people" || (store.paused && anchor)) return;
  if (person !== undefined) showOne(anchor);
  else {
    gather();
    showList(anchor);
  }
};
const soon = () => {
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    refresh();
  }, pace);
};

const changed = (now, before) => {
  if (route.view !== "people") return;
  const open = route.item || undefined;
  const other = open !== person || before?.view !== "people";
  person = open;
  list.hidden = person !== undefined;
  one.hidden = person === undefined;
  if (document.activeElement !== search) search.value = route.params.text || "";
  if (other) {
    timeline = new Matching((row) => row.person === person);
    timelineGrid.select(undefined);
    if (person !== undefined) showBar();
  }
  refresh(!other);
  const seq = Number(route.params.seq) || undefined;
  if (person !== undefined && seq && seq !== timelineGrid.selected) timelineGrid.select(seq);
};

export const peopleList = () => (person === undefined ? grid : timelineGrid);
export const leavePerson = () => person !== undefined && go(href({ view: "people" }));

export const startPeople = () => {
  for (const topic of ["rows", "rebuilt"]) on(topic, soon);
  on("paused", (paused) => !paused && refresh());
  onRoute(changed);
  changed();
};
