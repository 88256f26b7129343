package flags

import (
	"fmt"
	"strings"
	"testing"
)

// dependsOn returns a filter for the value that another flag has, as JSON.
func dependsOn(key, value string) string {
	return fmt.Sprintf(`{"key":%q,"type":"flag","operator":"flag_evaluates_to","value":%s,"dependency_chain":[%q]}`, key, value, key)
}

func activeFlag(key, filters string) string {
	return fmt.Sprintf(`{"key":%q,"active":true,"filters":{%s}}`, key, filters)
}

// when returns filters of a flag that is on if some properties match.
func when(properties ...string) string {
	return `"groups":[{"properties":[` + strings.Join(properties, ",") + `]}]`
}

func TestDependency(t *testing.T) {
	const yes, no = "true: condition_match 0", "false: no_condition_match 0"
	need := func(key string) string { return fmt.Sprintf("undecided: unresolved_dependency: flag %q", key) }
	others := strings.Join([]string{
		activeFlag("on", `"groups":[{}]`),
		activeFlag("none", `"groups":[]`),
		`{"key":"inactive","active":false,"ensure_experience_continuity":true,"filters":{"groups":[{}],` + aOrB + `}}`,
		activeFlag("variant-a", `"groups":[{"variant":"a"}],`+aOrB),
		activeFlag("some-variant", `"groups":[{"properties":[`+isPro+`],"variant":"a"},{"variant":"b"}],`+aOrB),
		activeFlag("pro", when(isPro)),
		activeFlag("held-out", `"holdout":{"id":5,"exclusion_percentage":100},"groups":[]`),
		activeFlag("company", `"aggregation_group_type_index":0,"groups":[{}]`),
		`{"key":"malformed","active":true,"filters":7}`,
		`{"key":"remembered","active":true,"ensure_experience_continuity":true,"filters":{"groups":[{"rollout_percentage":50}]}}`,
	}, ",")
	for _, tt := range []struct{ filter, want string }{
		{dependsOn("on", "true"), yes},
		{dependsOn("on", "false"), no},
		{dependsOn("on", `"true"`), no}, // true is no variant
		{dependsOn("none", "false"), yes},
		{dependsOn("inactive", "false"), yes},
		{dependsOn("inactive", "true"), no},
		{dependsOn("inactive", `"a"`), no},
		{dependsOn("variant-a", "true"), yes},
		{dependsOn("variant-a", `"a"`), yes},
		{dependsOn("variant-a", `"A"`), no},
		{dependsOn("variant-a", `"b"`), no},
		{dependsOn("held-out", `"holdout-5"`), yes},
		{dependsOn("held-out", "true"), yes},
		{dependsOn("company", "true"), yes},

		// A flag that is undecided has values that it can and that it cannot have.
		{dependsOn("some-variant", "true"), yes},
		{dependsOn("some-variant", "false"), no},
		{dependsOn("some-variant", `"c"`), no},
		{dependsOn("some-variant", `"a"`), need("some-variant")},
		{dependsOn("pro", "true"), need("pro")},
		{dependsOn("pro", `"a"`), no},
		{dependsOn("remembered", "true"), need("remembered")},
		{dependsOn("malformed", "true"), need("malformed")},
		{dependsOn("malformed", `"a"`), need("malformed")},
		{dependsOn("missing", "true"), need("missing")},
		{dependsOn("missing", "false"), need("missing")},

		// PostHog never takes these to match.
		{`{"key":"on","type":"flag","operator":"exact","value":true,"dependency_chain":["on"]}`, no},
		{`{"key":"on","type":"flag","operator":null,"value":true,"dependency_chain":["on"]}`, no},
		{`{"key":"","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":["on"]}`, no},
		{`{"key":"on","type":"flag","operator":"flag_evaluates_to","value":null,"dependency_chain":["on"]}`, no},
		{`{"key":"on","type":"flag","operator":"flag_evaluates_to","dependency_chain":["on"]}`, no},
		{`{"key":"on","type":"flag","operator":"flag_evaluates_to","value":1,"dependency_chain":["on"]}`, no},
		{`{"key":"on","type":"flag","operator":"flag_evaluates_to","value":[true],"dependency_chain":["on"]}`, no},

		// The chain must be there, and all of its flags.
		{`{"key":"on","type":"flag","operator":"flag_evaluates_to","value":true}`, need("on")},
		{`{"key":"on","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":null}`, need("on")},
		{`{"key":"on","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":[]}`, need("on")},
		{`{"key":"on","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":["missing","on"]}`, need("missing")},
	} {
		doc := `{"group_type_mapping":{"0":"company"},"flags":[` + others + `,` + activeFlag("f", when(tt.filter)) + `]}`
		d, err := Parse([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		q := Query{DistinctID: low, Groups: map[string]string{"company": "acme"}}
		if got := answer(d.Evaluate("f", &q)); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.filter, got, tt.want)
		}
		// Likewise as a leaf of a cohort.
		doc = `{"group_type_mapping":{"0":"company"},"flags":[` + others + `,` + activeFlag("f", inCohort7) + `],"cohorts":{"7":{"type":"AND","values":[` + tt.filter + `]}}}`
		if d, err = Parse([]byte(doc)); err != nil {
			t.Fatal(err)
		}
		if got := answer(d.Evaluate("f", &q)); got != tt.want {
			t.Errorf("in a cohort: %s:\ngot  %s\nwant %s", tt.filter, got, tt.want)
		}
	}
}

// Flags in a circle are undecided, alone.
func TestCircles(t *testing.T) {
	circle := `undecided: unresolved_dependency: flag "%s"`
	for _, tt := range []struct {
		flags, cohorts string
		want           map[string]string
		problems       int
	}{
		{activeFlag("a", when(dependsOn("a", "true"))), ``, map[string]string{"a": circle}, 1},
		{
			activeFlag("a", when(dependsOn("b", "true"))) + `,` + activeFlag("b", when(dependsOn("c", "true"))) + `,` +
				activeFlag("c", `"groups":[{"properties":[`+dependsOn("a", "true")+`]},{}]`) + `,` +
				activeFlag("before", when(dependsOn("a", "true"))) + `,` + activeFlag("after", `"groups":[{}]`),
			``,
			map[string]string{"a": circle, "b": circle, "c": circle, "before": `undecided: unresolved_dependency: flag "a"`, "after": "true: condition_match 0"},
			3,
		},
		// One that is off depends on nothing.
		{
			activeFlag("a", when(dependsOn("b", "false"))) + `,{"key":"b","active":false,"filters":{` + when(dependsOn("a", "true")) + `}}`,
			``,
			map[string]string{"a": "true: condition_match 0", "b": "false: flag_disabled -1"},
			0,
		},
		{
			activeFlag("a", inCohort7), `"7":{"type":"OR","values":[` + isPro + `,{"key":"id","type":"cohort","value":8}]},"8":{"type":"OR","values":[{"key":"id","type":"cohort","value":7}]}`,
			map[string]string{"a": `undecided: unsupported_definition: cohort "7"`},
			2,
		},
		{
			activeFlag("a", inCohort7), `"7":{"type":"OR","values":[` + isPro + `,` + dependsOn("a", "true") + `]}`,
			map[string]string{"a": circle},
			2,
		},
	} {
		d, err := Parse([]byte(`{"flags":[` + tt.flags + `],"cohorts":{` + tt.cohorts + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range tt.want {
			if want == circle {
				want = fmt.Sprintf(circle, key)
			}
			if got := answer(d.Evaluate(key, &Query{DistinctID: low, Person: map[string]any{"plan": "pro"}})); got != want {
				t.Errorf("%s of %s:\ngot  %s\nwant %s", key, tt.flags, got, want)
			}
		}
		if got := d.Problems(); len(got) != tt.problems {
			t.Errorf("%s: problems %v, want %d", tt.flags, got, tt.problems)
		}
	}
}

// chain returns flags f0 to fn, each of which depends on the next.
func chain(n int) string {
	flags := make([]string, n+1)
	for i := range n {
		flags[i] = activeFlag(fmt.Sprint("f", i), when(dependsOn(fmt.Sprint("f", i+1), "true")))
	}
	flags[n] = activeFlag(fmt.Sprint("f", n), `"groups":[{}]`)
	return `{"flags":[` + strings.Join(flags, ",") + `]}`
}

func TestLongChain(t *testing.T) {
	d := mustParse(t, chain(maxHeight))
	if got, want := answer(d.Evaluate("f0", &Query{DistinctID: low})), "true: condition_match 0"; got != want {
		t.Errorf("%d in a row: got %s, want %s", maxHeight, got, want)
	}
	const long = 50_000
	d, err := Parse([]byte(chain(long)))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{
		0:                    fmt.Sprintf(`undecided: unresolved_dependency: flag "f%d"`, 1),
		long - maxHeight:     "true: condition_match 0",
		long - maxHeight - 1: "undecided: unsupported_definition: definition: it depends on too many flags and cohorts in a row",
	} {
		if got := answer(d.Evaluate(fmt.Sprint("f", n), &Query{DistinctID: low})); got != want {
			t.Errorf("flag %d of %d in a row: got %s, want %s", n, long, got, want)
		}
	}
	if got := len(d.EvaluateAll(&Query{DistinctID: low}, nil)); got != long+1 {
		t.Errorf("got %d results, want %d", got, long+1)
	}
}

// Each cohort, and each flag, asks twice for the next one: 2⁶⁰ ways to the last.
func TestDiamonds(t *testing.T) {
	const n = 60
	var cohorts, flags []string
	for i := range n {
		next := fmt.Sprintf(`{"key":"id","type":"cohort","value":%d}`, i+1)
		cohorts = append(cohorts, fmt.Sprintf(`"%d":{"type":"AND","values":[%s,%s]}`, i, next, next))
		next = dependsOn(fmt.Sprint("f", i+1), "true")
		flags = append(flags, activeFlag(fmt.Sprint("f", i), when(next, next)))
	}
	cohorts = append(cohorts, fmt.Sprintf(`"%d":{"type":"AND","values":[%s]}`, n, isPro))
	flags = append(flags, activeFlag(fmt.Sprint("f", n), when(isPro)), activeFlag("c", when(`{"key":"id","type":"cohort","value":0}`)))
	d := mustParse(t, `{"flags":[`+strings.Join(flags, ",")+`],"cohorts":{`+strings.Join(cohorts, ",")+`}}`)
	for _, tt := range []struct {
		key    string
		person map[string]any
		want   string
	}{
		{"f0", map[string]any{"plan": "pro"}, "true: condition_match 0"},
		{"f0", nil, `undecided: unresolved_dependency: flag "f1"`},
		{"c", map[string]any{"plan": "free"}, "false: no_condition_match 0"},
		{"c", nil, `undecided: missing_context: person property "plan"`},
	} {
		q := Query{DistinctID: low, Person: tt.person}
		if got := answer(d.Evaluate(tt.key, &q)); got != tt.want {
			t.Errorf("%s of %v: got %s, want %s", tt.key, tt.person, got, tt.want)
		}
		if e := d.Explain(tt.key, &q); answer(e.Result) != tt.want || tt.person == nil && e.Missing[len(e.Missing)-1].Kind == NeedNothing {
			t.Errorf("%s of %v: explained as %s, missing %v", tt.key, tt.person, answer(e.Result), e.Missing)
		}
	}
}

// Only flags that look at a date, by whatever way, need to know what time it is.
func TestDated(t *testing.T) {
	const date = `{"key":"joined","type":"person","operator":"is_date_after","value":"-30d"}`
	inCohort := func(id int) string { return fmt.Sprintf(`{"key":"id","type":"cohort","value":%d}`, id) }
	for _, tt := range []struct {
		key, filters string
		want         bool
	}{
		{"everybody", `"groups":[{}]`, false},
		{"pro", when(isPro), false},
		{"date", when(isPro, date), true},
		{"cohort", when(inCohort(1)), false},
		{"dated-cohort", when(inCohort(2)), true},
		{"nested-cohort", when(inCohort(3)), true},
		{"depends", when(dependsOn("pro", "true")), false},
		{"depends-on-dated", when(dependsOn("nested-cohort", "true")), true},
		{"super", `"super_groups":[{"properties":[` + date + `]}],"groups":[]`, true},
	} {
		list := activeFlag(tt.key, tt.filters)
		for key, filters := range map[string]string{"pro": when(isPro), "nested-cohort": when(inCohort(3))} {
			if key != tt.key {
				list += "," + activeFlag(key, filters)
			}
		}
		d := mustParse(t, `{"flags":[`+list+`],"cohorts":{
			"1":{"type":"AND","values":[`+isPro+`]},
			"2":{"type":"AND","values":[{"type":"OR","values":[`+isPro+`,`+date+`]}]},
			"3":{"type":"AND","values":[`+inCohort(2)+`]}}}`)
		f, _ := d.Lookup(tt.key)
		if got := f.Dated(); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.key, got, tt.want)
		}
	}
	if (Flag{}).Dated() {
		t.Error("no flag: got true, want false")
	}
}
