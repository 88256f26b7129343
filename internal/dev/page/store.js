// The events that the page has, in the order of arrival, and what the server says of them all.

const most = 100_000; // rows that are kept; what is older stays on the server

const listeners = new Map();

// on calls back: "rows" (appended), "rebuilt" (others are there now), "summary", "plan",
// "connection", "loading", "paused", "requests", "flags", "fault" and "run".
export const on = (topic, listener) => listeners.set(topic, [...(listeners.get(topic) || []), listener]);
export const tell = (topic, value) => {
  for (const listener of listeners.get(topic) || []) listener(value);
};

export const store = {
  run: "",
  rows: [], // ascending by seq
  last: 0, // the newest seq that there is
  missing: [], // [from, to] of seqs that there are and that are not in rows, ascending
  summary: null,
  plan: null,
  connection: "connecting",
  why: "", // it was refused
  paused: false,
};

export const newest = () => store.rows.at(-1)?.seq || 0;

// begin forgets all, for another run.
export const begin = (run) => {
  store.run = run;
  store.rows = [];
  store.last = 0;
  store.missing = [];
  store.summary = null;
  tell("run");
  tell("rebuilt");
  tell("summary");
};

// miss notes that rows of these seqs have to be fetched.
export const miss = (from, to) => {
  if (from > to) return;
  const list = store.missing;
  list.push([from, to]);
  list.sort((a, b) => a[0] - b[0]);
  if (list.length > 200) list.shift();
  tell("loading");
};

// append takes rows that have just arrived.
export const append = (rows) => {
  const fresh = rows.filter((r) => r.seq > store.last);
  if (!fresh.length) return;
  miss(store.last + 1, fresh[0].seq - 1);
  store.rows.push(...fresh);
  store.last = fresh.at(-1).seq;
  if (store.rows.length > most * 1.05) {
    store.rows = store.rows.slice(-most);
    store.missing = store.missing.filter(([, to]) => to > store.rows[0].seq);
    tell("rebuilt");
  } else {
    tell("rows", fresh);
  }
};

// older takes fetched rows; range is the one of missing that they are of, and more whether it
// has older ones still.
export const older = (range, rows, more) => {
  const i = store.missing.indexOf(range);
  if (i < 0) return;
  if (more && rows.length) store.missing[i] = [range[0], rows[0].seq - 1];
  else store.missing.splice(i, 1);
  if (rows.length) {
    store.rows = merge(store.rows, rows);
    store.last = Math.max(store.last, newest());
    if (store.rows.length >= most) store.missing = store.missing.filter(([, to]) => to > store.rows[0].seq);
    tell("rebuilt");
  }
  tell("loading");
};

// merge joins two ascending lists; of two rows with the same seq the second list's stays, as it
// is the newer judgement.
const merge = (a, b) => {
  if (!a.length || !b.length) return a.length ? a : b;
  if (a.at(-1).seq < b[0].seq) return a.concat(b);
  if (b.at(-1).seq < a[0].seq) return b.concat(a);
  const all = [];
  let i = 0;
  for (const row of b) {
    while (i < a.length && a[i].seq < row.seq) all.push(a[i++]);
    if (i < a.length && a[i].seq === row.seq) i++;
    all.push(row);
  }
  while (i < a.length) all.push(a[i++]);
  return all;
};

// find is the place of a seq in an ascending list, or of the next one after it.
export const find = (rows, seq) => {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (rows[mid].seq < seq) low = mid + 1;
    else high = mid;
  }
  return low;
};

export const filters = ["event", "verdict", "person", "text", "request"];
export const isFiltered = (params) => filters.some((f) => params[f]);

// matcher tells whether a row passes the filters; text needs the server, as rows lack it.
export const matcher = ({ event, verdict, person, request }) => {
  const of = Number(request) || 0;
  return (row) => (!event || row.event === event) && (!verdict || row.verdict === verdict) && (!person || row.person === person) && (!of || row.request === of);
};

// Matching are the rows that pass a filter. It looks at each row once, as long as the store's
// list only grows.
export class Matching {
  constructor(match) {
    this.match = match;
    this.found = [];
  }

  rows() {
    if (this.of !== store.rows) {
      this.of = store.rows;
      this.looked = 0;
      this.found = [];
    }
    for (; this.looked < this.of.length; this.looked++) if (this.match(this.of[this.looked])) this.found.push(this.of[this.looked]);
    return this.found;
  }
}
