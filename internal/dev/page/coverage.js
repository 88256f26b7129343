// The view of coverage: how much of the plan the events have used, and what they have not.
import { get } from "./api.js";
import { badge, copyButton, el, empty, failure, icon, number, plural, put, setText, shell, viewOf } from "./dom.js";
import { setCount } from "./header.js";
import { go, onRoute, route, withParams } from "./route.js";
import { on, store } from "./store.js";

const view = viewOf("coverage");
const most = 1000; // unused parts that are listed
const many = { event: "Events", property: "Properties", value: "Values", "flag variant": "Flag variants", "experiment variant": "Experiment variants", survey: "Surveys", question: "Questions" };
const kinds = Object.keys(many);

const search = el("input", { type: "search", id: "coverage-text", placeholder: "Find what is unused", autocomplete: "off", spellcheck: "false" });
const shown = el("span", { class: "shown" });
const bars = el("div", { class: "bars" });
const list = el("div", { class: "unused" });
view.append(el("div", { class: "scroll" }, bars, el("div", { class: "bar flush" }, el("label", { class: "find" }, el("span", { class: "hidden" }, "Find what is unused"), icon("search"), search, el("kbd", { "aria-hidden": "true" }, "/")), el("span", { class: "grow" }), shown), list));

let doc;
let problem;

const share = (s) => ({ covered: s?.Covered ?? s?.covered ?? 0, of: s?.Of ?? s?.of ?? 0 });
const percent = ({ covered, of }) => (of ? (100 * covered) / of : 100);
// A share that is not whole never reads as 100 %.
const percentText = (s) => (s.covered < s.of ? Math.min(99.9, percent(s)) : 100).toFixed(s.covered === s.of ? 0 : 1) + " %";

const bar = (kind, s) => {
  const chosen = route.params.kind === kind;
  const fill = el("i");
  fill.style.width = percent(s) + "%";
  const unused = s.of - s.covered;
  return el("a", { class: "coverage-bar", "data-kind": kind, href: withParams({ kind: chosen ? "" : kind }), "aria-current": chosen ? "true" : undefined },
    el("span", { class: "coverage-name" }, many[kind] || kind),
    el("span", { class: "coverage-track", "aria-hidden": "true" }, fill),
    el("b", null, percentText(s)),
    el("span", { class: "soft" }, `${number(s.covered)} of ${number(s.of)}`, unused > 0 ? "" : ", complete"));
};

const item = (u) =>
  el("li", { "data-item": u.kind + " " + u.name, tabindex: "-1" }, badge(u.kind), el("code", null, u.name), u.owner && el("span", { class: "soft" }, u.owner), el("span", { class: "grow" }), u.plan && copyButton(u.plan));

const show = () => {
  if (route.view !== "coverage") return;
  if (problem) {
    put(bars, failure(problem, load));
    return put(list);
  }
  if (!doc) return put(bars, empty("Loading", el("p", null, "the coverage.")));
  const total = share(doc.total);
  setCount("coverage", 0);
  const hidden = !store.plan?.file;
  search.closest(".bar").hidden = hidden;
  if (hidden) {
    put(list);
    return put(bars, empty("No tracking plan, no coverage", el("p", null, "With the plan this view shows which of its events, properties and values your application has not sent yet:"), shell("phgen dev --plan tracking-plan.yaml")));
  }
  const rest = Object.keys(doc.kinds || {}).filter((k) => !kinds.includes(k));
  put(bars,
    el("header", { class: "coverage-total" }, el("b", null, percentText(total)), el("p", null, "of the plan was used: ", number(total.covered), " of ", plural(total.of, "part"), ", dropped events included.")),
    [...kinds, ...rest].filter((k) => doc.kinds?.[k]).map((k) => bar(k, share(doc.kinds[k]))));
  showUnused();
};

const showUnused = () => {
  const text = (route.params.text || "").toLowerCase();
  const all = doc.unused || [];
  const some = all.filter((u) => (!route.params.kind || u.kind === route.params.kind) && (!text || (u.name + " " + (u.owner || "")).toLowerCase().includes(text)));
  setText(shown, some.length === all.length ? number(all.length) + " unused" : `${number(some.length)} of ${number(all.length)} unused`);
  put(list, some.length ? el("ul", null, some.slice(0, most).map(item)) : all.length ? empty("Nothing unused matches", el("p", null, "Another kind or fewer words find more.")) : empty("All of the plan was used", el("p", null, "Every event, property, value and variant has been seen.")), some.length > most && el("p", { class: "soft hint" }, "And " + number(some.length - most) + " more; a search finds them."));
};

let seen = 0;
const load = async () => {
  if (route.view !== "coverage") return;
  seen = store.last;
  try {
    doc = await get("/api/coverage");
    problem = undefined;
  } catch (err) {
    problem = err;
  }
  show();
};

search.addEventListener("input", () => go(withParams({ text: search.value.trim() }), true));

let waiting;
const soon = () => {
  if (waiting || route.view !== "coverage" || store.paused) return;
  waiting = setTimeout(() => {
    waiting = undefined;
    if (seen !== store.last) load();
  }, 1000);
};

export const startCoverage = () => {
  on("rows", soon);
  on("run", load);
  on("plan", load);
  onRoute((now, before) => {
    if (now.view !== "coverage") return;
    if (document.activeElement !== search) search.value = now.params.text || "";
    if (before.view !== "coverage") load();
    show();
  });
  search.value = route.view === "coverage" ? route.params.text || "" : "";
  load();
};
