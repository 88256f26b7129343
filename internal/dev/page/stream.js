// The connection: server-sent events for what is new, requests for what came before. Whatever
// was missed is fetched, the newest first, in pieces that leave time to draw between them.
import { get, refusal } from "./api.js";
import { append, begin, miss, older, store, tell } from "./store.js";

const chunk = 2000;
const rest = 40; // ms between two chunks
const calm = 1000; // ms without a gap before gaps are filled
const patience = 5000; // ms without a connection until it counts as stopped

let source;
let lastGap = -calm;
let lostAt = 0;
let loading = false;

const connection = (state) => {
  if (store.connection === state) return;
  store.connection = state;
  tell("connection", state);
};

const parsed = (handler) => (message) => {
  let data;
  try {
    data = JSON.parse(message.data);
  } catch {
    return; // a proxy cut it; the next hello finds what is missing
  }
  handler(data);
};

const resync = (hello) => {
  setPlan(hello.plan);
  if (hello.run !== store.run) {
    begin(hello.run);
    fetchSummary();
  }
  miss(store.last + 1, hello.last);
  store.last = Math.max(store.last, hello.last);
  for (const topic of ["flags", "fault", "requests"]) tell(topic);
  load();
};

const setPlan = (plan) => {
  store.plan = plan || {};
  tell("plan");
};

const setSummary = (summary) => {
  if (summary.run && summary.run !== store.run) return;
  store.summary = summary;
  tell("summary");
};

const fetchSummary = async () => {
  try {
    setSummary(await get("/api/summary"));
  } catch {
    // The stream brings one with the next event.
  }
};

const arrived = ({ rows, summary }) => {
  const first = rows[0]?.seq;
  if (first > store.last + 1) {
    lastGap = performance.now();
    setTimeout(load, calm + rest);
  }
  append(rows);
  if (summary) setSummary(summary);
};

// load fetches what is missing, one piece at a time.
const load = async () => {
  if (loading) return;
  loading = true;
  try {
    while (store.missing.length) {
      if (store.rows.length && performance.now() - lastGap < calm) break; // its turn comes when it is quieter
      const range = store.missing.at(-1);
      const run = store.run;
      const page = await get("/api/events", { since: range[0] - 1, before: range[1] + 1, limit: chunk });
      if (page.run !== run || store.run !== run) break;
      older(range, page.rows || [], page.more);
      await new Promise((done) => setTimeout(done, rest));
    }
  } catch {
    setTimeout(load, 2000); // the connection's state tells why
  } finally {
    loading = false;
  }
};

// judgedAnew fetches all rows again, as another plan has another opinion of them.
const judgedAnew = () => {
  store.missing = [];
  miss(1, store.last);
  fetchSummary();
  load();
};

const open = () => {
  source = new EventSource("/api/stream");
  source.addEventListener("open", () => (lostAt = 0));
  source.addEventListener("error", lost);
  const handle = (name, handler) => source.addEventListener(name, parsed(handler));
  handle("hello", (hello) => {
    lostAt = 0;
    store.why = "";
    connection("live");
    resync(hello);
  });
  handle("rows", arrived);
  handle("plan", (plan) => {
    setPlan(plan);
    judgedAnew();
  });
  handle("reset", (hello) => {
    if (hello.run === store.run) return; // hello said so before
    begin(hello.run);
    fetchSummary();
    for (const topic of ["flags", "requests"]) tell(topic);
  });
  handle("flags", () => tell("flags"));
  handle("requests", (state) => tell("requests", state));
  handle("fault", (fault) => tell("fault", fault));
};

const lost = () => {
  const now = performance.now();
  lostAt = lostAt || now;
  connection(now - lostAt > patience ? "stopped" : "reconnecting");
  if (source.readyState !== EventSource.CLOSED) return; // the browser tries again
  source.close();
  askWhy();
  setTimeout(open, 2000);
};

// askWhy learns what an EventSource does not tell: the answer to a request that was refused.
const askWhy = async () => {
  store.why = await refusal("/api/stream");
  if (store.why) connection("stopped");
};

// pause keeps what is shown; what comes is kept for later.
export const pause = (paused) => {
  store.paused = paused;
  tell("paused", paused);
};

export const connect = () => {
  open();
  // A browser that waits before it tries again says nothing meanwhile.
  setInterval(() => lostAt && performance.now() - lostAt > patience && connection("stopped"), 1000);
};
