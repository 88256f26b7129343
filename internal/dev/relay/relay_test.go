package relay

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/phgen/phgen/internal/eventfile"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// server is a sink behind HTTP that remembers which requests were relayed.
func server(t *testing.T) (s *sink.Sink, url string) {
	t.Helper()
	s = sink.New(sink.Config{APIKey: "phc_target"})
	srv := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		srv.Close()
	})
	return s, srv.URL
}

func closeSoon(t *testing.T, s *Sender) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
}

// What arrives is what was recorded or taken: the same identity, time and properties.
func TestSend(t *testing.T) {
	to, url := server(t)
	sender, err := NewSender(Target{Host: url, APIKey: "phc_target", Wait: true, Historical: true, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	const (
		id   = "0190c8a4-5555-7222-8333-444455556666"
		time = "2025-03-01T09:12:44.25Z"
	)
	r, err := eventfile.NewReader(strings.NewReader(`{"event":"paid","distinct_id":"u1","uuid":"` + id + `","timestamp":"` + time + `",` +
		`"properties":{"total":12345678901234567890,"rate":1.50,"$lib":"web","$lib_version":"1.2.3","items":[{"a":null}],"$groups":{"team":"t1"},"$geoip_disable":true},"$set":{"tier":"pro"}}`))
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	taken := sink.Event{
		Name: "$pageview", DistinctID: "u2", UUID: "0190c8a4-5555-7222-8333-444455556667", Timestamp: "2025-03-01 09:12:44",
		SessionID: "0190c8a4-5555-7222-8333-000000000000", WindowID: "w",
		Options: map[string]any{"process_person_profile": false}, Properties: map[string]any{"$lib": "ios", "$window_id": "own"},
	}
	for _, e := range []Event{Recorded(recorded), Taken(taken)} {
		if err := sender.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	closeSoon(t, sender)
	type event struct {
		Name, DistinctID, UUID, Timestamp string
		Properties                        string
	}
	var got []event
	for _, e := range to.Events() {
		text, err := json.Marshal(e.Properties)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, event{e.Name, e.DistinctID, e.UUID, e.Timestamp, string(text)})
	}
	want := []event{
		{"paid", "u1", id, time, `{"$geoip_disable":true,"$groups":{"team":"t1"},"$lib":"web","$lib_version":"1.2.3","$set":{"tier":"pro"},"items":[{"a":null}],"rate":1.50,"total":12345678901234567890}`},
		{"$pageview", "u2", taken.UUID, "2025-03-01T09:12:44Z",
			`{"$lib":"ios","$process_person_profile":false,"$session_id":"0190c8a4-5555-7222-8333-000000000000","$window_id":"own"}`},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("events (-got +want):\n%s", diff)
	}
	for _, r := range to.Requests() {
		if !Relayed(r.Header) {
			t.Error("a request is not marked as relayed")
		}
	}
}

// A target that does not answer costs nobody time or memory.
func TestSendToNobody(t *testing.T) {
	to, url := server(t)
	to.Down(http.StatusServiceUnavailable)
	sender, err := NewSender(Target{Host: url, APIKey: "phc_target", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 10_500 {
		if err := sender.Send(t.Context(), Event{Name: "a", DistinctID: "u"}); errors.Is(err, ph.ErrQueueFull) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if refused != 500 {
		t.Errorf("%d events were refused, want 500", refused)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sender.Close(ctx); err == nil {
		t.Error("closed without an error, though nothing arrived")
	}
	if got := sender.Stats(); got.Lost != 10_000 || got.Sent != 0 {
		t.Errorf("lost %d and sent %d, want 10000 and 0", got.Lost, got.Sent)
	}
}

func TestBadTarget(t *testing.T) {
	if _, err := NewSender(Target{Host: "http://localhost", Logger: quiet}); err == nil || !strings.Contains(err.Error(), "APIKey") {
		t.Errorf("without a key: got %v", err)
	}
}

func TestCheckTarget(t *testing.T) {
	loopback := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8010}
	lan := &net.TCPAddr{IP: net.IPv4(192, 168, 1, 5), Port: 80}
	const self = " is this very server: its events would come back for ever"
	const none = " is no address; write one like https://us.i.posthog.com"
	tests := []struct {
		host   string
		listen net.Addr
		want   string
	}{
		{"https://eu.i.posthog.com", loopback, ""},
		{"http://127.0.0.1:8011", loopback, ""},
		{"http://127.0.0.1:8010/", loopback, "http://127.0.0.1:8010/" + self},
		{"http://LOCALHOST.:8010", loopback, "http://LOCALHOST.:8010" + self},
		{"http://shop.localhost:8010", loopback, "http://shop.localhost:8010" + self},
		{"http://[::1]:8010", loopback, "http://[::1]:8010" + self},
		{"http://0.0.0.0:8010", loopback, "http://0.0.0.0:8010" + self},
		{"http://[::ffff:192.168.1.5]", lan, "http://[::ffff:192.168.1.5]" + self},
		{"http://192.168.1.6", lan, ""},
		{"us.i.posthog.com", loopback, `"us.i.posthog.com"` + none},
		{"ftp://localhost", loopback, `"ftp://localhost"` + none},
		{"http://[", loopback, `"http://["` + none},
	}
	for _, tt := range tests {
		got := ""
		if err := CheckTarget(tt.host, tt.listen); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.host, got, tt.want)
		}
	}
}

var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

func taken(uuid, timestamp, raw string) sink.Event {
	return sink.Event{Name: "a", UUID: uuid, Timestamp: timestamp, Raw: json.RawMessage(raw)}
}

func TestRecord(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events.ndjson")
	for range 2 { // the second one goes on behind the first
		r, err := Record(name)
		if err != nil {
			t.Fatal(err)
		}
		err = r.Add(noon, []sink.Event{
			taken("x", "y", `{"event":"a","uuid":"x","timestamp":"y"}`),
			taken("x", "", "{\n  \"event\": \"a\",\n  \"offset\": 1500\n}"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if written, left := r.Counts(); written != 2 || left != 0 {
			t.Errorf("written %d and left out %d, want 2 and 0", written, left)
		}
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Error(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat(`{"event":"a","uuid":"x","timestamp":"y"}
{"event":"a","offset":1500,"timestamp":"2025-03-01T11:59:58.5Z"}
`, 2)
	if diff := cmp.Diff(string(got), want); diff != "" {
		t.Errorf("file (-got +want):\n%s", diff)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others may do %o with the file, want nothing", got&0o077)
	}
}

// Each event that had none gets a uuid of its own.
func TestRecordUUID(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events.ndjson")
	r, err := Record(name)
	if err != nil {
		t.Fatal(err)
	}
	bare := taken("", "y", `{"event":"a","timestamp":"y","properties":{}}`)
	if err := errors.Join(r.Add(noon, []sink.Event{bare, bare}), r.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, err := eventfile.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(e.UUID) != 36 || seen[e.UUID] {
			t.Errorf("got uuid %q and %v, want one that is new", e.UUID, err)
		}
		seen[e.UUID] = true
	}
	if len(seen) != 2 {
		t.Errorf("%d events, want 2", len(seen))
	}
}

func TestRecordIsBounded(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events.ndjson")
	r, err := Record(name)
	if err != nil {
		t.Fatal(err)
	}
	event := taken("x", "y", `{"event":"a"}`)
	r.limit = int64(2*len(event.Raw) + 2)
	if err := errors.Join(r.Add(noon, []sink.Event{event, event, event, event}), r.Add(noon, []sink.Event{event}), r.Close(), r.Add(noon, []sink.Event{event})); err != nil {
		t.Fatal(err)
	}
	if written, left := r.Counts(); written != 2 || left != 4 {
		t.Errorf("written %d and left out %d, want 2 and 4", written, left)
	}
}

// A disk that is full is told of once.
func TestRecordFails(t *testing.T) {
	r, err := Record(filepath.Join(t.TempDir(), "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.file.Close(); err != nil {
		t.Fatal(err)
	}
	events := []sink.Event{taken("x", "y", `{"event":"a"}`), taken("x", "y", `{"event":"a"}`)}
	if err := r.Add(noon, events); !errors.Is(err, os.ErrClosed) {
		t.Errorf("first: got %v, want %v", err, os.ErrClosed)
	}
	if err := r.Add(noon, events); err != nil {
		t.Errorf("second: got %v, want nothing", err)
	}
	if written, left := r.Counts(); written != 0 || left != 4 {
		t.Errorf("written %d and left out %d, want 0 and 4", written, left)
	}
}

func TestRecordToSomethingElse(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ content, want string }{
		{"package main\n", "the file is there and holds no events"},
		{"{}\n", "the file is there and holds no events"},
		{`[{"event":"a"}]`, "the file is there and holds no events"},
		{"\x1f\x8b", "the file is there and holds no events"},
		{`{"event":"a"}` + "\n" + `{"eve`, ""}, // a crash left half a line
		{"", ""},
	}
	for _, tt := range tests {
		name := filepath.Join(dir, "file")
		if err := os.WriteFile(name, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Record(name)
		if tt.want != "" {
			after, readErr := os.ReadFile(name)
			if err == nil || !strings.Contains(err.Error(), tt.want) || readErr != nil || string(after) != tt.content {
				t.Errorf("%q: got %v and %q afterwards, want %q and the same", tt.content, err, after, tt.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.content, err)
			continue
		}
		if err := errors.Join(r.Add(noon, []sink.Event{taken("x", "y", `{"event":"b"}`)}), r.Close()); err != nil {
			t.Error(err)
		}
		after, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if want := "\n" + `{"event":"b"}` + "\n"; !strings.HasSuffix("\n"+string(after), want) {
			t.Errorf("%q: got %q, want that it ends with a line of its own", tt.content, after)
		}
	}
	if _, err := Record(dir); err == nil {
		t.Error("a folder was taken for a file")
	}
}
