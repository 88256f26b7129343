package schema_test

import (
	"strings"
	"testing"

	"github.com/phgen/phgen/schema"
)

// sound is a plan that refers from everything to everything else, so that one
// mistake has every chance to bring others about.
const sound = `phgen: 1
plan: {name: acme, version: 2.0.0}
go: {out: ./generated, initialisms: [SKU]}
naming: {events: {case: snake}, properties: {case: snake, suffix: {timestamp: _at}}}
defaults: {owner: core, status: active, on_invalid: report}
owners: {core: {email: core@example.com}, web: {slack: "#web"}}
types:
  Tier: {enum: [free, pro]}
  Title: {type: string, max_length: 10}
  Box: {type: object, properties: {width: int!, tier: Tier, title: Title}}
  Boxes: {type: array, of: Box, max_items: 3}
  Payment: {union: {discriminator: kind}, variants: {card: {properties: {brand: string!, box: Box!}}, cash: {}}}
  Price: {type: money}
property_sets:
  request: {source: Title!, boxes: Boxes}
context: {properties: {locale: locale, region: {type: country, example: DE}}}
person: {properties: {tier: Tier, signup_source: {type: string, write: set_once}}}
groups: {team: {key: string, properties: {seats: int}}}
flags:
  checkout: {kind: multivariate, variants: [old, new], default: old, depends_on: {person: [tier], groups: [team]}}
  limits: {kind: remote_config, payload: {type: object, properties: {rate: {type: int, required: true, default: 5}, burst: {type: object, properties: {size: int}}}}}
  beta: {kind: boolean, deprecated: {use: checkout}, expires: 2026-12-31}
experiments: {redesign: {flag: checkout, control: old, metrics: {primary: [order_placed]}}}
events:
  order_placed:
    use: [request]
    groups: [team!]
    person: [tier]
    experiments: [redesign]
    idempotency: [order_id]
    sampling: {rate: 0.5, by: distinct_id}
    properties:
      order_id: {type: string, required: true, pii: {kind: other, action: allow, basis: contract}}
      price: Price
      payment: Payment
      tier: {type: Tier, deprecated: {use: level, since: 1.5.0}}
      level: int
      note: "string?"
      boxed: {type: map, values: Box}
    examples:
      - {order_id: a, source: b, price: {amount: 1.5, currency: EUR}, payment: {kind: card, brand: x, box: {width: 1}}, note: null, boxed: {k: {width: 2}}}
  order_made: {deprecated: {use: order_sent, dual_write: true}, properties: {box: Box!, how: Payment}}
  order_sent: {properties: {box: Box!, how: Payment}}
surveys: {nps: {id: s1, questions: [{id: q1, key: score, type: rating, min: 0, max: 10}, {id: q2, key: why, type: single_choice, choices: [price, speed]}]}}
ai: {privacy: redact, features: {summary: {properties: {ticket: string!, box: Box}}}}
`

// A mistake is what changes the sound plan, and the code of its one finding.
type mistake struct{ old, new, want string }

var mistakes = []mistake{
	{"version: 2.0.0", "version: 2.0", "PH108"},
	{"name: acme", "name: Acme", "PH310"},
	{"out: ./generated", "out: ../generated", "PH117"},
	{"[SKU]", "[sku]", "PH304"},
	{"{case: snake}", "{case: snak}", "PH120"},
	{"{timestamp: _at}", "{timstamp: _at}", "PH120"},
	{"defaults: {owner: core", "defaults: {owner: cor", "PH203"},
	{"status: active", "status: deprecated", "PH120"},
	{"on_invalid: report", "on_invalid: truncate", "PH219"},
	{"owners: {core: {email: core@example.com}", "owners: {Core: {}, core: {}", "PH310"},
	{"owners: {core: {email: core@example.com}", "owners: {core: []", "PH108"},
	{"{core: {email: core@example.com}, web: {slack: \"#web\"}}", "[]", "PH108"},
	{"Tier: {enum: [free, pro]}", "Tier: {enum: []}", "PH214"},
	{"Tier: {enum: [free, pro]}", "Tier: {enum: [free, free]}", "PH214"},
	{"Tier: {enum: [free, pro]}", "Tier: {enum: [free, 1]}", "PH108"},
	{"Tier: {enum: [free, pro]}", "Tier: {enum: [free, pro], type: string}", "PH115"},
	{"Tier: {enum: [free, pro]}", "Tier: {enun: [free, pro]}", "PH107"},
	{"  Tier: {enum: [free, pro]}", "  Tier: null", "PH108"},
	{"  Tier: {enum: [free, pro]}", "  tier: {enum: [free, pro]}\n  Tier: {enum: [free, pro]}", "PH304"},
	{"max_length: 10", "max_length: 0", "PH211"},
	{"max_length: 10", "max_lenght: 10", "PH107"},
	{"max_length: 10", "min: 10", "PH116"},
	{"{width: int!, tier", "{width: integer!, tier", "PH201"},
	{"tier: Tier, title: Title}}", "tier: Tier, title: Box}}", "PH208"},
	{"of: Box, max_items", "of: Boxx, max_items", "PH201"},
	{"of: Box, max_items", "of: Price, max_items", "PH216"},
	{"of: Box, max_items", "of: Boxes, max_items", "PH208"},
	{"of: Box, ", "", "PH109"},
	{"discriminator: kind", "discriminator: brand", "PH215"},
	{"brand: string!", "brand: string", "PH118"},
	{"brand: string!", "brand: strin!", "PH201"},
	{"variants: {card: {properties: {brand: string!, box: Box!}}, cash: {}}", "variants: {}", "PH215"},
	{"union: {discriminator: kind}, ", "", "PH109"},
	{"Price: {type: money}", "Price: {type: money, max: 5}", "PH118"},
	{"Price: {type: money}", "Price: {type: money, wire: {amount: level}}", "PH225"},
	{"source: Title!", "source: Titel!", "PH201"},
	{"source: Title!", "source: Title!, level: int", "PH210"},
	{"source: Title!", "source: Title!, locale: locale", "PH210"},
	{"source: Title!", "\"source \": Title!", "PH310"},
	{"  request: {source", "  Request: {}\n  request: {source", "PH310"},
	{"locale: locale", "locale: locale!", "PH217"},
	{"locale: locale", "locale: {const: de}", "PH116"},
	{"example: DE", "example: Germany", "PH213"},
	{"write: set_once", "write: once", "PH120"},
	{"write: set_once", "write: unset, required: true", "PH217"},
	{"signup_source: {type: string, write: set_once}", "tier2: {type: Tier, max_length: 3}", "PH218"},
	{"person: {properties: {tier: Tier", "person: {properties: {tier: Tier, $tier: Tier", "PH312"},
	{"person: {properties: {tier: Tier", "person: {properties: {tier: {type: Tier, write: unset}", "PH206"},
	{"plan: {name", "paln: {name", "PH107"},
	{"phgen: 1", "phegn: 1", "PH107"},
	{"phgen: 1\n", "", "PH109"},
	{"kind: boolean", "kidn: boolean", "PH107"},
	{"types:\n", "typs:\n", "PH107"},
	{"property_sets:\n", "property_set:\n", "PH107"},
	{"flags:\n", "flag:\n", "PH107"},
	{"events:\n", "evnets:\n", "PH107"},
	{"person: {properties", "person: {propertys", "PH107"},
	{"features: {summary", "featurs: {summary", "PH107"},
	{"key: string", "key: bool", "PH223"},
	{"key: string", "key: string!", "PH115"},
	{"seats: int", "seats: {const: 1}", "PH116"},
	{"default: old", "default: odl", "PH402"},
	{"variants: [old, new]", "variants: [old, new, new]", "PH401"},
	{"variants: [old, new]", "variants: [old, new, \" x\"]", "PH401"},
	{"variants: [old, new], default: old", "default: old", "PH401"},
	{"kind: multivariate", "kind: multi", "PH120"},
	{"kind: multivariate, ", "", "PH109"},
	{"depends_on: {person: [tier]", "depends_on: {person: [tire]", "PH206"},
	{"required: true, default: 5", "required: true", "PH403"},
	{"default: 5", "default: five", "PH213"},
	{"size: int}", "size: int!}", "PH403"},
	{"size: int}", "size: money}", "PH404"},
	{"size: int}", "size: Box}", "PH404"},
	{"size: int}", "size: {const: 1}}", "PH404"},
	{"size: int}", "size: {type: int, pii: {kind: other, action: drop}}}", "PH502"},
	{"payload: {type: object, properties: {rate: {type: int, required: true, default: 5}, burst: {type: object, properties: {size: int}}}}", "owner: core", "PH403"},
	{"deprecated: {use: checkout}", "deprecated: {use: beta}", "PH221"},
	{"deprecated: {use: checkout}", "deprecated: {use: chekout}", "PH221"},
	{"2026-12-31", "2026-13-31", "PH108"},
	{"control: old", "control: odl", "PH421"},
	{"control: old, ", "", "PH109"},
	{"flag: checkout", "flag: beta", "PH420"},
	{"flag: checkout", "flag: chekout", "PH420"},
	{"primary: [order_placed]", "primary: [order_palced]", "PH205"},
	{"use: [request]", "use: [requst]", "PH202"},
	{"use: [request]", "use: request", "PH108"},
	{"groups: [team!]", "groups: [team!, team]", "PH204"},
	{"person: [tier]\n", "person: [tiers]\n", "PH206"},
	{"experiments: [redesign]", "experiments: [design]", "PH207"},
	{"idempotency: [order_id]", "idempotency: [level]", "PH220"},
	{"idempotency: [order_id]", "idempotency: []", "PH220"},
	{"action: allow, basis: contract", "action: hash", "PH505"},
	{"action: allow, basis: contract", "action: truncat", "PH120"},
	{"action: allow, basis: contract", "action: allow, keep: 3", "PH116"},
	{"rate: 0.5", "rate: 50", "PH211"},
	{"rate: 0.5, ", "", "PH109"},
	{"price: Price", "price: Price!?", "PH115"},
	{"price: Price", "price: Price\n      price_currency: string", "PH225"},
	{"order_id: {type: string, required: true,", "order_id: {type: string, required: yes,", "PH108"},
	{"use: level, since", "use: levle, since", "PH221"},
	{"since: 1.5.0", "since: 2.5.0", "PH222"},
	{"level: int\n", "level: {type: int, min: 5, max: 3}\n", "PH211"},
	{"level: int\n", "level: {type: int, on_invalid: truncate}\n", "PH219"},
	{"note: \"string?\"", "note: {type: string, required: true, nullable: true}", "PH217"},
	{"{type: map, values: Box}", "{type: map}", "PH109"},
	{"order_id: a, ", "", "PH213"},
	{"currency: EUR", "currency: euro", "PH213"},
	{"note: null, ", "note: ~, ", "PH213"},
	{"{kind: card, brand: x", "{kind: cart, brand: x", "PH213"},
	{"{width: 2}", "{width: 2, depth: 3}", "PH213"},
	{"dual_write: true}, properties: {box: Box!", "dual_write: true}, properties: {box: Box", "PH221"},
	{"use: order_sent, dual_write", "dual_write", "PH221"},
	{"use: order_sent", "use: order_snet", "PH205"},
	{"  order_sent: {", "  order_sent: {stats: draft, ", "PH107"},
	{"  order_sent: {", "  $order: {}\n  order_sent: {", "PH311"},
	{"  order_sent: {", "  order_sent: {go: {name: lower}, ", "PH304"},
	{"  order_sent: {", "  order_sent: {person_profile: never, person: [tier], ", "PH224"},
	{"id: s1, ", "", "PH430"},
	{"id: q2", "id: q1", "PH430"},
	{"min: 0, max: 10", "min: 0", "PH109"},
	{"min: 0, max: 10", "min: 10, max: 0", "PH211"},
	{"choices: [price, speed]", "choices: []", "PH214"},
	{"type: single_choice, choices", "type: open, choices", "PH116"},
	{"type: rating", "type: stars", "PH120"},
	{"privacy: redact", "privacy: none", "PH120"},
	{"ticket: string!", "ai_feature: string!", "PH312"},
	{"ticket: string!", "ticket: {type: string, pattern: '('}", "PH212"},
	{"ticket: string!", "ticket: {type: string, description: \"a\\u202e\"}", "PH119"},
}

// One mistake yields one finding, whatever else speaks of the place.
func TestOneMistake(t *testing.T) {
	if _, found := schema.Parse("p", []byte(sound)); found.HasErrors() {
		t.Fatalf("the sound plan: %v", found)
	}
	for _, test := range mistakes {
		t.Run(test.new, func(t *testing.T) {
			if strings.Count(sound, test.old) == 0 {
				t.Fatalf("the sound plan does not hold %q", test.old)
			}
			_, found := schema.Parse("p", []byte(strings.Replace(sound, test.old, test.new, 1)))
			if len(found) != 1 || found[0].Code != test.want {
				t.Errorf("found %d:\n%s\nwant one %s", len(found), strings.Join(lines(found), "\n"), test.want)
			}
		})
	}
}
