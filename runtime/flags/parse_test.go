package flags

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// What makes a whole document unusable.
func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ doc, want string }{
		{``, "flag definitions: offset 0: the text ends where a value must be"},
		{`null`, "flag definitions: it is null, want an object"},
		{`[]`, "flag definitions: it is a list, want an object"},
		{`{}`, "flag definitions: there is no list of flags"},
		{`{"flags":null}`, "flag definitions: flags is null, want a list"},
		{`{"flags":{}}`, "flag definitions: flags is an object, want a list"},
		{`{"flags":[]`, "flag definitions: offset 11: the text ends too early"},
		{`{"flags":[]} x`, "flag definitions: offset 13: unexpected 'x'"},
		{`{"flags":[],}`, "flag definitions: offset 12: unexpected '}'"},
		{`{"flags":[{"key":"\x"}]}`, `flag definitions: offset 19: unexpected 'x'`},
		{`{"flags":[01]}`, `flag definitions: offset 11: unexpected '1'`},
		{"{\"flags\":[\"\n\"]}", `flag definitions: offset 11: unexpected '\n'`},
		{"{\"flags\":[\"\xff\"]}", "flag definitions: the text is not UTF-8"},
		{`<html>`, "flag definitions: offset 0: unexpected '<'"},
		{strings.Repeat("[", 1e6), "flag definitions: offset 257: nested more than 256 deep"},
		{`{"flags":` + strings.Repeat(`[`, 300) + strings.Repeat(`]`, 300) + `}`, "flag definitions: offset 265: nested more than 256 deep"},
		{`{"flags":[` + strings.Repeat(`7,`, 1<<17) + `7]}`, "flag definitions: more than 131072 flags"},
		{`{"flags":[],"cohorts":{` + strings.Repeat(`"":7,`, 1<<17) + `"":7}}`, "flag definitions: more than 131072 cohorts"},
		{`[` + strings.Repeat(`{},`, 1<<20) + `{}]`, "flag definitions: offset 3145729: more than 1048576 objects"},
		// Without the right names of group types flags for groups would be off.
		{`{"flags":[],"group_type_mapping":[]}`, "flag definitions: group_type_mapping is a list, want an object"},
		{`{"flags":[],"group_type_mapping":{"company":"0"}}`, `flag definitions: group_type_mapping has the name "company", want a number`},
		{`{"flags":[],"group_type_mapping":{"0":7}}`, "flag definitions: group_type_mapping is a number, want a string"},
	} {
		if _, err := Parse([]byte(tt.doc)); err == nil || err.Error() != tt.want {
			t.Errorf("%.60s:\ngot  %v\nwant %s", tt.doc, err, tt.want)
		}
	}
	if _, err := Parse(make([]byte, MaxDocument+1)); err == nil || err.Error() != "flag definitions: 67108865 bytes are more than 67108864" {
		t.Errorf("a huge document: got %v", err)
	}
}

// A malformed flag is undecided, alone.
func TestProblems(t *testing.T) {
	for _, tt := range []struct{ flag, want string }{
		{`7`, `flag 1: it is a number, want an object`},
		{`null`, `flag 1: it is null, want an object`},
		{`{"active":true}`, `flag 1: it has no key`},
		{`{"key":null}`, `flag 1: it has no key`},
		{`{"key":7}`, `flag 1: key is a number, want a string`},
		{`{"key":"f","active":"yes"}`, `flag "f": active is a string, want true or false`},
		{`{"key":"f","id":"1"}`, `flag "f": id is a string, want a whole number`},
		{`{"key":"f","id":1.5}`, `flag "f": id is a number, want a whole number`},
		{`{"key":"f","active":true,"filters":[]}`, `flag "f": filters is a list, want an object`},
		{`{"key":"f","active":true,"filters":{"groups":{}}}`, `flag "f": groups is an object, want a list`},
		{`{"key":"f","active":true,"filters":{"groups":[{},null]}}`, `flag "f": groups[1]: the condition is null, want an object`},
		{`{"key":"f","active":true,"filters":{"groups":[{},{"rollout_percentage":"50"}]}}`, `flag "f": groups[1]: rollout_percentage is a string, want a number`},
		{`{"key":"f","active":true,"filters":{"groups":[{"rollout_percentage":1e999}]}}`, `flag "f": groups[0]: rollout_percentage is 1e999, which is too large`},
		{`{"key":"f","active":true,"filters":{"groups":[{"variant":1}]}}`, `flag "f": groups[0]: variant is a number, want a string`},
		{`{"key":"f","active":true,"filters":{"groups":[{"aggregation_group_type_index":"0"}]}}`, `flag "f": groups[0]: aggregation_group_type_index is a string, want a whole number`},
		{`{"key":"f","active":true,"filters":{"groups":[{"aggregation_group_type_index":-1}]}}`, `flag "f": groups[0]: aggregation_group_type_index is -1, want 0 or more`},
		{`{"key":"f","active":true,"filters":{"groups":[{"properties":[null]}]}}`, `flag "f": groups[0]: a property is null, want an object`},
		{`{"key":"f","active":true,"filters":{"groups":[{"properties":[{"value":1}]}]}}`, `flag "f": groups[0]: a property has no key`},
		{`{"key":"f","active":true,"filters":{"groups":[{"properties":[{"key":"a","operator":1}]}]}}`, `flag "f": groups[0]: operator is a number, want a string`},
		{`{"key":"f","active":true,"filters":{"multivariate":{"variants":[{"key":"a"}]}}}`, `flag "f": variant "a" has no rollout_percentage`},
		{`{"key":"f","active":true,"filters":{"multivariate":{"variants":[{"rollout_percentage":1}]}}}`, `flag "f": a variant has no key`},
		{`{"key":"f","active":true,"filters":{"multivariate":{"variants":[7]}}}`, `flag "f": variant is a number, want an object`},
		{`{"key":"f","active":true,"filters":{"multivariate":[]}}`, `flag "f": multivariate is a list, want an object`},
		{`{"key":"f","active":true,"filters":{"holdout":{"id":"1","exclusion_percentage":1}}}`, `flag "f": the holdout's id is a string, want a whole number`},
		{`{"key":"f","active":true,"filters":{"holdout":[]}}`, `flag "f": holdout is a list, want an object`},
		{`{"key":"f","active":true,"filters":{"holdout_groups":[{"properties":[{"key":"a"}],"variant":"h"}]}}`, `flag "f": holdout_groups look at properties`},
		{`{"key":"f","active":true,"filters":{"payloads":[]}}`, `flag "f": payloads is a list, want an object`},
		{`{"key":"f","active":true,"ensure_experience_continuity":1}`, `flag "f": ensure_experience_continuity is a number, want true or false`},
	} {
		doc := `{"flags":[` + activeFlag("before", `"groups":[{}]`) + `,` + tt.flag + `,` + activeFlag("after", `"groups":[{}]`) + `]}`
		d, err := Parse([]byte(doc))
		if err != nil {
			t.Errorf("%s: %v", tt.flag, err)
			continue
		}
		if got := d.Problems(); len(got) != 1 || got[0].Error() != tt.want || got[0].Index != 1 {
			t.Errorf("%s:\ngot  %v\nwant %s", tt.flag, got, tt.want)
		}
		q := &Query{DistinctID: low}
		for _, key := range []string{"before", "after"} {
			if got := answer(d.Evaluate(key, q)); got != "true: condition_match 0" {
				t.Errorf("%s: %s is %s", tt.flag, key, got)
			}
		}
		_, why, _ := strings.Cut(tt.want, `"f": `)
		if f, ok := d.Lookup("f"); ok != (why != "") || ok && f.Key() != "f" {
			t.Errorf("%s: looked up %v, %v", tt.flag, f, ok)
		} else if got, want := answer(d.Evaluate("f", q)), "undecided: unsupported_definition: definition: "+why; ok && got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.flag, got, want)
		}
		if got, want := d.Len(), 2+len(d.Problems()[0].Key); got != want { // the key has one letter
			t.Errorf("%s: got %d flags, want %d", tt.flag, got, want)
		}
	}
}

// A malformed cohort harms only whom it is asked of.
func TestCohortProblems(t *testing.T) {
	for _, tt := range []struct{ cohort, want string }{
		{`[]`, `cohort "7": a property is a list, want an object`},
		{`null`, `cohort "7": a property is null, want an object`},
		{`{"type":"XOR","values":[]}`, `cohort "7": a group has the type "XOR", want AND or OR`},
		{`{"values":[]}`, `cohort "7": a group has the type "", want AND or OR`},
		{`{"type":"AND"}`, `cohort "7": a group has no values`},
		{`{"type":"OR","values":null}`, `cohort "7": a group has no values`},
		{`{"type":"OR","values":{}}`, `cohort "7": values is an object, want a list`},
		{`{"type":"OR","values":["x"]}`, `cohort "7": a property is a string, want an object`},
		{`{"type":"OR","values":[{"type":"AND"}]}`, `cohort "7": a group has no values`},
		{`{"key":"plan","value":"pro"}`, `cohort "7": it is no group of properties`},
		{strings.Repeat(`{"type":"AND","values":[`, 66) + strings.Repeat(`]}`, 66), `cohort "7": groups are nested more than 64 deep`},
	} {
		doc := flagDoc(inCohort7, `"cohorts":{"6":{},"7":`+tt.cohort+`}`)
		d, err := Parse([]byte(doc))
		if err != nil {
			t.Errorf("%.60s: %v", tt.cohort, err)
			continue
		}
		if got := d.Problems(); len(got) != 1 || got[0].Error() != tt.want || got[0].Index != -1 || got[0].Key != "" {
			t.Errorf("%.60s:\ngot  %v\nwant %s", tt.cohort, got, tt.want)
		}
		if got, want := answer(d.Evaluate("f", &Query{DistinctID: low})), `undecided: unsupported_definition: cohort "7"`; got != want {
			t.Errorf("%.60s: got %s, want %s", tt.cohort, got, want)
		}
	}
	d, err := Parse([]byte(flagDoc(inCohort7, `"cohorts":[]`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.Problems()); got != "[cohorts is a list, want an object]" {
		t.Errorf("cohorts that are a list: got %s", got)
	}
}

func TestDefinitions(t *testing.T) {
	d := mustParse(t, `{
		"flags": [
			{"key":"b","id":2,"version":7,"has_experiment":true,"active":true,"unknown":{"x":[1,{"y":null}]},"has_encrypted_payloads":true,
			 "filters":{"groups":[{}],"payloads":{"true":"{\"a\": 1}","v":"5","none":null,"empty":"","list":[1, {"b": "c"}],"false":"never","holdout-3":"\"h\""}}},
			{"key":"a","active":true,"has_experiment":false,"filters":null},
			{"key":"\u00fc\ud83d\ude00","active":true,"filters":{"groups":[{"rollout_percentage":0}]}},
			{"key":"a","active":true,"has_experiment":null,"filters":{"groups":[{}]}}
		],
		"group_type_mapping": {"0":"company","1":null,"4":"project"},
		"cohorts": null,
		"minimal_flag_called_events": true
	}`)
	var keys []string
	for i := range d.Len() {
		keys = append(keys, d.At(i).Key())
	}
	if diff := cmp.Diff(keys, []string{"b", "ü😀", "a"}); diff != "" {
		t.Errorf("keys (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(d.GroupTypes(), map[int]string{0: "company", 4: "project"}); diff != "" {
		t.Errorf("group types (-got +want):\n%s", diff)
	}
	if !d.Minimal() {
		t.Error("not minimal")
	}
	b, _ := d.Lookup("b")
	if b.ID() != 2 || b.Version() != 7 || !b.RemotePayload() {
		t.Errorf("b: ID %d, version %d, remote payload %v", b.ID(), b.Version(), b.RemotePayload())
	}
	if has, known := b.HasExperiment(); !has || !known {
		t.Errorf("b: experiment %v, %v", has, known)
	}
	if a := d.At(2); a.ID() != 0 || a.Version() != 0 || a.RemotePayload() {
		t.Errorf("a: ID %d, version %d, remote payload %v", a.ID(), a.Version(), a.RemotePayload())
	} else if has, known := a.HasExperiment(); has || known {
		t.Errorf("a: experiment %v, %v", has, known)
	}
	// Of flags with the same key the last counts.
	if got := answer(d.Evaluate("a", &Query{DistinctID: low})); got != "true: condition_match 0" {
		t.Errorf("a is %s", got)
	}
	for _, tt := range []struct {
		value Value
		want  string
	}{
		{True, `{"a": 1}`}, {Variant("v"), "5"}, {Variant("list"), `[1,{"b":"c"}]`}, {Variant("holdout-3"), `"h"`},
		{False, "-"}, {Value{}, "-"}, {Variant("none"), "-"}, {Variant("empty"), "-"}, {Variant("other"), "-"},
	} {
		got, ok := b.Payload(tt.value)
		if !ok {
			got = "-"
		}
		if got != tt.want {
			t.Errorf("payload of %v: got %s, want %s", tt.value, got, tt.want)
		}
	}
}

// Only exactly 2 is the version in which booleans are compared as text.
func TestPropertyMatchingVersion(t *testing.T) {
	for version, want := range map[string]bool{`1`: true, `null`: true, `2`: false, `3`: true, `"2"`: true, `2.0`: true} {
		d := mustParse(t, flagDoc(`"groups":[{"properties":[{"key":"plan","value":"false"}]}]`, `"property_matching_version":`+version))
		if got := d.Evaluate("f", &Query{DistinctID: low, Person: map[string]any{"plan": "pro"}}); got.Value.On() != want {
			t.Errorf("version %s: %s, want %v", version, answer(got), want)
		}
	}
}

// What other libraries keep in shared caches.
func TestCamelCase(t *testing.T) {
	d := mustParse(t, `{"flags":[],"groupTypeMapping":{"0":"company"},"minimalFlagCalledEvents":true}`)
	if !d.Minimal() || d.GroupTypes()[0] != "company" {
		t.Errorf("got %v, %v", d.Minimal(), d.GroupTypes())
	}
}

// Nothing and nobody.
func TestZeroValues(t *testing.T) {
	var d *Definitions
	if d.Len() != 0 || d.Minimal() || d.GroupTypes() != nil || d.Problems() != nil {
		t.Error("nil definitions hold something")
	}
	if got := answer(d.Evaluate("f", &Query{})); got != "undecided: unknown_flag: " {
		t.Errorf("nil definitions: got %s", got)
	}
	if got := d.EvaluateAll(&Query{}, nil); len(got) != 0 {
		t.Errorf("nil definitions: got %v", got)
	}
	if e := d.Explain("f", nil); e.Result.Reason != ReasonUnknownFlag {
		t.Errorf("nil definitions: got %v", e)
	}
	var f Flag
	if _, ok := f.Payload(True); ok || f.Key() != "" || f.ID() != 0 || f.Version() != 0 || f.RemotePayload() {
		t.Error("the zero Flag is something")
	}
	if has, known := f.HasExperiment(); has || known {
		t.Error("the zero Flag has an experiment")
	}
	all := mustParse(t, flagDoc(`"groups":[{}]`))
	if got := answer(all.Evaluate("f", nil)); got != "undecided: missing_context: distinct id" {
		t.Errorf("no query: got %s", got)
	}
	if got := answer(all.Evaluate("F", &Query{DistinctID: low})); got != "undecided: unknown_flag: " {
		t.Errorf("another case: got %s", got)
	}
}

// The caller may reuse the document.
func TestParseKeepsNothing(t *testing.T) {
	doc := []byte(flagDoc(`"groups":[{"properties":[`+isPro+`],"variant":"a"}],`+aOrB+`,"payloads":{"a":"1"}`, `"cohorts":{"7":{}}`))
	d, err := Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	for i := range doc {
		doc[i] = '#'
	}
	if got := answer(d.Evaluate("f", &Query{DistinctID: low, Person: map[string]any{"plan": "pro"}})); got != "a: condition_match 0" {
		t.Errorf("got %s", got)
	}
}

func TestLargeDocument(t *testing.T) {
	// A flag with so many variants and conditions that looking for each in all takes forever.
	const n = 100_000
	var variants, conditions []string
	for i := range n {
		variants = append(variants, fmt.Sprintf(`{"key":"v%d","rollout_percentage":0.001}`, i))
		conditions = append(conditions, fmt.Sprintf(`{"rollout_percentage":0,"variant":"v%d"}`, i))
	}
	conditions = append(conditions, `{"variant":"v99999"}`)
	d := mustParse(t, flagDoc(`"groups":[`+strings.Join(conditions, ",")+`],"multivariate":{"variants":[`+strings.Join(variants, ",")+`]}`))
	if got, want := answer(d.Evaluate("f", &Query{DistinctID: low})), "v99999: condition_match 100000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The cursor accepts what encoding/json accepts, and reads it alike.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-0.5e+3,true,false,null,"\u00e9\ud83d\ude00\ud83d\"\/"],"b":{}}`, `[]`, ` {} `, `01`, `-`, `1.`, `1e`, `"\u12"`, `"\ud800\u0041"`, `{"a"}`, `[1,]`, `{,}`, "\"\x00\"", `nul`, `[1 2]`, `"\u_123"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		err := check(text)
		if valid := json.Valid([]byte(text)); (err == nil) != valid && (err == nil || !strings.Contains(err.Error(), "nested")) {
			t.Fatalf("%q: %v, but valid is %v", text, err, valid)
		}
		if err != nil {
			return
		}
		c := cursor{text: text}
		if got, want := c.raw(), strings.Trim(text, " \t\r\n"); got != want {
			t.Fatalf("%q: raw is %q", text, got)
		}
		var want any
		if json.Unmarshal([]byte(text), &want) != nil {
			return // a number beyond float64
		}
		c.pos = 0
		got := readTree(&c)
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if !bytes.Equal(a, b) {
			t.Fatalf("%q: got %s, want %s", text, a, b)
		}
	})
}

// readTree reads a value as encoding/json would.
func readTree(c *cursor) any {
	switch c.peek() {
	case '{':
		m := map[string]any{}
		for c.pos++; c.more('}'); {
			name := c.name()
			m[name] = readTree(c)
		}
		return m
	case '[':
		l := []any{}
		for c.pos++; c.more(']'); {
			l = append(l, readTree(c))
		}
		return l
	case '"':
		return c.string()
	}
	var v any
	if err := json.Unmarshal([]byte(c.raw()), &v); err != nil {
		return err
	}
	return v
}
