package sink

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const good = `{"event":"a","distinct_id":"u","uuid":"0190c8a4-1111-7222-8333-444455556666","timestamp":"2026-01-02T03:04:05Z","properties":{"n":12345678901234567890}}`

// post sends body to a sink without a server in between.
func post(s *Sink, target string, body []byte, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, target, bytes.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func bodyOf(events ...string) string {
	return `{"api_key":"phc_x","batch":[` + strings.Join(events, ",") + `]}`
}

func zip(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBodies(t *testing.T) {
	tests := []struct {
		body   string
		status int
		reply  string
	}{
		{bodyOf(good), 200, `{"status":1}`},
		{bodyOf(good, good), 200, `{"status":1}`},
		{good, 200, `{"status":1}`},
		{`[` + good + `]`, 200, `{"status":1}`},
		{"\n " + bodyOf(good) + "\n", 200, `{"status":1}`},
		{bodyOf(`{"event":"a","$distinct_id":7}`), 200, `{"status":1}`},
		{bodyOf(`{"event":"a","properties":{"distinct_id":"u"}}`), 200, `{"status":1}`},
		{bodyOf(`{"event":"a","distinct_id":"u","uuid":""}`), 200, `{"status":1}`},
		{bodyOf(`{"event":"a","distinct_id":"u","$set":null}`), 200, `{"status":1}`},
		{bodyOf(`{"event":"a","distinct_id":"u","timestamp":"soon"}`), 200, `{"status":1}`}, // the server takes its own time

		{``, 400, "the body is no JSON\n"},
		{`{"batch":`, 400, "the body is no JSON\n"},
		{"{\"event\":\"\xff\"}", 400, "the body is no UTF-8\n"},
		{`"a"`, 400, "the body is neither an object nor an array\n"},
		{bodyOf(), 400, "the batch is empty\n"},
		{`[]`, 400, "the batch is empty\n"},
		{`{"batch":{}}`, 400, "batch is no array\n"},
		{`{"batch":[],"historical_migration":1}`, 400, "historical_migration is no boolean\n"},
		{`{"api_key":"a","token":"a","batch":[` + good + `]}`, 400, "api_key and token are one field\n"},
		{`{"api_key":1,"batch":[` + good + `]}`, 400, "api_key is no string\n"},
		{bodyOf(`1`), 400, "an event is no JSON object\n"},
		{bodyOf(good, `{"distinct_id":"u"}`), 400, "event: missing, empty or no string\n"},
		{bodyOf(`{"event":"","distinct_id":"u"}`), 400, "event: missing, empty or no string\n"},
		{bodyOf(`{"event":7,"distinct_id":"u"}`), 400, "event: missing, empty or no string\n"},
		{bodyOf(`{"event":"a"}`), 400, "event \"a\": distinct_id is missing or empty\n"},
		{bodyOf(`{"event":"a","distinct_id":null}`), 400, "event \"a\": distinct_id is missing or empty\n"},
		{bodyOf(`{"event":"a","distinct_id":"","properties":{"distinct_id":"u"}}`), 400, "event \"a\": distinct_id is missing or empty\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","$distinct_id":"u"}`), 400, "event \"a\": distinct_id and $distinct_id are one field\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","uuid":"123"}`), 400, "event \"a\": uuid \"123\" is malformed\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","uuid":5}`), 400, "event \"a\": uuid is no string\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","properties":null}`), 400, "event \"a\": properties is no object\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","properties":[]}`), 400, "event \"a\": properties is no object\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","properties":{"$cookieless_mode":1}}`), 400, "event \"a\": properties.$cookieless_mode is no boolean\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","timestamp":1}`), 400, "event \"a\": timestamp is no string\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","offset":"1"}`), 400, "event \"a\": offset is no integer\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","offset":1.5}`), 400, "event \"a\": offset is no integer\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","$set":[]}`), 400, "event \"a\": $set is no object\n"},
		{bodyOf(`{"event":"a","distinct_id":"u","properties":{"x":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `}}`), 400, "nested more than 128 levels deep\n"},
	}
	for _, tt := range tests {
		s := New(Config{})
		w := post(s, "/batch/", []byte(tt.body))
		if w.Code != tt.status || w.Body.String() != tt.reply {
			t.Errorf("%s: got %d %q, want %d %q", tt.body, w.Code, w.Body, tt.status, tt.reply)
		}
		if got, want := len(s.Events()) > 0, tt.status == 200; got != want {
			t.Errorf("%s: kept events: %t, want %t", tt.body, got, want)
		}
	}
}

func TestEndpoints(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
	}{
		{"POST", "/batch/", 200},
		{"POST", "/batch", 200},
		{"POST", "/i/v0/e/", 200},
		{"POST", "/i/v0/e", 200},
		{"POST", "/e/", 200},
		{"POST", "/capture/", 200},
		{"POST", "/track", 200},
		{"POST", "/engage/", 200},
		{"GET", "/batch/", 405},
		{"GET", "/i/v0/e/", 200},
		{"GET", "/i/v0/e", 200},
		{"GET", "/e", 200},
		{"GET", "/capture/", 200},
		{"GET", "/track/", 200},
		{"GET", "/engage", 200},
		{"PUT", "/e/", 405},
		{"POST", "/s/", 200},
		{"POST", "/s", 200},
		{"GET", "/s/", 405},
		{"OPTIONS", "/s/", 204},
		{"OPTIONS", "/", 404},
		{"OPTIONS", "/flags/definitions", 405},
		{"GET", "/static/a.js", 404},
		{"POST", "/static/a.js", 405},
		{"POST", "/array/phc_x/config", 405},
		{"GET", "/array/phc_x/config", 200},
		{"GET", "/api/web_experiments/", 200},
		{"POST", "/api/web_experiments/", 405},
		{"POST", "/i/v1/logs", 404},
		{"POST", "/", 404},
		{"POST", "/batch//", 404},
		{"POST", "/flags/", 400},
		{"POST", "/flags", 400},
		{"POST", "/decide/", 400},
		{"GET", "/flags/", 405},
		{"GET", "/flags/definitions", 401},
		{"GET", "/api/feature_flag/local_evaluation/", 401},
		{"POST", "/flags/definitions", 405},
		{"GET", "/api/projects/@current/feature_flags/a/remote_config", 401},
		{"GET", "/api/projects/7/feature_flags/a%2Fb/remote_config/", 401},
		{"POST", "/api/projects/@current/feature_flags/a/remote_config", 405},
		{"GET", "/api/projects/@current/feature_flags//remote_config", 404},
		{"GET", "/api/projects/feature_flags/a/remote_config", 404},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		New(Config{}).ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, strings.NewReader(bodyOf(good))))
		if w.Code != tt.status {
			t.Errorf("%s %s: got %d, want %d", tt.method, tt.path, w.Code, tt.status)
		}
	}
}

func TestAPIKey(t *testing.T) {
	tests := []struct {
		body   string
		status int
	}{
		{bodyOf(good), 200},
		{`{"token":"phc_x","batch":[` + good + `]}`, 200},
		{`{"event":"a","distinct_id":"u","$token":"phc_x"}`, 200},
		{`[{"event":"a","distinct_id":"u","properties":{"token":"phc_x"}}]`, 200},
		{`{"api_key":"phc_y","batch":[` + good + `]}`, 401},
		{`{"batch":[` + good + `]}`, 401},
		{good, 401},
	}
	for _, tt := range tests {
		if w := post(New(Config{APIKey: "phc_x"}), "/batch/", []byte(tt.body)); w.Code != tt.status {
			t.Errorf("%s: got %d, want %d", tt.body, w.Code, tt.status)
		}
	}
}

func TestCompression(t *testing.T) {
	plain := []byte(bodyOf(good))
	zipped := zip(t, plain)
	tests := []struct {
		name, target, header string
		body                 []byte
		status               int
	}{
		{"plain", "/batch/", "", plain, 200},
		{"header", "/batch/", "gzip", zipped, 200},
		{"query", "/batch/?compression=gzip", "", zipped, 200},
		{"query and header", "/batch/?compression=gzip-js", "gzip", zipped, 200},
		{"magic bytes", "/batch/", "", zipped, 200},
		{"the query is asked first", "/batch/?compression=gzip", "zstd", zipped, 200},
		{"plain said to be gzip", "/batch/", "gzip", plain, 400},
		{"cut short", "/batch/", "gzip", zipped[:len(zipped)-9], 400},
		{"zstd", "/batch/", "zstd", plain, 415},
		{"br", "/batch/?compression=br", "", plain, 415},
	}
	for _, tt := range tests {
		s := New(Config{})
		var header []string
		if tt.header != "" {
			header = []string{"Content-Encoding", tt.header}
		}
		if w := post(s, tt.target, tt.body, header...); w.Code != tt.status {
			t.Errorf("%s: got %d %s, want %d", tt.name, w.Code, w.Body, tt.status)
		}
		req := s.Requests()[0]
		if !bytes.Equal(req.Raw, tt.body) || req.Status != tt.status {
			t.Errorf("%s: recorded %d bytes and status %d, want %d and %d", tt.name, len(req.Raw), req.Status, len(tt.body), tt.status)
		}
		if body, err := req.Body(); tt.status == 200 && !bytes.Equal(body, plain) {
			t.Errorf("%s: Body() = %q, %v, want %q", tt.name, body, err, plain)
		}
	}
}

func TestTooLarge(t *testing.T) {
	pad := func(n int) []byte { return append([]byte(bodyOf(good)), bytes.Repeat([]byte{' '}, n)...) }
	tests := []struct {
		name, target string
		body         []byte
		status       int
	}{
		{"single path at 1 MiB", "/e/", pad(1 << 20), 200},
		{"single path at 2 MiB", "/e/", pad(2 << 20), 413},
		{"batch at 2 MiB", "/batch/", pad(2 << 20), 200},
		{"batch at 20 MiB", "/batch/", pad(20 << 20), 413},
		{"bomb of 32 MiB", "/batch/", zipBomb(t, 32<<20), 413},
	}
	for _, tt := range tests {
		for _, announced := range []bool{true, false} {
			r := httptest.NewRequest(http.MethodPost, tt.target, bytes.NewReader(tt.body))
			if !announced {
				r.ContentLength = -1
			}
			w := httptest.NewRecorder()
			New(Config{}).ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("%s, announced %t: got %d, want %d", tt.name, announced, w.Code, tt.status)
			}
		}
	}
}

func zipBomb(t *testing.T, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	chunk := bytes.Repeat([]byte{' '}, 1<<20)
	for range size / len(chunk) {
		if _, err := z.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestEvent(t *testing.T) {
	s := New(Config{Judge: func(e Event) []string { return []string{"judged " + e.Name} }})
	raw := `{"event":"a","distinct_id":{"id": 1},"uuid":"{0190C8A4-1111-7222-8333-444455556666}","timestamp":"2026-13-02",` +
		`"$set":{"plan":"free","email":"a@b.c"},"properties":{"n":1e400,"$set":{"plan":"pro"},"list":[{"k":1,"k":2}],"n":2}}`
	if w := post(s, "/batch/", []byte(bodyOf(raw))); w.Code != 200 {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	got := s.Events()
	if len(got) != 1 || string(got[0].Raw) != raw {
		t.Fatalf("got %s, want one event with the raw bytes %s", got, raw)
	}
	want := Event{
		Name:       "a",
		DistinctID: `{"id":1}`,
		UUID:       "0190c8a4-1111-7222-8333-444455556666",
		Timestamp:  "2026-13-02",
		Path:       "/batch/",
	}
	if diff := cmp.Diff(want, got[0], cmpopts.IgnoreFields(Event{}, "Raw", "Properties", "Problems")); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if got, want := fmt.Sprint(got[0].Properties), "map[$set:map[email:a@b.c plan:pro] list:[map[k:2]] n:2]"; got != want {
		t.Errorf("properties: got %s, want %s", got, want)
	}
	wantProblems := []string{
		`key "properties.list[0].k" is written twice`,
		`key "properties.n" is written twice`,
		`timestamp "2026-13-02" is unreadable`,
		`judged a`,
	}
	if diff := cmp.Diff(wantProblems, got[0].Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if got := s.Counters().Problems; got != 4 {
		t.Errorf("counted %d problems, want 4", got)
	}
}

func TestCanonicalUUID(t *testing.T) {
	const want = "0190c8a4-1111-7222-8333-444455556666"
	for _, s := range []string{
		want, "0190C8A4-1111-7222-8333-444455556666", "0190c8a4111172228333444455556666",
		"urn:uuid:" + want, "{" + want + "}",
	} {
		if got, ok := canonicalUUID(s); !ok || got != want {
			t.Errorf("canonicalUUID(%q) = %q, %t, want %q", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "x", want + "0", "0190c8a4-1111-7222-8333-44445555666g", "0190c8a41-111-7222-8333-444455556666", "{" + want, "(" + want + ")", "-190c8a4-1111-7222-8333-444455556666"} {
		if got, ok := canonicalUUID(s); ok {
			t.Errorf("canonicalUUID(%q) = %q, want none", s, got)
		}
	}
}

func TestLongDistinctID(t *testing.T) {
	s := New(Config{})
	post(s, "/batch/", []byte(bodyOf(`{"event":"a","distinct_id":"`+strings.Repeat("ü", 201)+`"}`)))
	e := s.Events()[0]
	if e.DistinctID != strings.Repeat("ü", 200) || len(e.Problems) != 1 {
		t.Errorf("got %q and problems %q, want 200 characters and one problem", e.DistinctID, e.Problems)
	}
}

func TestRing(t *testing.T) {
	s := New(Config{MaxEvents: 3})
	for i := range 5 {
		post(s, "/batch/", []byte(bodyOf(fmt.Sprintf(`{"event":"e%d","distinct_id":"u"}`, i))))
	}
	var names []string
	for _, e := range s.Events() {
		names = append(names, e.Name)
	}
	if diff := cmp.Diff([]string{"e2", "e3", "e4"}, names); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	got := s.Counters()
	got.Bytes = 0
	if want := (Counters{Requests: 5, Events: 5, Dropped: 2}); got != want {
		t.Errorf("counters: got %+v, want %+v", got, want)
	}
	s.Reset()
	if got := s.Counters(); got != (Counters{}) || len(s.Events()) != 0 || len(s.Requests()) != 0 {
		t.Errorf("after Reset: %+v, %d events, %d requests", got, len(s.Events()), len(s.Requests()))
	}
}

func TestWait(t *testing.T) {
	s := New(Config{})
	done := make(chan error)
	go func() { done <- s.Wait(t.Context(), 2) }()
	post(s, "/batch/", []byte(bodyOf(good)))
	post(s, "/batch/", []byte(bodyOf(good)))
	if err := <-done; err != nil {
		t.Errorf("Wait: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := s.Wait(ctx, 3)
	if want := "waiting for 3 events, 2 arrived: context deadline exceeded"; err == nil || err.Error() != want {
		t.Errorf("Wait of an ended context: got %v, want %q", err, want)
	}
	s.Close()
	s.Close()
	if err := s.Wait(t.Context(), 3); !errors.Is(err, ErrClosed) {
		t.Errorf("Wait of a closed sink: got %v, want %v", err, ErrClosed)
	}
}

func TestConcurrentRequests(t *testing.T) {
	s := New(Config{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				post(s, "/batch/", []byte(bodyOf(good, good)))
				s.Events()
				s.Counters()
			}
		})
	}
	wg.Wait()
	if got := s.Counters().Events; got != 800 {
		t.Errorf("kept %d events, want 800", got)
	}
}
