// Flows that change something: flags, faults, all of it.
import assert from "node:assert/strict";
import path from "node:path";
import { PostHog } from "posthog-node";
import { eventually } from "./phgen.mjs";
import { called, day, project } from "./samples.mjs";
import { counts, go, matches, rows, shot, showsRows, text, visit } from "./visit.mjs";

const app = ["node", path.join(import.meta.dirname, "app.mjs")];
const choose = (page, flag, value) => page.click(`article[data-flag="${flag}"] label:has([data-value='${JSON.stringify(value)}'])`);
const chosen = (page, flag) => page.$eval(`article[data-flag="${flag}"] input[type=radio]:checked`, (e) => JSON.parse(e.dataset.value));

// shown is the variant that the application told last for a person.
const shown = async (server, person) => {
  const { rows } = await server.get(`/api/events?event=checkout_shown&person=${person}&limit=1`);
  return (await server.get("/api/events/" + rows.at(-1).seq)).raw.properties.variant;
};

export default {
  "a flag that is toggled reaches the app within two seconds": visit({ server: { command: app }, at: "flags" }, async (page, server) => {
    await page.waitForSelector("article[data-flag=new-checkout]");
    await eventually(async () => assert.equal(await shown(server, "ada"), "control"), 15_000);
    const took = [];
    for (const value of ["one-page", false, "control"]) {
      const start = performance.now();
      await choose(page, "new-checkout", value);
      await eventually(async () => assert.equal(await shown(server, "ada"), value), 15_000);
      took.push(performance.now() - start);
    }
    console.log(`     the app saw the changes after ${took.map(Math.round).join(", ")} ms`);
    assert.ok(Math.min(...took) < 2000); // the machine may be busy once or twice
    await choose(page, "new-checkout", null);
    await eventually(async () => assert.equal(await shown(server, "ada"), "control"));
    for (const answer of [/control \d/, /one-page \d/, /off \d/]) await matches(page, "article[data-flag=new-checkout] .calls", answer);
    await shot(page, "flags");
  }),

  "a flag for one person is for one person": visit({ server: { command: app }, at: "flags" }, async (page, server) => {
    const flag = "article[data-flag=new-checkout] ";
    await page.waitForSelector(flag);
    await page.fill(flag + ".override input", "grace");
    await page.selectOption(flag + ".override select", { label: "one-page" });
    await page.click(flag + ".override button");
    await page.waitForSelector(flag + "[data-person=grace]");
    await eventually(async () => assert.deepEqual([await shown(server, "ada"), await shown(server, "grace")], ["control", "one-page"]), 15_000);
    assert.deepEqual((await server.get("/api/flags")).flags[0].people, { grace: "one-page" });
    await page.click(flag + "[data-person=grace] button");
    await eventually(async () => assert.equal(await shown(server, "grace"), "control"), 15_000);
  }),

  "somebody else's change shows": visit({ at: "flags" }, async (page, server) => {
    await page.waitForSelector("article[data-flag=beta-banner]");
    assert.equal(await chosen(page, "beta-banner"), null);
    await server.change("PUT", "/api/flags/beta-banner", { value: true });
    await eventually(async () => assert.equal(await chosen(page, "beta-banner"), true));
    await server.send(called("beta-banner", true), called("beta-banner", true));
    await matches(page, "article[data-flag=beta-banner] .calls", /2 calls.*on 2/s);
  }),

  "an outage is rehearsed, and the client tries again": visit({ at: "requests" }, async (page, server) => {
    const client = new PostHog("phc_dev", { host: server.url, flushAt: 1, fetchRetryDelay: 300, fetchRetryCount: 20, disableGeoip: true });
    await page.click("[data-fault='503:30s']");
    await matches(page, "#fault-now", /503.*s left/s);
    await page.waitForSelector(".fault-chip:not([hidden])");
    client.capture({ distinctId: "ada", event: "account_created", properties: { method: "email" } });
    const status = (want) => page.waitForSelector(`section[data-view=requests] [role=row][data-status='${want}']:not([hidden])`);
    await status(503);
    assert.equal((await server.get("/api/summary")).last, 0);
    await page.click("#fault-end");
    await page.waitForSelector("#fault-now", { state: "hidden" });
    await status(200);
    assert.equal((await server.get("/api/wait?event=account_created&verdict=ok&timeout=10s")).rows.length, 1);
    const log = (await server.get("/api/requests")).requests.filter((r) => r.kind === "capture");
    assert.ok(log.slice(0, -1).every((r) => r.status === 503 && r.fault && r.events === 0 && r.refusal), JSON.stringify(log));
    assert.deepEqual([log.at(-1).status, log.at(-1).events, log.at(-1).fault, log.at(-1).attempt], [200, 1, undefined, log.length]);
    await matches(page, "section[data-view=requests] [data-status='503']", /fault/);
    await matches(page, "section[data-view=requests] [data-status='200']", /attempt \d/);
    await shot(page, "retry");
    await client.shutdown();
  }),

  "faults end by themselves, and a bad one is explained": visit({ at: "requests", complaint: /422/ }, async (page, server) => {
    await page.fill("#fault-spec", "teapot=1");
    await page.press("#fault-spec", "Enter");
    await matches(page, "#fault-error", /"teapot=1"/);
    await page.fill("#fault-spec", "429:1s");
    await page.press("#fault-spec", "Enter");
    await matches(page, "#fault-now", /429/);
    assert.equal(await server.send(project()), 429);
    await page.waitForSelector("#fault-now", { state: "hidden" });
    await eventually(async () => assert.deepEqual((await server.get("/api/fault")).active, []));
    assert.equal(await server.send(project()), 200);
  }),

  "all can be forgotten": visit({ events: day() }, async (page, server) => {
    await eventually(async () => assert.ok((await rows(page)).length > 20));
    await server.change("PUT", "/api/flags/beta-banner", { value: true });
    await page.click("#reset");
    await matches(page, "#reset", /Clear all\?/);
    await page.click("#reset");
    await matches(page, "#events", /Nothing has arrived yet/);
    await eventually(async () => assert.deepEqual(await counts(page), ["0", "0", "0"]));
    assert.equal((await server.get("/api/flags")).flags[1].everyone, undefined);
    await go(page, "exceptions");
    await matches(page, "section[data-view=exceptions]", /No exceptions/);
    await go(page, "events");
    await server.send(project());
    await showsRows(page, ["project_created"]);
    assert.equal(await text(page, "[data-count=ok] b"), "1");
  }),
};
