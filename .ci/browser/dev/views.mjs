// Flows in the views beside that of events.
import assert from "node:assert/strict";
import { eventually } from "./phgen.mjs";
import { account, badProject, called, cart, day, exception, order, project, trace } from "./samples.mjs";
import { go, hash, matches, shot, text, visit } from "./visit.mjs";

const inView = (name, selector) => `section[data-view=${name}] ${selector}`;
const shown = (page, selector) => page.$$eval(selector, (all) => all.filter((e) => e.checkVisibility()).map((e) => e.textContent));

export default {
  "a person has a timeline": visit({ events: [project({}, "ada"), cart("linus"), badProject("linus"), account("ada")], at: "people" }, async (page, server) => {
    const people = () => page.$$eval(inView("people", "[data-person]:not([hidden])"), (all) => all.map((e) => e.dataset.person));
    await eventually(async () => assert.deepEqual((await people()).sort(), ["ada", "linus"]));
    assert.match(await text(page, "[data-person=linus]"), /2.*1 invalid.*1 unplanned/);
    await page.click("[data-person=linus]");
    await eventually(async () => assert.equal(await hash(page), "#/people/linus"));
    const timeline = () => page.$$eval(inView("people", ".grid-timeline [data-seq]:not([hidden])"), (all) => all.map((e) => e.dataset.event));
    await eventually(async () => assert.deepEqual((await timeline()).sort(), ["cart_opened", "project_created"]));
    await server.send(order({}, "linus"), order({}, "ada"));
    await eventually(async () => assert.equal((await timeline()).length, 3));
    await page.click(".grid-timeline [data-seq='3']");
    await page.waitForSelector("#panel[data-seq='3'] [data-part=findings]");
    await shot(page, "person");
  }),

  "an exception can be read": visit({ events: [exception("ada"), exception("grace"), exception("linus", "timeout")], at: "exceptions" }, async (page) => {
    const items = () => shown(page, inView("exceptions", "[data-item]"));
    await eventually(async () => assert.equal((await items()).length, 2));
    const first = (await items()).find((t) => t.includes("no such customer"));
    assert.match(first, /2 times.*2 people/s);
    await page.click(inView("exceptions", "[data-item] >> text=no such customer"));
    await matches(page, inView("exceptions", ".entry-detail"), /unhandled/);
    const frames = await shown(page, inView("exceptions", ".frames > li"));
    assert.match(frames[0], /example\.com\/acme\/.*checkout.*checkout\.go:41/s); // the crash site first, one's own code open
    assert.match(frames[0], /panic\(err\)/);
    assert.match(frames[1], /2 frames of libraries and Go itself/);
    assert.match(await text(page, inView("exceptions", ".entry-detail")), /caused by.*sql: no rows in result set/s);
    await shot(page, "exception");
    await page.click(inView("exceptions", "summary"));
    assert.match(await text(page, inView("exceptions", ".frames")), /server\.go:2102/);
  }),

  "a model's work is a tree": visit({ events: [...trace("trace-7"), account()], at: "traces" }, async (page) => {
    await page.click("[data-item='trace-7']");
    await page.waitForSelector(inView("traces", ".spans"));
    const nested = await page.$$eval(inView("traces", ".spans a[data-item]"), (all) =>
      all.map((e) => { let depth = 0; for (let p = e; (p = p.parentElement.closest("ul")); ) depth++; return [depth, e.querySelector(".span-name b").textContent]; }));
    assert.deepEqual(nested, [[1, "support answer"], [2, "answer the ticket"], [3, "search"], [3, "draft"], [3, "translate"]]);
    const all = await text(page, inView("traces", ".entry-detail"));
    for (const want of [/2\.40 s/, /914 → 96 tokens/, /\$0\.0021/, /failed/]) assert.match(all, want);
    await page.click(inView("traces", "a[data-item] >> text=draft"));
    await matches(page, "#panel [data-part=talk]", /My invoice is wrong.*which invoice is it/s);
    await shot(page, "trace");
    await page.keyboard.press("Escape");
    await page.click(inView("traces", "[aria-label='Parts of answer the ticket']"));
    assert.equal((await shown(page, inView("traces", ".spans a[data-item]"))).length, 2);
  }),

  "coverage grows": visit({ events: [project()], at: "coverage" }, async (page, server) => {
    const covered = async () => Number(/(\d+) of \d+ parts/.exec(await text(page, ".coverage-total"))[1]);
    await page.waitForSelector(".coverage-total");
    const before = await covered();
    await matches(page, "[data-kind=event]", /1 of 4/);
    assert.ok((await shown(page, inView("coverage", "[data-item]"))).some((t) => /order_completed/.test(t)));
    await server.send(order(), called("new-checkout", "one-page"));
    await matches(page, "[data-kind=event]", /2 of 4/);
    assert.ok((await covered()) > before);
    assert.ok(!(await shown(page, inView("coverage", "[data-item]"))).some((t) => t.startsWith("eventorder_completed")));
    await page.fill("#coverage-text", "account_created");
    await eventually(async () => assert.ok((await shown(page, inView("coverage", "[data-item]"))).every((t) => t.includes("account_created"))));
    await page.fill("#coverage-text", "");
    await page.click("[data-kind=value]");
    await eventually(async () => assert.ok((await shown(page, inView("coverage", "[data-item]"))).every((t) => t.startsWith("value"))));
  }),

  "each request is in the log": visit({ events: [project(), order()], at: "requests" }, async (page, server) => {
    const logged = () => page.$$eval(inView("requests", "[data-seq]:not([hidden])"), (all) => all.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((e) => e.textContent));
    await eventually(async () => assert.equal((await logged()).length, 1));
    await fetch(server.url + "/batch/", { method: "POST", body: "{broken" });
    await fetch(server.url + "/wp-login.php");
    await eventually(async () => assert.equal((await logged()).length, 3));
    const [unknown, broken, taken] = await logged();
    assert.match(unknown, /404.*GET \/wp-login\.php/);
    assert.match(broken, /400.*POST \/batch\//);
    assert.match(taken, /200.*POST \/batch\/.*2/);
    await page.selectOption("#requests-status", "refused");
    await eventually(async () => assert.equal((await logged()).length, 2));
    await page.selectOption("#requests-status", "");
    await page.click(inView("requests", "[data-status='200']"));
    await eventually(async () => assert.equal(await hash(page), "#/events?request=1"));
    await eventually(async () => assert.match(await text(page, "#shown"), /^2 of 2$/));
    await go(page, "requests");
    await shot(page, "requests");
  }),

  "what is new shows in each view at once": visit({ at: "exceptions" }, async (page, server) => {
    await matches(page, inView("exceptions", ".entries"), /No exceptions/);
    await server.send(...day());
    await eventually(async () => assert.equal((await shown(page, inView("exceptions", "[data-item]"))).length, 2));
    await go(page, "traces");
    await eventually(async () => assert.equal((await shown(page, inView("traces", ".entries [data-item]"))).length, 1));
    await server.send(...trace());
    await eventually(async () => assert.equal((await shown(page, inView("traces", ".entries [data-item]"))).length, 2));
  }),
};
