package sink

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const definitionsPath = "/flags/definitions?token=phc_x&send_cohorts"

func TestDefinitions(t *testing.T) {
	s := New(Config{APIKey: "phc_x"})
	secret := func(header ...string) []string { return append([]string{"Authorization", "Bearer phs_x"}, header...) }
	const (
		empty  = `{"flags":[],"group_type_mapping":{},"cohorts":{}}`
		doc    = `{"flags": [{"key":"a"}]}`
		denied = `{"type":"authentication_error","code":"unauthorized","detail":`
	)
	get(s, definitionsPath, secret()...)
	tests := []struct {
		name   string
		do     func()
		target string
		header []string
		status int
		tag    string
		body   string
	}{
		{"empty", func() {}, definitionsPath, secret(), 200, `W/"0e913425a70332a4"`, empty},
		{"legacy", func() {}, "/api/feature_flag/local_evaluation/?token=phc_x", secret(), 200, `W/"0e913425a70332a4"`, empty},
		{"set", func() { s.SetDefinitions([]byte(doc)) }, definitionsPath, secret(), 200, `W/"c6b5c3f715917e31"`, doc},
		{"weak", func() {}, definitionsPath, secret("If-None-Match", `W/"c6b5c3f715917e31"`), 304, `W/"c6b5c3f715917e31"`, ""},
		{"strong", func() {}, definitionsPath, secret("If-None-Match", `"c6b5c3f715917e31"`), 304, `W/"c6b5c3f715917e31"`, ""},
		{"bare", func() {}, definitionsPath, secret("If-None-Match", `c6b5c3f715917e31`), 304, `W/"c6b5c3f715917e31"`, ""},
		{"several", func() {}, definitionsPath, secret("If-None-Match", `"x", W/"c6b5c3f715917e31"`), 304, `W/"c6b5c3f715917e31"`, ""},
		{"any", func() {}, definitionsPath, secret("If-None-Match", `*`), 304, `W/"c6b5c3f715917e31"`, ""},
		{"another", func() {}, definitionsPath, secret("If-None-Match", `W/"c6b5c3f715917e3"`), 200, `W/"c6b5c3f715917e31"`, doc},
		{"changed", func() { s.SetDefinitions(nil) }, definitionsPath, secret("If-None-Match", `W/"c6b5c3f715917e31"`), 200, `W/"0e913425a70332a4"`, empty},
		{"no JSON", func() { s.SetDefinitions([]byte{}) }, definitionsPath, secret(), 200, `W/"e3b0c44298fc1c14"`, ""},

		{"no secret", func() {}, definitionsPath, nil, 401, "", denied + `"Authorization is missing or no bearer token","attr":null}`},
		{"no bearer", func() {}, definitionsPath, []string{"Authorization", "Basic phs_x"}, 401, "", denied + `"Authorization is missing or no bearer token","attr":null}`},
		{"empty bearer", func() {}, definitionsPath, []string{"Authorization", "Bearer "}, 401, "", denied + `"Authorization is missing or no bearer token","attr":null}`},
		{"no token", func() {}, "/flags/definitions", secret(), 401, "", denied + `"the project API key is missing or another one","attr":null}`},
		{"another token", func() {}, "/flags/definitions?token=phc_y", secret(), 401, "", denied + `"the project API key is missing or another one","attr":null}`},
		{"revoked", func() { s.Secret("phs_y") }, definitionsPath, secret("If-None-Match", "*"), 401, "", denied + `"the secret key is another one","attr":null}`},
		{"renewed", func() { s.Secret("phs_x"); s.SetDefinitions([]byte(doc)) }, definitionsPath, secret(), 200, `W/"c6b5c3f715917e31"`, doc},
		{"limited", func() { s.LimitFlags(true) }, definitionsPath, secret(), 402, "", `{"type":"quota_limited","code":"payment_required","detail":"the quota of flag requests is used up","attr":null}`},
		{"programmed", func() { s.LimitFlags(false); s.Inject(Fault{Status: 304}) }, definitionsPath, secret(), 304, "", ""},
	}
	var want []int
	for _, tt := range tests {
		tt.do()
		w := get(s, tt.target, tt.header...)
		want = append(want, tt.status)
		if w.Code != tt.status || w.Header().Get("ETag") != tt.tag || w.Body.String() != tt.body {
			t.Errorf("%s: got %d %s %s, want %d %s %s", tt.name, w.Code, w.Header().Get("ETag"), w.Body, tt.status, tt.tag, tt.body)
		}
		control := ""
		if tt.tag != "" {
			control = "private, must-revalidate"
		}
		if got := w.Header().Get("Cache-Control"); got != control {
			t.Errorf("%s: got Cache-Control %q, want %q", tt.name, got, control)
		}
	}
	var got []int
	for _, r := range s.DefinitionRequests()[1:] {
		got = append(got, r.Status)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestRemoteConfig(t *testing.T) {
	s := New(Config{APIKey: "phc_x"})
	s.SetRemoteConfig("a", []byte(`{"n": "<1>"}`))
	s.SetRemoteConfig("a/b", []byte(`5`))
	s.SetRemoteConfig("none", nil)
	s.Secret("phs_x")
	const query = "/remote_config?token=phc_x"
	tests := []struct {
		path, secret string
		status       int
		body         string
	}{
		{"@current/feature_flags/a" + query, "phs_x", 200, `"{\"n\": \"<1>\"}"`},
		{"7/feature_flags/a/remote_config/?token=phc_x", "phs_x", 200, `"{\"n\": \"<1>\"}"`},
		{"@current/feature_flags/a%2Fb" + query, "phs_x", 200, `"5"`},
		{"@current/feature_flags/none" + query, "phs_x", 200, ``},
		{"@current/feature_flags/b" + query, "phs_x", 404, `{"type":"invalid_request","code":"not_found","detail":"flag \"b\" has no remote config","attr":null}`},
		{"@current/feature_flags/a" + query, "phs_y", 401, `{"type":"authentication_error","code":"unauthorized","detail":"the secret key is another one","attr":null}`},
		{"@current/feature_flags/a/remote_config", "phs_x", 401, `{"type":"authentication_error","code":"unauthorized","detail":"the project API key is missing or another one","attr":null}`},
	}
	for _, tt := range tests {
		w := get(s, "/api/projects/"+tt.path, "Authorization", "bearer "+tt.secret)
		if w.Code != tt.status || w.Body.String() != tt.body {
			t.Errorf("%s: got %d %s, want %d %s", tt.path, w.Code, w.Body, tt.status, tt.body)
		}
	}
	var got []string
	for _, r := range s.ConfigRequests() {
		got = append(got, fmt.Sprint(r.Key, " ", r.Status))
	}
	want := []string{"a 200", "a 200", "a/b 200", "none 200", "b 404", "a 401", "a 401"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
