package flagset

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
)

func TestSetFile(t *testing.T) {
	s := planned(t)
	if err := s.SetFile("flags.json", []byte(definitions)); err != nil {
		t.Fatal(err)
	}
	rows := s.Rows()
	check(t, "rows", append(rows[2:3:3], rows[6:]...), []dev.FlagRow{
		{Key: "checkout", Description: "One page or three", Values: []any{false, "a", "b"}, Source: "file", Plan: "plan.yaml:8:3"},
		{Key: "asleep", Values: []any{false, true}, Default: false, Source: "file"},
		{Key: "zeta", Description: "From the file", Values: []any{false, true}, Default: true, Source: "file"},
	})
	var doc struct {
		Groups   map[string]string `json:"group_type_mapping"`
		Matching int               `json:"property_matching_version"`
		Unknown  any               `json:"unknown"`
	}
	if err := json.Unmarshal(s.Document(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Groups["3"] != "team" || doc.Matching != 2 || doc.Unknown != nil {
		t.Errorf("document: got %+v", doc)
	}
	got := values(s, "u1")
	check(t, "zeta", got["zeta"], `true (condition_match) "{\"n\":5}"`)
	check(t, "checkout", got["checkout"], "false (no_condition_match)")
	if _, there := got["asleep"]; there {
		t.Error("a flag that is not active is answered")
	}
	for _, f := range s.Answer(sink.FlagRequest{DistinctID: "u1", PersonProperties: map[string]any{"plan": "pro"}}) {
		if f.Key == "checkout" && (f.Variant != "b" || f.ID != 8 || f.HasExperiment != nil) {
			t.Errorf("checkout of a pro: got %+v", f)
		}
	}
	// What sleeps wakes up for whom it is set.
	set(t, s, "asleep", true, "u1")
	for person, want := range map[string]string{"u1": "true", "u2": "false"} {
		if got := local(t, s, "asleep", person); got != want {
			t.Errorf("asleep of %s: got %s, want %s", person, got, want)
		}
	}
	if err := s.SetFile("", nil); err != nil || len(s.Rows()) != 6 {
		t.Errorf("without the file: got %v, %d flags", err, len(s.Rows()))
	}
}

// The default of a flag of the file is known if it is the same for everybody.
func TestFileDefault(t *testing.T) {
	const two = `"multivariate":{"variants":[{"key":"a","rollout_percentage":100},{"key":"b","rollout_percentage":0},{"key":"a","rollout_percentage":0}]}`
	for _, tt := range []struct {
		flag string // without its key
		want any
	}{
		{`"active":true,"filters":{"groups":[{}]}`, true},
		{`"active":true,"filters":{"groups":[{"rollout_percentage":100}]}`, true},
		{`"active":true,"filters":{"groups":[{"rollout_percentage":99}]}`, nil},
		{`"active":true,"filters":{"groups":[]}`, false},
		{`"active":true`, false},
		{`"active":false,"filters":{"groups":[{}]}`, false},
		{`"filters":{"groups":[{}]}`, false},
		{`"active":true,"filters":{"groups":[{"properties":[{"key":"p","value":"v"}]},{}]}`, nil},
		{`"active":true,"filters":{"groups":[{}],"aggregation_group_type_index":0}`, nil},
		{`"active":true,"filters":{"groups":[{"aggregation_group_type_index":0}]}`, nil},
		{`"active":true,"filters":{"groups":[{"aggregation_group_type_index":null}],"holdout":null}`, true},
		{`"active":true,"filters":{"groups":[{}],"holdout":{"id":1,"exclusion_percentage":10}}`, nil},
		{`"active":true,"filters":{"groups":[{"variant":"b"}],` + two + `}`, "b"},
		{`"active":true,"filters":{"groups":[{}],` + two + `}`, "a"},
		{`"active":true,"filters":{"groups":[{"variant":"none"}],` + two + `}`, "a"},
		{`"active":true,"filters":{"groups":[{}],"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]}}`, nil},
	} {
		s := New()
		if err := s.SetFile("f", []byte(`{"flags":[{"key":"x",`+tt.flag+`}],"group_type_mapping":{"0":"company"}}`)); err != nil {
			t.Fatal(err)
		}
		row := s.Rows()[0]
		if row.Default != tt.want {
			t.Errorf("%s: got %v, want %v", tt.flag, row.Default, tt.want)
		}
		if strings.Contains(tt.flag, two) {
			check(t, "values", row.Values, []any{false, "a", "b"})
		}
	}
}

func TestSetFileRefuses(t *testing.T) {
	s := planned(t)
	if err := s.SetFile("flags.json", []byte(definitions)); err != nil {
		t.Fatal(err)
	}
	before := string(s.Document())
	var distinct strings.Builder
	for i := range maxFlags + 1 {
		fmt.Fprintf(&distinct, `,{"key":"k%d"}`, i)
	}
	for _, tt := range []struct{ doc, want string }{
		{"", "flags.json: flag definitions: offset 0: the text ends where a value must be"},
		{"[]", "flags.json: flag definitions: it is a list, want an object"},
		{"{}", "flags.json: flag definitions: there is no list of flags"},
		{`{"flags":{}}`, "flags.json: flag definitions: flags is an object, want a list"},
		{`{"flags":[]}x`, "flags.json: flag definitions: "},
		{"\xff", "flags.json: flag definitions: the text is not UTF-8"},
		{strings.Repeat("[", 100_000), "flags.json: flag definitions: "},
		{strings.Repeat(" ", MaxFile+1), "flags.json: 8388609 bytes are more than 8388608"},
		{`{"flags":[` + distinct.String()[1:] + `]}`, "flags.json: 10001 flags are more than 10000"},
	} {
		err := s.SetFile("flags.json", []byte(tt.doc))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%.20q: got %v, want %s", tt.doc, err, tt.want)
		}
		var malformed *FileError
		if errors.As(err, &malformed) {
			t.Errorf("%.20q: the error says that the file is in use", tt.doc)
		}
	}
	if string(s.Document()) != before {
		t.Error("what was refused changed the document")
	}
}

// A malformed flag harms nothing else, and can be set nevertheless.
func TestMalformedFlags(t *testing.T) {
	const doc = `{"flags":[
{"key":"good","active":true,"filters":{"groups":[{}]}},
{"key":"bad","name":"Bad","active":true,"filters":{"groups":[{"rollout_percentage":"half"}],"multivariate":{"variants":[{"key":"a","rollout_percentage":100}]}}},
{"active":true},
7,
{"key":"loop","active":true,"filters":{"groups":[{"properties":[{"key":"loop","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":["loop"]}]}]}},
{"key":"odd","active":true,"filters":[]},
{"key":"good","KEY":"other","active":true,"filters":{"groups":[{}]},"Filters":{}}
],"FLAGS":[{"key":"none"}],"cohorts":{"1":7}}`
	s := New()
	err := s.SetFile("flags.json", []byte(doc))
	var malformed *FileError
	if !errors.As(err, &malformed) {
		t.Fatalf("got %v, want a *FileError", err)
	}
	for _, want := range []string{
		`flags.json: flag "bad": `, `flags.json: flag 2: it has no key`, `flags.json: flag 3: `,
		`flags.json: flag "loop": it depends on itself`, `flags.json: flag "odd": `,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %s:\n%v", want, err)
		}
	}
	check(t, "rows", s.Rows(), []dev.FlagRow{
		{Key: "bad", Description: "Bad", Values: []any{false, true}, Source: "file"},
		{Key: "good", Values: []any{false, true}, Default: true, Source: "file"},
		{Key: "loop", Values: []any{false, true}, Source: "file"},
		{Key: "odd", Values: []any{false, true}, Source: "file"},
	})
	check(t, "answers", values(s, "u1"), map[string]string{
		"bad":  "failed (unsupported_definition)",
		"good": "true (condition_match)",
		"loop": "failed (unresolved_dependency)",
		"odd":  "failed (unsupported_definition)",
	})
	for _, key := range []string{"bad", "loop", "odd"} {
		set(t, s, key, true, "u1")
		if got := local(t, s, key, "u1") + local(t, s, key, "u2"); got != "truefalse" {
			t.Errorf("%s of u1 and u2: got %s, want true and false", key, got)
		}
		set(t, s, key, true, "")
		if got := local(t, s, key, "u2"); got != "true" {
			t.Errorf("%s of everyone: got %s, want true", key, got)
		}
	}
}

func TestFileErrorIsShort(t *testing.T) {
	s := New()
	err := s.SetFile("f", []byte(`{"flags":[`+strings.Repeat(`{},`, 99)+`{}]}`))
	lines := strings.Split(fmt.Sprint(err), "\n")
	if got, want := lines[len(lines)-1], "f: and 80 more problems"; len(lines) != 21 || got != want {
		t.Errorf("got %d lines, the last %q, want 21, %q", len(lines), got, want)
	}
}
