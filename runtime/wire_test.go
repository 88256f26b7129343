package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// A wire keeps the events of a client's requests.
type wire struct {
	block  chan struct{} // if not nil, requests wait until it is closed
	mu     sync.Mutex
	events []json.RawMessage
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.block != nil {
		<-w.block
	}
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
	w.events = append(w.events, body.Batch...)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"results":{}}`)), Request: r}, nil
}

// A rig is a client whose requests end in a wire.
type rig struct {
	tb         testing.TB
	c          *Client
	wire       *wire
	mu         sync.Mutex
	violations []Violation
}

func newRig(tb testing.TB, change ...func(*Config)) *rig {
	tb.Helper()
	r := &rig{tb: tb, wire: new(wire)}
	cfg := Config{
		APIKey:      "phc_test",
		Transport:   r.wire,
		Compression: NoCompression,
		PIIKey:      []byte("0123456789abcdef"),
		Logger:      slog.New(slog.DiscardHandler),
		OnViolation: func(v Violation) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.violations = append(r.violations, v)
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	if c.main != nil {
		c.main.tail, c.main.tailGeo = []byte(`"$lib":"test"`), []byte(`"$lib":"test","geo":true`)
		if cfg.Protocol == V1 {
			c.main.tail = []byte(`"$is_server":true`)
		}
	}
	r.c = c
	tb.Cleanup(func() { _ = c.Close(context.Background()) })
	return r
}

// ctx returns a scope of the rig's client whose user is u_1, if opts name no other.
func (r *rig) ctx(opts ...ScopeOption) context.Context {
	return With(context.Background(), append([]ScopeOption{UseClient(r.c), User("u_1")}, opts...)...)
}

// anybody returns a scope of the rig's client without a user.
func (r *rig) anybody(opts ...ScopeOption) context.Context {
	return With(context.Background(), append([]ScopeOption{UseClient(r.c)}, opts...)...)
}

// sent returns the events sent since the last call, as they were on the wire.
func (r *rig) sent() []string {
	r.tb.Helper()
	if err := r.c.Flush(context.Background()); err != nil {
		r.tb.Fatal(err)
	}
	r.wire.mu.Lock()
	defer r.wire.mu.Unlock()
	var texts []string
	for _, e := range r.wire.events {
		noDuplicates(r.tb, e)
		texts = append(texts, string(e))
	}
	r.wire.events = nil
	return texts
}

// one returns the only event sent since the last call.
func (r *rig) one() string {
	r.tb.Helper()
	got := r.sent()
	if len(got) != 1 {
		r.tb.Fatalf("%d events were sent, want 1: %s", len(got), got)
	}
	return got[0]
}

var (
	uuidText  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	stampText = regexp.MustCompile(`"timestamp":"[^"]*"`)
	headText  = regexp.MustCompile(`^\{"event":"[^"]*","distinct_id":"[^"]*","uuid":"[^"]*","timestamp":"[^"]*","properties":\{`)
)

// props returns what the only event sent since the last call has for properties, but
// for the library's.
func (r *rig) props() string {
	r.tb.Helper()
	e := r.one()
	head := headText.FindString(e)
	if head == "" {
		r.tb.Fatalf("event begins otherwise than expected: %s", e)
	}
	e = strings.TrimSuffix(strings.TrimPrefix(e, head), `"$lib":"test"}}`)
	return strings.TrimSuffix(e, ",")
}

// broken returns the violations reported since the last call as "property rule".
func (r *rig) broken() []string {
	r.c.observe.drain(context.Background())
	r.mu.Lock()
	defer r.mu.Unlock()
	var texts []string
	for _, v := range r.violations {
		texts = append(texts, v.Property+" "+v.Rule)
	}
	r.violations = nil
	return texts
}

// noDuplicates fails if an object in data has a key twice.
func noDuplicates(tb testing.TB, data []byte) {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := readDistinct(d); err != nil {
		tb.Errorf("%v in %s", err, data)
	}
}

// readDistinct reads one value and refuses a key that an object has twice.
func readDistinct(d *json.Decoder) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	seen := make(map[string]bool)
	for d.More() {
		if delim == '{' {
			k, err := d.Token()
			if err != nil {
				return err
			}
			if seen[k.(string)] {
				return fmt.Errorf("key %q twice", k)
			}
			seen[k.(string)] = true
		}
		if err := readDistinct(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// sortedJSON returns text with the keys of every object sorted and every number as it
// is.
func sortedJSON(tb testing.TB, text string) string {
	tb.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		tb.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

// fill lets the rig's queue be full until the test ends: n events fit.
func (r *rig) fill(n int) {
	r.wire.block = make(chan struct{})
	r.tb.Cleanup(func() { close(r.wire.block) })
	for range n {
		capture(r.ctx())
	}
}
