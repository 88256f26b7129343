package phtest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	askAnn = `{"api_key":"phc_x","distinct_id":"ann","groups":{"org":"acme"},"person_properties":{"seats":5,"$device_id":"d"},` +
		`"group_properties":{"org":{"plan":"pro"}},"geoip_disable":false,"flag_keys_to_evaluate":["beta","gone"]}`
	askBob = `{"api_key":"phc_x","distinct_id":"bob","groups":{},"person_properties":{},"group_properties":{}}`
)

// send exchanges one request and returns the reply's status and body. A request
// without a body is a GET with the secret key.
func send(t *testing.T, srv *Server, path, body string, header ...string) (int, string) {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		r.Header.Set("Authorization", "Bearer phs_x")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := srv.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// flagsOf are the flags of a v2 reply, each without its key.
func flagsOf(t *testing.T, srv *Server, body string) map[string]string {
	t.Helper()
	status, text := send(t, srv, "/flags/?v=2", body)
	var reply struct {
		Flags map[string]map[string]json.RawMessage `json:"flags"`
	}
	if err := json.Unmarshal([]byte(text), &reply); err != nil || status != 200 {
		t.Fatalf("got %d %s, %v", status, text, err)
	}
	flags := map[string]string{}
	for key, f := range reply.Flags {
		delete(f, "key")
		rest, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		flags[key] = string(rest)
	}
	return flags
}

func TestSetFlag(t *testing.T) {
	const (
		matched   = `"reason":{"code":"condition_match","condition_index":0,"description":"Matched condition set 1"}`
		unmatched = `"reason":{"code":"no_condition_match","condition_index":null,"description":"No matching condition set"}`
		plain     = `"metadata":{"id":1,"version":1,"description":null,"payload":null,"has_experiment":false}`
	)
	tests := []struct {
		name  string
		value any
		opts  []FlagOption
		want  string
	}{
		{"true", true, nil, `{"enabled":true,` + plain + `,` + matched + `,"variant":null}`},
		{"false", false, nil, `{"enabled":false,` + plain + `,` + unmatched + `,"variant":null}`},
		{"variant", "a", nil, `{"enabled":true,` + plain + `,` + matched + `,"variant":"a"}`},
		{"Payload", true, []FlagOption{Payload([]int{1})}, `{"enabled":true,"metadata":{"id":1,"version":1,"description":null,"payload":"[1]","has_experiment":false},` + matched + `,"variant":null}`},
		{"Payload of text", true, []FlagOption{Payload("a")}, `{"enabled":true,"metadata":{"id":1,"version":1,"description":null,"payload":"\"a\"","has_experiment":false},` + matched + `,"variant":null}`},
		{"the last Payload", true, []FlagOption{Payload(func() {}), Payload(1)}, `{"enabled":true,"metadata":{"id":1,"version":1,"description":null,"payload":"1","has_experiment":false},` + matched + `,"variant":null}`},
		{"Reason", false, []FlagOption{Reason("out_of_rollout_bound", 2)}, `{"enabled":false,` + plain + `,"reason":{"code":"out_of_rollout_bound","condition_index":2,"description":"Out of rollout bound"},"variant":null}`},
		{"Metadata and Experiment", false, []FlagOption{Metadata(7, 8), Experiment()}, `{"enabled":false,"metadata":{"id":7,"version":8,"description":null,"payload":null,"has_experiment":true},` + unmatched + `,"variant":null}`},
		{"Failed", "a", []FlagOption{Failed()}, `{"enabled":false,"failed":true,` + plain + `,` + matched + `,"variant":null}`},
		{"For another", true, []FlagOption{For("cleo")}, ``},
		{"For her", true, []FlagOption{For("cleo", "ann")}, `{"enabled":true,` + plain + `,` + matched + `,"variant":null}`},
	}
	for _, tt := range tests {
		srv := NewMemoryServer(t)
		srv.SetFlag("beta", tt.value, tt.opts...)
		if got := flagsOf(t, srv, askAnn)["beta"]; got != tt.want {
			t.Errorf("%s: got\n%s, want\n%s", tt.name, got, tt.want)
		}
		srv.RemoveFlag("beta")
		if got := flagsOf(t, srv, askAnn); len(got) != 0 {
			t.Errorf("%s: after RemoveFlag: got %v", tt.name, got)
		}
	}
}

func TestImpossibleFlags(t *testing.T) {
	for _, tt := range []struct {
		set  func(*Server)
		want string
	}{
		{func(s *Server) { s.SetFlag("f", 1) }, `phtest: flag "f": 1 is no value of a flag; use true, false or the key of a variant`},
		{func(s *Server) { s.SetFlag("f", nil) }, `phtest: flag "f": <nil> is no value of a flag; use true, false or the key of a variant`},
		{func(s *Server) { s.SetFlag("f", "") }, `phtest: flag "f": "" is no value of a flag; use true, false or the key of a variant`},
		{func(s *Server) { s.SetFlag("f", true, Payload(func() {})) }, `phtest: payload of flag "f": json: unsupported type: func()`},
		{func(s *Server) { s.SetRemoteConfig("f", func() {}) }, `phtest: remote config "f": json: unsupported type: func()`},
	} {
		tb := &fatalTB{TB: t}
		if tt.set(NewMemoryServer(tb)); tb.fatal != tt.want {
			t.Errorf("got %q, want %q", tb.fatal, tt.want)
		}
	}
}

func TestFlagRequests(t *testing.T) {
	srv := NewMemoryServer(t)
	srv.SetFlag("beta", true)
	srv.Reply(504, On("/flags/"))
	srv.APIKey("phc_x")
	send(t, srv, "/flags/?v=2", askAnn)
	send(t, srv, "/flags/?v=2", askBob)
	send(t, srv, "/decide?v=3", strings.Replace(askBob, "phc_x", "phc_y", 1), "Authorization", "Bearer phs_x")
	send(t, srv, "/flags/?v=2", "[]")
	no := false
	want := []FlagRequest{
		{
			Path: "/flags/", Status: 504, DistinctID: "ann", DeviceID: "d", Groups: map[string]any{"org": "acme"},
			PersonProperties: map[string]any{"seats": json.Number("5"), "$device_id": "d"}, GroupProperties: map[string]map[string]any{"org": {"plan": "pro"}},
			Keys: []string{"beta", "gone"}, GeoIPDisable: &no,
		},
		{Path: "/flags/", Status: 200, DistinctID: "bob", Groups: map[string]any{}, PersonProperties: map[string]any{}, GroupProperties: map[string]map[string]any{}},
		{
			Path: "/decide", Status: 401, DistinctID: "bob", Groups: map[string]any{}, PersonProperties: map[string]any{}, GroupProperties: map[string]map[string]any{},
			Problems: []string{"Authorization has no place in a request for values"},
		},
		{Path: "/flags/", Status: 400},
	}
	if diff := cmp.Diff(want, srv.FlagRequests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := srv.Requests(); got != 0 {
		t.Errorf("got %d requests with events, want none", got)
	}
}

func TestFlagConditions(t *testing.T) {
	srv := NewMemoryServer(t)
	srv.SetFlag("beta", "a", Payload(1))
	now := func() string {
		t.Helper()
		_, text := send(t, srv, "/flags/?v=2", askAnn)
		var reply map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &reply); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"requestId", "evaluatedAt"} {
			delete(reply, key)
		}
		if len(reply["flags"]) > 2 {
			reply["flags"] = json.RawMessage("1")
		}
		rest, err := json.Marshal(reply)
		if err != nil {
			t.Fatal(err)
		}
		return string(rest)
	}
	for _, tt := range []struct {
		name string
		set  func(bool)
		want string
	}{
		{"LimitFlags", srv.LimitFlags, `{"errorsWhileComputingFlags":false,"flags":{},"quotaLimited":["feature_flags"]}`},
		{"FailFlags", srv.FailFlags, `{"errorsWhileComputingFlags":true,"flags":1}`},
		{"MinimalFlagEvents", srv.MinimalFlagEvents, `{"errorsWhileComputingFlags":false,"flags":1,"minimalFlagCalledEvents":true}`},
		{"LegacyFlags", srv.LegacyFlags, `{"errorsWhileComputingFlags":false,"featureFlagPayloads":{"beta":"1"},"featureFlags":{"beta":"a"}}`},
	} {
		if tt.set(true); now() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, now(), tt.want)
		}
		tt.set(false)
		if want := `{"errorsWhileComputingFlags":false,"flags":1}`; now() != want {
			t.Errorf("after %s: got %s, want %s", tt.name, now(), want)
		}
	}
}

func TestRemoteConfig(t *testing.T) {
	srv := NewMemoryServer(t)
	srv.SetRemoteConfig("limits", map[string]int{"n": 1})
	for _, tt := range []struct {
		key    string
		status int
		want   string
	}{
		{"limits", 200, `"{\"n\":1}"`},
		{"gone", 404, `{"type":"invalid_request","code":"not_found","detail":"flag \"gone\" has no remote config","attr":null}`},
	} {
		if status, got := send(t, srv, "/api/projects/@current/feature_flags/"+tt.key+"/remote_config?token=phc_x", ""); status != tt.status || got != tt.want {
			t.Errorf("%s: got %d %s, want %d %s", tt.key, status, got, tt.status, tt.want)
		}
	}
	if diff := cmp.Diff([]string{"limits", "gone"}, srv.RemoteConfigRequests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Flags are served through a socket as well, and hang in a bubble as long as told.
func TestFlagsOnLoopback(t *testing.T) {
	srv := NewServer(t)
	srv.SetFlag("beta", true)
	resp, text, err := post(t, plainClient(t), srv.URL+"/flags/?v=2", askBob)
	if want := `{"flags":{"beta":{"key":"beta","enabled":true,`; err != nil || resp.StatusCode != 200 || !strings.HasPrefix(text, want) {
		t.Errorf("got %v %s, %v, want %s…", resp, text, err, want)
	}
}

func TestFlagsThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := NewMemoryServer(t)
		srv.Reply(0, On("/flags/"), Hang())
		srv.Reply(0, On("/flags/definitions"), Delay(time.Hour))
		start := time.Now()
		client := &http.Client{Transport: srv, Timeout: 3 * time.Second}
		_, _, err := post(t, client, srv.URL+"/flags/?v=2", askBob)
		if got := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || got != 3*time.Second {
			t.Errorf("got %v after %v, want a timeout after 3s", err, got)
		}
		if status, _ := send(t, srv, "/flags/definitions?token=phc_x", ""); status != 200 || time.Since(start) != time.Hour+3*time.Second {
			t.Errorf("got %d after %v, want 200 an hour later", status, time.Since(start))
		}
		if got := srv.FlagRequests(); len(got) != 1 || got[0].Status != 0 {
			t.Errorf("got %+v, want one request without a reply", got)
		}
	})
}
