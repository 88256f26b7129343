// Flows in which the connection is lost.
import assert from "node:assert/strict";
import { eventually } from "./phgen.mjs";
import { account, cart, order, project } from "./samples.mjs";
import { counts, go, live, matches, showsRows, text, visit } from "./visit.mjs";

const lost = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_RESET/;

export default {
  "the page goes on after the server was killed and started again": visit({ events: [project(), cart()], complaint: new RegExp(lost.source + "|403") }, async (page, server) => {
    await showsRows(page, ["cart_opened", "project_created"]);
    await server.kill();
    await page.waitForSelector("body[data-connection=reconnecting]");
    await matches(page, "#notices", /does not answer.*Start it again/s);
    await showsRows(page, ["cart_opened", "project_created"]); // what is on it stays
    await server.again();
    await server.send(account(), order());
    await live(page);
    await showsRows(page, ["order_completed", "account_created"]);
    await eventually(async () => assert.deepEqual(await counts(page), ["2", "0", "0"]));
    assert.equal((await text(page, "#notices")).trim(), "");
    await go(page, "flags"); // whose token is another now
    await page.click("article[data-flag=beta-banner] label:has([data-value=true])");
    await eventually(async () => assert.equal((await server.get("/api/flags")).flags[1].everyone, true));
  }),

  "what was missed is fetched": visit({ events: [project()], complaint: lost }, async (page, server) => {
    await showsRows(page, ["project_created"]);
    await page.context().setOffline(true);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
    for (let i = 0; i < 5; i++) await server.send(...Array.from({ length: 100 }, () => order()));
    await server.send(account());
    await page.context().setOffline(false);
    await eventually(async () => assert.match(await text(page, "#shown"), /^502 events$/), 20_000);
    assert.equal(await page.getAttribute(".grid-events", "aria-rowcount"), "503");
  }),
};
