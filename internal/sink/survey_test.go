package sink

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSurveys(t *testing.T) {
	s := New(Config{APIKey: "phc_x"})
	const (
		path   = "/api/surveys/?token=phc_x"
		doc    = `{"surveys": [{"id":"1"}]}`
		denied = `{"type":"authentication_error","code":"unauthorized","detail":`
	)
	tests := []struct {
		name   string
		do     func()
		target string
		status int
		body   string
	}{
		{"none", func() {}, path, 200, `{"surveys":[]}`},
		{"set", func() { s.SetSurveys([]byte(doc)) }, path, 200, doc},
		{"without the slash", func() {}, "/api/surveys?token=phc_x", 200, doc},
		{"no token", func() {}, "/api/surveys/", 401, denied + `"the query has no token","attr":null}`},
		{"another token", func() {}, "/api/surveys/?token=phc_y", 401, denied + `"the project API key is missing or another one","attr":null}`},
		{"a broken query", func() {}, "/api/surveys/?token=phc_x&%zz", 200, doc},
		{"no JSON", func() { s.SetSurveys([]byte("<html>")) }, path, 200, "<html>"},
		{"empty", func() { s.SetSurveys([]byte{}) }, path, 200, ""},
		{"down", func() { s.Down(503) }, path, 503, `{"type":"server_error","code":"service_unavailable","detail":"Service Unavailable","attr":null}`},
		{"up", func() { s.Up(); s.SetSurveys(nil) }, path, 200, `{"surveys":[]}`},
		{"a fault", func() { s.Inject(Fault{Path: "/api/surveys/", Status: 200, Body: []byte("{")}) }, path, 200, "{"},
		{"reset", func() { s.SetSurveys([]byte(doc)); s.Reset() }, path, 200, `{"surveys":[]}`},
	}
	var want []int
	for _, tt := range tests {
		tt.do()
		if tt.name == "reset" {
			want = nil
		}
		want = append(want, tt.status)
		w := get(s, tt.target)
		if w.Code != tt.status || w.Body.String() != tt.body {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, w.Code, w.Body, tt.status, tt.body)
		}
	}
	var got []int
	for _, r := range s.SurveyRequests() {
		got = append(got, r.Status)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if got, want := s.Counters(), (Counters{SurveyRequests: 1}); got != want {
		t.Errorf("got counters %+v, want %+v", got, want)
	}
	if got := post(s, path, nil).Code; got != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want 405", got)
	}
}
