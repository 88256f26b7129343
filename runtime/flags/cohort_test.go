package flags

import "testing"

// inCohort7 is a flag for cohort 7.
const inCohort7 = `"groups":[{"properties":[{"key":"id","type":"cohort","value":7}]}]`

func TestCohort(t *testing.T) {
	const (
		yes, no, unsure = "true: condition_match 0", "false: no_condition_match 0", "undecided: unsupported_definition: "
		needPlan        = `undecided: missing_context: person property "plan"`
	)
	pro := map[string]any{"plan": "pro"}
	for _, tt := range []struct {
		cohorts string
		person  map[string]any
		want    string
	}{
		{`"7":{"type":"AND","values":[` + isPro + `]}`, pro, yes},
		{`"7":{"type":"AND","values":[` + isPro + `]}`, map[string]any{"plan": "free"}, no},
		{`"7":{"type":"AND","values":[` + isPro + `]}`, nil, needPlan},
		{`"7":{"type":"AND","values":[` + isPro + `]}`, map[string]any{"plan": Unset}, no},
		{`"7":{"type":"property","values":[` + isPro + `]}`, pro, yes},
		{`"7":{"type":"AND","values":[{"key":"plan","value":"pro","negation":true}]}`, pro, no},
		{`"7":{"type":"AND","values":[{"key":"plan","value":"pro","negation":true}]}`, nil, needPlan},

		// Empty groups.
		{`"7":{}`, nil, yes},
		{`"7":{"type":"AND","values":[]}`, nil, yes},
		{`"7":{"type":"OR","values":[]}`, nil, no},
		{`"7":{"type":"AND","values":[{},` + isPro + `]}`, pro, yes},

		// A decisive sibling, wherever it is.
		{`"7":{"type":"AND","values":[{"key":"x","value":1},` + isPro + `]}`, map[string]any{"plan": "free"}, no},
		{`"7":{"type":"OR","values":[{"key":"x","value":1},` + isPro + `]}`, pro, yes},
		{`"7":{"type":"OR","values":[{"key":"id","type":"cohort","value":404},` + isPro + `]}`, pro, yes},
		{`"7":{"type":"OR","values":[{"key":"$pageview","type":"behavioral","value":"performed_event"},` + isPro + `]}`, pro, yes},
		{`"7":{"type":"AND","values":[{"key":"$pageview","type":"behavioral","value":"performed_event"},` + isPro + `]}`, pro, unsure + `definition: property type "behavioral"`},
		{`"7":{"type":"AND","values":[{"key":"seats","type":"group","value":1},` + isPro + `]}`, pro, unsure + `definition: a property of a group in a cohort`},

		// Groups and properties side by side, and groups in groups.
		{`"7":{"type":"OR","values":[{"key":"plan","value":"free"},{"type":"AND","values":[` + isPro + `,{"type":"OR","values":[{"key":"x","value":1},` + isPro + `]}]}]}`, pro, yes},
		{`"7":{"type":"AND","values":[{"values":[` + isPro + `],"type":"OR"}]}`, pro, yes},

		// Cohorts of cohorts.
		{`"7":{"type":"AND","values":[{"key":"id","type":"cohort","value":"8"}]},"8":{"type":"AND","values":[` + isPro + `]}`, pro, yes},
		{`"7":{"type":"AND","values":[{"key":"id","type":"cohort","value":8,"operator":"not_in"}]},"8":{"type":"AND","values":[` + isPro + `]}`, pro, no},
		{`"7":{"type":"AND","values":[{"key":"id","type":"cohort","value":8,"operator":"not_in","negation":true}]},"8":{"type":"AND","values":[` + isPro + `]}`, pro, yes},
		{`"7":{"type":"AND","values":[{"key":"id","type":"cohort","value":8}]}`, pro, unsure + `cohort "8"`},

		// What cannot be.
		{`"8":{}`, nil, unsure + `cohort "7"`},
		{`"7":{"type":"AND","values":[{"key":"id","type":"cohort","value":8,"operator":"icontains"}]},"8":{}`, nil, unsure + `definition: operator "icontains" of a cohort`},
		{`"7":{"type":"AND","values":[{"key":"id","type":"cohort","value":[8]}]},"8":{}`, nil, unsure + `definition: a cohort without an id`},
	} {
		d := mustParse(t, flagDoc(inCohort7, `"cohorts":{`+tt.cohorts+`}`))
		if got := answer(d.Evaluate("f", &Query{DistinctID: low, Person: tt.person})); got != tt.want {
			t.Errorf("%s of %v:\ngot  %s\nwant %s", tt.cohorts, tt.person, got, tt.want)
		}
	}
}

// Filters for a cohort in a condition.
func TestCohortFilter(t *testing.T) {
	const in, out = "true: condition_match 0", "false: no_condition_match 0"
	for _, tt := range []struct {
		filter      string
		member, not string // what the flag is for members, and for others
	}{
		{`"value":7`, in, out},
		{`"value":"7","operator":null`, in, out},
		{`"value":7,"operator":"in"`, in, out},
		{`"value":7,"operator":"not_in"`, out, in},
		// The server says no to members, other libraries say yes.
		{`"value":7,"operator":"exact"`, `undecided: unsupported_definition: cohort "7"`, out},
		{`"value":7,"negation":true`, "undecided: unsupported_definition: definition: negation outside of a cohort", "undecided: unsupported_definition: definition: negation outside of a cohort"},
	} {
		d := mustParse(t, flagDoc(`"groups":[{"properties":[{"key":"id","type":"cohort",`+tt.filter+`}]}]`, `"cohorts":{"7":{"type":"AND","values":[`+isPro+`]}}`))
		if got := answer(d.Evaluate("f", &Query{DistinctID: low, Person: map[string]any{"plan": "pro"}})); got != tt.member {
			t.Errorf("%s of a member: got %s, want %s", tt.filter, got, tt.member)
		}
		if got := answer(d.Evaluate("f", &Query{DistinctID: low, Person: map[string]any{"plan": "free"}})); got != tt.not {
			t.Errorf("%s of another: got %s, want %s", tt.filter, got, tt.not)
		}
	}
}

// A cohort is about persons, also in a condition for groups.
func TestCohortOfPersonInGroupCondition(t *testing.T) {
	d := mustParse(t, flagDoc(`"aggregation_group_type_index":0,`+inCohort7, `"cohorts":{"7":{"type":"AND","values":[`+isPro+`]}}`))
	q := Query{
		DistinctID:      low,
		Groups:          map[string]string{"company": "acme"},
		GroupProperties: map[string]map[string]any{"company": {"plan": "free"}},
		Person:          map[string]any{"plan": "pro"},
	}
	if got, want := answer(d.Evaluate("f", &q)), "true: condition_match 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
