// Flows in the view of events and the panel of one.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { eventually } from "./phgen.mjs";
import { account, badOrder, badProject, cart, day, oldSignup, order, project } from "./samples.mjs";
import { counts, go, hash, live, matches, openRow, part, rows, shot, showsRows, text, visit } from "./visit.mjs";

const some = [project({}, "ada"), order({}, "grace"), cart("linus"), badProject("linus"), account("ada")];
const newestFirst = ["account_created", "project_created", "cart_opened", "order_completed", "project_created"];

export default {
  "an empty page tells how to begin": visit({}, async (page, server) => {
    await matches(page, "#events", /Nothing has arrived yet/);
    assert.ok((await text(page, "#events")).includes(`export POSTHOG_HOST=${server.url}`));
    assert.deepEqual(await counts(page), ["0", "0", "0"]);
    await matches(page, "#plan", /acme\s*3\.2\.0/);
    await shot(page, "empty");
  }),

  "events arrive while one looks": visit({}, async (page, server) => {
    const start = performance.now();
    await server.send(...some);
    await showsRows(page, newestFirst);
    const took = performance.now() - start;
    assert.ok(took < 2000, `the events took ${took} ms`);
    await eventually(async () => assert.deepEqual(await counts(page), ["3", "1", "1"]));
    await eventually(async () => assert.match(await page.title(), /^\(2\) acme · phgen dev$/));
    await eventually(async () => assert.match(await page.$eval("#chart path.invalid", (e) => e.getAttribute("d")), /^M/));
    await server.send(order({}, "ada"));
    await showsRows(page, ["order_completed", ...newestFirst]);
  }),

  "filters narrow the table, each and together": visit({ events: some }, async (page) => {
    await showsRows(page, newestFirst);
    await page.selectOption("#event", "project_created");
    await showsRows(page, ["project_created", "project_created"]);
    await page.selectOption("#verdict", "invalid");
    await showsRows(page, ["project_created"]);
    assert.equal(await hash(page), "#/events?event=project_created&verdict=invalid");
    assert.match(await text(page, "#shown"), /^1 of 5$/);
    await page.selectOption("#verdict", "unplanned");
    await showsRows(page, []);
    assert.match(await text(page, "#events"), /No event matches/);
    await page.click("#clear");
    await showsRows(page, newestFirst);
    await page.fill("#person", "ada");
    await showsRows(page, ["account_created", "project_created"]);
    await page.fill("#person", "");
    await page.fill("#text", "AUTUMN");
    await showsRows(page, ["order_completed"]);
    await page.fill("#text", "");
    await page.click("[data-count=unplanned]");
    await showsRows(page, ["cart_opened"]);
  }),

  "what comes is filtered, too": visit({ events: some, at: "events?verdict=ok" }, async (page, server) => {
    const ok = newestFirst.filter((e, i) => i !== 1 && i !== 2);
    await showsRows(page, ok);
    await server.send(cart("linus"), account("linus"));
    await showsRows(page, ["account_created", ...ok]);
    await page.fill("#text", "sso-only");
    await showsRows(page, []);
    await server.send(account("ada"), project({ name: "sso-only" }));
    await showsRows(page, ["project_created"]);
  }),

  "a link shows the same to somebody else": visit({ events: some, at: "events?event=project_created&verdict=invalid&seq=4" }, async (page) => {
    for (let i = 0; i < 2; i++) {
      await showsRows(page, ["project_created"]);
      assert.equal(await page.inputValue("#event"), "project_created");
      assert.equal(await page.inputValue("#verdict"), "invalid");
      await page.waitForSelector("#panel[data-seq='4'] [data-part=findings]");
      await page.reload();
      await live(page);
    }
    await page.click("#close");
    assert.equal(await hash(page), "#/events?event=project_created&verdict=invalid");
    await go(page, "people/linus");
    await matches(page, "section[data-view=people] h2", /linus/);
    await page.goBack();
    await showsRows(page, ["project_created"]);
  }),

  "the panel says what is wrong and where the plan says so": visit({ events: some }, async (page) => {
    await openRow(page, 4);
    const findings = await part(page, "findings");
    for (const [property, line] of [["project_id", 70], ["source", 72], ["members", 73]]) {
      assert.match(findings, new RegExp(`${property}.*tracking-plan\\.yaml:${line}:`, "s"));
    }
    assert.match(findings, /colour/);
    const states = await page.$$eval("#panel [data-part=diff] tr[data-key]", (all) => Object.fromEntries(all.map((e) => [e.dataset.key, e.dataset.state])));
    assert.deepEqual(
      { name: states.name, project_id: states.project_id, members: states.members, colour: states.colour, labels: states.labels },
      { name: "ok", project_id: "invalid", members: "invalid", colour: "extra", labels: "unsent" },
    );
    assert.match(await part(page, "json"), /"seven"/);
    assert.match(await text(page, "#panel .facts"), /posthog-node.*5\.70\.0/s);
    await shot(page, "panel");
    await openRow(page, 2);
    await matches(page, "#panel [data-part=findings]", /as planned/);
  }),

  "findings lead into lists and objects": visit({ events: [badOrder()] }, async (page) => {
    await openRow(page, 1);
    const findings = await part(page, "findings");
    assert.match(findings, /items\[1\]\.sku/);
    assert.match(findings, /items\[1\]\.unit_price/);
    assert.doesNotMatch(findings, /items\[0\]/);
    assert.match(await part(page, "json"), /nothing/);
  }),

  "what is deprecated is marked": visit({ events: [oldSignup()] }, async (page) => {
    assert.match(await text(page, "[role=row][data-seq='1']"), /deprecated/);
    await openRow(page, 1);
    await matches(page, "#panel header", /account_created/);
  }),

  "the snippet makes an event planned": visit({ events: [cart("linus")] }, async (page, server) => {
    await openRow(page, 1);
    const snippet = await page.textContent("#panel [data-part=snippet] pre");
    assert.match(snippet, /^\s*cart_opened:/m);
    const plan = await readFile(server.plan, "utf8");
    await writeFile(server.plan, plan.replace(/^events:\n/m, "events:\n" + snippet));
    await page.waitForSelector("[role=row][data-seq='1'][data-verdict=ok]", { timeout: 10_000 });
    await matches(page, "#panel [data-part=findings]", /as planned/);
    await eventually(async () => assert.deepEqual(await counts(page), ["1", "0", "0"]));
    await writeFile(server.plan, "phgen: 1\nplan: {nme: acme}\n");
    await matches(page, "#notices", /could not be read.*tracking-plan\.yaml:2/s);
    await writeFile(server.plan, plan);
    await page.waitForSelector("[role=row][data-seq='1'][data-verdict=unplanned]", { timeout: 10_000 });
  }),

  "a paused table stands still": visit({ events: some }, async (page, server) => {
    await showsRows(page, newestFirst);
    await page.click("#pause");
    await server.send(order(), order());
    await matches(page, "#notices", /2 events came since/);
    assert.deepEqual(await rows(page), newestFirst);
    await page.click("#pause");
    await showsRows(page, ["order_completed", "order_completed", ...newestFirst]);
  }),

  "the filtered events can be taken along": visit({ events: day(), at: "events?event=order_completed" }, async (page) => {
    await showsRows(page, ["order_completed", "order_completed"]);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
    assert.equal(download.suggestedFilename(), "events.ndjson");
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").map((l) => JSON.parse(l).event);
    assert.deepEqual(lines, ["order_completed", "order_completed"]);
  }),

  "without a plan nothing is wrong, and the page says why": visit({ server: { plan: "" }, events: [cart()] }, async (page) => {
    await matches(page, "#plan", /No tracking plan.*phgen dev --plan/s);
    await eventually(async () => assert.deepEqual(await counts(page), ["1", "0", "0"]));
    await go(page, "coverage");
    await matches(page, "section[data-view=coverage]", /No tracking plan/);
  }),
};
