package runtime

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// A postHog keeps what comes to each of its addresses, and answers as it is told.
type postHog struct {
	mu     sync.Mutex
	took   map[string][]string // names of events by path
	coding map[string]string   // the last Content-Encoding
	query  map[string]string
	body   map[string]string         // the last body, if it was readable
	status map[string]int            // by path; 0: 200
	hang   map[string]chan struct{}  // by path: requests wait until it is closed, or their context ends
	result func(event string) string // of V1; nil: none
}

func newPostHog() *postHog {
	return &postHog{took: map[string][]string{}, coding: map[string]string{}, query: map[string]string{}, body: map[string]string{},
		status: map[string]int{}, hang: map[string]chan struct{}{}}
}

func (p *postHog) RoundTrip(r *http.Request) (*http.Response, error) {
	path := r.URL.Path
	p.mu.Lock()
	hang, status := p.hang[path], p.status[path]
	p.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.coding[path], p.query[path] = r.Header.Get("Content-Encoding"), r.URL.RawQuery
	if p.coding[path] == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if data, err = io.ReadAll(z); err != nil {
			return nil, err
		}
	}
	if status == 0 {
		status = http.StatusOK
	}
	answer := `{"results":{}}`
	if p.coding[path] == "" || p.coding[path] == "gzip" {
		p.body[path] = string(data)
		var body struct {
			Batch []struct {
				Event string
				UUID  string
			}
		}
		if err := json.Unmarshal(data, &body); err != nil {
			return nil, err
		}
		var results []string
		for _, e := range body.Batch {
			if status == http.StatusOK {
				p.took[path] = append(p.took[path], e.Event)
			}
			if p.result != nil {
				results = append(results, fmt.Sprintf("%q:%s", e.UUID, p.result(e.Event)))
			}
		}
		answer = `{"results":{` + strings.Join(results, ",") + `}}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// client returns a client of p that says nothing, and a scope of it.
func (p *postHog) client(t *testing.T, cfg Config) (*Client, context.Context) {
	t.Helper()
	cfg.APIKey, cfg.Transport = "phc_k", p
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, With(context.Background(), UseClient(c), User("u_1"))
}
