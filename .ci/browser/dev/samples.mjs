// Events of the example's plan, and others.
import { randomUUID } from "node:crypto";

// event makes an event as SDKs send it.
export const event = (name, properties = {}, person = "ada", more = {}) => ({
  uuid: randomUUID(),
  event: name,
  distinct_id: person,
  timestamp: new Date().toISOString(),
  properties: { $lib: "posthog-node", $lib_version: "5.70.0", ...properties },
  ...more,
});

export const project = (more = {}, person) =>
  event("project_created", { project_id: randomUUID(), name: "Acme", source: "web", members: 3, channel: "server", $groups: { organization: "org_7" }, ...more }, person);

export const order = (more = {}, person) =>
  event("order_completed", {
    order_id: "order_1", price: 37.5, currency: "EUR", paid_at: "2026-11-22T12:00:00Z", coupon: "AUTUMN",
    items: [{ sku: "ABC-1", quantity: 1, unit_price: 12.5, unit_price_currency: "EUR" }, { sku: "ABC-2", quantity: 2, unit_price: 12.5, unit_price_currency: "EUR" }],
    payment: { kind: "invoice", net_days: 30 }, ...more,
  }, person);

export const account = (person) => event("account_created", { method: "email" }, person);
export const oldSignup = (person) => event("signup_completed", { method: "google" }, person);
export const badProject = (person) => project({ project_id: "seven", source: "cli", members: "three", colour: "red" }, person);
export const badOrder = (person) => order({ items: [{ sku: "ABC-1", quantity: 1, unit_price: 12.5, unit_price_currency: "EUR" }, { sku: "nothing", quantity: 0, unit_price: "free", unit_price_currency: "EUR" }] }, person);
export const cart = (person, more = {}) => event("cart_opened", { cart_id: "cart_9", items: 2, total: 25.5, is_guest: true, ...more }, person);

export const exception = (person = "ada", value = 'order "o1": no such customer') =>
  event("$exception", {
    $exception_list: [
      {
        type: "*errors.errorString", value, mechanism: { handled: false, type: "panic" },
        stacktrace: {
          type: "raw",
          frames: [
            { function: "runtime.goexit", filename: "/usr/local/go/src/runtime/asm_amd64.s", lineno: 1700, in_app: false, platform: "go" },
            { function: "net/http.(*conn).serve", filename: "/usr/local/go/src/net/http/server.go", lineno: 2102, in_app: false, platform: "go" },
            { function: "example.com/acme/shop.(*Server).checkout", filename: "/src/shop/checkout.go", lineno: 41, in_app: true, platform: "go", pre_context: ["\torder, err := s.orders.Find(id)", "\tif err != nil {"], context_line: "\t\tpanic(err)", post_context: ["\t}"] },
          ],
        },
      },
      { type: "*sql.Error", value: "sql: no rows in result set", mechanism: { handled: true, type: "generic" } },
    ],
    $exception_level: "fatal",
  }, person);

// trace is what an assistant did: a span with a search and two generations, of which one failed.
export const trace = (id = "trace-" + randomUUID()) => {
  const of = { $ai_trace_id: id };
  const model = { $ai_provider: "openai", $ai_model: "gpt-5-mini", $ai_base_url: "https://api.openai.com/v1" };
  return [
    event("$ai_trace", { ...of, $ai_span_name: "support answer", $ai_latency: 2.4 }),
    event("$ai_span", { ...of, $ai_span_id: id + "-1", $ai_parent_id: id, $ai_span_name: "answer the ticket", $ai_latency: 2.3 }),
    event("$ai_embedding", { ...of, ...model, $ai_span_id: id + "-2", $ai_parent_id: id + "-1", $ai_span_name: "search", $ai_input_tokens: 12, $ai_latency: 0.1, $ai_input: "ticket 7" }),
    event("$ai_generation", {
      ...of, ...model, $ai_span_id: id + "-3", $ai_parent_id: id + "-1", $ai_span_name: "draft", $ai_input_tokens: 812, $ai_output_tokens: 96, $ai_latency: 1.6, $ai_total_cost_usd: 0.00213, $ai_http_status: 200,
      $ai_input: [{ role: "system", content: "You answer tickets." }, { role: "user", content: "My invoice is wrong." }],
      $ai_output_choices: [{ role: "assistant", content: "I am sorry; which invoice is it?" }],
    }),
    event("$ai_generation", { ...of, ...model, $ai_span_id: id + "-4", $ai_parent_id: id + "-1", $ai_span_name: "translate", $ai_input_tokens: 90, $ai_output_tokens: 0, $ai_latency: 0.4, $ai_is_error: true, $ai_error: "rate limited", $ai_http_status: 429 }),
  ];
};

export const called = (flag, value, person = "ada") => event("$feature_flag_called", { $feature_flag: flag, $feature_flag_response: value, ["$feature/" + flag]: value }, person);

// day is some of everything.
export const day = () => [
  project(), account("grace"), event("$identify", { $set: { email: "ada@acme.example", plan: "pro" } }), order({}, "grace"), cart("linus"), badProject("linus"), oldSignup("margaret"),
  event("$pageview", { $current_url: "https://acme.example/pricing" }, "0190c8a4-1111-7222-8333-444455556666"), badOrder("grace"), ...trace("trace-7"), exception(), exception("grace"), exception("linus", "timeout"), called("new-checkout", "one-page"), called("beta-banner", false, "grace"),
  event("health_probe_failed", { probe: "db", error_code: "EOF", $process_person_profile: false }, "probe-3"), cart("ada"), project({ source: "api" }, "katherine"),
];

// nasty is text that must never be markup.
export const nasty = [
  "<script>window.hacked=1</script>", "<img src=x onerror=window.hacked=1>", '"><svg onload=window.hacked=1>', "javascript:window.hacked=1", "</script><script>alert(1)</script>", "{{constructor.constructor('window.hacked=1')()}}", "\u202edlrow\u202c", "a\u0000b\u001b[31m",
];

// hostile are events that are nasty everywhere.
export const hostile = () =>
  nasty.flatMap((bad) => [
    event(bad, { [bad]: bad, nested: { [bad]: [bad] }, $lib: bad, $lib_version: bad }, bad),
    project({ name: bad, source: bad, [bad]: { [bad]: bad } }, bad),
    event("$exception", { $exception_list: [{ type: bad, value: bad, stacktrace: { frames: [{ function: bad, filename: bad, lineno: bad, in_app: true, context_line: bad, pre_context: [bad] }] } }] }, bad),
    event("$ai_generation", { $ai_trace_id: bad, $ai_span_id: bad, $ai_span_name: bad, $ai_model: bad, $ai_input: [{ role: bad, content: bad }], $ai_output_choices: [{ role: bad, content: [{ type: "text", text: bad }] }], $ai_latency: bad, $ai_error: bad, $ai_is_error: true }, bad),
    event("$feature_flag_called", { $feature_flag: "new-checkout", $feature_flag_response: bad }, bad),
  ]);
