// What was sent beside what the plan has.
import { badge, copyButton, el, plural } from "./dom.js";

const signs = { ok: "✓", invalid: "✗", missing: "−", unsent: "", extra: "+" };
const words = { ok: "as planned", invalid: "not as planned", missing: "required and not sent", unsent: "not sent", extra: "not in the plan" };

const short = (value) => {
  const json = JSON.stringify(value) ?? "";
  return json.length > 160 ? json.slice(0, 160) + "…" : json;
};

const stateOf = (p) => {
  if (p.sent) return p.valid ? "ok" : "invalid";
  return p.required ? "missing" : "unsent";
};

// concerns tells whether a path is that of a property or of something in it.
const concerns = (path, key) => path === key || (path.startsWith(key) && ".[".includes(path[key.length]));

// sentAs is what was sent for a key of the plan, which may be in one of PostHog's own: "$set.email".
const sentAs = (sent, key) => {
  if (Object.hasOwn(sent, key)) return sent[key];
  const [, holder, inner] = /^(\$[a-z_]+)\.(.+)$/s.exec(key) || [];
  return holder && sent[holder] && typeof sent[holder] === "object" ? sent[holder][inner] : undefined;
};

const row = (state, key, type, value, findings, plan, about) =>
  el("tr", { "data-key": key, "data-state": state },
    el("td", { class: "sign" }, el("span", { "aria-hidden": "true" }, signs[state]), el("span", { class: "hidden" }, words[state])),
    el("th", { scope: "row" }, el("code", null, key), about?.deprecated && badge("deprecated", "unplanned"),
      type && el("span", { class: "type" }, type, about?.required && ", required", plan && copyButton(plan, { label: "", name: "Copy " + plan }))),
    el("td", { class: "sent" },
      value === undefined ? el("span", { class: "soft" }, words[state]) : el("code", null, short(value)),
      findings.map((f) => el("span", { class: "why" }, f.path && f.path !== key ? f.path + ": " : "", f.message)),
      about?.description && el("span", { class: "about" }, about.description)));

const order = { missing: 0, invalid: 1, extra: 2, ok: 3, unsent: 4 };

// diff is the table, or undefined if the plan has nothing to say about the event.
export const diff = (detail) => {
  const sent = detail.raw?.properties && typeof detail.raw.properties === "object" ? detail.raw.properties : {};
  const planned = detail.planned || [];
  const findings = detail.all || [];
  const about = (key) => findings.filter((f) => f.path && concerns(f.path, key));
  const known = new Set(planned.map((p) => p.key));
  const rows = planned.map((p) => ({ state: stateOf(p), key: p.key, type: p.type, plan: p.plan, about: p }));
  const own = [];
  for (const key of Object.keys(sent)) {
    if (known.has(key)) continue;
    if (key.startsWith("$") && !about(key).length) own.push({ state: "ok", key });
    else rows.push({ state: about(key).length || !planned.length ? "extra" : "ok", key });
  }
  if (!planned.length && !findings.some((f) => f.path)) return undefined;
  rows.sort((a, b) => order[a.state] - order[b.state]);
  const lines = (list) => list.map((r) => row(r.state, r.key, r.type, sentAs(sent, r.key), about(r.key), r.plan, r.about));
  const unsent = rows.filter((r) => r.state === "unsent");
  const main = rows.filter((r) => r.state !== "unsent");
  return [
    main.length > 0 && table("Properties, as sent and as planned", lines(main)),
    unsent.length > 0 && folded(plural(unsent.length, "optional property", "optional properties") + " not sent", lines(unsent)),
    own.length > 0 && folded(plural(own.length, "property", "properties") + " of PostHog's own", lines(own)),
  ];
};

const table = (caption, rows) => el("table", { class: "diff" }, el("caption", { class: "hidden" }, caption),
  el("thead", null, el("tr", null, [el("th", { scope: "col", class: "sign" }, el("span", { class: "hidden" }, "State")), el("th", { scope: "col" }, "Property"), el("th", { scope: "col" }, "Sent")])), el("tbody", null, rows));
const folded = (title, rows) => el("details", { class: "fold" }, el("summary", null, title), table(title, rows));
