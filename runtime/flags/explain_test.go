package flags

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outline writes steps as an indented list.
func outline(steps []Step, indent string) string {
	var out strings.Builder
	for _, s := range steps {
		line := fmt.Sprintf("%s%s = %s", indent, s.Text, s.Verdict)
		if s.Note != "" {
			line += " (" + s.Note + ")"
		}
		fmt.Fprintln(&out, line)
		out.WriteString(outline(s.Steps, indent+"  "))
	}
	return out.String()
}

func TestExplain(t *testing.T) {
	const filters = `"holdout":{"id":1,"exclusion_percentage":10},"groups":[
		{"properties":[{"key":"plan","operator":"exact","value":"pro"},{"key":"seats","type":"group","group_type_index":0,"operator":"gt","value":10}],"variant":"a"},
		{"aggregation_group_type_index":1},
		{"properties":[{"key":"id","type":"cohort","value":7},{"key":"id","type":"cohort","value":7,"operator":"not_in"},{"key":"id","type":"cohort","value":8}],"rollout_percentage":50},
		{"properties":[` + "DEPENDENCY" + `],"variant":"b"},
		{"rollout_percentage":33.33,"properties":[{"key":"city","operator":"EXACT","value":"` + "LONG" + `"}]},
		{"variant":"a"}
	],` + aOrB
	doc := `{"group_type_mapping":{"0":"company","1":"project"},"cohorts":{"7":{"type":"OR","values":[
		{"key":"country","operator":"exact","value":"DE","negation":true},
		{"type":"AND","values":[{"key":"email","operator":"is_set"},` + isPro + `]}]}},"flags":[` +
		activeFlag("f", strings.NewReplacer("DEPENDENCY", dependsOn("other", `"x"`)+","+dependsOn("off", "false"), "LONG", strings.Repeat("ä", 70)).Replace(filters)) + `,` +
		activeFlag("other", when(`{"key":"tier","value":"x"}`)) + `,{"key":"off","active":false}]}`
	d := mustParse(t, doc)
	e := d.Explain("f", &Query{
		DistinctID: low,
		Person:     map[string]any{"country": "FR", "plan": Unset, "email": "a@b.example"},
		Groups:     map[string]string{"company": "acme"},
	})
	want := `holdout of 10 % = no
condition 0 = no
  person property "plan" exact "pro" = no (unset)
condition 1 = no
  group "project" = no (the query is about no such group)
condition 2 = no
  in cohort "7": any of = yes
    not: person property "country" exact "DE" = yes (it is "FR")
  not in cohort "7": any of = no
condition 3 = no
  flag "other" is "x" = no (it is undecided: missing_context)
    condition 0 = unsure (true if it applies)
      person property "tier" "x" = unsure (not given)
condition 4 = no
  PROPERTY = unsure (the unknown operator "EXACT")
  rollout of 33.33 % = no
condition 5 = yes ("a")
`
	want = strings.Replace(want, "PROPERTY", `person property "city" EXACT "`+strings.Repeat("ä", 59)+"…", 1)
	if diff := cmp.Diff(outline(e.Steps, ""), want); diff != "" {
		t.Errorf("steps (-got +want):\n%s", diff)
	}
	if e.Result != (Result{Value: Variant("a"), Reason: ReasonConditionMatch, Condition: 5}) || e.Missing != nil {
		t.Errorf("got %+v, missing %v", e.Result, e.Missing)
	}
}

// Everything that is missing, each once, in the order it is met; what turned out not to
// matter is left out.
func TestMissing(t *testing.T) {
	doc := `{"group_type_mapping":{"0":"company"},"cohorts":{"7":{"type":"AND","values":[{"key":"a","value":1},{"key":"b","value":1}]}},"flags":[` +
		activeFlag("f", `"groups":[
			{"properties":[{"key":"dropped","value":1},`+isPro+`]},
			{"properties":[{"key":"c","value":1},{"key":"id","type":"cohort","value":7},{"key":"id","type":"cohort","value":9}]},
			{"properties":[`+dependsOn("other", "true")+`,{"key":"c","value":2},{"key":"id","type":"cohort","value":7}]}
		]`) + `,` + activeFlag("other", when(`{"key":"d","value":1}`)) + `]}`
	e := mustParse(t, doc).Explain("f", &Query{DistinctID: low, Person: map[string]any{"plan": "free"}})
	want := `[person property "c" person property "a" person property "b" cohort "9" person property "d" flag "other"]`
	if got := fmt.Sprint(e.Missing); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// The gravest reason counts, with what it is about.
	if got, want := answer(e.Result), `undecided: unsupported_definition: cohort "9"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
