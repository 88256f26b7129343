package phtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
)

func TestSetSurveys(t *testing.T) {
	srv := NewMemoryServer(t)
	const path = "/api/surveys/?token=phc_x"
	for _, tt := range []struct{ name, doc, want string }{
		{"none", "", `{"surveys":[]}`},
		{"document", `{"surveys": [{"id":"1"}]}`, `{"surveys": [{"id":"1"}]}`},
		{"list", ` [{"id":"1"}]`, `{"surveys":[{"id":"1"}]}`},
		{"none again", " \n", `{"surveys":[]}`},
	} {
		srv.SetSurveys([]byte(tt.doc))
		if status, got := send(t, srv, path, ""); status != 200 || got != tt.want {
			t.Errorf("%s: got %d %s, want 200 %s", tt.name, status, got, tt.want)
		}
	}
	srv.APIKey("phc_y")
	if status, _ := send(t, srv, path, ""); status != 401 {
		t.Errorf("another key: got %d, want 401", status)
	}
	srv.Reply(504, On("/api/surveys/"))
	if status, _ := send(t, srv, "/api/surveys/?token=phc_y", ""); status != 504 {
		t.Errorf("a fault: got %d, want 504", status)
	}
	want := []SurveyRequest{{"phc_x", 200}, {"phc_x", 200}, {"phc_x", 200}, {"phc_x", 200}, {"phc_x", 401}, {"phc_y", 504}}
	if diff := cmp.Diff(want, srv.SurveyRequests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	tb := &fatalTB{TB: t}
	if NewMemoryServer(tb).SetSurveys([]byte("{")); tb.fatal != "phtest: surveys: the document is no JSON" {
		t.Errorf("a document that is none: got %q", tb.fatal)
	}
}

// A flag by person property answers by what events have set.
func TestPeople(t *testing.T) {
	srv := NewMemoryServer(t)
	srv.SetDefinitions([]byte(`{"flags":[{"id":1,"key":"answered","active":true,"filters":{"groups":[
		{"properties":[{"key":"$survey_responded/1","value":"is_set","operator":"is_set","type":"person"}],"rollout_percentage":100}]}}],
		"group_type_mapping":{},"cohorts":{}}`))
	client, err := ph.New(ph.Config{APIKey: "phc_x", Host: srv.URL, Transport: srv})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close(t.Context())
	ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("ann"))
	for _, tt := range []struct {
		name  string
		opts  []ph.Option
		props ph.Props
		want  bool
	}{
		{"nothing", nil, ph.Props{"a": 1}, false},
		{"without a profile", []ph.Option{ph.Personless()}, ph.Props{"$set": map[string]any{"$survey_responded/1": true}}, false},
		{"another person", []ph.Option{ph.As("bob")}, ph.Props{"$set": map[string]any{"$survey_responded/1": true}}, false},
		{"set", nil, ph.Props{"$set": map[string]any{"$survey_responded/1": true}}, true},
		{"set once", nil, ph.Props{"$set_once": map[string]any{"$survey_responded/1": false, "b": 1}}, true},
		{"unset", nil, ph.Props{"$unset": []string{"$survey_responded/1"}}, false},
	} {
		ph.Capture(ctx, "e", tt.props, tt.opts...)
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		v, ok := client.Flag(ph.With(ctx, ph.User("ann")), "answered", ph.NoExposure())
		if v.On() != tt.want || !ok {
			t.Errorf("%s: got %v, %v, want %v", tt.name, v, ok, tt.want)
		}
	}
}
