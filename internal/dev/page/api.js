// Requests to the API. Each failure becomes an Error that says what to do.

const meta = document.querySelector('meta[name="phgen-token"]');

// A Refused is an answer that is no 2xx.
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
    this.title = { 404: "Not there any more", 408: "Nothing came in time", 503: "phgen dev is too busy" }[status] || "phgen dev refused that";
  }
}

const request = async (path, init) => {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...init });
  } catch (err) {
    if (err.name === "AbortError") throw err;
    const gone = new Error("Start it again; this page goes on by itself.");
    gone.title = "phgen dev does not answer";
    throw gone;
  }
  if (response.ok) return response;
  let message = "";
  try {
    message = (await response.json()).error || "";
  } catch {
    // Something between the page and phgen dev answered; its status has to do.
  }
  throw new Refused(response.status, message || `The answer was ${response.status} ${response.statusText}. Is something else listening on ${location.host}?`);
};

// get reads JSON; the parameters that are empty are left out.
export const get = async (path, params, signal) => (await request(path + query(params), { signal })).json();

// lines reads newline-delimited JSON, as text.
export const lines = async (path, params, signal) => (await (await request(path + query(params), { signal })).text()).split("\n").filter(Boolean);

export const query = (params) => {
  const q = new URLSearchParams();
  for (const [key, value] of Object.entries(params || {})) {
    if (value !== undefined && value !== "" && value !== null) q.set(key, value);
  }
  return q.size ? "?" + q : "";
};

// refusal is why a path is refused; empty if it is not, or if nobody answers.
export const refusal = async (path) => {
  const abort = new AbortController();
  try {
    await request(path, { signal: abort.signal });
    abort.abort();
    return "";
  } catch (err) {
    return err.status ? err.message : "";
  }
};

// freshToken reads the token of a server that was started after the page was loaded.
const freshToken = async () => {
  const page = new DOMParser().parseFromString(await (await request("/")).text(), "text/html");
  return page.querySelector('meta[name="phgen-token"]')?.content || "";
};

const write = async (method, path, body) => {
  const once = () => request(path, { method, headers: { Authorization: "Bearer " + meta.content, "Content-Type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body) });
  try {
    return await (await once()).json();
  } catch (err) {
    if (err.status !== 403) throw err;
    const token = await freshToken();
    if (!token || token === meta.content) throw err;
    meta.content = token;
    return (await once()).json();
  }
};

export const setFlag = (key, value, person) => write("PUT", "/api/flags/" + encodeURIComponent(key), person ? { value, person } : { value });
export const setFault = (spec) => write("PUT", "/api/fault", { spec });
export const reset = () => write("POST", "/api/reset");
