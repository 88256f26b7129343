package flagset

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/schema"
)

const plan = `phgen: 1
plan: {name: acme}
groups: {company: {}, project: {}}
events: {bought: {}}
flags:
  banner: {kind: boolean, description: Show the banner}
  dark: {kind: boolean, default: true}
  checkout: {kind: multivariate, description: One page or three, variants: {short: One page, long: Three pages}}
  search: {kind: multivariate, variants: [old, new], default: new, payload: {type: object, properties: {size: {type: int, required: true, default: 20}}}}
  price: {kind: multivariate, variants: [low, high]}
  limits: {kind: remote_config, payload: {type: object, properties: {rps: {type: int, required: true, default: 100}}}}
experiments:
  pricing: {flag: price, control: high, metrics: {primary: [bought]}}
  titles: {variants: [a, b], control: a, metrics: {primary: [bought]}}
`

// a file of definitions: one flag that the plan has too, and others.
const definitions = `{"flags":[
{"id":7,"key":"zeta","name":"From the file","active":true,"version":3,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"{\"n\":5}"}}},
{"id":8,"key":"checkout","active":true,"filters":{"groups":[{"properties":[{"key":"plan","value":"pro","operator":"exact","type":"person"}],"rollout_percentage":100,"variant":"b"}],"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]}}},
{"id":9,"key":"asleep","active":false,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}}
],"group_type_mapping":{"3":"team"},"cohorts":{},"property_matching_version":2,"unknown":[1]}`

func load(t testing.TB, src string) *schema.Plan {
	t.Helper()
	p, found := schema.Parse("plan.yaml", []byte(src))
	if p == nil || found.HasErrors() {
		t.Fatal(found)
	}
	return p
}

func planned(t testing.TB) *Set {
	t.Helper()
	s := New()
	s.SetPlan(load(t, plan))
	return s
}

func set(t testing.TB, s *Set, key string, value any, person string) {
	t.Helper()
	if err := s.Set(key, value, person); err != nil {
		t.Fatal(err)
	}
}

// values are the answers about a person, with their reasons and payloads.
func values(s *Set, person string) map[string]string {
	all := map[string]string{}
	for _, f := range s.Answer(sink.FlagRequest{DistinctID: person}) {
		text := fmt.Sprint(f.Enabled)
		if f.Variant != "" {
			text = f.Variant
		}
		if f.Failed {
			text = "failed"
		}
		all[f.Key] = strings.TrimSpace(fmt.Sprintf("%s (%s) %s", text, f.Reason, f.Payload))
	}
	return all
}

// local is what a client makes of the definitions for a person.
func local(t testing.TB, s *Set, key, person string) string {
	t.Helper()
	d, err := flags.Parse(s.Document())
	if err != nil {
		t.Fatal(err)
	}
	return d.Evaluate(key, &flags.Query{DistinctID: person}).Value.String()
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestSetPlan(t *testing.T) {
	s := planned(t)
	check(t, "answers", values(s, "u1"), map[string]string{
		"banner":   "false (no_condition_match)",
		"dark":     "true (condition_match)",
		"checkout": "false (no_condition_match)",
		"search":   `new (condition_match) "{\"size\":20}"`,
		"price":    "high (condition_match)",
		"limits":   `true (condition_match) "{\"rps\":100}"`,
	})
	rows := s.Rows()
	check(t, "rows", rows, []dev.FlagRow{
		{Key: "banner", Description: "Show the banner", Values: []any{false, true}, Default: false, Source: "plan", Plan: "plan.yaml:6:3"},
		{Key: "dark", Values: []any{false, true}, Default: true, Source: "plan", Plan: "plan.yaml:7:3"},
		{Key: "checkout", Description: "One page or three", Values: []any{false, "short", "long"}, Default: false, Source: "plan", Plan: "plan.yaml:8:3"},
		{Key: "search", Values: []any{false, "old", "new"}, Default: "new", Source: "plan", Plan: "plan.yaml:9:3"},
		{Key: "price", Values: []any{false, "low", "high"}, Default: "high", Source: "plan", Plan: "plan.yaml:10:3"},
		{Key: "limits", Values: []any{false, true}, Default: true, Source: "plan", Plan: "plan.yaml:11:3"},
	})
	got := s.Answer(sink.FlagRequest{DistinctID: "u1"})
	for i := 1; i < len(got); i++ {
		if got[i-1].Key >= got[i].Key {
			t.Errorf("%q stands before %q", got[i-1].Key, got[i].Key)
		}
	}
	s.SetPlan(nil)
	check(t, "rows without a plan", s.Rows(), []dev.FlagRow{})
	check(t, "document without a plan", string(s.Document()), `{"flags":[],"group_type_mapping":{},"cohorts":{}}`)
}

func TestDocument(t *testing.T) {
	s := New()
	s.SetPlan(load(t, `phgen: 1
plan: {name: acme}
groups: {company: {}}
flags:
  b: {kind: multivariate, description: "<One> or two", variants: [one, two]}
  a: {kind: boolean, default: true}
`))
	const plain = `{"flags":[` +
		`{"id":222752054364700,"key":"a","name":"","active":true,"version":1,"has_experiment":false,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}},` +
		`{"id":68323938533434,"key":"b","name":"<One> or two","active":true,"version":1,"has_experiment":false,"filters":{"groups":[],"multivariate":{"variants":[{"key":"one","rollout_percentage":50},{"key":"two","rollout_percentage":50}]}}}` +
		`],"group_type_mapping":{"0":"company"},"cohorts":{}}`
	check(t, "document", string(s.Document()), plain)

	set(t, s, "b", "two", "ann+1@example.com")
	set(t, s, "a", false, "ann")
	want := `{"flags":[` +
		`{"active":true,"filters":{"groups":[{"properties":[{"key":"distinct_id","operator":"not_regex","type":"person","value":"^ann$"}],"rollout_percentage":100}]},"has_experiment":false,"id":222752054364700,"key":"a","name":"","version":1},` +
		`{"active":true,"filters":{"groups":[{"properties":[{"key":"distinct_id","operator":"regex","type":"person","value":"^ann\\+1@example\\.com$"}],"rollout_percentage":100,"variant":"two"}],"multivariate":{"variants":[{"key":"one","rollout_percentage":50},{"key":"two","rollout_percentage":50}]}},"has_experiment":false,"id":68323938533434,"key":"b","name":"<One> or two","version":1}` +
		`],"group_type_mapping":{"0":"company"},"cohorts":{}}`
	check(t, "document with people", string(s.Document()), want)

	set(t, s, "b", nil, "ann+1@example.com")
	set(t, s, "a", nil, "ann")
	check(t, "document as in the beginning", string(s.Document()), plain)
}

func TestSet(t *testing.T) {
	s := planned(t)
	set(t, s, "banner", true, "u1")
	set(t, s, "dark", false, "")
	set(t, s, "dark", true, "u2")
	set(t, s, "search", "old", "")
	set(t, s, "search", false, "u1")
	set(t, s, "price", "low", "u1")
	set(t, s, "limits", false, "")
	for person, want := range map[string]map[string]string{
		"u1": {"banner": "true", "dark": "false", "search": "false", "price": "low", "checkout": "false"},
		"U1": {"banner": "false", "dark": "false", "search": "old", "price": "high", "checkout": "false"}, // not u1
		"u2": {"banner": "false", "dark": "true", "search": "old", "price": "high", "checkout": "false"},
	} {
		for key, value := range want {
			if got := local(t, s, key, person); got != value {
				t.Errorf("%s of %s here: got %s, want %s", key, person, got, value)
			}
			if got := values(s, person)[key]; !strings.HasPrefix(got, value+" ") {
				t.Errorf("%s of %s at PostHog: got %s, want %s", key, person, got, value)
			}
		}
	}
	if got := values(s, "u2")["search"]; got != `old (condition_match) "{\"size\":20}"` {
		t.Errorf("payload of another variant: got %s", got)
	}
	got := s.Rows()[1]
	check(t, "row", got, dev.FlagRow{Key: "dark", Values: []any{false, true}, Default: true, Source: "plan", Plan: "plan.yaml:7:3",
		Everyone: false, People: map[string]any{"u2": true}})

	s.Reset()
	check(t, "after the reset", values(s, "u1"), values(planned(t), "u1"))
}

func TestSetRefuses(t *testing.T) {
	s := planned(t)
	for _, tt := range []struct {
		key    string
		value  any
		person string
		want   string
	}{
		{"checkuot", true, "", `flag "checkuot": no such flag: did you mean "checkout"?`},
		{"x", true, "", `flag "x": no such flag: there are ["banner" "dark" "checkout" "search" "price" "limits"]`},
		{"banner", "short", "", `flag "banner" cannot be "short": use false or true`},
		{"banner", 1.0, "u1", `flag "banner" cannot be a float64: use false or true`},
		{"checkout", true, "", `flag "checkout" cannot be true: use false, "short" or "long"`},
		{"checkout", map[string]any{}, "", `flag "checkout" cannot be a map[string]interface {}: use false, "short" or "long"`},
		{"banner", true, "\x00", `flag "banner" is set for a person without a distinct ID: name one`},
	} {
		err := s.Set(tt.key, tt.value, tt.person)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s, %v: got %v, want %s", tt.key, tt.value, err, tt.want)
		}
		if got, want := errors.Is(err, ErrUnknownFlag), strings.Contains(tt.want, "no such"); got != want {
			t.Errorf("%v is ErrUnknownFlag: got %v, want %v", err, got, want)
		}
	}
	for i := range maxPeople {
		set(t, s, "banner", true, fmt.Sprint("person", i))
	}
	before := string(s.Document())
	want := `flag "banner" is set for 100 people: take back one of them`
	if err := s.Set("banner", false, "one more"); err == nil || err.Error() != want {
		t.Errorf("one more: got %v, want %s", err, want)
	}
	set(t, s, "banner", true, "person0")
	if string(s.Document()) != before {
		t.Error("what was refused, or set already, changed the document")
	}
	if err := New().Set("x", true, ""); err.Error() != `flag "x": no such flag: the plan has none` {
		t.Error(err)
	}
}

// Whoever looks at the definitions decides by the distinct ID alone, whatever it is.
func TestSetPersons(t *testing.T) {
	long := strings.Repeat("ü", 200)
	ids := []string{"u1", "U1", "true", "false", "a.b", "aXb", "(", `\d+`, "7", "x\ny", "\u2028", "Straße", "STRASSE", "Σας", " ", "*", long, long[2:]}
	for _, id := range ids {
		s := planned(t)
		set(t, s, "banner", true, id)
		set(t, s, "dark", false, id)
		for _, other := range ids {
			want := fmt.Sprint(other == id)
			if got := local(t, s, "banner", other); got != want {
				t.Errorf("banner is set for %q: %q has %s, want %s", id, other, got, want)
			}
			want = fmt.Sprint(other != id)
			if got := local(t, s, "dark", other); got != want {
				t.Errorf("dark is off for %q: %q has %s, want %s", id, other, got, want)
			}
		}
	}
	s := planned(t)
	set(t, s, "banner", true, long+"cut")
	set(t, s, "banner", true, "a\x00b\xff")
	check(t, "people", s.Rows()[0].People, map[string]any{long: true, "ab\uFFFD": true})
	for _, id := range []string{long + "off", "ab\xff"} {
		if got := local(t, s, "banner", id); got != "true" {
			t.Errorf("%q: got %s, want true", id, got)
		}
	}
}

// What is set stays when the plan or the file changes, as far as it still can be.
func TestSetStays(t *testing.T) {
	s := planned(t)
	set(t, s, "checkout", "short", "")
	set(t, s, "checkout", "long", "u1")
	set(t, s, "banner", true, "u1")
	s.SetPlan(load(t, strings.Replace(plan, "short: One page, ", "", 1)))
	check(t, "row without the variant", s.Rows()[2], dev.FlagRow{Key: "checkout", Description: "One page or three", Values: []any{false, "long"}, Default: false, Source: "plan",
		Plan: "plan.yaml:8:3", People: map[string]any{"u1": "long"}})
	if err := s.SetFile("flags.json", []byte(definitions)); err != nil {
		t.Fatal(err)
	}
	check(t, "row of the file", s.Rows()[2], dev.FlagRow{Key: "checkout", Description: "One page or three", Values: []any{false, "a", "b"}, Source: "file", Plan: "plan.yaml:8:3"})
	if got := local(t, s, "banner", "u1"); got != "true" {
		t.Errorf("banner: got %s, want true", got)
	}
}

func TestRemoteConfig(t *testing.T) {
	s := planned(t)
	for _, tt := range []struct{ key, want string }{
		{"limits", `{"rps":100}`},
		{"search", ""}, // its payloads are those of variants
		{"banner", ""},
	} {
		if got, ok := s.RemoteConfig(tt.key); string(got) != tt.want || !ok {
			t.Errorf("%s: got %q, %v, want %q", tt.key, got, ok, tt.want)
		}
	}
	if got, ok := s.RemoteConfig("nothing"); ok {
		t.Errorf("no flag: got %q", got)
	}
	set(t, s, "limits", false, "")
	if got, ok := s.RemoteConfig("limits"); len(got) > 0 || !ok {
		t.Errorf("switched off: got %q, %v", got, ok)
	}
}

func TestChanged(t *testing.T) {
	s := planned(t)
	for _, tt := range []struct {
		what string
		do   func()
		want bool
	}{
		{"set", func() { set(t, s, "banner", true, "") }, true},
		{"set an unknown value", func() { _ = s.Set("banner", "x", "") }, false},
		{"called", func() { s.Called(called("banner", true)) }, true},
		{"another event", func() { s.Called(sink.Event{Name: "seen"}) }, false},
		{"plan", func() { s.SetPlan(nil) }, true},
		{"file", func() { _ = s.SetFile("f", []byte(definitions)) }, true},
		{"bad file", func() { _ = s.SetFile("f", []byte("{}")) }, false},
		{"reset", s.Reset, true},
		{"document", func() { s.Document(); s.Rows() }, false},
	} {
		c := s.Changed()
		if c != s.Changed() {
			t.Fatalf("%s: another channel without a change", tt.what)
		}
		tt.do()
		got := false
		select {
		case <-c:
			got = true
		default:
		}
		if got != tt.want {
			t.Errorf("%s: changed %v, want %v", tt.what, got, tt.want)
		}
	}
}

// Any number of goroutines may use a set; the race detector looks on.
func TestConcurrent(t *testing.T) {
	s := planned(t)
	p := load(t, plan)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 30 {
				person := fmt.Sprint("u", i)
				_ = s.Set("banner", n%2 == 0, person)
				_ = s.Set("search", "old", "")
				s.Called(called("banner", true))
				values(s, person)
				if _, err := json.Marshal(s.Rows()); err != nil {
					t.Error(err)
				}
				if !json.Valid(s.Document()) {
					t.Error("the document is no JSON")
				}
				switch n % 10 {
				case 0:
					s.SetPlan(p)
				case 5:
					_ = s.SetFile("f", []byte(definitions))
				case 9:
					s.Reset()
				}
				s.RemoteConfig("limits")
				s.Changed()
			}
		})
	}
	wg.Wait()
}
