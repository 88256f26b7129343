// Elements, icons, and the texts of numbers and times. What an event says only ever becomes a
// text node or an attribute: it is never markup.

const svgNamespace = "http://www.w3.org/2000/svg";

export const byID = (id) => document.getElementById(id);
export const viewOf = (name) => document.querySelector(`section[data-view="${name}"]`);

const given = (c) => c !== undefined && c !== null && c !== false && c !== "";

const fill = (e, props, children) => {
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [type, listener] of Object.entries(value)) e.addEventListener(type, listener);
    else e.setAttribute(key, value === true ? "" : value);
  }
  e.append(...children.flat(Infinity).filter(given));
  return e;
};

// el makes an element of HTML; svg makes one of SVG.
export const el = (name, props, ...children) => fill(document.createElement(name), props, children);
export const svg = (name, props, ...children) => fill(document.createElementNS(svgNamespace, name), props, children);

export const icon = (name) => svg("svg", { "aria-hidden": "true", class: "icon" }, svg("use", { href: "#i-" + name }));

// put replaces what is in an element.
export const put = (e, ...children) => e.replaceChildren(...children.flat(Infinity).filter(given));

let behind; // what has the keyboard again when the dialog over the page is closed

// showOver opens a dialog over the page.
export const showOver = (dialog) => {
  behind = document.activeElement;
  dialog.addEventListener("close", () => {
    behind.focus({ preventScroll: true });
    behind = undefined;
  }, { once: true });
  dialog.showModal();
};

const nameOf = (e) => e.dataset.item || e.getAttribute("href") || e.getAttribute("aria-label");
const sameName = (e, at) => nameOf(at) && [...e.querySelectorAll(at.tagName)].find((other) => nameOf(other) === nameOf(at));

// redraw replaces what is in an element, and leaves the keyboard where it was: on what
// same(e, at) finds for the element at that was replaced, by default the one of its name.
export const redraw = (e, content, same = sameName) => {
  const at = behind || document.activeElement;
  const inside = e.contains(at);
  put(e, content);
  const next = inside && same(e, at);
  if (!next) return;
  if (behind) behind = next;
  else next.focus({ preventScroll: true });
};

// mark says that a link is the one that is shown, or not.
export const mark = (link, current) => {
  if (current) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
};

// setText writes only what changed, so that nothing is laid out for nothing.
export const setText = (e, text) => {
  if (e.textContent !== text) e.textContent = text;
};

const grouped = new Intl.NumberFormat("en");
export const number = (n) => grouped.format(n || 0);

// byName sorts names as people expect it.
export const byName = new Intl.Collator("en").compare;
export const plural = (n, one, many = one + "s") => number(n) + " " + (n === 1 ? one : many);

export const bytes = (n) => {
  if (n < 1000) return n + " B";
  if (n < 1e6) return (n / 1000).toFixed(n < 1e4 ? 1 : 0) + " kB";
  return (n / 1e6).toFixed(1) + " MB";
};

export const millis = (ms) => {
  if (ms < 1) return "<1 ms";
  if (ms < 1000) return Math.round(ms) + " ms";
  return (ms / 1000).toFixed(ms < 1e4 ? 2 : 1) + " s";
};

const two = (n) => String(n).padStart(2, "0");

// clock is the time of day, to the millisecond.
export const clock = (at) => {
  const d = new Date(at);
  if (Number.isNaN(d.getTime())) return "";
  return two(d.getHours()) + ":" + two(d.getMinutes()) + ":" + two(d.getSeconds()) + "." + String(d.getMilliseconds()).padStart(3, "0");
};

export const verdicts = ["ok", "unplanned", "invalid"];

// verdictMark shows a verdict by shape, colour and word.
export const verdictMark = (verdict) => el("span", { class: "verdict " + (verdicts.includes(verdict) ? verdict : "") }, icon(verdict), el("span", null, verdict));

export const badge = (text, kind) => el("span", { class: "badge " + (kind || "") }, text);

let quiet = 0;
// say has a screen reader speak, after what it is saying.
export const say = (text) => {
  const status = byID("status");
  clearTimeout(quiet);
  status.textContent = text;
  quiet = setTimeout(() => (status.textContent = ""), 4000);
};

// clipboard needs a secure context; a page on another host than localhost has none.
const toClipboard = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", { class: "hidden", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (!copied) throw new Error("the browser does not let the page copy");
};

// copyButton copies text, or what text() makes of it then; without a label it shows the text.
export const copyButton = (text, { label, name, kind = "place" } = {}) => {
  const sign = icon("copy");
  const button = el("button", { type: "button", class: kind, "aria-label": name || "Copy " + text, title: "Copy" }, label === undefined ? el("code", null, text) : label, sign);
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    try {
      await toClipboard(typeof text === "function" ? text() : text);
      say("Copied");
      button.dataset.copied = "true";
      sign.firstChild.setAttribute("href", "#i-check");
    } catch (err) {
      say("Not copied: " + err.message);
      button.dataset.copied = "false";
    }
    setTimeout(() => {
      delete button.dataset.copied;
      sign.firstChild.setAttribute("href", "#i-copy");
    }, 1500);
  });
  return button;
};

// shell is a command to copy.
export const shell = (text) => el("div", { class: "shell" }, el("pre", { tabindex: "0", "aria-label": "Command" }, el("code", null, text)), copyButton(text, { label: "Copy", name: "Copy the command", kind: "plain" }));

// empty tells that there is nothing, and what to do.
export const empty = (title, ...content) => el("div", { class: "empty" }, el("h2", null, title), content);

// failure tells what went wrong, and offers to try again.
export const failure = (err, again) => el("div", { class: "empty", role: "alert" }, el("h2", null, err.title || "That did not work"), el("p", null, err.message), again && el("button", { type: "button", class: "plain", on: { click: again } }, "Try again"));

// frame runs f at most once a frame, however often it is asked to.
export const frame = (f) => {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      f();
    });
  };
};
