package sink

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// listen serves the sink on a listener of its own.
func listen(t *testing.T, s *Sink) (string, *http.Client) {
	t.Helper()
	l, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: s}}
	srv.Start()
	transport := &http.Transport{}
	t.Cleanup(func() { s.Close(); transport.CloseIdleConnections(); srv.Close() })
	return srv.URL + "/batch/", &http.Client{Transport: transport}
}

// An outage of connections hits the idle ones and the new ones, and ends.
func TestBreak(t *testing.T) {
	late := func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
	gone := func(err error) bool { return err != nil && !late(err) } // net/http has many words for it
	for name, tt := range map[string]struct {
		ending Ending
		is     func(error) bool
	}{
		"closed": {Closed, gone},
		"reset":  {Reset, gone},
		"hung":   {Hung, late},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Config{})
			url, client := listen(t, s)
			if got := exchange(client, url, bodyOf(good)); got.status != 200 {
				t.Fatalf("before: got %v", got)
			}
			s.Break(tt.ending)
			if tt.ending == Hung {
				client.Timeout = 50 * time.Millisecond
			}
			for i := range 3 { // the first one on the connection that was idle
				if got := exchange(client, url, bodyOf(good)); !tt.is(got.err) {
					t.Errorf("request %d: got %v", i, got)
				}
			}
			if got := len(s.Requests()); got != 1 {
				t.Errorf("%d requests arrived, want only the first", got)
			}
			s.Up()
			client.Timeout = 0
			client.CloseIdleConnections()
			if got := exchange(client, url, bodyOf(good)); got.status != 200 {
				t.Errorf("after: got %v", got)
			}
		})
	}
}

// A hung connection takes no more than its buffers hold: a large upload ends at the
// client's deadline, too.
func TestBreakHungStopsUploads(t *testing.T) {
	s := New(Config{})
	url, client := listen(t, s)
	s.Break(Hung)
	client.Timeout = 50 * time.Millisecond
	if got := exchange(client, url, strings.Repeat(" ", 16<<20)); !errors.Is(got.err, context.DeadlineExceeded) {
		t.Errorf("got %.100v, want %v", got, context.DeadlineExceeded)
	}
}

func TestBreakInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		client := &http.Client{Transport: s, Timeout: time.Hour}
		for _, tt := range []struct {
			ending Ending
			want   error
			after  time.Duration
		}{
			{Reset, syscall.ECONNREFUSED, 0},
			{Closed, syscall.ECONNREFUSED, 0},
			{Hung, context.DeadlineExceeded, time.Hour},
			{Whole, nil, 0},
		} {
			s.Break(tt.ending)
			start := time.Now()
			if got := exchange(client, "http://sink/batch/", bodyOf(good)); !errors.Is(got.err, tt.want) {
				t.Errorf("ending %d: got %v, want %v", tt.ending, got, tt.want)
			}
			if got := time.Since(start); got != tt.after {
				t.Errorf("ending %d: took %v, want %v", tt.ending, got, tt.after)
			}
		}
		if got := len(s.Requests()); got != 1 {
			t.Errorf("%d requests arrived, want 1", got)
		}
	})
}

func BenchmarkRoundTrip(b *testing.B) {
	events := make([]string, 100)
	for i := range events {
		events[i] = `{"event":"a","distinct_id":"u","uuid":"` + uuidOf(i) + `","timestamp":"2026-01-02T03:04:05Z","properties":{` +
			`"a":1,"b":"two","c":true,"d":4.5,"e":"` + strings.Repeat("x", 300) + `","$lib":"phgen-go","$lib_version":"0.1.0"}}`
	}
	body := bodyOf(events...)
	for name, prepare := range map[string]func(*Sink){"healthy": func(*Sink) {}, "down": func(s *Sink) { s.Down(503) }} {
		b.Run(name, func(b *testing.B) {
			s := New(Config{})
			prepare(s)
			b.ReportAllocs()
			for b.Loop() {
				r, err := http.NewRequest(http.MethodPost, "http://sink/batch/", strings.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				resp, err := s.RoundTrip(r)
				if err != nil {
					b.Fatal(err)
				}
				resp.Body.Close()
			}
		})
	}
}
