package flagset

import (
	"fmt"
	"strings"
	"testing"
)

func TestPayload(t *testing.T) {
	const types = `types:
  Tier: {enum: [free, pro], example: pro}
  Line: {type: string, max_length: 5}
`
	for _, tt := range []struct{ properties, want string }{
		{``, `{}`},
		{`n: {type: int, required: true, default: -20}`, `{"n":-20}`},
		{`n: {type: int, default: 3, example: 4}, m: {type: int, example: 4}, o: int`, `{"n":3,"m":4}`},
		{`s: {type: string, default: "<a> \"b\"\n"}`, `{"s":"<a> \"b\"\n"}`},
		{`f: {type: float, default: 1.50e3}, b: {type: bool, default: true}`, `{"f":1.50e3,"b":true}`},
		{`d: {type: duration, unit: ms, default: 250}, at: {type: timestamp, default: "2026-01-02T03:04:05Z"}`, `{"d":250,"at":"2026-01-02T03:04:05Z"}`},
		{`tier: Tier, line: Line`, `{"tier":"pro"}`},
		{`list: {type: array, of: string, default: [a, b]}, none: {type: array, of: int, default: []}`, `{"list":["a","b"],"none":[]}`},
		{`map: {type: map, values: int, default: {b: 1, a: 2}}`, `{"map":{"b":1,"a":2}}`},
		{`any: {type: json, default: {a: [1, x, null, {b: true}]}}`, `{"any":{"a":[1,"x",null,{"b":true}]}}`},
		{`null: {type: json, default: null}`, `{"null":null}`},
		{`o: {type: object, properties: {n: {type: int, default: 1}, m: int}}`, `{"o":{"n":1}}`},
		{`o: {type: object, properties: {m: int}}, n: {type: int, default: 1}`, `{"n":1}`},
		{`o: {type: object, default: {m: 2}, properties: {n: {type: int, default: 1}, m: int}}`, `{"o":{"n":1,"m":2}}`},
		{`o: {type: object, default: {}, required: true, properties: {m: int}}`, `{"o":{}}`},
		{`l: {type: array, default: [{n: 2}, {}], of: {type: object, properties: {n: {type: int, default: 1}}}}`, `{"l":[{"n":2},{"n":1}]}`},
	} {
		src := strings.Replace(tt.properties, "null:", `"null":`, 1)
		p := load(t, "phgen: 1\nplan: {name: acme}\n"+types+"events: {e: {properties: {tier: Tier, line: Line}}}\n"+
			"flags: {x: {kind: boolean, default: true, payload: {type: object, properties: {"+src+"}}}}\n")
		s := New()
		s.SetPlan(p)
		got, _ := s.RemoteConfig("x")
		if string(got) != tt.want {
			t.Errorf("%s: got %s, want %s", tt.properties, got, tt.want)
		}
	}
}

// Each variant repeats the payload, so plans could make very long definitions of short ones.
func TestPayloadsAreBounded(t *testing.T) {
	var variants, flags strings.Builder
	for i := range 255 {
		fmt.Fprintf(&variants, "v%d, ", i)
	}
	for i := range 20 {
		fmt.Fprintf(&flags, "  f%02d: {kind: multivariate, default: v0, variants: [%s], payload: {type: object, properties: {s: {type: string, default: %s}}}}\n",
			i, variants.String(), strings.Repeat("x", 10_000))
	}
	s := New()
	s.SetPlan(load(t, "phgen: 1\nplan: {name: acme}\nflags:\n"+flags.String()))
	if got := len(s.Document()); got > 2*maxPayloads {
		t.Errorf("got %d bytes, want %d at most", got, 2*maxPayloads)
	}
	all := values(s, "u1")
	if got, want := all["f19"], "v0 (condition_match)"; got != want {
		t.Errorf("the last flag: got %.100s, want %s", got, want)
	}
	if !strings.HasPrefix(all["f00"], `v0 (condition_match) "{`) {
		t.Errorf("the first flag has no payload: %.100s", all["f00"])
	}
}
