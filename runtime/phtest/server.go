package phtest

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/phgen/phgen/internal/sink"
)

// A Server is PostHog's capture endpoint on loopback. It takes and refuses what
// PostHog would, gzip included, and keeps the last 10,000 events. It is safe for
// concurrent use.
type Server struct {
	// URL is what ph.Config.Host takes.
	URL string

	t    testing.TB
	sink *sink.Sink
}

// NewServer returns a server that is closed when t ends. Close clients that use it
// before, or at least stop capturing: events that come later find nobody.
func NewServer(t testing.TB) *Server {
	s := sink.New(sink.Config{})
	srv := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close() // frees the requests that a fault holds, for which Close would wait
		srv.Close()
	})
	return &Server{URL: srv.URL, t: t, sink: s}
}

// A ReplyOption says more about the replies that [Server.Reply] programs.
type ReplyOption func(*reply)

type reply struct {
	fault sink.Fault
	times int
}

// Times makes the next n requests meet the reply instead of one.
func Times(n int) ReplyOption { return func(r *reply) { r.times = n } }

// Delay lets d pass before the reply.
func Delay(d time.Duration) ReplyOption { return func(r *reply) { r.fault.Delay = d } }

// RetryAfter sends v as the header Retry-After: seconds or a date.
func RetryAfter(v string) ReplyOption { return func(r *reply) { r.fault.RetryAfter = v } }

// Reset breaks the connection once n bytes of the request's body have arrived,
// or all of them, and sends no reply.
func Reset(n int64) ReplyOption {
	return func(r *reply) { r.fault.Reset, r.fault.ResetAfter = true, n }
}

// Reply programs the reply to the next request, behind those programmed before.
// Status 0 is the one that the request deserves; with a status that is no success
// the events are not kept. When the program is used up the server is healthy.
func (s *Server) Reply(status int, opts ...ReplyOption) {
	r := reply{fault: sink.Fault{Status: status}, times: 1}
	for _, opt := range opts {
		opt(&r)
	}
	for range r.times {
		s.sink.Inject(r.fault)
	}
}

// Events returns the events that were kept, in the order of arrival. An event
// that was delivered twice is there twice, with one UUID.
func (s *Server) Events() []Record {
	s.t.Helper()
	kept := s.sink.Events()
	records := make([]Record, 0, len(kept))
	for _, e := range kept {
		r, err := decodeRecord(e.Raw)
		if err != nil {
			s.t.Errorf("phtest: event %q: %v", e.Name, err)
			continue
		}
		records = append(records, r)
	}
	return records
}

// Requests returns the number of requests that came, refused ones included.
func (s *Server) Requests() int { return int(s.sink.Counters().Requests) }

// Wait returns when n events were kept in all, duplicates counted. Its error says
// that ctx ended, and how many had come.
func (s *Server) Wait(ctx context.Context, n int) error { return s.sink.Wait(ctx, n) }
