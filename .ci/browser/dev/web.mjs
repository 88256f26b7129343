// Flows with posthog-js, in a page of another origin.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import { watch } from "../browser.mjs";
import { only } from "./node.mjs";
import { eventually, serve } from "./phgen.mjs";
import { browser } from "./visit.mjs";

const library = await readFile(createRequire(import.meta.url).resolve("posthog-js/dist/array.full.js"));

const html = (config) => `<!doctype html><title>Acme</title><link rel="icon" href="data:,">
<script src="/posthog.js"></script>
<script>posthog.init("phc_dev", ${JSON.stringify(config)});</script>`;

// site is a page that uses posthog-js.
const site = async (config) => {
  const server = http.createServer((request, response) => {
    const [type, body] = request.url === "/posthog.js" ? ["text/javascript", library] : ["text/html", html(config)];
    response.writeHead(200, { "Content-Type": type + "; charset=utf-8" }).end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
};

// surf is a flow in a page that sends its events to phgen dev.
const surf = (config, flow) => async () => {
  const server = await serve();
  const acme = await site({ api_host: server.url, opt_out_useragent_filter: true, ...config }); // which takes this browser for a robot
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const wrong = watch(page, (url) => url.startsWith(server.url + "/") || url.startsWith(acme.url) || /^(data|blob):/.test(url));
    await page.goto(acme.url + "?utm_source=mail");
    await flow(page, server);
    assert.deepEqual(wrong, []);
    const { requests } = await server.get("/api/requests");
    assert.deepEqual(requests.filter((r) => r.status !== (r.method === "OPTIONS" ? 204 : 200)), []);
  } finally {
    await context.close();
    acme.close();
    await server.stop();
  }
};

export default {
  "posthog-js captures what happens in a page": surf({ person_profiles: "always" }, async (page, server) => {
    const view = await only(server, "$pageview");
    assert.deepEqual([view.verdict, view.raw.properties.utm_source, view.raw.properties.$host], ["ok", "mail", new URL(page.url()).host]);
    assert.match(view.sdk, /^(posthog-js|web)/);
    await page.evaluate(() => {
      posthog.identify("ada", { email: "ada@acme.example" });
      posthog.group("organization", "org_7", { name: "Acme", plan: "pro", seats: 3 });
      posthog.capture("account_created", { method: "email" });
      posthog.capture("order_completed", { order_id: 7 });
      posthog.capture("cart_opened", { note: "naïve ☃ 𝄞" });
      posthog.captureException(new RangeError("too many carts"));
    });
    const account = await only(server, "account_created");
    assert.deepEqual([account.verdict, account.all, account.person], ["ok", undefined, "ada"]);
    assert.equal((await only(server, "order_completed")).verdict, "invalid");
    assert.deepEqual([(await only(server, "cart_opened")).verdict, (await only(server, "cart_opened")).raw.properties.note], ["unplanned", "naïve ☃ 𝄞"]);
    assert.equal((await only(server, "$exception")).raw.properties.$exception_list[0].type, "RangeError");
    for (const name of ["$identify", "$groupidentify"]) assert.deepEqual((await only(server, name)).all, undefined, name);
    const { requests } = await server.get("/api/requests");
    for (const kind of ["capture", "flags", "start-up"]) assert.ok(requests.some((r) => r.kind === kind), kind);
    assert.ok(requests.some((r) => r.codec?.startsWith("gzip")), JSON.stringify(requests.map((r) => r.codec)));
  }),

  "posthog-js says good-bye with a beacon": surf({}, async (page, server) => {
    await only(server, "$pageview");
    await page.evaluate(() => posthog.capture("account_created", { method: "google" })); // waits for its batch
    await page.goto("about:blank");
    const account = await only(server, "account_created");
    assert.deepEqual([account.verdict, account.all], ["ok", undefined]);
    await only(server, "$pageleave");
  }),

  "posthog-js gets its flags, and new ones": surf({ feature_flag_request_timeout_ms: 10_000 }, async (page, server) => {
    const flags = () => page.evaluate(() => new Promise((done) => posthog.onFeatureFlags((keys, values) => done(values))));
    const reload = () => page.evaluate(() => new Promise((done) => {
      let first = true; // it tells at once what it knows
      posthog.onFeatureFlags((keys, values) => (first ? (first = false) : done(values)));
      posthog.reloadFeatureFlags();
    }));
    assert.equal((await flags())["new-checkout"], "control");
    await server.change("PUT", "/api/flags/new-checkout", { value: "one-page" });
    await eventually(async () => assert.equal((await reload())["new-checkout"], "one-page"));
    assert.equal(await page.evaluate(() => posthog.getFeatureFlag("new-checkout")), "one-page");
    assert.equal(await page.evaluate(() => posthog.isFeatureEnabled("beta-banner")), false);
    const calls = (await server.get("/api/wait?event=$feature_flag_called&n=2&timeout=10s")).rows;
    assert.equal(calls.length, 2);
    await eventually(async () => assert.deepEqual((await server.get("/api/flags")).flags.map((f) => f.answers), [{ '"one-page"': 1 }, { false: 1 }, undefined]));
  }),

  "posthog-js without compression": surf({ disable_compression: true }, async (page, server) => {
    await only(server, "$pageview");
    await page.evaluate(() => posthog.capture("cart_opened", { note: "a+b%20c&d=e ☃" }, { send_instantly: true }));
    assert.equal((await only(server, "cart_opened")).raw.properties.note, "a+b%20c&d=e ☃");
  }),
};
