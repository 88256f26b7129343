// The events of the last two minutes, one bar a second, by verdict.
import { byID, el, frame, number, plural, put, svg, verdicts } from "./dom.js";
import { on, store } from "./store.js";

const seconds = 120;
const height = 32;
const least = 6; // events a second that fill the height, so that few look like few
const order = ["ok", "unplanned", "invalid"]; // from the bottom

const figure = byID("chart");
const bars = Object.fromEntries(order.map((v) => [v, svg("path", { class: v })]));
const drawing = svg("svg", { viewBox: `0 0 ${seconds * 2} ${height}`, preserveAspectRatio: "none", role: "img", "aria-labelledby": "chart-text" }, order.map((v) => bars[v]));
const text = el("figcaption", { id: "chart-text", class: "hidden" }, "No events in the last two minutes.");
const tip = el("output", { class: "tip", "aria-hidden": "true", hidden: true });
put(figure, drawing, text, tip);

let ticks = new Map();
let newest = 0;
let describedAt = 0;

const draw = () => {
  newest = Math.max(Math.floor(Date.now() / 1000), store.summary?.ticks?.at(-1)?.at || 0);
  const paths = { ok: "", unplanned: "", invalid: "" };
  const first = newest - seconds + 1;
  let top = least;
  for (const t of ticks.values()) if (t.at >= first) top = Math.max(top, t.ok + t.unplanned + t.invalid);
  for (const t of ticks.values()) {
    if (t.at < first) continue;
    const x = (t.at - first) * 2;
    let y = height;
    for (const v of order) {
      if (!t[v]) continue;
      const h = Math.max(1.5, ((height - 2) * t[v]) / top); // one bad event among thousands has to be seen
      y = Math.max(0, y - h);
      paths[v] += `M${x} ${y}h1.5v${h}h-1.5z`;
    }
  }
  for (const v of order) bars[v].setAttribute("d", paths[v]);
  if (performance.now() - describedAt > 5000) describe(first);
};

const describe = (first) => {
  describedAt = performance.now();
  const shown = [...ticks.values()].filter((t) => t.at >= first);
  const most = Math.max(0, ...shown.map((t) => t.ok + t.unplanned + t.invalid));
  const sum = (v) => shown.reduce((n, t) => n + t[v], 0);
  const sums = verdicts.map((v) => number(sum(v)) + " " + v);
  text.textContent = most ? `Events in the last two minutes: ${sums.join(", ")}; at most ${number(most)} a second.` : "No events in the last two minutes.";
};

const pointed = (event) => {
  const box = drawing.getBoundingClientRect();
  const at = newest - seconds + 1 + Math.floor(((event.clientX - box.left) / box.width) * seconds);
  const t = ticks.get(at);
  const ago = newest - at;
  tip.textContent = (t ? verdicts.filter((v) => t[v]).map((v) => number(t[v]) + " " + v).join(", ") : "none") + (ago > 0 ? ` · ${plural(ago, "second")} ago` : " · now");
  tip.hidden = false;
};

figure.addEventListener("pointermove", pointed);
figure.addEventListener("pointerleave", () => (tip.hidden = true));

on("summary", frame(() => {
  if (store.paused) return;
  ticks = new Map((store.summary?.ticks || []).map((t) => [t.at, t]));
  draw();
}));
setInterval(() => {
  if (!store.paused && !document.hidden) draw();
}, 1000);
