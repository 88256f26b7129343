package flaganswer

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/runtime/flags"
)

// Nobody knows cohort 9; the last flag is off without it, for whoever has no plan.
const document = `{"flags":[
{"id":1,"key":"either","version":3,"active":true,"filters":{"groups":[{"rollout_percentage":100,"properties":[
 {"key":"a","type":"person","operator":"exact","value":["x"]},{"key":"b","type":"person","operator":"is_not_set","value":""}]}],"payloads":{"true":"{\"n\":1}"}}},
{"id":2,"key":"grouped","active":true,"filters":{"aggregation_group_type_index":0,"groups":[{"rollout_percentage":100,"properties":[
 {"key":"size","type":"group","group_type_index":0,"operator":"gt","value":"5"}]}]}},
{"id":4,"key":"off","active":false,"filters":{"groups":[{"rollout_percentage":100}]}},
{"id":5,"key":"cohort","active":true,"filters":{"groups":[{"rollout_percentage":100,"properties":[{"key":"id","type":"cohort","value":9}]}]}},
{"id":6,"key":"decided","active":true,"filters":{"groups":[{"rollout_percentage":100,"properties":[
 {"key":"id","type":"cohort","value":9},{"key":"plan","type":"person","operator":"exact","value":["pro"]}]}]}}
],"group_type_mapping":{"0":"company"},"cohorts":{}}`

func TestAnswer(t *testing.T) {
	d, err := flags.Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Key     string
		Enabled bool
		Failed  bool
		Payload string
	}
	for name, tt := range map[string]struct {
		request sink.FlagRequest
		person  map[string]any
		want    []row
	}{
		"nothing is known": {
			request: sink.FlagRequest{DistinctID: "u"},
			want:    []row{{"either", false, false, ""}, {"grouped", false, false, ""}, {"cohort", false, true, ""}, {"decided", false, false, ""}},
		},
		"of the person": {
			request: sink.FlagRequest{DistinctID: "u"}, person: map[string]any{"a": "x"},
			want: []row{{"either", true, false, `"{\"n\":1}"`}, {"grouped", false, false, ""}, {"cohort", false, true, ""}, {"decided", false, false, ""}},
		},
		"the request wins": {
			request: sink.FlagRequest{DistinctID: "u", PersonProperties: map[string]any{"a": "y"}}, person: map[string]any{"a": "x"},
			want: []row{{"either", false, false, ""}, {"grouped", false, false, ""}, {"cohort", false, true, ""}, {"decided", false, false, ""}},
		},
		"a group": {
			request: sink.FlagRequest{DistinctID: "u", Groups: map[string]any{"company": "acme"}, GroupProperties: map[string]map[string]any{"company": {"size": 7.0}}},
			want:    []row{{"either", false, false, ""}, {"grouped", true, false, ""}, {"cohort", false, true, ""}, {"decided", false, false, ""}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []row
			for _, f := range Answer(d, tt.request, tt.person) {
				got = append(got, row{f.Key, f.Enabled, f.Failed, string(f.Payload)})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}
