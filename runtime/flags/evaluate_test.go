package flags

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// answer prints a result on one line.
func answer(r Result) string {
	if !r.Decided() {
		return fmt.Sprintf("undecided: %v: %v", r.Reason, r.Need)
	}
	if r.Need != (Need{}) {
		return fmt.Sprintf("%v, which needs %v", r.Value, r.Need)
	}
	return fmt.Sprintf("%v: %v %d", r.Value, r.Reason, r.Condition)
}

// flagDoc returns a document with the active flag "f", whose filters are given, and other
// members.
func flagDoc(filters string, members ...string) string {
	return `{"flags":[{"key":"f","active":true,"filters":{` + filters + `}}],"group_type_mapping":{"0":"company","1":"project"}` +
		strings.Join(append([]string{""}, members...), ",") + `}`
}

// Two IDs. In the rollout of the flag "f" they are at 0.340 and 0.824, among its variants at
// 0.658 and 0.832, in its holdout at 0.782 and 0.325.
const (
	low  = "niklaus"
	high = "karen"
)

const (
	isPro      = `{"key":"plan","type":"person","value":"pro"}`
	isBig      = `{"key":"seats","type":"group","group_type_index":0,"operator":"gt","value":10}`
	aOrB       = `"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]}`
	everywhere = `{"properties":[],"rollout_percentage":100}`
)

func TestEvaluate(t *testing.T) {
	pro, free := map[string]any{"plan": "pro"}, map[string]any{"plan": "free"}
	company := map[string]string{"company": "acme"}
	for _, tt := range []struct {
		filters string
		query   Query
		want    string
	}{
		// What there is nothing in.
		{`"groups":null`, Query{DistinctID: low}, "false: no_condition_match -1"},
		{`"groups":[]`, Query{}, "false: no_condition_match -1"},
		{`"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"groups":[{}]`, Query{}, "undecided: missing_context: distinct id"},
		{`"groups":[{}]`, Query{DistinctID: "\x00"}, "undecided: missing_context: distinct id"},
		{`"groups":[{"properties":null,"rollout_percentage":null,"variant":null}],"multivariate":null,"payloads":null,"holdout":null,"super_groups":null,"early_exit":null`,
			Query{DistinctID: low}, "true: condition_match 0"},
		{`"groups":[{}],"multivariate":{"variants":null}`, Query{DistinctID: low}, "true: condition_match 0"},

		// Rollout.
		{`"groups":[{"rollout_percentage":50}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"groups":[{"rollout_percentage":50}]`, Query{DistinctID: high}, "false: out_of_rollout_bound 0"},
		{`"groups":[{"rollout_percentage":0}]`, Query{DistinctID: low}, "false: out_of_rollout_bound 0"},
		{`"groups":[{"rollout_percentage":0.0},{"rollout_percentage":1e2}]`, Query{DistinctID: high}, "true: condition_match 1"},
		{`"groups":[{"rollout_percentage":-5},{"rollout_percentage":8.5},{"rollout_percentage":250}]`, Query{DistinctID: high}, "true: condition_match 2"},

		// Conditions: a definite no beats whatever is missing.
		{`"groups":[{"properties":[` + isPro + `]}]`, Query{DistinctID: low, Person: pro}, "true: condition_match 0"},
		{`"groups":[{"properties":[` + isPro + `]}]`, Query{DistinctID: low, Person: free}, "false: no_condition_match 0"},
		{`"groups":[{"properties":[` + isPro + `]}]`, Query{DistinctID: low}, `undecided: missing_context: person property "plan"`},
		{`"groups":[{"properties":[` + isPro + `],"rollout_percentage":50}]`, Query{DistinctID: high}, "false: out_of_rollout_bound 0"},
		{`"groups":[{"properties":[{"key":"x","value":1},` + isPro + `]}]`, Query{DistinctID: low, Person: free}, "false: no_condition_match 0"},
		{`"groups":[{"properties":[` + isPro + `]},` + everywhere + `]`, Query{DistinctID: low}, "true: condition_match 1"},
		{`"groups":[{"properties":[` + isPro + `]},{"rollout_percentage":0}]`, Query{DistinctID: low}, `undecided: missing_context: person property "plan"`},
		// The best of the conditions that did not match, the last of equals.
		{`"groups":[{"rollout_percentage":0},{"properties":[` + isPro + `]},{"rollout_percentage":0},{"properties":[` + isPro + `]}]`,
			Query{DistinctID: low, Person: free}, "false: out_of_rollout_bound 2"},

		// Variants.
		{`"groups":[{}],` + aOrB, Query{DistinctID: low}, "b: condition_match 0"},
		{`"groups":[{"variant":"a"}],` + aOrB, Query{DistinctID: low}, "a: condition_match 0"},
		{`"groups":[{"variant":"A"}],` + aOrB, Query{DistinctID: low}, "b: condition_match 0"},
		{`"groups":[{"variant":""}],` + aOrB, Query{DistinctID: low}, "b: condition_match 0"},
		{`"groups":[{"variant":"a"}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"groups":[{"variant":"a"}],"multivariate":{"variants":[]}`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"groups":[{}],"multivariate":{"variants":[{"key":"a","rollout_percentage":0}]}`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"groups":[{}],"multivariate":{"variants":[{"key":"a","rollout_percentage":0},{"key":"a","rollout_percentage":100}]}`, Query{DistinctID: low}, "a: condition_match 0"},
		// An earlier condition that may apply matters only if its value differs.
		{`"groups":[{"properties":[` + isPro + `],"variant":"a"},{"variant":"a"}],` + aOrB, Query{DistinctID: low}, "a: condition_match 1"},
		{`"groups":[{"properties":[` + isPro + `],"variant":"a"},{}],` + aOrB, Query{DistinctID: low}, `undecided: missing_context: person property "plan"`},
		{`"groups":[{"properties":[` + isPro + `],"variant":"b"},{}],` + aOrB, Query{DistinctID: low}, "b: condition_match 1"},

		// Early exit.
		{`"early_exit":true,"groups":[{"rollout_percentage":50},` + everywhere + `]`, Query{DistinctID: high}, "false: out_of_rollout_bound 0"},
		{`"early_exit":false,"groups":[{"rollout_percentage":50},` + everywhere + `]`, Query{DistinctID: high}, "true: condition_match 1"},
		{`"early_exit":true,"groups":[{"rollout_percentage":50,"properties":[` + isPro + `]},` + everywhere + `]`, Query{DistinctID: high, Person: free}, "true: condition_match 1"},
		{`"early_exit":true,"groups":[{"rollout_percentage":50,"properties":[` + isPro + `]},` + everywhere + `]`, Query{DistinctID: high}, `undecided: missing_context: person property "plan"`},
		{`"early_exit":true,"groups":[{"rollout_percentage":50,"properties":[` + isPro + `]},` + everywhere + `]`, Query{DistinctID: low}, "true: condition_match 1"},
		{`"early_exit":true,"groups":[{"rollout_percentage":50,"properties":[` + isPro + `]},{"rollout_percentage":50}]`, Query{DistinctID: high}, "false: out_of_rollout_bound 1"},

		// distinct_id is a property that everybody has, and $group_key one of every group.
		{`"groups":[{"properties":[{"key":"distinct_id","value":"niklaus"}]}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"groups":[{"properties":[{"key":"distinct_id","value":"niklaus"}]}]`, Query{DistinctID: low, Person: map[string]any{"distinct_id": "other"}}, "false: no_condition_match 0"},
		{`"aggregation_group_type_index":0,"groups":[{"properties":[{"key":"$group_key","value":"acme","type":"group"}]}]`, Query{Groups: company}, "true: condition_match 0"},
		{`"aggregation_group_type_index":0,"groups":[{"properties":[{"key":"$group_key","value":"acme"}]}]`,
			Query{Groups: company, GroupProperties: map[string]map[string]any{"company": {"$group_key": "other"}}}, "false: no_condition_match 0"},
		{`"groups":[{"properties":[{"key":"distinct_id","operator":"regex","value":"^a{200}$"}]}]`, Query{DistinctID: strings.Repeat("a", 300)}, "true: condition_match 0"},

		// Unset is certain; absent is not.
		{`"groups":[{"properties":[{"key":"plan","operator":"is_not_set"}]}]`, Query{DistinctID: low}, `undecided: missing_context: person property "plan"`},
		{`"groups":[{"properties":[{"key":"plan","operator":"is_not_set"}]}]`, Query{DistinctID: low, Person: map[string]any{"plan": Unset}}, "true: condition_match 0"},
		{`"groups":[{"properties":[{"key":"plan","operator":"is_set"}]}]`, Query{DistinctID: low, Person: map[string]any{"plan": nil}}, "true: condition_match 0"},
		{`"groups":[{"properties":[{"key":"plan","operator":"EXACT","value":"pro"}]}]`, Query{DistinctID: low, Person: pro}, `undecided: unsupported_definition: definition: the unknown operator "EXACT"`},
		{`"groups":[{"properties":[{"key":"plan","type":"event","value":"pro"}]}]`, Query{DistinctID: low, Person: pro}, `undecided: unsupported_definition: definition: property type "event"`},
		{`"groups":[{"properties":[{"key":"created_at","type":"person_metadata","operator":"is_date_before","value":"-1d"}]}]`, Query{DistinctID: low}, `undecided: unsupported_definition: person metadata "created_at"`},
		{`"groups":[{"properties":[{"key":7,"value":"pro"}]}]`, Query{DistinctID: low, Person: map[string]any{"7": "pro"}}, "true: condition_match 0"},
		{`"groups":[{"properties":[{"key":"at","operator":"is_date_after","value":"-1d"}]}]`,
			Query{DistinctID: low, Person: map[string]any{"at": "2026-05-04T00:00:00Z"}, Now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}, "true: condition_match 0"},

		// A whole version of filters that is of the future.
		{`"version":2,"groups":[{}]`, Query{DistinctID: low}, "undecided: unsupported_definition: definition: filters have version 2"},
		{`"version":1,"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},
	} {
		d := mustParse(t, flagDoc(tt.filters))
		if got := answer(d.Evaluate("f", &tt.query)); got != tt.want {
			t.Errorf("%s\n%+v:\ngot  %s\nwant %s", tt.filters, tt.query, got, tt.want)
		}
	}
}

func TestGroups(t *testing.T) {
	const forCompany = `"aggregation_group_type_index":0,`
	acme := map[string]string{"company": low}
	big := map[string]map[string]any{"company": {"seats": 11}}
	for _, tt := range []struct {
		filters string
		query   Query
		want    string
	}{
		{forCompany + `"groups":[{"rollout_percentage":50}]`, Query{DistinctID: high, Groups: acme}, "true: condition_match 0"},
		{forCompany + `"groups":[{"rollout_percentage":50}]`, Query{Groups: map[string]string{"company": high}}, "false: out_of_rollout_bound 0"},
		{forCompany + `"groups":[{}]`, Query{DistinctID: low}, "false: no_group_type 0"},
		{forCompany + `"groups":[{}]`, Query{DistinctID: low, Groups: map[string]string{"company": ""}}, "false: no_group_type 0"},
		{forCompany + `"groups":[{}]`, Query{DistinctID: low, Groups: map[string]string{"project": "p"}}, "false: no_group_type 0"},
		{forCompany + `"groups":[{}],` + aOrB, Query{DistinctID: high, Groups: acme}, "b: condition_match 0"},
		{`"aggregation_group_type_index":9,"groups":[{}]`, Query{DistinctID: low, Groups: acme}, "undecided: unsupported_definition: group type 9"},
		{`"aggregation_group_type_index":9,"groups":[{"rollout_percentage":0}]`, Query{DistinctID: low}, "false: out_of_rollout_bound 0"},

		// A condition may have its own target: null is the person, absent the flag's.
		{forCompany + `"groups":[{"aggregation_group_type_index":null,"rollout_percentage":50}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"groups":[{"aggregation_group_type_index":0,"rollout_percentage":50}]`, Query{DistinctID: high, Groups: acme}, "true: condition_match 0"},
		{`"groups":[{"aggregation_group_type_index":0}]`, Query{DistinctID: high}, "false: no_group_type 0"},
		{`"groups":[{"aggregation_group_type_index":9}]`, Query{DistinctID: high}, "false: no_group_type 0"},
		{`"groups":[{"aggregation_group_type_index":0},{"rollout_percentage":50}]`, Query{DistinctID: low}, "true: condition_match 1"},

		// Each filter reads the properties of what it says.
		{forCompany + `"groups":[{"properties":[` + isBig + `]}]`, Query{Groups: acme, GroupProperties: big}, "true: condition_match 0"},
		{forCompany + `"groups":[{"properties":[` + isBig + `]}]`, Query{Groups: acme}, `undecided: missing_context: property "seats" of group "company"`},
		{forCompany + `"groups":[{"properties":[` + isBig + `]}]`, Query{Groups: acme, Person: map[string]any{"seats": 11}}, `undecided: missing_context: property "seats" of group "company"`},
		{forCompany + `"groups":[{"properties":[{"key":"seats","operator":"gt","value":10}]}]`, Query{Groups: acme, GroupProperties: big}, "true: condition_match 0"},
		{forCompany + `"groups":[{"properties":[{"key":"seats","type":"group","operator":"gt","value":10}]}]`, Query{Groups: acme, GroupProperties: big}, "true: condition_match 0"},
		{forCompany + `"groups":[{"properties":[` + isBig + `,` + isPro + `]}]`, Query{Groups: acme, GroupProperties: big, Person: map[string]any{"plan": "pro"}}, "true: condition_match 0"},
		{`"groups":[{"properties":[` + isBig + `]}]`, Query{DistinctID: low, Groups: acme, GroupProperties: big}, "true: condition_match 0"},
		// Properties of a group that the query is not about do not count.
		{`"groups":[{"properties":[` + isBig + `]}]`, Query{DistinctID: low, GroupProperties: big}, `undecided: missing_context: property "seats" of group "company"`},
		{`"groups":[{"properties":[{"key":"seats","type":"group","group_type_index":9,"operator":"gt","value":10}]}]`, Query{DistinctID: low}, "undecided: unsupported_definition: group type 9"},
		{`"groups":[{"properties":[{"key":"seats","type":"group","operator":"gt","value":10}]}]`, Query{DistinctID: low}, "undecided: unsupported_definition: definition: a property of a group without its type"},
	} {
		d := mustParse(t, flagDoc(tt.filters))
		if got := answer(d.Evaluate("f", &tt.query)); got != tt.want {
			t.Errorf("%s\n%+v:\ngot  %s\nwant %s", tt.filters, tt.query, got, tt.want)
		}
	}
}

// What hashes an ID that only the server knows is decided if the hash does not matter.
func TestBucketing(t *testing.T) {
	const continuity, device = `"ensure_experience_continuity":true,`, `"bucketing_identifier":"device_id",`
	const remembered, deviceID = "undecided: experience_continuity: remembered bucket", "undecided: missing_context: device id"
	for _, tt := range []struct {
		flag, filters string
		query         Query
		want          string
	}{
		{device, `"groups":[{"rollout_percentage":50}]`, Query{DistinctID: high, DeviceID: low}, "true: condition_match 0"},
		{device, `"groups":[{"rollout_percentage":50}]`, Query{DistinctID: low, DeviceID: high}, "false: out_of_rollout_bound 0"},
		{device, `"groups":[{"rollout_percentage":50}]`, Query{DistinctID: low}, deviceID},
		{device, `"groups":[{"rollout_percentage":100}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{device, `"groups":[{"rollout_percentage":0}]`, Query{DistinctID: low}, "false: out_of_rollout_bound 0"},
		{device, `"groups":[{}],` + aOrB, Query{DistinctID: low}, deviceID},
		{device, `"groups":[{"variant":"a"}],` + aOrB, Query{DistinctID: low}, "a: condition_match 0"},
		{device, `"groups":[{}],"multivariate":{"variants":[{"key":"a","rollout_percentage":100},{"key":"b","rollout_percentage":0}]}`, Query{DistinctID: low}, "a: condition_match 0"},
		{device, `"groups":[{"aggregation_group_type_index":0,"rollout_percentage":50}]`, Query{DistinctID: low, Groups: map[string]string{"company": low}}, "true: condition_match 0"},
		{``, `"bucketing_identifier":"device_id","groups":[{"rollout_percentage":50}]`, Query{DistinctID: low}, deviceID},
		{`"bucketing_identifier":"",`, `"groups":[{"rollout_percentage":50}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"bucketing_identifier":null,`, `"groups":[{"rollout_percentage":50}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{continuity, `"groups":[{"rollout_percentage":50}]`, Query{DistinctID: low}, remembered},
		{continuity, `"groups":[{"rollout_percentage":100}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{continuity, `"groups":[{"rollout_percentage":50},{}]`, Query{DistinctID: low}, "true: condition_match 1"},
		{continuity, `"early_exit":true,"groups":[{"rollout_percentage":50},{}]`, Query{DistinctID: low}, remembered},
		{continuity, `"groups":[{"properties":[` + isPro + `]}]`, Query{DistinctID: low, Person: map[string]any{"plan": "free"}}, "false: no_condition_match 0"},
		{continuity, `"groups":[{"properties":[` + isPro + `],"rollout_percentage":50}]`, Query{DistinctID: low}, remembered},
		{continuity, `"groups":[{}],` + aOrB, Query{DistinctID: low}, remembered},
		{continuity, `"groups":[{"properties":[` + isPro + `]},{"rollout_percentage":0}]`, Query{DistinctID: low}, `undecided: missing_context: person property "plan"`},
	} {
		doc := strings.Replace(flagDoc(tt.filters), `"active"`, tt.flag+`"active"`, 1)
		if got := answer(mustParse(t, doc).Evaluate("f", &tt.query)); got != tt.want {
			t.Errorf("%s\n%+v:\ngot  %s\nwant %s", doc, tt.query, got, tt.want)
		}
		// A flag that is off is off for everybody.
		off := strings.Replace(doc, `"active":true`, `"active":false`, 1)
		if got := answer(mustParse(t, off).Evaluate("f", &tt.query)); got != "false: flag_disabled -1" {
			t.Errorf("%s\n%+v: got %s", off, tt.query, got)
		}
	}
}

func TestOverrides(t *testing.T) {
	const holdout = `"holdout":{"id":12,"exclusion_percentage":50},`
	const enrollment = `"feature_enrollment":true,`
	const super = `"super_groups":[{"properties":[{"key":"$feature_enrollment/f","type":"person","operator":"exact","value":["true"]}],"rollout_percentage":100}],`
	const enrolled = "$feature_enrollment/f"
	needEnrolled := `undecided: missing_context: person property "$feature_enrollment/f"`
	type properties = map[string]any
	for _, tt := range []struct {
		filters string
		query   Query
		want    string
	}{
		{holdout + `"groups":[]`, Query{DistinctID: high}, "holdout-12: holdout_condition_value -1"},
		{holdout + `"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{holdout + `"groups":[{}],"bucketing_identifier":"device_id"`, Query{DistinctID: low, DeviceID: high}, "holdout-12: holdout_condition_value -1"},
		{holdout + `"groups":[{}],"bucketing_identifier":"device_id"`, Query{DistinctID: low}, "undecided: missing_context: device id"},
		{holdout + `"groups":[{}],"aggregation_group_type_index":0`, Query{Groups: map[string]string{"company": high}}, "holdout-12: holdout_condition_value -1"},
		{holdout + `"groups":[{}],"aggregation_group_type_index":0`, Query{DistinctID: high}, `undecided: missing_context: group "company"`},
		{`"holdout":{"id":12,"exclusion_percentage":100},"groups":[{}],"bucketing_identifier":"device_id"`, Query{DistinctID: low}, "holdout-12: holdout_condition_value -1"},
		{`"holdout":{"id":12,"exclusion_percentage":0},"groups":[{}]`, Query{DistinctID: high}, "true: condition_match 0"},
		{`"holdout":{"id":12,"exclusion_percentage":900},"groups":[]`, Query{DistinctID: low}, "holdout-12: holdout_condition_value -1"},
		{`"holdout":{"id":null,"exclusion_percentage":100},"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"holdout":{"id":12},"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{`"holdout_groups":[{"properties":[],"rollout_percentage":50,"variant":"holdout-3"}],"groups":[{}]`, Query{DistinctID: high}, "holdout-3: holdout_condition_value -1"},
		{`"holdout":null,"holdout_groups":[{"properties":[],"rollout_percentage":50,"variant":"holdout-3"}],"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},
		{holdout + `"holdout_groups":[{"properties":[],"rollout_percentage":100,"variant":"holdout-3"}],"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},

		{enrollment + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: true}}, "true: super_condition_value -1"},
		{enrollment + `"groups":[{}],` + aOrB, Query{DistinctID: low, Person: properties{enrolled: "true"}}, "true: super_condition_value -1"},
		{enrollment + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: "True"}}, "false: super_condition_value -1"},
		{enrollment + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: nil}}, "false: super_condition_value -1"},
		{enrollment + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: 1}}, "false: super_condition_value -1"},
		{enrollment + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: new(string)}}, "false: super_condition_value -1"},
		{enrollment + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: Unset}}, "true: condition_match 0"},
		{enrollment + `"groups":[{}]`, Query{DistinctID: low}, needEnrolled},
		{enrollment + holdout + `"groups":[{}]`, Query{DistinctID: high, Person: properties{enrolled: true}}, "true: super_condition_value -1"},
		{enrollment + `"aggregation_group_type_index":0,"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: true}}, "true: super_condition_value -1"},
		{`"feature_enrollment":false,"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},

		{super + `"groups":[]`, Query{DistinctID: low, Person: properties{enrolled: "true"}}, "true: super_condition_value -1"},
		{super + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: "false"}}, "false: super_condition_value -1"},
		{super + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: Unset}}, "true: condition_match 0"},
		{super + `"groups":[{}]`, Query{DistinctID: low}, needEnrolled},
		{super + enrollment + `"groups":[{}]`, Query{DistinctID: low, Person: properties{enrolled: "true"}}, "true: super_condition_value -1"},
		{`"super_groups":[{"properties":[]}],"groups":[{"rollout_percentage":0}]`, Query{DistinctID: low}, "false: out_of_rollout_bound 0"},
		{`"super_groups":[],"groups":[{}]`, Query{DistinctID: low}, "true: condition_match 0"},
	} {
		d := mustParse(t, flagDoc(tt.filters))
		if got := answer(d.Evaluate("f", &tt.query)); got != tt.want {
			t.Errorf("%s\n%+v:\ngot  %s\nwant %s", tt.filters, tt.query, got, tt.want)
		}
	}
}
