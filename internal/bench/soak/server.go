//go:build linux

package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/bench/loopback"
)

// slowAnswer is how long a slow server takes.
const slowAnswer = 400 * time.Millisecond

// arrivals is what the server tells of what it received.
type arrivals struct {
	Distinct  uint64            // events
	Copies    uint64            // of events that had arrived before
	Foreign   uint64            // events that are not of this run
	Malformed uint64            // requests that are no capture
	Requests  [len(names)]int64 // by mood
}

// moods says how many requests met which mood.
func (a arrivals) moods() string {
	var parts []string
	for m, name := range names {
		parts = append(parts, fmt.Sprintf("%s %d", name, a.Requests[m]))
	}
	return strings.Join(parts, ", ")
}

// A server takes captures as its mood is, and counts what it took.
type server struct {
	start time.Time
	turns []turn

	mu   sync.Mutex
	seen bitmap
	got  arrivals
}

// serve runs the server, which changes its mood for as long as length says and then
// stays healthy.
func serve(seed, length string) error {
	s, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	d, err := time.ParseDuration(length)
	if err != nil {
		return err
	}
	return loopback.Serve(&http.Server{Handler: &server{start: time.Now(), turns: schedule(s, d)}})
}

// ServeHTTP answers GET with the arrivals, and anything else as the mood is.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.mu.Lock()
		got := s.got
		s.mu.Unlock()
		_ = json.NewEncoder(w).Encode(got)
		return
	}
	events, err := decode(r)
	if err != nil {
		s.malformed(r)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m := moodAt(s.turns, time.Since(s.start))
	number := s.meet(m)
	switch m {
	case unavailable:
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	case throttling:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many requests", http.StatusTooManyRequests)
		return
	case hanging, resetting:
		if number%2 == 0 {
			s.keep(events)
		}
		abandon(w, r, m)
		return
	case slow:
		time.Sleep(slowAnswer)
	}
	s.keep(events)
	_, _ = w.Write([]byte(`{"status":1}`))
}

// malformed counts a request that can not be read, unless its sender went away.
func (s *server) malformed(r *http.Request) {
	if r.Context().Err() != nil {
		return
	}
	s.mu.Lock()
	s.got.Malformed++
	s.mu.Unlock()
}

// meet counts a request and returns its number among those of its mood.
func (s *server) meet(m mood) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.Requests[m]++
	return s.got.Requests[m]
}

// abandon ends a request without an answer.
func abandon(w http.ResponseWriter, r *http.Request, m mood) {
	if m == hanging {
		<-r.Context().Done()
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the sender has gone, which is a reset too
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // Close then sends an RST instead of an orderly end
	}
	_ = conn.Close() // which is the reset
}

// keep counts events that arrived.
func (s *server) keep(events []event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		n, ok := eventNumber(e.UUID)
		switch {
		case !ok || n != e.Properties.N:
			s.got.Foreign++
		case s.seen.set(n):
			s.got.Distinct++
		default:
			s.got.Copies++
		}
	}
}

// decode returns the events of a capture.
func decode(r *http.Request) ([]event, error) {
	body := r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("reading gzip: %w", err)
		}
		body = z
	}
	var request struct{ Batch []event }
	if err := json.NewDecoder(body).Decode(&request); err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	return request.Batch, nil
}
