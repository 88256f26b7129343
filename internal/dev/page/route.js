// The address: #/VIEW/ITEM?filters. All that is shown stands in it, so that a link shows the same.

export const views = ["events", "people", "exceptions", "traces", "flags", "coverage", "requests"];
const known = ["event", "verdict", "person", "text", "request", "seq", "kind", "status"];
const listeners = [];

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that somebody typed
  }
};

const parse = (hash) => {
  const [path, ...rest] = hash.replace(/^#?\/?/, "").split("?");
  const [view, ...item] = path.split("/");
  const given = new URLSearchParams(rest.join("?"));
  const params = {};
  for (const key of known) if (given.get(key)) params[key] = given.get(key);
  return { view: views.includes(view) ? view : "events", item: decoded(item.join("/")), params };
};

// route is what is shown now.
export let route = parse(location.hash);

// href is the address of something; what it leaves out is left out there, too.
export const href = ({ view = route.view, item = "", params = {} }) => {
  const q = new URLSearchParams();
  for (const key of known) if (params[key]) q.set(key, params[key]);
  return "#/" + view + (item ? "/" + encodeURIComponent(item) : "") + (q.size ? "?" + q : "");
};

// withParams is the address of what is shown now, with other parameters.
export const withParams = (change) => href({ view: route.view, item: route.item, params: { ...route.params, ...change } });

// go shows an address. With replace it leaves no trace in the history.
export const go = (address, replace) => {
  if (address === location.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  changed();
};

// Each view is found again as it was left; of the one that is shown this is the beginning.
const left = {};
export const addressOf = (view) => (view === route.view ? "" : left[view]) || "#/" + view;

let shown = location.hash;
const changed = () => {
  if (location.hash === shown) return;
  shown = location.hash;
  const before = route;
  left[before.view] = href({ ...before, params: { ...before.params, seq: "" } });
  route = parse(location.hash);
  for (const listener of listeners) listener(route, before);
};

export const onRoute = (listener) => listeners.push(listener);
addEventListener("popstate", changed);
addEventListener("hashchange", changed);
