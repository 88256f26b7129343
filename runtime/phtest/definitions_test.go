package phtest

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const definitionsDoc = `{"flags":[
	{"id":7,"key":"all","active":true,"version":3,"has_experiment":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"{\"n\": 1}"}}},
	{"id":8,"key":"asleep","active":false,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}},
	{"id":9,"key":"by plan","active":true,"filters":{"groups":[
		{"properties":[{"key":"plan","value":["pro"],"operator":"exact","type":"person"}],"rollout_percentage":100,"variant":"a"},
		{"properties":[{"key":"email","value":"is_not_set","operator":"is_not_set","type":"person"}],"rollout_percentage":100,"variant":"b"}],
		"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]}}},
	{"id":10,"key":"by org","active":true,"filters":{"aggregation_group_type_index":0,"groups":[
		{"properties":[{"key":"seats","value":"5","operator":"gte","type":"group","group_type_index":0}],"rollout_percentage":100}]}},
	{"id":11,"key":"by cohort","active":true,"filters":{"groups":[{"properties":[{"key":"id","value":1,"type":"cohort"}],"rollout_percentage":100}]}},
	{"id":12,"key":"by date","active":true,"filters":{"groups":[{"properties":[{"key":"since","value":"2001-01-01T00:00:00Z","operator":"is_date_after","type":"person"}],"rollout_percentage":100}]}}
],"group_type_mapping":{"0":"org"},"cohorts":{}}`

func TestSetDefinitions(t *testing.T) {
	srv := NewMemoryServer(t)
	const path = "/flags/definitions?token=phc_x"
	if status, got := send(t, srv, path, ""); status != 200 || got != `{"flags":[],"group_type_mapping":{},"cohorts":{}}` {
		t.Errorf("in the beginning: got %d %s", status, got)
	}
	srv.SetDefinitions([]byte(definitionsDoc))
	if status, got := send(t, srv, path, ""); status != 200 || got != definitionsDoc {
		t.Errorf("got %d %s, want the document", status, got)
	}
	if status, got := send(t, srv, path, "", "If-None-Match", "*"); status != 304 || got != "" {
		t.Errorf("the same again: got %d %s, want 304", status, got)
	}
	srv.Secret("phs_y")
	if status, _ := send(t, srv, path, ""); status != 401 {
		t.Errorf("revoked: got %d, want 401", status)
	}
	srv.Secret("")
	srv.SetDefinitions(nil)
	if status, got := send(t, srv, path, ""); status != 200 || got != `{"flags":[],"group_type_mapping":{},"cohorts":{}}` {
		t.Errorf("without definitions: got %d %s", status, got)
	}
	if got := flagsOf(t, srv, askBob); len(got) != 0 {
		t.Errorf("without definitions: got %v, want no flag", got)
	}
	want := []DefinitionRequest{{"", 200}, {"", 200}, {"*", 304}, {"", 401}, {"", 200}}
	if diff := cmp.Diff(want, srv.DefinitionRequests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	tb := &fatalTB{TB: t}
	if NewMemoryServer(tb).SetDefinitions([]byte("{")); !strings.HasPrefix(tb.fatal, "phtest: definitions: ") {
		t.Errorf("a document that is none: got %q", tb.fatal)
	}
}

// What a server that knows only the request says about flags whose definitions it has.
func TestEvaluation(t *testing.T) {
	srv := NewMemoryServer(t)
	srv.SetDefinitions([]byte(definitionsDoc))
	for _, tt := range []struct {
		body string
		want map[string]any
	}{
		{`{"distinct_id":"ann"}`, map[string]any{"all": true, "by plan": "b", "by org": false, "by cohort": nil, "by date": false}},
		{`{"distinct_id":"ann","person_properties":{"plan":"pro","email":"a@b.c"}}`, map[string]any{"all": true, "by plan": "a", "by org": false, "by cohort": nil, "by date": false}},
		{`{"distinct_id":"ann","person_properties":{"email":"a@b.c"},"groups":{"org":7}}`, map[string]any{"all": true, "by plan": false, "by org": false, "by cohort": nil, "by date": false}},
		{`{"distinct_id":"ann","groups":{"org":"acme"},"group_properties":{"org":{"seats":12}},"flag_keys_to_evaluate":["by org"]}`, map[string]any{"by org": true}},
		{`{"distinct_id":"ann","group_properties":{"org":{"seats":12}},"flag_keys_to_evaluate":["by org"]}`, map[string]any{"by org": false}},
		{`{"distinct_id":"ann","person_properties":{"since":"2002-01-01"},"flag_keys_to_evaluate":["by date","asleep","gone"]}`, map[string]any{"by date": true}},
	} {
		got := map[string]any{}
		for key, text := range flagsOf(t, srv, tt.body) {
			var f struct {
				Enabled, Failed bool
				Variant         string
			}
			if err := json.Unmarshal([]byte(text), &f); err != nil {
				t.Fatal(err)
			}
			switch {
			case f.Failed:
				got[key] = nil
			case f.Variant != "":
				got[key] = f.Variant
			default:
				got[key] = f.Enabled
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.body, diff)
		}
	}
	srv.SetFlag("by cohort", true)
	flags := flagsOf(t, srv, `{"distinct_id":"ann"}`)
	const cohort = `{"enabled":true,"metadata":{"id":1,"version":1,"description":null,"payload":null,"has_experiment":false},"reason":{"code":"condition_match","condition_index":0,"description":"Matched condition set 1"},"variant":null}`
	if got := flags["by cohort"]; got != cohort {
		t.Errorf("a flag that was set: got %s, want %s", got, cohort)
	}
	const all = `{"enabled":true,"metadata":{"id":7,"version":3,"description":null,"payload":"{\"n\": 1}","has_experiment":true},"reason":{"code":"condition_match","condition_index":0,"description":"Matched condition set 1"},"variant":null}`
	if got := flags["all"]; got != all {
		t.Errorf("a flag with a payload: got %s, want %s", got, all)
	}
}

// Relative dates count from the bubble's clock.
func TestEvaluationInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := NewMemoryServer(t)
		srv.SetDefinitions([]byte(`{"flags":[{"id":1,"key":"f","active":true,"filters":{"groups":[{"properties":[
			{"key":"since","value":"-1d","operator":"is_date_before","type":"person"}],"rollout_percentage":100}]}}]}`))
		body := `{"distinct_id":"ann","person_properties":{"since":"2000-01-01T00:00:00Z"}}`
		for _, want := range []string{`{"enabled":false`, `{"enabled":true`} {
			if got := flagsOf(t, srv, body)["f"]; !strings.HasPrefix(got, want) {
				t.Errorf("got %s, want %s…", got, want)
			}
			time.Sleep(25 * time.Hour)
		}
	})
}
