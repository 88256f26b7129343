package phai

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	ph "github.com/phgen/phgen/runtime"
)

// A network keeps what a client sends.
type network struct {
	mu     sync.Mutex
	bodies bytes.Buffer
	events []json.RawMessage
	paths  []string // of the events
}

func (w *network) RoundTrip(r *http.Request) (*http.Response, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	var body struct {
		Batch []json.RawMessage `json:"batch"`
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return nil, fmt.Errorf("request is no JSON: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bodies.Write(data)
	w.events = append(w.events, body.Batch...)
	for range body.Batch {
		w.paths = append(w.paths, r.URL.Path)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"status":1}`)), Request: r}, nil
}

// A rig is a client whose requests end in a network.
type rig struct {
	tb  testing.TB
	c   *ph.Client
	net *network
}

func newRig(tb testing.TB, change ...func(*ph.Config)) *rig {
	tb.Helper()
	r := &rig{tb: tb, net: new(network)}
	cfg := ph.Config{
		APIKey:      "phc_test",
		Transport:   r.net,
		Compression: ph.NoCompression,
		Logger:      slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := ph.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	r.c = c
	tb.Cleanup(func() { _ = c.Close(context.Background()) })
	return r
}

// ctx returns a scope of the rig's client with a user.
func (r *rig) ctx() context.Context {
	return ph.With(context.Background(), ph.UseClient(r.c), ph.User("ann"))
}

// anybody is ctx without a user.
func (r *rig) anybody() context.Context {
	return ph.With(context.Background(), ph.UseClient(r.c))
}

// An event is one that was sent.
type event struct {
	Event      string         `json:"event"`
	DistinctID string         `json:"distinct_id"`
	UUID       string         `json:"uuid"`
	Timestamp  string         `json:"timestamp"`
	Properties map[string]any `json:"properties"`
	text       string
	path       string
}

// sent returns the events sent since the last call.
func (r *rig) sent() []event {
	r.tb.Helper()
	if err := r.c.Flush(context.Background()); err != nil {
		r.tb.Fatal(err)
	}
	r.net.mu.Lock()
	defer r.net.mu.Unlock()
	var events []event
	for i, text := range r.net.events {
		e := event{text: string(text), path: r.net.paths[i]}
		if err := json.Unmarshal(text, &e); err != nil {
			r.tb.Fatal(err)
		}
		noDuplicates(r.tb, text)
		events = append(events, e)
	}
	r.net.events, r.net.paths = nil, nil
	return events
}

// one returns the only event sent since the last call.
func (r *rig) one() event {
	r.tb.Helper()
	got := r.sent()
	if len(got) != 1 {
		r.tb.Fatalf("%d events were sent, want 1: %v", len(got), got)
	}
	return got[0]
}

// bytes returns everything that was ever sent.
func (r *rig) bytes() string {
	r.tb.Helper()
	r.sent()
	r.net.mu.Lock()
	defer r.net.mu.Unlock()
	return r.net.bodies.String()
}

// noDuplicates fails the test if a property is there twice.
func noDuplicates(tb testing.TB, text []byte) {
	tb.Helper()
	var e struct {
		Properties json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(text, &e); err != nil {
		tb.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(e.Properties))
	seen := map[string]bool{}
	for _, _ = d.Token(); d.More(); {
		key, err := d.Token()
		var v json.RawMessage
		if err != nil || d.Decode(&v) != nil {
			tb.Fatalf("properties are no JSON: %s", text)
		}
		if seen[key.(string)] {
			tb.Errorf("%q is there twice: %s", key, text)
		}
		seen[key.(string)] = true
	}
}
