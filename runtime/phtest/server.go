package phtest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/sink"
)

// A Server is PostHog's capture endpoints: /batch/, /i/v1/analytics/events with a
// verdict on each event, and /i/v0/ai/batch/. It takes and refuses what PostHog
// would, compression included, and keeps the last 10,000 events. It is those of
// feature flags, too: /flags/, /flags/definitions and remote config, which answer with
// what SetFlag, SetDefinitions and SetRemoteConfig say, and that of surveys,
// /api/surveys/, which answers with what SetSurveys says. All of it fails when told to:
// for one request with [Server.Reply], or until further notice with Down, Refuse,
// Unplug, Limit, Poison, APIKey and Secret. It is safe for concurrent use.
type Server struct {
	// URL is what ph.Config.Host takes.
	URL string

	t      testing.TB
	sink   *sink.Sink
	people *people
}

// NewServer returns a server on loopback that is closed when t ends. Close clients
// that use it before, or at least stop capturing: events that come later find
// nobody.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s, people := newSink(t)
	l, err := s.Listen()
	if err != nil {
		t.Fatalf("phtest: opening a port: %v", err)
	}
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: s}}
	srv.Start()
	t.Cleanup(func() {
		s.Close() // frees the requests that a fault holds, for which Close would wait
		srv.Close()
	})
	return &Server{URL: srv.URL, t: t, sink: s, people: people}
}

// NewMemoryServer returns a server without a socket, for tests within a
// testing/synctest bubble: hours of outage pass in no time. Give the server itself
// to ph.Config.Transport and its URL to ph.Config.Host.
func NewMemoryServer(t testing.TB) *Server {
	s, people := newSink(t)
	t.Cleanup(s.Close)
	return &Server{URL: "http://phtest.localhost", t: t, sink: s, people: people}
}

// newSink returns a sink, and the people that it hears of.
func newSink(t testing.TB) (*sink.Sink, *people) {
	cover, people := covered(t), &people{}
	return sink.New(sink.Config{Judge: func(e sink.Event) []string {
		people.learn(e)
		if cover == nil {
			return nil
		}
		return cover(e)
	}}), people
}

// RoundTrip answers a request in memory, which makes the server an
// [http.RoundTripper]. Faults that are about time wait on the clock and the
// request's context; broken connections are errors. A gzip reply is not inflated.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.sink.RoundTrip(r) }

// Reply programs the reply to the next request, behind those programmed before.
// Status 0 is the one that the request deserves; with a status that is no success
// the events are not kept. When the program is used up the server is healthy. A
// status outside 200 to 599 fails the test at once.
func (s *Server) Reply(status int, opts ...ReplyOption) {
	s.t.Helper()
	if status != 0 {
		s.checkStatus(status)
	}
	r := reply{fault: sink.Fault{Status: status}, times: 1}
	for _, opt := range opts {
		opt(&r)
	}
	r.fault.Verdict = r.verdict()
	for range r.times {
		s.sink.Inject(r.fault)
	}
}

// Down answers every request with status from now until [Server.Up]: 503 for an
// outage, 401 for a key that was revoked. Programmed replies wait meanwhile. A
// status outside 200 to 599 fails the test at once.
func (s *Server) Down(status int) {
	s.t.Helper()
	s.checkStatus(status)
	s.sink.Down(status)
}

// Refuse resets every connection, idle ones too, before anything of a request is
// read, from now until [Server.Up]. In memory, requests fail with a refused
// connection.
func (s *Server) Refuse() { s.sink.Break(sink.Reset) }

// Unplug makes every connection fall silent from now until [Server.Up], as if the
// cable had been pulled: it stays open, but nothing is read or answered.
// Connections that fell silent never recover; clients must open others.
func (s *Server) Unplug() { s.sink.Break(sink.Hung) }

// Up ends what Down, Refuse and Unplug began. It does nothing if the server is up.
func (s *Server) Up() { s.sink.Up() }

// Limit answers 413 to every batch of more events, or of more bytes when
// decompressed, from now on. 0 is no limit but PostHog's own.
func (s *Server) Limit(events int, bytes int64) { s.sink.Limit(events, bytes) }

// Poison answers 400 to every batch that holds one of the named events, from now
// on and instead of those of the last call. No name ends it.
func (s *Server) Poison(events ...string) { s.sink.Poison(events...) }

// APIKey answers 401 to every request without that project key from now on. With
// an empty key, as in the beginning, any will do.
func (s *Server) APIKey(key string) { s.sink.APIKey(key) }

// Events returns the events that were kept, in the order of arrival. An event
// that was delivered twice is there twice, with one UUID. Events of the v1
// protocol have the properties that they would have had on the others: $session_id,
// $window_id, $lib, $lib_version and the options are put back under their names.
func (s *Server) Events() []Record {
	s.t.Helper()
	kept := s.sink.Events()
	records := make([]Record, 0, len(kept))
	for _, e := range kept {
		r, err := decodeRecord(e.Raw)
		if err == nil {
			err = r.putBack(e)
		}
		if err != nil {
			s.t.Errorf("phtest: event %q: %v", e.Name, err)
			continue
		}
		records = append(records, r)
	}
	return records
}

// Requests returns the number of requests with events that came, refused ones
// included.
func (s *Server) Requests() int { return int(s.sink.Counters().Requests) }

// Wait returns when n events were kept in all, duplicates counted. Its error says
// that ctx ended, and how many had come.
func (s *Server) Wait(ctx context.Context, n int) error { return s.sink.Wait(ctx, n) }

func (s *Server) checkStatus(status int) {
	s.t.Helper()
	if status < 200 || status > 599 {
		s.t.Fatalf("phtest: status %d: no reply has it; use 200 to 599", status)
	}
}

// optionProperties are the properties that became options of v1 under another name
// than their own without the dollar.
var optionProperties = map[string]string{"disable_skew_correction": "$ignore_sent_at"}

// putBack adds the properties that v1 sends elsewhere.
func (r Record) putBack(e sink.Event) error {
	lib, version := "", ""
	if i := strings.LastIndexByte(e.SDK, '/'); i >= 0 {
		lib, version = e.SDK[:i], e.SDK[i+1:]
	}
	lifted := map[string]any{}
	for name, text := range map[string]string{"$session_id": e.SessionID, "$window_id": e.WindowID, "$lib": lib, "$lib_version": version} {
		if text != "" {
			lifted[name] = text
		}
	}
	for name, v := range e.Options {
		property, ok := optionProperties[name]
		if !ok {
			property = "$" + name
		}
		lifted[property] = v
	}
	if len(lifted) > 0 && r.properties == nil {
		r.properties = map[string]json.RawMessage{}
	}
	for name, v := range lifted {
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		r.properties[name] = text
	}
	return nil
}
