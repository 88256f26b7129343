package dev

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/yamltext"
	"github.com/phgen/phgen/schema"
)

// growing is a plan to which snippets can be added at its end: events, or properties of
// the last one.
const growing = `phgen: 1
plan: {name: acme}
go: {initialisms: [SKU]}
context:
  properties:
    locale: locale
person:
  properties:
    tier: {enum: [free, pro]}
    born: {type: date, write: set_once}
groups:
  team: {}
events:
  paid twice: {go: {name: PaidTwice}}
  paid:
    properties:
      total: float!
`

// grow returns the plan with a snippet.
func grow(t fataler, snippet string) *schema.Plan {
	p, found := schema.Parse("plan.yaml", []byte(growing+snippet))
	if p != nil {
		found = generator.Check(p)
	}
	if found.HasErrors() {
		t.Fatalf("%s\nof the plan with\n%s", found, snippet)
	}
	return p
}

func TestSnippet(t *testing.T) {
	const where = "# below events:\n"
	for _, tt := range []struct{ name, properties, want string }{
		{"came", `{}`, where + "  came: {}\n"},
		{"came home", `{"s":"x","n":1,"f":1.5,"big":12345678901234567890,"huge":1e999,"b":true,"z":null}`, where + `  came home:
    properties:
      b: bool
      big: float
      f: float
      huge: json
      "n": int
      s: string
      z: json
`},
		{"came", `{"at":"2026-01-02T03:04:05Z","day":"2026-01-02","id":"0190c8a4-1111-7222-8333-444455556666","link":"https://example.com/?a=b","local":"2026-01-02T03:04:05+01:00"}`, where + `  came:
    properties:
      at: timestamp
      day: date
      id: uuid
      link: url
      local: string
`},
		{"came", `{"words":["a"],"mixed":["a",1],"numbers":[1,1.5],"none":[],"nulls":["a",null],"nested":[["a"]],"items":[{"sku":"A","n":1},{"sku":"B","n":null}]}`, where + `  came:
    properties:
      items:
        type: array
        of:
          type: object
          properties:
            "n": int?
            sku: string
      mixed: [json]
      nested: [json]
      none: [json]
      nulls: [json]
      numbers: [float]
      words: [string]
`},
		{"came", `{"from":{"city":"x","geo":{"lat":1.5}},"empty":{},"odd":{"":1}}`, where + `  came:
    properties:
      empty: json
      from:
        type: object
        properties:
          city: string
          geo:
            type: object
            properties:
              lat: float
      odd: json
`},
		{"came", `{"yes":1,"a: b":1,"\"":1,"#x":1,"\u0007":1,"日本":1,"$x":1,"token":1,"locale":"de"}`, where + `  came:
    properties:
      "\"":
        type: int
        go: {name: X22}
      "#x": int
      "a: b": int
      "yes": int
      日本:
        type: int
        go: {name: X65E5672C}
`},
		{"came", `{"user_id":1,"userID":1}`, where + `  came:
    properties:
      userID:
        type: int
        go: {name: XuserID}
      user_id:
        type: int
        go: {name: Xuser5Fid}
`},
		{"Paid", `{"$groups":{"team":"t1"},"$set":{"tier":"pro"},"$set_once":{"born":"2026-01-02"}}`, where + `  Paid:
    go: {name: XPaid}
    groups: [team]
    person: [tier, born]
`},
		{"日本", `{}`, where + "  日本:\n    go: {name: X65E5672C}\n"},
		{"a{b}", `{"n":1}`, ""},
		{"$odd", `{}`, ""},
		{"x\ny", `{}`, ""},
		{"paid", `{"total":1,"more":[{"a":"x"}],"tags":null}`, `# below the event's properties:
      more:
        type: array
        of:
          type: object
          properties:
            a: string
      tags: json
`},
		{"paid", `{"total":1,"Total":2}`, "# below the event's properties:\n      Total:\n        type: int\n        go: {name: XTotal}\n"},
		{"paid", `{"total":"x"}`, ""},
	} {
		s := NewStore(Config{Plan: grow(t, "")})
		post(t, s, raw(tt.name, tt.properties))
		d, _ := s.Event(1)
		if diff := cmp.Diff(tt.want, d.Snippet); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.name, tt.properties, diff)
			continue
		}
		if tt.want == "" || strings.Contains(tt.properties, "\u0007") {
			continue
		}
		s.SetPlan(grow(t, d.Snippet), "plan.yaml", nil)
		d, _ = s.Event(1)
		if left := d.All; len(left) > 0 && !strings.Contains(tt.properties, `\u0007`) {
			t.Errorf("%s %s: with the snippet it is %s: %v", tt.name, tt.properties, d.Verdict, left)
		}
	}
}

// Types are guessed from all that came under the name.
func TestSnippetOfSeveral(t *testing.T) {
	s := NewStore(Config{Plan: grow(t, "")})
	post(t, s, raw("came", `{"n":1,"s":"a","only_here":true,"odd":1}`), raw("came", `{"n":1.5,"s":null,"odd":"x","id":"0190c8a4-1111-7222-8333-444455556666"}`),
		raw("came", `{"id":"u1"}`), raw("went", `{"other":1}`))
	want := "# below events:\n  came:\n    properties:\n      id: string\n      \"n\": float\n      odd: json\n      only_here: bool\n      s: string?\n"
	for seq := range uint64(3) {
		d, _ := s.Event(seq + 1)
		if diff := cmp.Diff(want, d.Snippet); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", seq+1, diff)
		}
	}
	d, _ := s.Event(1)
	s.SetPlan(grow(t, d.Snippet), "plan.yaml", nil)
	if got := s.Events(Filter{Event: "came", Verdict: OK}).Rows; len(got) != 3 {
		t.Errorf("got %+v, want all three as planned", got)
	}
}

// Whatever an event holds, its snippet is a part of a plan, has no value of it, and makes an
// event with names that a plan can hold one that is as planned.
func TestSnippetOfAnything(t *testing.T) {
	const secret = "sEcReT"
	name := rapid.OneOf(rapid.StringMatching(`[a-z]{1,3}[_ -][a-zA-Z]{1,3}`), rapid.SampledFrom([]string{
		"null", "~", "1e3", "- x", "a: b", "#", "{", "'", `"`, "\\", "a\nb", "a\tb", "é", "\u2028", "\u202e", "日本", "%", "@x", "`", "!x", "&a", "*a", "? x", ": ", "x #y", "<<", "distinct_id", "capture", "no", "Type", "type",
	}), rapid.String())
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		return rapid.Custom(func(rt *rapid.T) any {
			switch kind := rapid.IntRange(0, 9).Draw(rt, "kind"); {
			case kind < 2 && depth < 6:
				return rapid.MapOfN(name, value(depth+1), 0, 4).Draw(rt, "object")
			case kind < 4 && depth < 6:
				return rapid.SliceOfN(value(depth+1), 0, 3).Draw(rt, "array")
			case kind == 4:
				return nil
			case kind == 5:
				return rapid.Bool().Draw(rt, "bool")
			case kind == 6:
				return rapid.Float64Range(-1e9, 1e9).Draw(rt, "float")
			case kind == 7:
				return rapid.Int64().Draw(rt, "int")
			case kind == 8:
				return "https://" + secret
			}
			return secret
		})
	}
	rapid.Check(t, func(rt *rapid.T) {
		event := rapid.OneOf(rapid.Just("paid"), name.Filter(func(s string) bool { return s != "" })).Draw(rt, "event")
		properties := rapid.MapOfN(name, value(0), 0, 6).Draw(rt, "properties")
		if event == "paid" {
			properties["total"] = 1
		}
		text, err := json.Marshal(map[string]any{"event": event, "distinct_id": "u1", "properties": properties})
		if err != nil {
			rt.Fatal(err)
		}
		s := NewStore(Config{Plan: grow(rt, "")})
		s.Add(exchange(rt, moment, string(text)))
		d, _ := s.Event(1)
		if strings.Contains(d.Snippet, secret) {
			rt.Errorf("%s\nhas a value of %s", d.Snippet, text)
		}
		p := grow(rt, d.Snippet)
		s.SetPlan(p, "plan.yaml", nil)
		d, _ = s.Event(1)
		if d.Verdict == OK || !plannable(event) {
			return
		}
		for _, f := range d.All {
			if f.Rule != "extra_properties" || plannable(f.Path) {
				rt.Errorf("%s\nof %s is still %v", p.Events[len(p.Events)-1].Name, text, d.All)
			}
		}
	})
}

// plannable reports whether a plan can have an event, or a property, of that name.
func plannable(name string) bool {
	p, _ := schema.Parse("", []byte("phgen: 1\nplan: {name: x}\nevents:\n  "+yamltext.Quote(name)+":\n    go: {name: X}\n    properties: {}\n  x:\n    properties:\n      "+yamltext.Quote(name)+":\n        type: int\n        go: {name: Y}\n"))
	return p != nil
}
