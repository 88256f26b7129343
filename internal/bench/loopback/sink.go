//go:build linux

package loopback

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
)

// A Tally is what a sink received.
type Tally struct {
	Requests, Bytes, Conns int64
	Events                 int64 // 0 unless the sink counts them
}

// Sub returns what came between before and t.
func (t Tally) Sub(before Tally) Tally {
	return Tally{t.Requests - before.Requests, t.Bytes - before.Bytes, t.Conns - before.Conns, t.Events - before.Events}
}

// ServeSink takes every request, answers it after delay, and answers GET with the
// [Tally]. It counts events if count is set, which costs it the decompression.
func ServeSink(delay time.Duration, count bool) error {
	s := &sink{delay: delay, count: count}
	return Serve(&http.Server{Handler: s, ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, posted{}, new(atomic.Bool))
	}})
}

// posted is the key of whether a connection has carried a POST: those that only ask
// for the tally do not count.
type posted struct{}

type sink struct {
	delay time.Duration
	count bool

	requests, bytes, conns, events atomic.Int64
}

// ServeHTTP answers one request.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		_ = json.NewEncoder(w).Encode(Tally{s.requests.Load(), s.bytes.Load(), s.conns.Load(), s.events.Load()})
		return
	}
	var body bytes.Buffer
	to := io.Discard
	if s.count {
		to = &body
	}
	n, err := io.Copy(to, r.Body)
	if err != nil {
		return // the sender has gone, and its request with it
	}
	if s.count {
		events, err := countEvents(body.Bytes(), r.Header.Get("Content-Encoding") == "gzip")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.events.Add(events)
	}
	if seen := r.Context().Value(posted{}).(*atomic.Bool); !seen.Swap(true) {
		s.conns.Add(1)
	}
	s.bytes.Add(n)
	s.requests.Add(1)
	time.Sleep(s.delay)
	answer := `{"status":1}`
	if strings.HasPrefix(r.URL.Path, "/i/v1/") {
		answer = `{"results":{}}` // nothing to say of any event: all are taken
	}
	_, _ = io.WriteString(w, answer)
}

// countEvents counts the events of a body by their UUIDs, not by decoding it: that
// would take the CPU from the client. No property of a benchmark is named so.
func countEvents(body []byte, zipped bool) (int64, error) {
	if zipped {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return 0, fmt.Errorf("reading gzip: %w", err)
		}
		if body, err = io.ReadAll(z); err != nil {
			return 0, fmt.Errorf("reading gzip: %w", err)
		}
	}
	return int64(bytes.Count(body, []byte(`"uuid":"`))), nil
}

// Received asks the sink at url what it got.
func Received(url string) (Tally, error) {
	var t Tally
	err := Fetch(url, &t)
	return t, err
}

// Fetch decodes what a server of this package answers to GET into v.
func Fetch(url string, v any) error {
	res, err := http.Get(url)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(v)
}
