// Exceptions as people read them: what happened first, then where, one's own code before others'.
import { badge, copyButton, el, plural } from "./dom.js";

// exceptions is the list of a $exception event: the one that was caught first, then its causes.
export const exceptions = (raw) => {
  const list = raw?.properties?.$exception_list;
  return (Array.isArray(list) ? list : []).filter((x) => x && typeof x === "object");
};

const text = (value) => (typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value));

// titleOf is the type and message of an exception.
export const titleOf = (x) => ({ type: text(x?.type) || "Error", value: text(x?.value) });

// framesOf is the stack, the crash site first; on the wire it comes last.
const framesOf = (x) => {
  const frames = x?.stacktrace?.frames;
  return (Array.isArray(frames) ? frames : []).filter((f) => f && typeof f === "object").slice(-200).reverse();
};

const nameOf = (f) => {
  const full = text(f.function) || text(f.resolved_name) || text(f.mangled_name) || "?";
  const cut = full.lastIndexOf("/") + 1; // Go's names begin with the path of their package
  return { packagePath: full.slice(0, cut), name: full.slice(cut) };
};

const placeOf = (f) => {
  const file = text(f.filename) || text(f.abs_path) || text(f.source);
  const line = f.lineno ?? f.line;
  return file + (line ? ":" + line + (f.colno ? ":" + f.colno : "") : "");
};

const frameItem = (f) => {
  const { packagePath, name } = nameOf(f);
  const place = placeOf(f);
  const source = [...(Array.isArray(f.pre_context) ? f.pre_context : []), f.context_line, ...(Array.isArray(f.post_context) ? f.post_context : [])].filter((l) => typeof l === "string");
  return el("li", { class: f.in_app === false ? "foreign" : "own" },
    el("p", { class: "function" }, el("span", { class: "soft" }, packagePath), el("b", null, name)),
    place && copyButton(place),
    f.in_app !== false && source.length > 0 && el("pre", { tabindex: "0", "aria-label": "Source" }, source.map((l) => el("code", { class: l === f.context_line ? "here" : undefined }, l + "\n"))));
};

// runs folds frames of others that stand together.
const runs = (frames) => {
  const items = [];
  for (let i = 0; i < frames.length; ) {
    if (frames[i].in_app !== false) {
      items.push(frameItem(frames[i++]));
      continue;
    }
    const start = i;
    while (i < frames.length && frames[i].in_app === false) i++;
    const some = frames.slice(start, i);
    items.push(el("li", { class: "folded" }, el("details", null, el("summary", null, plural(some.length, "frame") + " of libraries and Go itself"), el("ol", null, some.map(frameItem)))));
  }
  return items;
};

// stack shows all exceptions of an event.
export const stack = (raw) =>
  exceptions(raw).slice(0, 20).map((x, i) => {
    const { type, value } = titleOf(x);
    const frames = framesOf(x);
    const anyOwn = frames.some((f) => f.in_app !== false);
    return el("section", { class: "exception" },
      i > 0 && el("p", { class: "cause" }, "caused by"),
      el("h3", null, el("code", null, type), x.mechanism?.handled === false && badge("unhandled", "invalid")),
      value && el("p", { class: "value" }, value),
      frames.length ? el("ol", { class: "frames" }, anyOwn ? runs(frames) : frames.map(frameItem)) : el("p", { class: "soft" }, "No stack was sent."));
  });
