// Opening the page of phgen dev for a flow, and reading what it shows.
import assert from "node:assert/strict";
import path from "node:path";
import { launch, watch } from "../browser.mjs";
import { eventually, serve } from "./phgen.mjs";

export const desktop = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };
export const browser = await launch();

const shots = process.argv[2];
export const shot = async (page, name) => shots && page.screenshot({ path: path.join(shots, name + ".png") });

// visit is a flow with a phgen dev and a page of its own. Options: of serve; of a browser's
// context; at: the address behind the #; events to send before; and what the browser may
// complain about.
export const visit = ({ server: serverOptions, at = "", events = [], complaint, ...options }, flow) => async () => {
  const server = await serve(serverOptions);
  let context;
  try {
    if (events.length) assert.equal(await server.send(...events), 200);
    context = await browser.newContext({ viewport: desktop, ...options });
    const page = await context.newPage();
    const wrong = watch(page, (url) => url.startsWith(server.url + "/"));
    await page.goto(server.url + "/" + (at && "#/" + at));
    await live(page);
    await flow(page, server, wrong);
    assert.deepEqual(wrong.filter((w) => !complaint?.test(w)), []);
  } finally {
    await context?.close();
    await server.stop();
  }
};

export const live = (page) => page.waitForSelector("body[data-connection=live]", { timeout: 15_000 });

// go follows an address of the page as a link would.
export const go = (page, at) => page.evaluate((hash) => (location.hash = hash), "#/" + at);

const inSight = (view) => `section[data-view=${view}]:not([hidden]) [role=row]:not([hidden])`;

// rows are the names of the events in the table, the newest first.
export const rows = (page) => page.$$eval(inSight("events") + "[data-seq]", (all) => all.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((e) => e.dataset.event));
export const showsRows = (page, want) => eventually(async () => assert.deepEqual(await rows(page), want));
export const openRow = (page, seq) => page.click(inSight("events") + `[data-seq="${seq}"]`);
export const counts = (page) => page.$$eval("[data-count] b", (all) => all.map((e) => e.textContent));
export const text = (page, selector) => page.textContent(selector, { timeout: 5000 });
export const part = (page, name) => text(page, `#panel [data-part=${name}]`);
export const matches = (page, selector, want) => eventually(async () => assert.match(await text(page, selector), want));
export const hash = (page) => page.evaluate(() => location.hash);
