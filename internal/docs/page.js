"use strict";
(() => {
  const plan = JSON.parse(document.getElementById("plan").textContent);
  const byID = (id) => document.getElementById(id);
  const titles = Object.fromEntries(plan.sections.map((s) => [s.k, s.t]));
  const singular = { event: "Event", flag: "Flag", experiment: "Experiment", survey: "Survey", ai: "AI feature", person: "Person", context: "Context", group: "Group", type: "Type" };
  const filters = ["kind", "owner", "tag", "status"];
  const state = { q: "", kind: "", owner: "", tag: "", status: "", open: "" };

  // el makes an element. Text never becomes markup: strings are text nodes.
  const el = (name, props, ...children) => {
    const e = document.createElement(name);
    for (const [key, value] of Object.entries(props || {})) {
      if (value === undefined || value === false) continue;
      if (key === "class") e.className = value;
      else e.setAttribute(key, value === true ? "" : value);
    }
    e.append(...children.flat().filter((c) => c !== undefined && c !== null && c !== false && c !== ""));
    return e;
  };
  const idOf = (item) => item.k + "/" + item.n;
  const statusOf = (item) => item.s || "active";

  // What a search looks at, in lower case and computed once.
  const split = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const items = plan.items.map((item, order) => ({
    item, order, id: idOf(item),
    name: item.n.toLowerCase(),
    words: split(item.n),
    keys: [...(item.p || []).map((r) => r.k.toLowerCase()), ...(item.q || []).map((q) => q.k.toLowerCase())],
    labels: [item.o || "", ...(item.t || []), statusOf(item), singular[item.k]].map((s) => s.toLowerCase()),
    about: ((item.x || "") + " " + (item.p || []).map((r) => r.x || "").join(" ")).toLowerCase(),
    values: [...(item.v || []), ...(item.p || []).flatMap((r) => r.v || [])].map((v) => v.n.toLowerCase()),
  }));
  const index = new Map(items.map((entry) => [entry.id, entry]));

  // backlinks: who refers to an item.
  const backlinks = new Map();
  for (const { item, id } of items) {
    const targets = new Set((item.p || []).filter((r) => r.r).map((r) => "type/" + r.r));
    for (const fact of item.f || []) for (const link of fact.l || []) targets.add(link);
    for (const target of targets) {
      if (!backlinks.has(target)) backlinks.set(target, []);
      backlinks.get(target).push(id);
    }
  }

  // rank is how well an entry answers a word; 0 is not at all.
  const rank = (entry, word) => {
    if (entry.name === word) return 100;
    if (entry.name.startsWith(word)) return 60;
    if (entry.words.some((w) => w.startsWith(word))) return 40;
    if (entry.name.includes(word)) return 25;
    if (entry.keys.includes(word)) return 22;
    if (entry.labels.includes(word)) return 20;
    if (entry.keys.some((k) => k.startsWith(word))) return 15;
    if (entry.keys.some((k) => k.includes(word))) return 10;
    if (entry.labels.some((l) => l.startsWith(word))) return 8;
    if (entry.values.some((v) => v.startsWith(word))) return 6;
    return entry.about.includes(word) ? 3 : 0;
  };
  const found = () => {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = [];
    for (const entry of items) {
      const { item } = entry;
      if (state.kind && item.k !== state.kind) continue;
      if (state.owner && item.o !== state.owner) continue;
      if (state.tag && !(item.t || []).includes(state.tag)) continue;
      if (state.status && statusOf(item) !== state.status) continue;
      let score = 0;
      const all = words.every((word) => {
        const r = rank(entry, word);
        score += r;
        return r > 0;
      });
      if (all) hits.push({ entry, score });
    }
    if (words.length) hits.sort((a, b) => b.score - a.score || a.entry.order - b.entry.order);
    return { words, entries: hits.map((h) => h.entry) };
  };

  // The address holds what is open and how the list is filtered.
  const hashOf = (open) => {
    const params = new URLSearchParams();
    if (state.q) params.set("q", state.q);
    for (const f of filters) if (state[f]) params.set(f, state[f]);
    const [kind, ...name] = (open || "").split("/");
    const path = open ? kind + "/" + encodeURIComponent(name.join("/")) : "";
    return "#" + path + (params.size ? "?" + params : "");
  };
  const decode = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const readHash = () => {
    const [path, query] = location.hash.slice(1).split(/\?(.*)/s);
    const params = new URLSearchParams(query || "");
    state.q = params.get("q") || "";
    for (const f of filters) state[f] = params.get(f) || "";
    state.open = decode(path || "");
  };

  const marked = (text, words) => {
    const lower = text.toLowerCase();
    const word = words.filter((w) => lower.includes(w)).sort((a, b) => b.length - a.length)[0];
    if (!word || lower.length !== text.length) return [text];
    const at = lower.indexOf(word);
    return [text.slice(0, at), el("mark", null, text.slice(at, at + word.length)), text.slice(at + word.length)];
  };
  const badge = (text, kind) => el("span", { class: "badge " + (kind || "") }, text);
  const statusBadge = (item) => (item.s ? badge(item.s, item.s === "deprecated" ? "warn" : "") : "");

  const list = byID("list");
  const entryRow = (entry, words) => {
    const { item } = entry;
    const link = el("a", { href: hashOf(entry.id), "data-id": entry.id, "aria-current": entry.id === state.open && "page" },
      el("span", { class: "name" + (item.s === "deprecated" ? " gone" : "") },
        el("code", { title: item.n }, marked(item.n, words)), statusBadge(item), words.length > 0 && badge(singular[item.k], "kind")),
      el("span", { class: "about" }, item.x || " "));
    return el("li", { class: "entry" }, link);
  };
  // The list is long: rows are made when somebody comes near them.
  const chunk = 120;
  let hits = { words: [], entries: [] };
  let made = 0;
  const end = el("li", { class: "end", "aria-hidden": "true" });
  const makeRows = (upTo) => {
    const rows = [];
    for (; made < Math.min(upTo, hits.entries.length); made++) {
      const { item } = hits.entries[made];
      if (!hits.words.length && (made === 0 || hits.entries[made - 1].item.k !== item.k)) rows.push(el("li", { class: "group" }, titles[item.k]));
      rows.push(entryRow(hits.entries[made], hits.words));
    }
    end.before(...rows);
  };
  new IntersectionObserver((seen) => {
    if (seen.some((s) => s.isIntersecting)) makeRows(made + chunk);
  }).observe(end);
  const showList = () => {
    hits = found();
    made = 0;
    list.replaceChildren(end);
    makeRows(Math.max(chunk, hits.entries.findIndex((e) => e.id === state.open) + 20));
    if (!made) list.prepend(el("li", { class: "empty" }, "Nothing matches. Fewer words or filters find more."));
    const total = items.length.toLocaleString("en");
    byID("count").textContent = hits.entries.length === items.length ? total + " entries" : hits.entries.length.toLocaleString("en") + " of " + total;
    byID("clear").hidden = !state.q && filters.every((f) => !state[f]);
  };

  // Details.
  const linkTo = (id) => {
    const [kind, ...rest] = id.split("/");
    const name = rest.join("/");
    return index.has(id) ? el("a", { href: hashOf(id), "data-id": id }, el("code", null, name)) : el("code", null, name);
  };
  const listed = (ids) => ids.flatMap((id, i) => (i ? [", ", linkTo(id)] : [linkTo(id)]));
  const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const facts = (item) => {
    const rows = [];
    const add = (name, ...content) => rows.push(el("dt", null, name), el("dd", null, content));
    if (item.o) add("Owner", el("a", { href: "#?owner=" + encodeURIComponent(item.o) }, item.o), ...contact(item.o));
    if (item.t) add("Tags", el("span", { class: "chips" }, item.t.map((t) => el("a", { class: "badge", href: "#?tag=" + encodeURIComponent(t) }, t))));
    for (const fact of item.f || []) add(fact.n, fact.x || "", ...listed(fact.l || []));
    return el("dl", null, rows);
  };
  const contact = (owner) => {
    const o = plan.owners.find((o) => o.n === owner);
    return o && o.s ? [" · " + o.s] : [];
  };
  const valueList = (values) => el("ul", { class: "values" }, values.map((v) =>
    el("li", { class: v.d ? "gone" : undefined, title: [v.x, v.d].filter(Boolean).join("; ") || undefined }, el("code", null, v.n))));
  const typeOf = (r) => {
    if (!r.r) return [r.t];
    const [before, after] = r.t.split(r.r);
    return [before, linkTo("type/" + r.r), after];
  };
  const propertyRow = (r) => {
    const key = el("div", { class: "key" + (r.d ? " inner" : "") }, el("code", null, r.k), r.q && badge("required", "must"), r.z && badge("nullable"), r.p && badge("personal", "personal"));
    if (r.d) key.style.marginLeft = (Math.min(r.d, 6) - 1) * 0.9 + "rem";
    const limits = [...(r.c || []), r.p && "personal data: " + r.p.replaceAll("_", " "), r.w && "written with " + r.w, r.s && "from " + r.s].filter(Boolean);
    return el("tr", null,
      el("td", null, key),
      el("td", null, typeOf(r)),
      el("td", { class: "about" },
        r.x && el("p", null, r.x),
        r.o && el("p", null, badge("deprecated", "warn"), " " + sentence(r.o.replace(/^deprecated(;| )? ?/, ""))),
        limits.length > 0 && el("p", { class: "limits" }, limits.join(" · ")),
        r.e && el("p", { class: "limits" }, "e.g. ", el("code", null, r.e)),
        r.v && valueList(r.v)));
  };
  const table = (caption, heads, rows) => el("table", null, el("caption", null, caption),
    el("thead", null, el("tr", null, heads.map((h) => el("th", { scope: "col" }, h)))), el("tbody", null, rows));
  const questionRow = (q) => el("tr", null,
    el("td", null, el("div", { class: "key" }, el("code", null, q.k), q.q && badge("required", "must"), q.p && badge("personal", "personal"))),
    el("td", null, q.t),
    el("td", { class: "about" }, q.x && el("p", null, q.x), q.d && el("p", null, q.d), q.c && el("p", { class: "limits" }, q.c.join(" · ")),
      q.p && el("p", { class: "limits" }, "personal data: " + q.p.replaceAll("_", " ")), q.v && valueList(q.v)));
  // coloured JSON: strings that are values, and numbers and words.
  const coloured = (json) => {
    const parts = [];
    let at = 0;
    for (const m of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g)) {
      if (m[1] !== undefined) continue;
      parts.push(json.slice(at, m.index), el("span", { class: m[0][0] === '"' ? "s" : "l" }, m[0]));
      at = m.index + m[0].length;
    }
    parts.push(json.slice(at));
    return el("pre", { tabindex: "0" }, el("code", null, parts));
  };
  // deprecated says why, with a link to what takes the place.
  const deprecated = (item) => {
    const text = sentence(item.d) + ".";
    const name = (item.u || "").split("/").slice(1).join("/");
    const at = name ? text.indexOf("use " + name) + 4 : 0;
    return at < 4 ? [text] : [text.slice(0, at), linkTo(item.u), text.slice(at + name.length)];
  };
  const section = (title, ...content) => [el("h2", null, title), ...content.flat()];
  const detail = ({ item, id }) => {
    const users = backlinks.get(id) || [];
    return el("article", { "aria-labelledby": "title" },
      el("p", { class: "eyebrow" }, singular[item.k], statusBadge(item)),
      el("h1", { tabindex: "-1" }, el("code", null, item.n)),
      item.d && el("p", { class: "note" }, deprecated(item)),
      item.s === "draft" && el("p", { class: "note" }, "A draft: not to be used yet."),
      item.x && el("p", { class: "lead" }, item.x),
      facts(item),
      item.v && section(item.k === "flag" || item.k === "experiment" ? "Variants" : "Values", table("Values", ["Value", "Meaning"], item.v.map((v) =>
        el("tr", null, el("td", null, el("div", { class: "key" }, el("code", null, v.n), v.d && badge("deprecated", "warn"))),
          el("td", { class: "about" }, v.x && el("p", null, v.x), v.d && el("p", { class: "limits" }, sentence(v.d))))))),
      item.p && section(item.k === "flag" ? "Payload" : "Properties", table("Properties of " + item.n, ["Property", "Type", "Meaning"], item.p.map(propertyRow))),
      item.q && section("Questions", table("Questions of " + item.n, ["Question", "Type", "Text"], item.q.map(questionRow))),
      item.e && section(item.e.length > 1 ? "Examples" : "Example", item.e.map(coloured)),
      users.length > 0 && section("Used by", ...usedBy(users)));
  };
  const usedBy = (users) => {
    const most = 40;
    const row = (u) => el("li", null, linkTo(u));
    const all = el("ul", { class: "used" }, users.slice(0, most).map(row));
    if (users.length <= most) return [all];
    const more = el("button", { type: "button", class: "plain" }, "Show all " + users.length.toLocaleString("en"));
    more.addEventListener("click", () => {
      all.append(...users.slice(most).map(row));
      more.remove();
    });
    return [all, el("p", null, more)];
  };
  const home = () => {
    const counts = plan.sections.map((s) => [s, items.filter((e) => e.item.k === s.k)]).filter(([, all]) => all.length);
    const personal = items.reduce((n, e) => n + [...(e.item.p || []), ...(e.item.q || [])].filter((r) => r.p).length, 0);
    const size = (s, all) => (s.k === "person" || s.k === "context" ? all[0].item.p.filter((r) => !r.d).length : all.length);
    return el("article", null,
      el("p", { class: "eyebrow" }, "Tracking plan"),
      el("h1", { tabindex: "-1" }, plan.name + " ", el("span", { class: "version" }, plan.version)),
      plan.description && el("p", { class: "lead" }, plan.description),
      el("ul", { class: "cards" }, counts.map(([s, all]) => el("li", null,
        el("a", { href: "#?kind=" + s.k }, el("b", null, size(s, all).toLocaleString("en")), el("span", null, s.t))))),
      personal > 0 && el("p", { class: "keys" }, (personal === 1 ? "1 property holds" : personal.toLocaleString("en") + " properties hold") + " personal data, marked ", badge("personal", "personal"), "."),
      plan.owners.length > 0 && section("Owners", table("Owners", ["Owner", "Entries", "Contact"], plan.owners.map((o) => el("tr", null,
        el("td", null, el("a", { href: "#?owner=" + encodeURIComponent(o.n) }, o.n)),
        el("td", null, items.filter((e) => e.item.o === o.n).length.toLocaleString("en")),
        el("td", null, [o.x, o.s, o.e, ...(o.c || [])].filter(Boolean).join(" · ")))))),
      el("p", { class: "keys hints" }, [["search", "/"], ["move", "↓", "↑"], ["open", "Enter"], ["clear", "Esc"]].map(([what, ...keys]) =>
        el("span", null, keys.map((k) => el("kbd", null, k)), " " + what))));
  };

  const main = byID("detail");
  const showDetail = () => {
    const entry = index.get(state.open);
    const back = el("p", { class: "back" }, el("a", { href: hashOf(""), "data-id": "" }, "← All entries"));
    if (state.open && !entry) {
      main.replaceChildren(back, el("article", null, el("h1", { tabindex: "-1" }, "Not in this plan"), el("p", { class: "lead" }, "There is no ", el("code", null, state.open), ". It may have been renamed or removed.")));
    } else {
      main.replaceChildren(back, entry ? detail(entry) : home());
    }
    document.body.dataset.view = state.open ? "item" : "list";
    document.title = (entry ? entry.item.n + " · " : "") + plan.name + " " + plan.version;
  };
  const narrow = matchMedia("(max-width: 46rem)");
  let shown; // what was open last
  const show = () => {
    showList();
    for (const f of filters) byID(f).value = state[f];
    if (byID("query").value !== state.q) byID("query").value = state.q;
    const opened = shown !== undefined && shown !== state.open;
    showDetail();
    if (opened) {
      window.scrollTo(0, 0);
      if (narrow.matches && state.open) main.querySelector("h1").focus({ preventScroll: true });
    }
    shown = state.open;
    const current = list.querySelector("[aria-current]");
    if (current && !narrow.matches) current.scrollIntoView({ block: "nearest" });
  };

  // Filters replace the address and never add to the history; opening an entry does add.
  const filtered = () => {
    history.replaceState(null, "", hashOf(state.open));
    showList();
    for (const link of main.querySelectorAll("a[data-id]")) link.setAttribute("href", hashOf(link.dataset.id));
  };
  byID("query").addEventListener("input", (event) => {
    state.q = event.target.value.trim();
    filtered();
    list.scrollTop = 0;
  });
  for (const f of filters) {
    byID(f).addEventListener("change", (event) => {
      state[f] = event.target.value;
      if (narrow.matches) state.open = "";
      filtered();
    });
  }
  byID("clear").addEventListener("click", () => {
    for (const f of ["q", ...filters]) state[f] = "";
    history.replaceState(null, "", hashOf(state.open));
    show();
    byID("query").focus();
  });
  byID("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const first = list.querySelector("a");
    if (first) location.hash = first.getAttribute("href");
  });
  addEventListener("hashchange", () => {
    const focused = list.contains(document.activeElement) && document.activeElement.dataset.id;
    readHash();
    show();
    if (focused) list.querySelector('a[data-id="' + CSS.escape(focused) + '"]')?.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const query = byID("query");
    const at = document.activeElement;
    const inList = list.contains(at) && at.matches("a");
    if (event.key === "/" && !at.matches("input, select, textarea")) {
      event.preventDefault();
      if (narrow.matches && state.open) location.hash = hashOf("");
      query.focus();
      query.select();
    } else if (event.key === "Escape") {
      if (at === query && state.q) {
        query.value = state.q = "";
        filtered();
      } else if (at === query) {
        query.blur();
      } else if (narrow.matches && state.open) {
        location.hash = hashOf("");
      } else {
        query.focus();
      }
      event.preventDefault();
    } else if (at === query || inList) {
      const links = [...list.querySelectorAll("a")];
      const i = inList ? links.indexOf(at) : -1;
      const next = { ArrowDown: i + 1, ArrowUp: i - 1, Home: inList ? 0 : undefined, End: inList ? links.length - 1 : undefined }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      if (next < 0) query.focus();
      else links[Math.min(next, links.length - 1)]?.focus();
      if (next > links.length - 10) makeRows(made + chunk);
    }
  });

  // Everything that the filters let through goes on paper.
  addEventListener("beforeprint", () => {
    if (!state.open) main.replaceChildren(home(), ...found().entries.map(detail));
  });
  addEventListener("afterprint", showDetail);

  const themes = ["", "light", "dark"];
  const names = { "": "Auto", light: "Light", dark: "Dark" };
  const setTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
    byID("theme").textContent = names[theme];
    byID("theme").setAttribute("aria-label", "Colours: " + names[theme]);
  };
  const stored = () => {
    try {
      return localStorage.getItem("phgen.theme") || "";
    } catch {
      return ""; // a browser may keep nothing for a file
    }
  };
  setTheme(themes.includes(stored()) ? stored() : "");
  byID("theme").addEventListener("click", () => {
    const theme = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    setTheme(theme);
    try {
      localStorage.setItem("phgen.theme", theme);
    } catch {
      return;
    }
  });

  const options = (id, words, label) => byID(id).append(...words.map((w) => el("option", { value: w }, label ? label(w) : w)));
  const distinct = (of) => [...new Set(items.flatMap(of))].filter(Boolean).sort((a, b) => a.localeCompare(b, "en"));
  options("kind", plan.sections.map((s) => s.k).filter((k) => items.some((e) => e.item.k === k)), (k) => titles[k]);
  options("owner", distinct((e) => e.item.o || ""));
  options("tag", distinct((e) => e.item.t || []));
  options("status", distinct((e) => statusOf(e.item)));
  for (const f of filters) byID(f).closest("label").hidden = byID(f).options.length < 3 && f !== "kind";

  readHash();
  show();
})();
