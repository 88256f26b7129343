package sink

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// asks is a request that any server takes.
const asks = `{"api_key":"phc_x","distinct_id":"u","groups":{},"person_properties":{},"group_properties":{},"geoip_disable":true}`

// get asks a sink without a server in between.
func get(s *Sink, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// flagged is a sink with one flag of each kind.
func flagged() *Sink {
	s, yes, no := New(Config{}), true, false
	s.SetFlag(Flag{Key: "on", Enabled: true, ID: 1, Version: 2, HasExperiment: &no, Reason: "condition_match"})
	s.SetFlag(Flag{Key: "off", ID: 2, HasExperiment: &no, Reason: "no_condition_match", Condition: -1})
	s.SetFlag(Flag{Key: "a\"b", Enabled: true, Variant: "<v>", Payload: []byte(`"{\"n\":1}"`), HasExperiment: &yes, Reason: "super_condition_value", Condition: 3})
	return s
}

const (
	onDetail  = `"on":{"key":"on","enabled":true,"variant":null,"reason":{"code":"condition_match","condition_index":0,"description":"Matched condition set 1"},"metadata":{"id":1,"version":2,"description":null,"payload":null,"has_experiment":false}}`
	offDetail = `"off":{"key":"off","enabled":false,"variant":null,"reason":{"code":"no_condition_match","condition_index":null,"description":"No matching condition set"},"metadata":{"id":2,"version":0,"description":null,"payload":null,"has_experiment":false}}`
	abDetail  = `"a\"b":{"key":"a\"b","enabled":true,"variant":"<v>","reason":{"code":"super_condition_value","condition_index":3,"description":"Super condition value"},"metadata":{"id":0,"version":0,"description":null,"payload":"{\"n\":1}","has_experiment":true}}`

	first = `"requestId":"00000000-0000-4000-8000-000000000001","evaluatedAt":946684800000`
)

func TestFlagReplies(t *testing.T) {
	set := func(do ...func(*Sink)) *Sink {
		s := flagged()
		for _, f := range do {
			f(s)
		}
		return s
	}
	fail := func(s *Sink) { s.SetFlag(Flag{Key: "on", Enabled: true, Variant: "v", Failed: true, Condition: -1}) }
	tests := []struct {
		name, path string
		sink       *Sink
		want       string
	}{
		{"none", "/flags/?v=2", New(Config{}), `{"flags":{},"errorsWhileComputingFlags":false,` + first + `}`},
		{"v2", "/flags/?v=2", set(), `{"flags":{` + onDetail + `,` + offDetail + `,` + abDetail + `},"errorsWhileComputingFlags":false,` + first + `}`},
		{"decide of v4", "/decide?v=4", set(), `{"flags":{` + onDetail + `,` + offDetail + `,` + abDetail + `},"errorsWhileComputingFlags":false,` + first + `}`},
		{"decide of v3", "/decide/?v=3", set(), `{"featureFlags":{"on":true,"off":false,"a\"b":"<v>"},"featureFlagPayloads":{"a\"b":"{\"n\":1}"},"errorsWhileComputingFlags":false}`},
		{"decide of v1", "/decide/?v=1", set(fail), `{"featureFlags":["a\"b"]}`},
		{"without a version", "/flags", set(), `{"featureFlags":{"on":true,"off":false,"a\"b":"<v>"},"featureFlagPayloads":{"a\"b":"{\"n\":1}"},"errorsWhileComputingFlags":false}`},
		{"legacy", "/flags/?v=2", set(func(s *Sink) { s.LegacyFlags(true) }, fail), `{"featureFlags":{"off":false,"a\"b":"<v>"},"featureFlagPayloads":{"a\"b":"{\"n\":1}"},"errorsWhileComputingFlags":true}`},
		{"failed", "/flags/?v=2", set(fail, func(s *Sink) { s.RemoveFlag("off"); s.RemoveFlag("a\"b") }), `{"flags":{"on":{"key":"on","enabled":false,"variant":null,"failed":true,"reason":{"code":"","condition_index":null,"description":null},"metadata":{"id":0,"version":0,"description":null,"payload":null}}},"errorsWhileComputingFlags":true,` + first + `}`},
		{"failing", "/flags/?v=2", set(func(s *Sink) { s.Reset(); s.FailFlags(true) }), `{"flags":{},"errorsWhileComputingFlags":true,` + first + `}`},
		{"minimal", "/flags/?v=2", set(func(s *Sink) { s.Reset(); s.MinimalFlagEvents(true) }), `{"flags":{},"errorsWhileComputingFlags":false,` + first + `,"minimalFlagCalledEvents":true}`},
		{"limited", "/flags/?v=2", set(func(s *Sink) { s.LimitFlags(true) }), `{"flags":{},"errorsWhileComputingFlags":false,` + first + `,"quotaLimited":["feature_flags"]}`},
		{"limited legacy", "/decide/?v=3", set(func(s *Sink) { s.LimitFlags(true) }), `{"featureFlags":{},"featureFlagPayloads":{},"errorsWhileComputingFlags":false,"quotaLimited":["feature_flags"]}`},
		{"limited and over", "/decide/?v=1", set(func(s *Sink) { s.LimitFlags(true); s.LimitFlags(false) }), `{"featureFlags":["on","a\"b"]}`},
		{"payload of another kind", "/flags/", set(func(s *Sink) { s.Reset(); s.SetFlag(Flag{Key: "f", Payload: []byte(`{"n": 1}`)}) }), `{"featureFlags":{"f":false},"featureFlagPayloads":{"f":{"n":1}},"errorsWhileComputingFlags":false}`},
		{"payload without JSON", "/flags/", set(func(s *Sink) { s.Reset(); s.SetFlag(Flag{Key: "f", Payload: []byte(`{"n`)}) }), `{"featureFlags":{"f":false},"featureFlagPayloads":{"f":"{\"n"},"errorsWhileComputingFlags":false}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // whose clock stands still
				w := post(tt.sink, tt.path, []byte(asks))
				if w.Code != 200 || w.Body.String() != tt.want || w.Header().Get("Content-Type") != "application/json" {
					t.Errorf("got %d %v\n%s\nwant 200\n%s", w.Code, w.Header(), w.Body, tt.want)
				}
			})
		})
	}
}

// keysOn are the flags of a v1 reply.
func keysOn(t *testing.T, s *Sink, body string) string {
	t.Helper()
	w := post(s, "/decide/?v=1", []byte(body))
	list, ok := strings.CutPrefix(w.Body.String(), `{"featureFlags":[`)
	if !ok {
		t.Fatalf("%s: got %d %s", body, w.Code, w.Body)
	}
	return strings.NewReplacer(`"`, "", "]}", "").Replace(list)
}

func TestFlagsFor(t *testing.T) {
	s := New(Config{})
	on := func(key string) Flag { return Flag{Key: key, Enabled: true} }
	s.SetFlag(Flag{Key: "b"}, "ann", "bob")
	s.SetFlag(on("b"))
	s.SetFlag(on("c"), "ann")
	s.SetFlag(on("a"))
	tests := []struct {
		body, want string
	}{
		{`{"distinct_id":"u"}`, "b,a"},
		{`{"distinct_id":"ann"}`, "c,a"},
		{`{"distinct_id":"bob"}`, "a"},
		{`{"distinct_id":"u","flag_keys_to_evaluate":["a","x"]}`, "a"},
		{`{"distinct_id":"u","flag_keys":["b"]}`, "b"},
		{`{"distinct_id":"u","flag_keys":[]}`, ""},
		{`{"distinct_id":"u","flag_keys":null}`, "b,a"},
	}
	for _, tt := range tests {
		if got := keysOn(t, s, tt.body); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.body, got, tt.want)
		}
	}
	s.RemoveFlag("b")
	s.RemoveFlag("nothing")
	if got := keysOn(t, s, `{"distinct_id":"bob"}`); got != "a" {
		t.Errorf("after RemoveFlag: got %s, want a", got)
	}
	if s.SetFlag(on("b")); keysOn(t, s, `{"distinct_id":"bob"}`) != "a,b" {
		t.Error("RemoveFlag left something of one person's")
	}
}

func TestAnswerFlags(t *testing.T) {
	s := New(Config{})
	s.SetFlag(Flag{Key: "b"})
	s.SetFlag(Flag{Key: "d", Enabled: true})
	s.AnswerFlags(func(r FlagRequest) []Flag {
		s.Counters() // it may use the sink
		return []Flag{{Key: "c", Enabled: r.PersonProperties["plan"] == "pro"}, {Key: "b", Enabled: true}, {Key: "a", Enabled: true}}
	})
	if got, want := keysOn(t, s, `{"distinct_id":"u","person_properties":{"plan":"pro"}}`), "c,a,d"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := keysOn(t, s, `{"distinct_id":"u","flag_keys":["a","b","c"]}`), "a"; got != want {
		t.Errorf("some keys: got %s, want %s", got, want)
	}
	s.AnswerFlags(nil)
	if got, want := keysOn(t, s, `{"distinct_id":"u"}`), "d"; got != want {
		t.Errorf("without an answer: got %s, want %s", got, want)
	}
}

// A fault of any kind works on paths of flags, and what was asked stays to be seen.
func TestFlagFaults(t *testing.T) {
	s := flagged()
	s.Inject(
		Fault{Path: "/flags", Status: 503, RetryAfter: "7"},
		Fault{Path: "/flags/definitions/", Status: 429},
		Fault{Path: "/flags/", Body: []byte("<p>"), ContentType: "text/html"},
		Fault{Path: "/api/projects/@current/feature_flags/a/remote_config", Status: 403},
		Fault{Path: "/flags/", Status: 502, Keep: true},
	)
	secret := []string{"Authorization", "Bearer phs_x"}
	for i, tt := range []struct {
		w    *httptest.ResponseRecorder
		want int
		body string
	}{
		{get(s, "/flags/definitions", secret...), 429, `{"type":"validation_error","code":"rate_limit_exceeded","detail":"Too Many Requests","attr":null}`},
		{get(s, "/flags/definitions", secret...), 200, `{"flags":[],"group_type_mapping":{},"cohorts":{}}`},
		{post(s, "/flags/?v=2", []byte(asks)), 503, `{"type":"server_error","code":"service_unavailable","detail":"Service Unavailable","attr":null}`},
		{post(s, "/flags/?v=2", []byte(asks)), 200, `<p>`},
		{post(s, "/flags/?v=2", []byte(asks)), 502, `{"type":"server_error","code":"bad_gateway","detail":"Bad Gateway","attr":null}`},
		{get(s, "/api/projects/@current/feature_flags/a/remote_config/", secret...), 403, `{"type":"authentication_error","code":"forbidden","detail":"Forbidden","attr":null}`},
		{get(s, "/api/projects/@current/feature_flags/a/remote_config/", secret...), 404, `{"type":"invalid_request","code":"not_found","detail":"flag \"a\" has no remote config","attr":null}`},
	} {
		if tt.w.Code != tt.want || tt.w.Body.String() != tt.body {
			t.Errorf("request %d: got %d %s, want %d %s", i, tt.w.Code, tt.w.Body, tt.want, tt.body)
		}
	}
	s.Down(504)
	post(s, "/flags/?v=2", []byte(asks))
	var got []int
	for _, r := range s.FlagRequests() {
		if got = append(got, r.Status); r.DistinctID != "u" {
			t.Errorf("got distinct ID %q, want u", r.DistinctID)
		}
	}
	if diff := cmp.Diff([]int{503, 200, 502, 504}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	counters := s.Counters()
	if want := (Counters{FlagRequests: 4, DefinitionRequests: 2, ConfigRequests: 2}); counters != want {
		t.Errorf("got %+v, want %+v", counters, want)
	}
	if got := len(s.Requests()); got != 0 {
		t.Errorf("got %d requests with events, want none", got)
	}
}

// A request that is broken off was made.
func TestBrokenFlagRequests(t *testing.T) {
	s := flagged()
	_, client := serve(t, s)
	client.Transport = s
	s.Inject(Fault{Request: Reset, RequestBytes: 5}, Fault{Request: Closed, Keep: true})
	for range 2 {
		if got := exchange(client, "http://sink/flags/?v=2", asks); got.err == nil {
			t.Errorf("got %v, want an error", got)
		}
	}
	requests := s.FlagRequests()
	if r := requests[0]; string(r.Raw) != asks[:5] || r.Status != 0 || r.DistinctID != "" {
		t.Errorf("reset: got %q, %d, %q, want what had come by then", r.Raw, r.Status, r.DistinctID)
	}
	if r := requests[1]; r.Status != 0 || r.DistinctID != "u" {
		t.Errorf("closed: got %d, %q, want the decoded request without a status", r.Status, r.DistinctID)
	}
}
