// A phgen dev of one's own, and what an application sends it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

const program = process.env.PHGEN;
export const examplePlan = process.env.PLAN;

// eventually tries f until it throws no more, for as many ms, and returns what it returns.
export const eventually = async (f, ms = 8000) => {
  for (const end = performance.now() + ms; ; ) {
    try {
      return await f();
    } catch (err) {
      if (performance.now() > end) throw err;
    }
    await new Promise((done) => setTimeout(done, 40));
  }
};

// serve starts phgen dev in a folder of its own, with a copy of the plan that may be changed.
// With a command it runs that.
export const serve = async ({ plan = examplePlan, args = [], command = [], listen = "127.0.0.1:0" } = {}) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "phgen-dev-"));
  const own = path.join(folder, "tracking-plan.yaml");
  if (plan) await copyFile(plan, own);
  const server = new Server(folder, own, args, command);
  await server.start(listen);
  return server;
};

class Server {
  constructor(folder, plan, args, command) {
    Object.assign(this, { folder, plan, args, command });
  }

  async start(listen) {
    const args = ["dev", "--listen", listen, ...this.args, ...(this.command.length ? ["--", ...this.command] : [])];
    this.process = spawn(program, args, { cwd: this.folder, stdio: ["ignore", "ignore", "pipe"] });
    this.ended = once(this.process, "exit");
    this.log = "";
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.log = (this.log + text).slice(-64_000)));
    const url = /phgen: (http:\S+) is PostHog now/;
    await eventually(() => {
      if (!url.test(this.log)) throw new Error("phgen dev does not serve: " + this.log);
    });
    this.url = url.exec(this.log)[1];
    this.token = await this.pageToken();
  }

  async pageToken() {
    return /name="phgen-token" content="([^"]+)"/.exec(await (await fetch(this.url)).text())[1];
  }

  // kill ends the process at once; again starts another one at the same address.
  async kill() {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  again() {
    return this.start(new URL(this.url).host);
  }

  async stop() {
    this.process.kill("SIGINT");
    await this.ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  // get asks the API; change changes something.
  async get(at) {
    return (await fetch(this.url + at)).json();
  }

  async change(method, at, body) {
    const response = await fetch(this.url + at, { method, headers: { Authorization: "Bearer " + this.token, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${at}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  // send sends events in one request and returns its status.
  async send(...events) {
    const response = await fetch(this.url + "/batch/", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ api_key: "phc_dev", batch: events }) });
    await response.arrayBuffer();
    return response.status;
  }
}
