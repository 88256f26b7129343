package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A rig is an adapter, asked over HTTP as the harness asks it, and a mock of PostHog.
type rig struct {
	*testing.T
	protocol ph.Protocol
	adapter  *httptest.Server
	mock     *sink.Sink
	mockURL  string
	arrived  chan struct{} // has room for one request that reached the mock
}

// eachProtocol runs test against an adapter of each mode.
func eachProtocol(t *testing.T, test func(r rig)) {
	for name, p := range map[string]ph.Protocol{"v0": ph.V0, "v1": ph.V1} {
		t.Run(name, func(t *testing.T) { test(newRig(t, p)) })
	}
}

func newRig(t *testing.T, p ph.Protocol) rig {
	mock := sink.New(sink.Config{})
	arrived := make(chan struct{}, 1)
	mockServer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case arrived <- struct{}{}:
		default:
		}
		mock.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		mock.Close()
		mockServer.Close()
	})
	a := newAdapter(p)
	server := httptest.NewServer(a.handler())
	t.Cleanup(func() {
		server.Close()
		a.close()
	})
	return rig{T: t, protocol: p, adapter: server, mock: mock, mockURL: mockServer.URL, arrived: arrived}
}

// ask sends a request and returns the status and the JSON of the answer.
func (r rig) ask(method, path, body string) (int, string) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), method, r.adapter.URL+path, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	resp, err := r.adapter.Client().Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	if got, want := resp.Header.Get("Content-Type"), "application/json"; got != want {
		r.Errorf("%s %s: content type: got %q, want %q", method, path, got, want)
	}
	return resp.StatusCode, strings.TrimSpace(string(text))
}

// must is ask for what has to succeed; into takes the answer unless it is nil.
func (r rig) must(method, path, body string, into any) {
	r.Helper()
	status, text := r.ask(method, path, body)
	if status != http.StatusOK {
		r.Fatalf("%s %s: got status %d and %s, want 200", method, path, status, text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		r.Fatalf("%s %s: %s: %v", method, path, text, err)
	}
}

// init calls /init with more fields, each followed by a comma.
func (r rig) init(query, fields string) {
	r.Helper()
	r.must("POST", "/init"+query, `{`+fields+`"api_key":"phc_test","host":"`+r.mockURL+`/"}`, nil)
}

// captureBody is that of an event as the harness sends it.
const captureBody = `{"distinct_id":"u1","event":"e","properties":null,"timestamp":null}`

// capture captures body and returns the UUID.
func (r rig) capture(query, body string) string {
	r.Helper()
	var answer struct{ UUID string }
	r.must("POST", "/capture"+query, body, &answer)
	return answer.UUID
}

// flush returns events_flushed.
func (r rig) flush(query string) int {
	r.Helper()
	var answer struct {
		EventsFlushed int `json:"events_flushed"`
	}
	r.must("POST", "/flush"+query, "", &answer)
	return answer.EventsFlushed
}

// state returns /state without what differs from run to run.
func (r rig) state(query string) state {
	r.Helper()
	var s state
	r.must("GET", "/state"+query, "", &s)
	for i := range s.RequestsMade {
		if s.RequestsMade[i].TimestampMS <= 0 {
			r.Errorf("request %d has no timestamp", i)
		}
		s.RequestsMade[i].TimestampMS = 0
	}
	return s
}
