// Flows about how the page looks, and to whom.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { contrasts, noSidewaysScroll } from "../browser.mjs";
import { eventually } from "./phgen.mjs";
import { badProject, day, hostile, trace } from "./samples.mjs";
import { desktop, go, hash, matches, phone, rows, shot, visit } from "./visit.mjs";

const { source: axe } = createRequire(import.meta.url)("axe-core");

// places are what there is to see once a day has been sent.
const places = ["events", "events?seq=6", "events?event=nothing", "people", "people/ada", "exceptions", "traces/trace-7", "flags", "coverage", "requests"];

const settled = (page) => page.waitForTimeout(250); // animations, and what is fetched

// everywhere is a flow in both themes, on a desk and on a phone.
const everywhere = (flow) => async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [desktop, phone]) {
      await visit({ events: day(), colorScheme, viewport }, (page) => flow(page, `${colorScheme}-${viewport.width}`))();
    }
  }
};

const grave = async (page) => {
  const { violations } = await page.evaluate(axe + "; axe.run({ resultTypes: ['violations'] })");
  return violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html + " (" + n.failureSummary + ")")}`);
};

export default {
  "nothing grave is wrong for anybody, in any view": everywhere(async (page, name) => {
    for (const at of places) {
      await go(page, at);
      await settled(page);
      assert.deepEqual(await grave(page), [], `${at}, ${name}`);
      assert.deepEqual(await contrasts(page), [], `${at}, ${name}`);
      await noSidewaysScroll(page, `${at}, ${name}`);
      await shot(page, `${name}-${at.replaceAll(/[^a-z0-9]+/g, "-")}`);
    }
    if (!name.endsWith("360")) {
      await page.keyboard.press("?");
      assert.deepEqual(await grave(page), [], `help, ${name}`);
      await shot(page, `${name}-help`);
    }
  }),

  "the theme can be chosen, and is kept": visit({ colorScheme: "light" }, async (page) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    for (let i = 0; i < 3 && (await paper()) === light; i++) await page.click("#theme");
    const dark = await paper();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await paper(), dark);
  }),

  "a phone does it all": visit({ events: [badProject()], viewport: phone, isMobile: true, hasTouch: true }, async (page, server) => {
    await eventually(async () => assert.deepEqual(await rows(page), ["project_created"]));
    await page.tap("[role=row][data-seq='1']");
    await matches(page, "#panel [data-part=findings]", /project_id/);
    await noSidewaysScroll(page, "the panel");
    await page.tap("#close");
    await server.send(...trace("trace-8"));
    await go(page, "traces");
    await page.tap("[data-item='trace-8']");
    await page.waitForSelector("section[data-view=traces] .spans");
    await noSidewaysScroll(page, "a trace");
    await go(page, "flags");
    await page.tap("article[data-flag=beta-banner] label:has([data-value=true])");
    await eventually(async () => assert.equal((await server.get("/api/flags")).flags[1].everyone, true));
    await noSidewaysScroll(page, "flags");
  }),

  "the keyboard is enough": visit({ events: day() }, async (page, server) => {
    const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    const view = () => page.getAttribute("body", "data-view");
    const seq = () => page.$eval("#panel", (e) => Number(e.dataset.seq || 0));
    await eventually(async () => assert.ok((await rows(page)).length > 20));
    await press("/");
    await page.keyboard.type("seven");
    await eventually(async () => assert.deepEqual(await rows(page), ["project_created"]));
    await press("ArrowDown", "Enter");
    await matches(page, "#panel [data-part=findings]", /project_id/);
    await press("Escape");
    await page.waitForSelector("#panel", { state: "hidden" });
    await press("/", "Escape", "Escape");
    await eventually(async () => assert.ok((await rows(page)).length > 20));
    await press("j", "j", "Enter");
    await page.waitForSelector("#panel [data-part=json]");
    const first = await seq();
    await press("j");
    await eventually(async () => assert.equal(await seq(), first - 1));
    await press("k", "k");
    await eventually(async () => assert.equal(await seq(), first + 1));
    await press("Escape");
    for (const [key, name] of [["2", "people"], ["3", "exceptions"], ["4", "traces"], ["5", "flags"], ["6", "coverage"], ["7", "requests"], ["1", "events"]]) {
      await press(key);
      assert.equal(await view(), name);
    }
    await press("2", "j", "Enter");
    await eventually(async () => assert.match(await hash(page), /^#\/people\/./));
    await press("3", "j", "Enter");
    await matches(page, "section[data-view=exceptions] .entry-detail", /panic\(err\)|No stack/);
    await press("5", "j");
    for (let i = 0; i < 20 && !(await page.evaluate(() => document.activeElement.matches("[data-flag=new-checkout] [type=radio]"))); i++) await press("Tab");
    await press("ArrowRight", "ArrowRight");
    await eventually(async () => assert.equal(await page.$eval("[data-flag=new-checkout] :checked", (e) => e.dataset.value), '"control"'));
    await press("p");
    assert.equal(await page.getAttribute("body", "data-paused"), "true");
    await press("p", "?");
    await page.waitForSelector("#help[open]");
    const radio = `[data-flag=new-checkout] [data-value='"control"']`;
    await page.$eval(radio, (e) => (e.former = true));
    await server.change("PUT", "/api/flags/beta-banner", { value: true }); // the view is drawn anew behind the help
    await page.waitForFunction((radio) => !document.querySelector(radio).former, radio);
    await press("Escape");
    await page.waitForSelector("#help", { state: "hidden" });
    await page.waitForFunction((radio) => document.activeElement === document.querySelector(radio), radio);
    for (let i = 0; i < 12; i++) {
      await press("Tab");
      const [ring, where] = await page.evaluate(() => {
        const at = document.activeElement;
        const { outlineStyle, boxShadow } = getComputedStyle(at);
        return [outlineStyle + boxShadow, at.outerHTML.slice(0, 200)];
      });
      assert.notEqual(ring, "nonenone", where);
    }
  }),

  "what events say is never markup": visit({ events: hostile(), complaint: /^warning: / }, async (page, server) => {
    const elements = () => page.$$eval("script, img, iframe, object, embed, base, form[action], link[rel~=import]", (all) => all.length);
    const before = await elements();
    const clean = async (what) => {
      assert.equal(await page.evaluate(() => window.hacked), undefined, what);
      assert.equal(await elements(), before, what);
      assert.equal(await page.$$eval("a[href^='javascript' i], [onerror], [onload], [onclick]", (all) => all.length), 0, what);
    };
    const { rows: all } = await server.get("/api/events");
    assert.ok(all.length >= 35);
    for (const row of all) {
      await go(page, "events?seq=" + row.seq);
      await page.waitForSelector(`#panel[data-seq='${row.seq}'] [data-part=json]`);
      await page.$$eval("#panel details", (folds) => folds.forEach((fold) => (fold.open = true)));
      await settled(page);
      await clean(row.event + " " + row.seq);
    }
    for (const view of ["people", "exceptions", "traces", "flags", "coverage", "requests"]) {
      await go(page, view);
      await settled(page);
      await clean(view);
      for (const link of await page.$$eval(`section[data-view=${view}] a[data-item]`, (links) => links.map((a) => a.getAttribute("href")))) {
        await go(page, link.slice(2));
        await settled(page);
        await clean(link);
        await noSidewaysScroll(page, link);
      }
    }
    await go(page, "people/" + encodeURIComponent("<script>window.hacked=1</script>"));
    await matches(page, "section[data-view=people] h2", /<script>window\.hacked=1<\/script>/);
    await go(page, "events?text=" + encodeURIComponent("<img src=x onerror=window.hacked=1>"));
    await matches(page, "#shown", /of/);
    await clean("a search");
  }),

  "a policy forbids everything else": visit({}, async (page, server, wrong) => {
    const policy = (await fetch(server.url)).headers.get("content-security-policy");
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]) assert.ok(policy.includes(part), part);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.hacked = 1";
      document.body.append(script);
      document.body.insertAdjacentHTML("beforeend", "<p style='color: red' id=styled onclick='window.hacked = 2'>x</p>");
      document.getElementById("styled").click();
    });
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.notEqual(await page.$eval("#styled", (e) => getComputedStyle(e).color), "rgb(255, 0, 0)");
    assert.equal(await page.evaluate(() => fetch("https://example.com/").then(() => "fetched", () => "refused")), "refused");
    assert.ok(wrong.length > 0); // the browser complains about what the test did
    wrong.length = 0;
  }),
};
