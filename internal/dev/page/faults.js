// Rehearsing outages: faults that PostHog's side of phgen dev meets for a while.
import { get, setFault } from "./api.js";
import { byID, el, icon, put, say, setText } from "./dom.js";
import { on } from "./store.js";

const presets = [
  ["503:30s", "503 for 30 s"],
  ["429:30s", "429 for 30 s"],
  ["latency=2s:60s", "2 s slow"],
  ["reset=10%:60s", "10 % cut off"],
  ["hang=5%:60s", "5 % hang"],
  ["503", "Down until ended"],
];

let fault = { spec: "", active: [] };
let until = []; // of each active one, or Infinity

const spec = el("input", { type: "text", id: "fault-spec", placeholder: "503:30s,latency=2s", autocomplete: "off", spellcheck: "false", "aria-describedby": "fault-error" });
const error = el("p", { class: "wrong", id: "fault-error", role: "alert", hidden: true });
const now = el("div", { class: "fault-now", id: "fault-now", hidden: true });
const chip = el("a", { class: "fault-chip", href: "#/requests", hidden: true });

const start = async (text) => {
  error.hidden = true;
  try {
    take(await setFault(text));
    say(text ? "Fault started: " + text : "No fault any more");
    if (text) spec.value = "";
  } catch (err) {
    error.textContent = err.message;
    error.hidden = false;
  }
};

const left = (at) => (at === Infinity ? "until ended" : Math.max(0, Math.ceil((at - Date.now()) / 1000)) + " s left");

const take = (doc) => {
  fault = { spec: doc?.spec || "", active: doc?.active || [] };
  until = fault.active.map((a) => (a.left_ms ? Date.now() + a.left_ms : Infinity));
  put(now, el("ul", null, fault.active.map((a) => el("li", null, el("code", null, a.text), " ", el("span", { class: "left" })))), el("button", { type: "button", class: "plain", id: "fault-end", on: { click: () => start("") } }, "End the outage"));
  put(chip, icon("bolt"), el("code", null, fault.active.map((a) => a.text).join(", ")), " ", el("span", { class: "left" }));
  count();
};

const count = () => {
  // One that has run out is over, even before the server says so.
  const running = until.filter((at) => at > Date.now());
  now.hidden = chip.hidden = !running.length;
  document.body.toggleAttribute("data-fault", running.length > 0);
  [...now.querySelectorAll(".left")].forEach((e, i) => setText(e, left(until[i])));
  const soonest = Math.max(...until, 0);
  const text = chip.querySelector(".left");
  if (text) setText(text, left(soonest));
};

// panel is the card of faults, for the view of requests.
export const faultCard = () =>
  el("section", { class: "faults", "aria-labelledby": "h-faults" },
    el("h2", { id: "h-faults" }, icon("bolt"), "Rehearse an outage"),
    el("div", { class: "presets" }, presets.map(([text, label]) => el("button", { type: "button", class: "plain", "data-fault": text, on: { click: () => start(text) } }, label)),
      el("form", { class: "fault-form", on: { submit: (event) => {
        event.preventDefault();
        if (spec.value.trim()) start(spec.value.trim());
        else spec.focus();
      } } }, el("label", { class: "hidden", for: "fault-spec" }, "Another fault"), spec, el("button", { type: "submit", class: "plain" }, "Start"))),
    error, now);

export const startFaults = () => {
  byID("connection").before(chip);
  on("fault", (doc) => (doc ? take(doc) : load()));
  setInterval(() => until.length && count(), 250);
};

const load = async () => {
  try {
    take(await get("/api/fault"));
  } catch {
    take(); // the connection's state tells why
  }
};
