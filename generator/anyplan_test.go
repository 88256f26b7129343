package generator

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/phgen/phgen/schema"
)

// awkward are property names that generated code could confuse with its own.
var awkward = []string{
	"a", "b", "type", "func", "len", "error", "string", "nil", "ctx", "opts", "other", "id", "n", "w", "p", "v", "e", "u", "o", "g", "r", "x", "ok",
	"i", "k", "k2", "v2", "i2", "uuid", "ph", "time", "math", "context", "phtest", "tracking", "has", "null", "unset", "set", "person", "extra",
	"variant", "key", "tag", "list", "m", "values", "decode_tier", "list_of", "map_of", "decode_item", "decode_milliseconds", "decode_mark", "decode_count", "phgen_visit", "phgen_fields",
	"person_spec", "context_props", "tier_enum", "item_spec", "some_event_spec", "capture", "equal", "validate", "identify",
}

var (
	scalarTypes = []string{"string", "int", "float", "bool", "timestamp", "date", "duration", "uuid", "url", "email", "ip", "country", "currency", "locale", "json"}
	itemTypes   = append(scalarTypes[:len(scalarTypes):len(scalarTypes)], "Tier", "Item", "Pay", "Mark", "Number")
)

// drawType draws the long form of a property, without its braces.
func drawType(t *rapid.T) string {
	item := rapid.SampledFrom(itemTypes).Draw(t, "item")
	switch rapid.IntRange(0, 6).Draw(t, "shape") {
	case 0:
		return "type: array, of: " + item
	case 1:
		return "type: map, values: " + item
	case 2:
		return "type: map, values: {type: map, values: " + item + "}"
	case 3:
		return "type: money"
	case 4:
		return "enum: [a, b]"
	}
	return "type: " + item
}

// drawProperties draws a mapping of properties, at most n.
func drawProperties(t *rapid.T, n int, options ...string) string {
	var b strings.Builder
	b.WriteString("{")
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(awkward), 0, n, rapid.ID).Draw(t, "names") {
		fmt.Fprintf(&b, "%q: {%s%s}, ", name, drawType(t), rapid.SampledFrom(options).Draw(t, "option"))
	}
	return b.String() + "}"
}

// drawPayload draws the properties of a flag's payload.
func drawPayload(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("{")
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(append(awkward, "phgen_read", "plan", "p", "d", "overrides")), 0, 6, rapid.ID).Draw(t, "names") {
		item := rapid.SampledFrom(append(scalarTypes, "Tier", "Mark", "Number")).Draw(t, "item")
		form := rapid.SampledFrom([]string{
			"type: " + item, "type: array, of: " + item, "type: map, values: " + item, "type: map, values: {type: map, values: " + item + "}",
			"type: Items", "enum: [a, b]", "type: object, properties: {n: " + item + ", type: {enum: [x]}}",
			"type: array, of: {type: object, properties: {v: {type: " + item + ", required: true}, r: {type: object, properties: {x: int}}}}",
			"type: map, values: {enum: [a]}", "type: int, required: true, default: 3", "type: duration, unit: s, default: 1.5",
		}).Draw(t, "form")
		fmt.Fprintf(&b, "%q: {%s}, ", name, form)
	}
	return b.String() + "}"
}

// drawQuestions draws the questions of a survey.
func drawQuestions(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("[")
	for i, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(append(awkward, "survey", "start", "event")), 1, 8, rapid.ID).Draw(t, "questions") {
		form := rapid.SampledFrom([]string{
			"type: open", "type: rating, min: -3, max: 7", "type: link", "type: single_choice, choices: [a, b]", "type: single_choice, choices: [a], open_choice: true",
			"type: multiple_choice, choices: [a, b]", "type: multiple_choice, choices: [a], open_choice: true, pii: {kind: other, action: hash}",
		}).Draw(t, "answer")
		fmt.Fprintf(&b, "{id: %q, key: %q, required: %v, %s}, ", fmt.Sprint(7-i), name, rapid.Bool().Draw(t, "required"), form)
	}
	return b.String() + "]"
}

// Whatever a plan is called and made of: if Check has nothing against it, its
// code compiles.
func TestAnyPlanCompiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const required = ", required: true"
		src := fmt.Sprintf(`phgen: 1
plan: {name: any}
types:
  Tier: {enum: [a, b]}
  Mark: {type: string, max_length: 9, go: {named: true}}
  Number: {type: int, min: 1, go: {named: Count}}
  Items: {type: array, of: {type: object, properties: {n: int, tier: Tier, "in": {type: object, properties: {mark: Mark, list: {type: array, of: int}}}}}}
  Item: {type: object, properties: {%s}}
  Pay: {union: {discriminator: kind}, variants: {one: {properties: %s}, two: {properties: %s}}}
person: {properties: {"boss": {type: Item, nullable: true}, %s}
context: {properties: {"context value": {%s}}}
groups: {room: {}, team: {key: %s, properties: %s}}
events:
  some_event: {extra_properties: allow, person: [boss], properties: %s}
  other_event: {experiments: [try it, plan, w], properties: %s}
flags:
  some-flag: {kind: boolean, payload: {type: object, properties: %s}}
  %s: {kind: multivariate, variants: [a, b], payload: {type: object, properties: %s}}
  limits: {kind: remote_config, payload: {type: object, properties: %s}}
experiments:
  try it: {flag: %[11]s, control: a}
  plan: {variants: [v, on], control: v}
  w: {variants: [plan], control: plan}
surveys:
  some survey: {id: s, questions: %[17]s}
  "shown": {id: t, questions: [{id: q, key: k, type: single_choice, choices: [a, k], required: true}]}
ai:
  features:
    some feature: {properties: %[14]s}
    phai: {properties: {"nested": {type: object, properties: %[15]s}, "either": {union: {discriminator: kind}, variants: {one: {properties: %[16]s}}}}}
`,
			`"n1": {type: int`+required+`}, "decode_tier": {type: Tier`+required+`}, "n2": "string?"`,
			drawProperties(t, 4, required), drawProperties(t, 4, required),
			strings.TrimPrefix(drawProperties(t, 6, "", ", nullable: true", ", write: set_once", ", write: unset"), "{"),
			drawType(t),
			rapid.SampledFrom([]string{"string", "int", "uuid"}).Draw(t, "key"), drawProperties(t, 5, "", required, ", nullable: true"),
			drawProperties(t, 8, "", required, ", nullable: true"),
			drawProperties(t, 8, "", required, ", nullable: true"),
			drawPayload(t), rapid.SampledFrom([]string{"plan", "ph", "context", "flags", "type", "tracking", "items"}).Draw(t, "flag"), drawPayload(t), drawPayload(t),
			drawProperties(t, 8, "", required, ", nullable: true"), drawProperties(t, 4, "", required, ", nullable: true"), drawProperties(t, 4, required),
			drawQuestions(t))
		p, found := schema.Parse("plan.yaml", []byte(src))
		if found.HasErrors() || len(Check(p)) > 0 {
			t.SkipNow() // two types within each other, say: no plan for this test
		}
		files, err := Generate(p)
		if err != nil {
			t.Fatal(err)
		}
		c, err := compile(p, files)
		if err == nil {
			err = c.all()
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
	})
}
