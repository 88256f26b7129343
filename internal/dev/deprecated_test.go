package dev

import (
	"testing"

	"github.com/phgen/phgen/schema"
)

func TestDeprecated(t *testing.T) {
	p, found := schema.Parse("plan.yaml", []byte(`phgen: 1
plan: {name: acme}
types:
  Plan: {enum: {free: Free, gold: {deprecated: use pro}, pro: Pro}}
  Line: {type: object, properties: {sku: string!, code: {type: string, deprecated: {use: sku}}}}
  Pay: {union: {discriminator: kind}, variants: {card: {properties: {plan: Plan!}}, cash: {properties: {n: int!}}}}
context: {properties: {lang: {type: locale, deprecated: say locale}}}
person: {properties: {plan: Plan, nick: {type: string, write: set_once, deprecated: nobody reads it}}}
groups: {team: {properties: {size: {type: int, deprecated: count them}}}}
ai: {features: {digest: {properties: {old: {type: string, deprecated: gone}}}}}
events:
  bought:
    properties:
      plan: Plan
      plans: [Plan]
      lines: {type: array, of: Line}
      by_name: {type: map, values: Line}
      pay: Pay
      old: {type: money, deprecated: {use: price}}
      price: money
  sold: {status: deprecated, deprecated: {use: bought}}
  lost: {status: deprecated, deprecated: {since: 0.0.0, note: see bought}}
`))
	if p == nil {
		t.Fatal(found)
	}
	s := NewStore(Config{Plan: p})
	for _, tt := range []struct{ name, properties, want string }{
		{"bought", `{"plan":"pro","plans":["free"],"pay":{"kind":"cash","n":1},"lines":[{"sku":"x"}]}`, ""},
		{"bought", `{"plan":"gold"}`, `value "gold" of "plan": use pro`},
		{"bought", `{"plans":["pro","gold","gold"]}`, `value "gold" of "plans": use pro (and 1 more)`},
		{"bought", `{"lines":[{"sku":"x"},{"sku":"x","code":"y"}]}`, `property "lines.code": use "sku"`},
		{"bought", `{"by_name":{"b":{"code":"y"}}}`, `property "by_name.code": use "sku"`},
		{"bought", `{"pay":{"kind":"card","plan":"gold"}}`, `value "gold" of "pay.plan": use pro`},
		{"bought", `{"old":1,"old_currency":"EUR"}`, `property "old": use "price"`},
		{"bought", `{"lang":"de"}`, `property "lang": say locale`},
		{"bought", `{"plan":["gold"],"lines":"gold","pay":{"kind":7}}`, ""}, // other findings say what is wrong
		{"sold", `{}`, `event "sold": use "bought"`},
		{"lost", `{}`, `event "lost": see bought`},
		{"$identify", `{"$set":{"plan":"gold"},"$set_once":{"nick":"x"}}`, `value "gold" of "$set.plan": use pro (and 1 more)`},
		{"$groupidentify", `{"$group_type":"team","$group_set":{"size":1}}`, `property "$group_set.size": count them`},
		{"$ai_span", `{"ai_feature":"digest","old":"x"}`, `property "old": gone`},
		{"unknown", `{"plan":"gold"}`, ""},
	} {
		if got := post(t, s, raw(tt.name, tt.properties))[0].Deprecated; got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.name, tt.properties, got, tt.want)
		}
	}
}
