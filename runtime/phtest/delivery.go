package phtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/phgen/phgen/internal/sink"
)

// delivery is an http.RoundTripper that ends in memory. The sink behind it reads
// every body and refuses what PostHog would refuse.
type delivery struct {
	sink *sink.Sink

	mu      sync.Mutex
	refused string   // text of the last reply that was no success
	found   []string // what the sink says about events that it took
}

func newDelivery() *delivery {
	d := &delivery{}
	d.sink = sink.New(sink.Config{
		APIKey:    apiKey,
		MaxEvents: 1, // the recorder has them all already
		Judge:     d.judge,
	})
	return d
}

// judge collects what the sink noticed: a key written twice, say.
func (d *delivery) judge(e sink.Event) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, problem := range e.Problems {
		d.found = append(d.found, fmt.Sprintf("event %q: %s", e.Name, problem))
	}
	return nil
}

func (d *delivery) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.sink.RoundTrip(r)
	if err != nil || resp.StatusCode == http.StatusOK {
		return resp, err
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused = strings.TrimSpace(string(text))
	return resp, nil
}

// refusal is the text of the last reply that was no success, or "none".
func (d *delivery) refusal() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused == "" {
		return "none"
	}
	return d.refused
}

// problems are what the sink said about events that it took.
func (d *delivery) problems() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.found
}
