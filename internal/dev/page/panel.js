// The panel of one event: what the plan says, what was sent, where it came from.
import { get } from "./api.js";
import { badge, byID, bytes, clock, copyButton, el, failure, icon, put, verdictMark } from "./dom.js";
import { diff } from "./diff.js";
import { go, href, onRoute, route, withParams } from "./route.js";
import { exceptions, stack } from "./stack.js";
import { on, store } from "./store.js";
import { talk } from "./talk.js";
import { marksOf, tree } from "./tree.js";

const panel = byID("panel");
const sheet = matchMedia("(max-width: 60rem)");
let shown; // the seq
let loading;
let opener; // what had the focus before

export const close = () => go(withParams({ seq: "" }), true);
export const isOpen = () => !panel.hidden;

// step is set by the page: it opens the next or former row of the view's list.
export const steps = { to: () => {} };

const part = (name, title, ...content) => el("section", { class: "part", "data-part": name, "aria-label": title }, el("h3", null, title), content);

const toolbar = (title) =>
  el("div", { class: "panel-top" }, title,
    el("div", { class: "panel-tools" },
      el("button", { type: "button", class: "tool step", "aria-label": "Next newer event", title: "Newer (K)", on: { click: () => steps.to(-1) } }, icon("up")),
      el("button", { type: "button", class: "tool step", "aria-label": "Next older event", title: "Older (J)", on: { click: () => steps.to(1) } }, icon("down")),
      el("button", { type: "button", class: "tool", id: "close", "aria-label": "Close the event", title: "Close (Esc)", on: { click: close } }, icon("close"))));

const facts = (d) => {
  const trace = d.raw?.properties?.$ai_trace_id;
  const rows = [
    ["Arrived", clock(d.at) + " · " + bytes(d.bytes)],
    d.timestamp && ["Timestamp", el("code", null, d.timestamp)],
    ["Person", el("a", { href: href({ view: "people", item: d.person, params: { seq: d.seq } }) }, el("code", null, d.person || "none"))],
    ["Request", el("a", { href: href({ view: "requests", params: { request: d.request, seq: d.seq } }) }, el("code", null, d.path), " no. " + d.request)],
    typeof trace === "string" && trace && ["Trace", el("a", { href: href({ view: "traces", item: trace, params: { seq: d.seq } }) }, el("code", null, trace))],
    d.sdk && ["Sent by", d.sdk],
    d.uuid && ["UUID", copyButton(d.uuid)],
    d.plan && ["Planned in", copyButton(d.plan)],
  ];
  return el("dl", { class: "facts" }, rows.filter(Boolean).map(([name, ...value]) => [el("dt", null, name), el("dd", null, value)]));
};

const finding = (f) =>
  el("li", { "data-rule": f.rule },
    f.path && el("code", { class: "path" }, f.path),
    el("span", { class: "message" }, f.message, " ", el("span", { class: "soft rule" }, f.rule)),
    f.plan && copyButton(f.plan));

const findings = (d) => {
  const all = d.all || [];
  if (all.length) return part("findings", all.length === 1 ? "What is wrong" : `What is wrong (${all.length})`, el("ul", { class: "findings" }, all.slice(0, 200).map(finding)));
  if (!store.plan?.file) return undefined;
  return part("findings", "What the plan says", el("p", { class: "soft" }, d.event.startsWith("$") && !d.plan ? "An event of PostHog's own. Nothing is wrong with it." : "It is as planned."));
};

const snippet = (d) =>
  d.snippet && part("snippet", "To add to the plan",
    el("div", { class: "shell" }, el("pre", { tabindex: "0", "aria-label": "YAML for the plan" }, el("code", null, d.snippet)), copyButton(d.snippet, { label: "Copy", name: "Copy the snippet", kind: "plain" })));

const json = (d) => {
  const marks = marksOf((d.all || []).filter((f) => f.path).map((f) => [f.path, f.message]));
  const copy = copyButton(() => JSON.stringify(d.raw, null, 2), { label: "Copy", name: "Copy the JSON", kind: "plain" });
  return el("section", { class: "part", "data-part": "json", "aria-label": "JSON" }, el("h3", null, "JSON, as sent", copy), tree(d.raw, { marks, root: "properties" }));
};

const render = (d) => {
  const properties = diff(d);
  const said = talk(d.raw);
  const title = el("h2", { id: "panel-title", tabindex: "-1" }, el("code", null, d.event));
  panel.setAttribute("aria-label", "Event " + d.event);
  put(panel,
    toolbar(el("p", { class: "eyebrow" }, "Event ", d.seq)),
    el("div", { class: "panel-body" },
      el("header", null, title, el("p", { class: "marks" }, verdictMark(d.verdict), d.deprecated && badge("deprecated", "unplanned")), d.deprecated && el("p", { class: "note" }, d.deprecated)),
      findings(d),
      snippet(d),
      exceptions(d.raw).length > 0 && part("stack", "Exception", stack(d.raw)),
      said && part("talk", "Input and output", said),
      properties && part("diff", "Sent and planned", properties),
      facts(d),
      json(d)));
};

const load = async (seq) => {
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  try {
    const detail = await get("/api/events/" + seq, undefined, signal);
    if (signal.aborted) return;
    render(detail);
  } catch (err) {
    if (err.name === "AbortError") return;
    put(panel, toolbar(el("p", { class: "eyebrow" }, "Event ", seq)), err.status === 404 ? failure({ title: "Event " + seq + " is not there", message: "It was dropped to make room, or the run that it came in has ended. The table has what is kept." }) : failure(err, () => load(seq)));
  }
};

const show = () => {
  const seq = route.params.seq && /^\d+$/.test(route.params.seq) ? route.params.seq : undefined;
  const was = isOpen();
  panel.hidden = !seq;
  document.body.toggleAttribute("data-panel", Boolean(seq));
  for (const e of [document.querySelector(".top"), document.querySelector(".side"), byID("main")]) e.inert = Boolean(seq) && sheet.matches;
  for (const [name, value] of [["role", "dialog"], ["aria-modal", "true"]]) {
    if (sheet.matches) panel.setAttribute(name, value);
    else panel.removeAttribute(name);
  }
  if (!seq) {
    shown = undefined;
    loading?.abort();
    panel.removeAttribute("data-seq");
    put(panel);
    if (was && opener?.isConnected) opener.focus({ preventScroll: true });
    return;
  }
  if (!was) opener = document.activeElement;
  if (shown === seq) return;
  shown = seq;
  panel.dataset.seq = seq;
  if (!was) {
    put(panel, toolbar(el("p", { class: "eyebrow" }, "Event ", seq)));
    if (sheet.matches) panel.focus({ preventScroll: true });
  }
  load(seq);
};

export const startPanel = () => {
  onRoute(show);
  on("plan", () => shown && load(shown));
  on("run", () => shown && load(shown));
  sheet.addEventListener("change", show);
  show();
};
