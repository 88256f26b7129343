// Drives the page of phgen docs: node docs.mjs FOLDER, which holds shop.html, hostile.html
// and big.html. With a second folder, screenshots go there.
import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { contrasts, flows, launch, noSidewaysScroll, watch } from "./browser.mjs";

const [folder, shots] = process.argv.slice(2);
const browser = await launch();
const desktop = { width: 1280, height: 860 };
const phone = { width: 360, height: 740 };

// open opens a page and returns it with what was wrong with it.
const open = async (file, hash = "", options = {}) => {
  const context = await browser.newContext({ viewport: desktop, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(path.join(folder, file)).href;
  const wrong = watch(page, (u) => u.split("#")[0] === url || u === "data:,");
  await page.goto(url + hash);
  return { page, wrong, url, close: () => context.close() };
};
const names = (page) => page.$$eval("#list a code", (all) => all.map((e) => e.textContent));
const title = (page) => page.textContent("main h1");
const hash = (page) => page.evaluate(() => location.hash);
const shot = async (page, name) => shots && page.screenshot({ path: path.join(shots, name + ".png") });

// visit opens a page for a flow and asserts that nothing was wrong with it in the end.
const visit = (file, at, options, flow) => async () => {
  const opened = await open(file, at, options);
  try {
    await flow(opened.page, opened);
    assert.deepEqual(opened.wrong, []);
  } finally {
    await opened.close();
  }
};

await flows({
  "the home page counts": visit("shop.html", "", {}, async (page) => {
    assert.equal((await title(page)).trim(), "acme 3.2.0");
    assert.match(await page.textContent(".cards"), /5Events3Flags/);
    assert.deepEqual((await names(page)).slice(0, 2), ["project_created", "order_completed"]);
    await shot(page, "home");
  }),

  "search ranks names before properties before prose": visit("shop.html", "", {}, async (page) => {
    const all = (await names(page)).length;
    assert.equal(await page.textContent("#count"), `${all} entries`);
    await page.fill("#query", "project_created");
    assert.equal((await names(page))[0], "project_created");
    await page.fill("#query", "order");
    assert.equal((await names(page))[0], "order_completed");
    await page.fill("#query", "coupon");
    assert.deepEqual(await names(page), ["order_completed"]);
    await page.fill("#query", "payment captured");
    assert.equal((await names(page))[0], "order_completed");
    await page.fill("#query", "nothing like this");
    assert.deepEqual(await names(page), []);
    assert.match(await page.textContent("#list"), /Nothing matches/);
    assert.equal(await page.textContent("#count"), `0 of ${all}`);
    await page.click("#clear");
    assert.equal(await page.textContent("#count"), `${all} entries`);
  }),

  "filters narrow the list and stand in the address": visit("shop.html", "", {}, async (page) => {
    await page.selectOption("#owner", "billing");
    assert.deepEqual(await names(page), ["order_completed"]);
    assert.equal(await hash(page), "#?owner=billing");
    await page.selectOption("#owner", "");
    await page.selectOption("#status", "deprecated");
    assert.deepEqual(await names(page), ["signup_completed"]);
    await page.selectOption("#status", "");
    await page.selectOption("#kind", "flag");
    assert.deepEqual(await names(page), ["new-checkout", "beta-banner", "rate-limits"]);
    await page.selectOption("#kind", "");
    await page.selectOption("#tag", "core");
    assert.deepEqual(await names(page), ["project_created"]);
  }),

  "a deep link survives a reload, filters included": visit("shop.html", "#event/order_completed?q=completed&kind=event", {}, async (page) => {
    for (let i = 0; i < 2; i++) {
      assert.equal(await title(page), "order_completed");
      assert.equal(await page.inputValue("#query"), "completed");
      assert.equal(await page.inputValue("#kind"), "event");
      assert.deepEqual(await names(page), ["order_completed", "signup_completed"]);
      assert.equal(await page.getAttribute('#list a[data-id="event/order_completed"]', "aria-current"), "page");
      assert.match(await page.title(), /^order_completed · acme/);
      await page.reload();
    }
    await page.fill("#query", "order");
    await page.click("main table a >> text=LineItem");
    assert.equal(await title(page), "LineItem");
    assert.equal(await hash(page), "#type/LineItem?q=order&kind=event");
    await page.goBack();
    assert.equal(await title(page), "order_completed");
  }),

  "a link to what is not there says so": visit("shop.html", "#event/gone", {}, async (page) => {
    assert.match(await page.textContent("main"), /Not in this plan.*event\/gone/s);
  }),

  "the keyboard is enough": visit("shop.html", "", {}, async (page) => {
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "query");
    await page.keyboard.type("created");
    await page.keyboard.press("Enter");
    assert.equal(await title(page), "project_created");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), "event/account_created");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("main h1").textContent === "account_created");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), "event/account_created");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.id), "query");
    await page.keyboard.press("Escape");
    assert.equal(await page.inputValue("#query"), "");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("End");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), "type/PaymentMethod");
  }),

  "details tell everything": visit("shop.html", "#event/project_created", {}, async (page) => {
    const text = await page.textContent("main");
    for (const part of ["after commit in projects.Create", "organization", "length at most 200", "personal data: ip, hash", "always \"server\"", "\"source\": \"web\"", "nullable", "from request_info"]) {
      assert.ok(text.includes(part), part);
    }
    await page.goto((await page.url()).split("#")[0] + "#event/signup_completed");
    assert.match(await page.textContent("main .note"), /Deprecated since 3\.0\.0; use account_created/);
    await page.goto((await page.url()).split("#")[0] + "#survey/nps");
    assert.match(await page.textContent("main"), /How likely are you to recommend us\?.*0 to 10/s);
    await page.goto((await page.url()).split("#")[0] + "#type/ProjectSource");
    assert.match(await page.textContent("main"), /Used by.*project_created/s);
  }),

  "both themes can be read": async () => {
    const papers = new Set();
    for (const colorScheme of ["light", "dark"]) {
      for (const at of ["", "#event/project_created", "#event/signup_completed?q=completed", "#type/ProjectSource"]) {
        await visit("shop.html", at, { colorScheme }, async (page) => {
          assert.deepEqual(await contrasts(page), []);
          papers.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
          await shot(page, colorScheme + at.replaceAll(/[^a-z]/g, "-"));
        })();
      }
    }
    assert.equal(papers.size, 2);
  },

  "the theme can be chosen, and is kept": visit("shop.html", "", { colorScheme: "light" }, async (page) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.click("#theme"); // light
    assert.equal(await paper(), light);
    await page.click("#theme"); // dark
    const dark = await paper();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await paper(), dark);
  }),

  "a phone shows all of it": visit("hostile.html", "", { viewport: phone, isMobile: true, hasTouch: true }, async (page) => {
    await noSidewaysScroll(page, "the list");
    await shot(page, "phone-list");
    const links = await page.$$eval("#list a", (all) => all.map((a) => a.getAttribute("href")));
    assert.ok(links.length > 5);
    for (const link of links) {
      await page.evaluate((l) => (location.hash = l), link);
      await page.waitForSelector("main h1");
      await noSidewaysScroll(page, link);
      assert.equal(await page.isVisible("#list"), false);
    }
    await shot(page, "phone-item");
    await page.click(".back a");
    assert.equal(await page.isVisible("#list"), true);
  }),

  "what a plan says is never markup": visit("hostile.html", "", {}, async (page, { url }) => {
    for (const link of await page.$$eval("#list a", (all) => all.map((a) => a.getAttribute("href")))) {
      await page.goto(url + link);
      assert.equal(await page.evaluate(() => window.hacked), undefined, link);
      assert.equal(await page.$$eval("main script, main img, main b", (all) => all.length), 0, link);
    }
    await page.goto(url + "#event/" + encodeURIComponent("<script>hacked=1</script>"));
    assert.equal(await title(page), "<script>hacked=1</script>");
    assert.match(await page.textContent("main"), /<\/script><img src=x onerror=hacked=1>/);
  }),

  "a policy forbids everything else": visit("shop.html", "", {}, async (page, { wrong }) => {
    await page.evaluate(() => {
      const s = document.createElement("script");
      s.textContent = "window.hacked = 1";
      document.body.append(s);
    });
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.evaluate(() => fetch("https://example.com/").then(() => "fetched", () => "refused")), "refused");
    assert.ok(wrong.length > 0); // the browser complains about what the test did
    wrong.length = 0;
  }),

  "paper gets all that the filters let through": visit("shop.html", "#?kind=event", {}, async (page) => {
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal((await page.$$("main > article")).length, 6);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.isVisible(".side"), false);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal((await page.$$("main > article")).length, 1);
  }),

  "everything has a name": visit("shop.html", "#event/order_completed", {}, async (page) => {
    const nameless = await page.evaluate(() => {
      const named = (e) => e.labels?.length || e.getAttribute("aria-label") || e.textContent.trim();
      return [...document.querySelectorAll("a, button, input, select")].filter((e) => !named(e)).map((e) => e.outerHTML);
    });
    assert.deepEqual(nameless, []);
    assert.equal((await page.$$("main h1")).length, 1);
    assert.equal(await page.getAttribute("html", "lang"), "en");
    await page.keyboard.press("Tab");
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(ring, "none");
  }),

  "2,000 events are no burden": visit("big.html", "", {}, async (page) => {
    assert.equal(await page.textContent("#count"), "2,108 entries");
    const slowest = await page.evaluate(() => {
      const query = document.getElementById("query");
      let slowest = 0;
      for (const word of ["b", "bi", "bill", "billing", "billing order", "x", ""]) {
        const start = performance.now();
        query.value = word;
        query.dispatchEvent(new Event("input"));
        document.body.getBoundingClientRect();
        slowest = Math.max(slowest, performance.now() - start);
      }
      return slowest;
    });
    assert.ok(slowest < 1000, `a search took ${slowest} ms`); // some 15 ms on a quiet machine
    assert.ok((await page.$$("#list a")).length < 1000);
    for (let i = 0; i < 40; i++) {
      await page.evaluate(() => (document.getElementById("list").scrollTop = 1e9));
      await page.waitForTimeout(20);
    }
    assert.equal((await page.$$("#list a")).length, 2108);
  }),
});
await browser.close();
