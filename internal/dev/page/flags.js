// The view of flags: what each one is, for everyone and for one person, switched at once.
import { get, setFlag } from "./api.js";
import { badge, copyButton, el, empty, failure, icon, number, plural, redraw, say, setText, viewOf } from "./dom.js";
import { setCount } from "./header.js";
import { go, href, onRoute, route, withParams } from "./route.js";
import { on } from "./store.js";

const view = viewOf("flags");
const search = el("input", { type: "search", id: "flags-text", placeholder: "Find a flag", autocomplete: "off", spellcheck: "false" });
const shown = el("span", { class: "shown" });
const list = el("div", { class: "scroll" });
view.append(el("div", { class: "bar" }, el("label", { class: "find" }, el("span", { class: "hidden" }, "Find a flag"), icon("search"), search, el("kbd", { "aria-hidden": "true" }, "/")), el("span", { class: "grow" }), shown), list);

let flags = [];
let ready = false;
let problem;
const errors = new Map(); // by key

const word = (value) => (value === false ? "off" : value === true ? "on" : String(value));
const json = (value) => JSON.stringify(value === undefined ? null : value);

const set = async (flag, value, person) => {
  errors.delete(flag.key);
  try {
    const now = await setFlag(flag.key, value, person);
    flags = flags.map((f) => (f.key === flag.key ? now : f));
    say(flag.key + " is " + (value === null ? "as planned" : word(value)) + (person ? " for " + person : " for everyone"));
  } catch (err) {
    errors.set(flag.key, err.message);
    say(err.message);
  }
  show();
};

// choices is a group of radio buttons that looks like one control.
const choices = (flag) => {
  const now = json(flag.everyone ?? null);
  const name = "flag-" + flag.key;
  const choice = (value, text, title) => {
    const input = el("input", { type: "radio", name, "data-value": json(value), title, on: { change: () => set(flag, value) } });
    input.checked = json(value) === now;
    return el("label", { title }, input, el("span", null, text));
  };
  return el("fieldset", { class: "segments" }, el("legend", { class: "hidden" }, flag.key + " for everyone"),
    choice(null, "default", "As the plan or file has it: " + word(flag.default)),
    (flag.values || []).map((v) => choice(v, word(v))));
};

const override = (flag) => {
  const person = el("input", { type: "text", placeholder: "distinct ID", autocomplete: "off", spellcheck: "false", "aria-label": "Person to set " + flag.key + " for", "data-draft": flag.key + " person" });
  const value = el("select", { "aria-label": "Value of " + flag.key + " for that person", "data-draft": flag.key + " value" }, (flag.values || []).map((v) => el("option", { value: json(v) }, word(v))));
  value.value = json((flag.values || []).at(-1));
  const send = (event) => {
    event.preventDefault();
    const id = person.value.trim();
    if (!id) return person.focus();
    person.value = "";
    set(flag, JSON.parse(value.value), id);
  };
  return el("form", { class: "override", on: { submit: send } }, person, value, el("button", { type: "submit", class: "plain" }, "Set for person"));
};

const people = (flag) => {
  const all = Object.entries(flag.people || {});
  if (!all.length) return undefined;
  return el("ul", { class: "chips", "aria-label": "Set for one person" }, all.slice(0, 200).map(([id, value]) =>
    el("li", { "data-person": id }, el("a", { href: href({ view: "people", item: id }) }, id), el("b", null, word(value)),
      el("button", { type: "button", "aria-label": `Take back ${flag.key} for ${id}`, title: "Take back", on: { click: () => set(flag, null, id) } }, icon("close")))));
};

const answers = (flag) => {
  const all = Object.entries(flag.answers || {});
  return el("p", { class: "calls" }, flag.called ? el("a", { href: href({ view: "events", params: { event: "$feature_flag_called", text: flag.key } }) }, plural(flag.called, "call")) : "not called yet",
    all.sort((a, b) => b[1] - a[1]).slice(0, 20).map(([value, n]) => badge(value.replace(/^"(.*)"$/s, "$1").replace(/^false$/, "off").replace(/^true$/, "on") + " " + number(n))));
};

const card = (flag) =>
  el("article", { class: "card", "data-flag": flag.key, "data-item": flag.key, tabindex: "-1", "aria-label": flag.key },
    el("header", null,
      el("h2", null, el("code", null, flag.key)),
      flag.source === "file" && badge("from the file"),
      flag.everyone !== undefined && flag.everyone !== null && badge("set by you", "accent"),
      el("span", { class: "grow" }),
      flag.plan && copyButton(flag.plan)),
    flag.description && el("p", null, flag.description),
    el("div", { class: "controls" }, choices(flag), answers(flag)),
    people(flag),
    override(flag),
    errors.has(flag.key) && el("p", { class: "wrong", role: "alert" }, errors.get(flag.key)));

// show draws anew, and keeps what somebody is typing and where they are.
const show = () => {
  setCount("flags", flags.length);
  if (route.view !== "flags") return;
  const drafts = new Map([...list.querySelectorAll("[data-draft]")].map((e) => [e.dataset.draft, e.value]));
  const text = (route.params.text || "").toLowerCase();
  const some = flags.filter((f) => !text || (f.key + " " + (f.description || "")).toLowerCase().includes(text));
  setText(shown, text ? `${number(some.length)} of ${number(flags.length)}` : plural(flags.length, "flag"));
  redraw(list, [problem && failure(problem, load), some.map(card), !problem && !some.length && (flags.length ? empty("No such flag", el("p", null, "No key or description holds that text.")) : ready ? noFlags() : empty("Loading", el("p", null, "the flags.")))], sameControl);
  for (const e of list.querySelectorAll("[data-draft]")) if (drafts.get(e.dataset.draft)) e.value = drafts.get(e.dataset.draft);
};

// sameControl is the choice or field of the same flag, or else its card.
const sameControl = (list, at) => {
  const key = at.closest("[data-flag]")?.dataset.flag;
  const article = key && list.querySelector(`[data-flag="${CSS.escape(key)}"]`);
  const { value, draft } = at.dataset;
  return (article && (draft ? article.querySelector(`[data-draft="${CSS.escape(draft)}"]`) : value && article.querySelector(`[data-value="${CSS.escape(value)}"]`))) || article;
};

const noFlags = () => empty("No flags", el("p", null, "Flags of the plan are served to your application from here, and switched while it runs. Add one to the plan:"),
  el("pre", { class: "sample" }, el("code", null, "flags:\n  new-checkout:\n    description: One-page checkout\n    kind: boolean\n    default: false")), el("p", null, "Or give a file of definitions: phgen dev --flags FILE"));

const load = async () => {
  try {
    flags = (await get("/api/flags")).flags || [];
    problem = undefined;
    ready = true;
  } catch (err) {
    problem = err;
  }
  show();
};

search.addEventListener("input", () => go(withParams({ text: search.value.trim() }), true));

let waiting;
const soon = () => {
  if (waiting) return;
  waiting = setTimeout(() => {
    waiting = undefined;
    load();
  }, 250);
};

export const startFlags = () => {
  on("flags", soon);
  on("plan", soon);
  on("rows", (rows) => route.view === "flags" && rows.some((r) => r.event === "$feature_flag_called") && soon());
  onRoute((now, before) => {
    if (now.view !== "flags") return;
    if (document.activeElement !== search) search.value = now.params.text || "";
    if (before.view !== "flags") load();
    show();
  });
  search.value = route.view === "flags" ? route.params.text || "" : "";
  show();
};
