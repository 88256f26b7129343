// Flows with posthog-node.
import assert from "node:assert/strict";
import { PostHog } from "posthog-node";
import { eventually, serve } from "./phgen.mjs";

// using is a flow with a phgen dev and a client of it.
const using = (options, flow) => async () => {
  const server = await serve();
  const complaints = [];
  const client = new PostHog("phc_dev", { host: server.url, flushAt: 20, ...options });
  client.on("error", (err) => complaints.push(String(err)));
  try {
    await flow(client, server);
    assert.deepEqual(complaints, []);
  } finally {
    await client.shutdown();
    await server.stop();
  }
};

// only is the one event of a name, with all that is known of it.
export const only = async (server, name) => {
  const { rows, error } = await server.get(`/api/wait?event=${encodeURIComponent(name)}&timeout=10s`);
  assert.equal(error, undefined, name);
  assert.equal(rows.length, 1, name);
  return server.get("/api/events/" + rows[0].seq);
};

export default {
  "posthog-node delivers all kinds of events": using({}, async (client, server) => {
    client.capture({ distinctId: "ada", event: "account_created", properties: { method: "email" }, timestamp: new Date("2026-11-22T12:00:00Z") });
    client.capture({ distinctId: "ada", event: "project_created", groups: { organization: "org_7" }, properties: { project_id: "0190c8a4-1111-7222-8333-444455556666", name: "Acme", source: "web", channel: "server" } });
    client.capture({ distinctId: "ada", event: "order_completed", properties: { order_id: 7 } });
    client.capture({ distinctId: "grace", event: "cart_opened", properties: { "größe": "naïve ☃ 𝄞", deep: { list: [1, [2, { three: null }]] } } });
    client.identify({ distinctId: "ada", properties: { email: "ada@acme.example", plan: "pro", $set_once: { signup_source: "web" } } });
    client.alias({ distinctId: "ada", alias: "ada-in-the-browser" });
    client.groupIdentify({ groupType: "organization", groupKey: "org_7", properties: { name: "Acme", plan: "pro", seats: 3 } });
    const crash = (depth) => { if (depth === 0) throw new TypeError("no such order", { cause: new Error("no such row") }); crash(depth - 1); };
    try {
      crash(3);
    } catch (err) {
      client.captureException(err, "ada", { order: "o1" });
    }
    await client.flush();
    assert.deepEqual((await server.get("/api/wait?n=8&timeout=10s")).rows.length, 8);

    const account = await only(server, "account_created");
    assert.deepEqual([account.verdict, account.person, account.raw.properties.method, new Date(account.timestamp).getTime()], ["ok", "ada", "email", Date.UTC(2026, 10, 22, 12)]);
    assert.match(account.sdk, /posthog-node.*5\.\d+\.\d+/);
    assert.equal((await only(server, "project_created")).verdict, "ok");
    const order = await only(server, "order_completed");
    assert.equal(order.verdict, "invalid");
    assert.deepEqual(order.all.find((f) => f.path === "order_id").rule, "type");
    const cart = await only(server, "cart_opened");
    assert.equal(cart.verdict, "unplanned");
    assert.deepEqual([cart.raw.properties["größe"], cart.raw.properties.deep], ["naïve ☃ 𝄞", { list: [1, [2, { three: null }]] }]);
    assert.match(cart.snippet, /cart_opened:/);
    for (const [name, property, want] of [["$identify", "$set", { email: "ada@acme.example", plan: "pro" }], ["$create_alias", "alias", "ada-in-the-browser"], ["$groupidentify", "$group_key", "org_7"]]) {
      const event = await only(server, name);
      assert.equal(event.verdict, "ok", JSON.stringify(event.all));
      assert.deepEqual(event.raw.properties[property] ?? event.raw[property], want);
    }
    const [type, cause] = (await only(server, "$exception")).raw.properties.$exception_list;
    assert.deepEqual([type.type, type.value, cause.value], ["TypeError", "no such order", "no such row"]);
    assert.ok(type.stacktrace.frames.some((f) => f.function === "crash" && f.in_app));
    const { requests } = await server.get("/api/requests");
    assert.ok(requests.every((r) => r.status === 200), JSON.stringify(requests));
  }),

  "posthog-node asks for flags": using({}, async (client, server) => {
    assert.equal(await client.getFeatureFlag("new-checkout", "ada"), "control");
    assert.equal(await client.isFeatureEnabled("beta-banner", "ada"), false);
    await server.change("PUT", "/api/flags/new-checkout", { value: "one-page" });
    await server.change("PUT", "/api/flags/beta-banner", { value: true, person: "grace" });
    assert.equal(await client.getFeatureFlag("new-checkout", "ada"), "one-page");
    assert.deepEqual(await client.getAllFlags("grace"), { "new-checkout": "one-page", "beta-banner": true, "rate-limits": true });
    assert.equal((await client.getAllFlags("ada"))["beta-banner"], false);
    await client.flush();
    const flag = await eventually(async () => {
      const [first] = (await server.get("/api/flags")).flags;
      assert.equal(first.called, 2);
      return first;
    });
    assert.deepEqual(flag.answers, { '"control"': 1, '"one-page"': 1 });
  }),

  "posthog-node evaluates flags itself": using({ personalApiKey: "phs_dev", featureFlagsPollingInterval: 1000 }, async (client, server) => {
    assert.equal(await client.waitForLocalEvaluationReady(10_000), true);
    const local = { onlyEvaluateLocally: true };
    assert.equal(await client.getFeatureFlag("new-checkout", "ada", local), "control");
    await server.change("PUT", "/api/flags/new-checkout", { value: "one-page" });
    await server.change("PUT", "/api/flags/new-checkout", { value: false, person: "grace" });
    const start = performance.now();
    await eventually(async () => assert.equal(await client.getFeatureFlag("new-checkout", "ada", local), "one-page"));
    assert.ok(performance.now() - start < 2000);
    assert.equal(await client.getFeatureFlag("new-checkout", "grace", local), false);
    assert.deepEqual(await client.getAllFlags("grace", local), { "new-checkout": false, "beta-banner": false, "rate-limits": true });
    const { requests } = await server.get("/api/requests");
    assert.equal(requests.filter((r) => r.kind === "flags").length, 0);
    assert.ok(requests.some((r) => r.kind === "definitions" && r.status === 200));
    await eventually(async () => assert.ok((await server.get("/api/requests")).requests.some((r) => r.kind === "definitions" && r.status === 304)));
  }),
};
