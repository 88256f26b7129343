// What stands around the views: counts, connection, plan, pause, clear, colours, and notices.
import { reset as resetServer } from "./api.js";
import { badge, byID, byName, copyButton, el, frame, icon, mark, number, plural, put, say, setText, shell } from "./dom.js";
import { addressOf, route, withParams } from "./route.js";
import { newest, on, store } from "./store.js";
import { pause } from "./stream.js";

const counts = [...document.querySelectorAll("[data-count]")];
const connection = byID("connection");
const notices = byID("notices");

const showCounts = () => {
  const c = store.summary?.counts || {};
  for (const a of counts) {
    const n = number(c[a.dataset.count]);
    setText(a.querySelector("b"), n);
    a.toggleAttribute("data-zero", n === "0");
  }
};

// The title of the tab tells how many events are not as planned.
const showTitle = () => {
  const c = store.summary?.counts || {};
  const bad = (c.unplanned || 0) + (c.invalid || 0);
  const title = (bad ? `(${number(bad)}) ` : "") + (store.plan?.name ? store.plan.name + " · " : "") + "phgen dev";
  if (document.title !== title) document.title = title;
};

const connections = {
  connecting: ["Connecting", "The page is connecting to phgen dev."],
  live: ["Live", "Connected again."],
  reconnecting: ["Reconnecting", "The connection was lost. Trying again."],
  stopped: ["Stopped", "phgen dev does not answer. Start it again; this page goes on by itself."],
};

const showConnection = () => {
  const [word] = connections[store.connection];
  const paused = store.paused && store.connection === "live";
  document.body.dataset.connection = store.connection;
  setText(connection.querySelector("span"), paused ? "Paused" : word);
  showNotices();
};

const notice = (kind, ...content) => el("div", { class: "notice " + kind }, content);

let noticesKey = "";
const showNotices = () => {
  const waiting = store.paused ? newest() - pausedAt : 0;
  const key = [store.connection === "stopped", store.why, store.paused, waiting, store.plan?.error].join("|");
  if (key === noticesKey) return;
  noticesKey = key;
  put(notices,
    store.connection === "stopped" && notice("bad", el("p", null, el("strong", null, store.why ? "phgen dev refused this page." : "phgen dev does not answer at " + location.host + "."), " ", store.why || "Start it again; this page goes on by itself, and what is on it stays until then."), !store.why && copyButton("phgen dev", { name: "Copy the command" })),
    store.plan?.error && notice("warn", el("p", null, el("strong", null, "The plan could not be read; the one before it goes on judging. "), el("code", null, store.plan.error))),
    store.paused && notice("", el("p", null, el("strong", null, "Paused. "), waiting > 0 ? plural(waiting, "event") + " came since." : "Nothing came since."), el("button", { type: "button", class: "plain", on: { click: togglePause } }, "Go on")));
};

let pausedAt = 0;
export const togglePause = () => {
  pausedAt = newest();
  pause(!store.paused);
  document.body.dataset.paused = store.paused;
  const button = byID("pause");
  button.setAttribute("aria-pressed", store.paused);
  button.setAttribute("aria-label", store.paused ? "Go on" : "Pause");
  button.title = (store.paused ? "Go on" : "Pause") + " (P)";
  put(button, icon(store.paused ? "play" : "pause"));
  say(store.paused ? "Paused" : "Live");
  showConnection();
  if (!store.paused) showCounts();
};

const showPlan = () => {
  const plan = store.plan || {};
  const e = byID("plan");
  byID("plan-name").textContent = plan.file ? plan.name || plan.file : store.plan ? "no plan" : "";
  if (!store.plan) return put(e);
  if (!plan.file) {
    return put(e, el("h2", null, "No tracking plan"), el("p", null, "Nothing is judged. Give the plan to have each event checked:"), shell("phgen dev --plan tracking-plan.yaml"));
  }
  put(e,
    el("h2", null, el("span", null, plan.name || "Plan"), " ", el("span", { class: "version" }, plan.version)),
    el("p", null, plural(plan.events?.length || 0, "event"), plan.error ? badge("cannot be read", "invalid") : ""),
    copyButton(plan.file));
};

// Names of events with how many there are of each: the same as the menu, at a glance.
const showNames = () => {
  const e = byID("names");
  e.hidden = route.view !== "events" || !store.summary?.names?.length;
  if (e.hidden || store.paused) return;
  const names = [...store.summary.names].sort((a, b) => byName(a.event, b.event));
  const key = names.map((n) => n.event).join("\n");
  if (key !== e.dataset.key) {
    e.dataset.key = key;
    put(e, el("h2", null, "Names"), el("ul", null, names.map((n) => el("li", null, el("a", { "data-name": n.event, title: n.event }, el("span", null, n.event), el("b", null))))));
  }
  [...e.querySelectorAll("a")].forEach((a, i) => {
    const n = names[i];
    const chosen = route.params.event === n.event;
    a.setAttribute("href", withParams({ event: chosen ? "" : n.event, seq: "" }));
    mark(a, chosen);
    a.dataset.worst = n.invalid ? "invalid" : n.unplanned ? "unplanned" : "ok";
    setText(a.querySelector("b"), number(n.ok + n.unplanned + n.invalid));
  });
};

let namesAsked = false;
const namesSoon = () => {
  if (namesAsked) return;
  namesAsked = true;
  setTimeout(() => {
    namesAsked = false;
    showNames();
  }, byID("names").hidden ? 0 : 400);
};

const showViews = () => {
  for (const a of byID("views").querySelectorAll("a")) {
    mark(a, a.dataset.view === route.view);
    a.setAttribute("href", addressOf(a.dataset.view));
  }
  byID("views").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
  showNames();
};

// setCount writes a number beside a view's name.
export const setCount = (view, n) => setText(byID("views").querySelector(`a[data-view="${view}"] b`), n ? number(n) : "");

const clearAll = async () => {
  const button = byID("reset");
  if (button.dataset.sure !== "true") {
    button.dataset.sure = "true";
    put(button, "Clear all?");
    button.setAttribute("aria-label", "Clear all events, requests and overrides? Press again");
    say("Press again to clear all events, requests and flag overrides");
    setTimeout(settle, 3000);
    return;
  }
  settle();
  try {
    await resetServer();
    say("Cleared");
  } catch (err) {
    say(err.message);
    put(notices, notice("bad", el("p", null, el("strong", null, "Not cleared. "), err.message)));
    noticesKey = "";
  }
};
const settle = () => {
  const button = byID("reset");
  delete button.dataset.sure;
  button.setAttribute("aria-label", "Clear everything");
  put(button, icon("clear"));
};

const themes = ["", "light", "dark"];
const themeNames = { "": "as the system", light: "light", dark: "dark" };
const showTheme = () => {
  const name = themeNames[document.documentElement.dataset.theme || ""];
  byID("theme").setAttribute("aria-label", "Colours: " + name);
  byID("theme").title = "Colours: " + name;
};
const nextTheme = () => {
  const theme = themes[(themes.indexOf(document.documentElement.dataset.theme || "") + 1) % themes.length];
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  showTheme();
  say("Colours: " + themeNames[theme]);
  try {
    localStorage.setItem("phgen.theme", theme);
  } catch {
    // It lasts as long as the page, then.
  }
};

export const startHeader = () => {
  setInterval(showTitle, 1000); // whoever sets it oftener keeps the browser busy
  byID("pause").addEventListener("click", togglePause);
  byID("reset").addEventListener("click", clearAll);
  byID("theme").addEventListener("click", nextTheme);
  byID("skip").addEventListener("click", () => byID("main").focus());
  showTheme();
  on("summary", frame(() => {
    if (!store.paused) showCounts();
    if (store.summary) {
      setCount("events", store.summary.counts.ok + store.summary.counts.unplanned + store.summary.counts.invalid);
      setCount("requests", store.summary.requests);
    }
    namesSoon();
    showNotices();
  }));
  on("paused", showNames);
  on("plan", () => {
    showPlan();
    showNotices();
  });
  on("connection", (state) => {
    showConnection();
    if (state !== "connecting") say(connections[state][1]);
  });
};
export { showViews };
