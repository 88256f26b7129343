// Package migrate holds the code of the migration guides, as tests: what stands between
// "guide:" and "end" in a comment is a block of a guide.
package migrate

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A wire is the network of the examples: it takes everything and tells what came.
type wire struct {
	mu   sync.Mutex
	came []string
}

// RoundTrip is called by the clients.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"status": 1}`
	if strings.Contains(r.URL.Path, "flags") {
		body = `{"flags": {"beta-banner": {"key": "beta-banner", "enabled": true}}, "errorsWhileComputingFlags": false}`
	}
	if r.Body != nil {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		w.read(raw)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// read notes the events of a request.
func (w *wire) read(raw []byte) {
	if z, err := gzip.NewReader(bytes.NewReader(raw)); err == nil {
		if raw, err = io.ReadAll(z); err != nil {
			return
		}
	}
	var request struct {
		Batch []struct {
			Type, Event, Name string
			DistinctID        string `json:"distinct_id"`
			UserID            string `json:"userId"`
		}
	}
	if json.Unmarshal(raw, &request) != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range request.Batch {
		what := e.Event
		for _, other := range []string{e.Name, e.Type} {
			if what == "" {
				what = other
			}
		}
		w.came = append(w.came, what+" "+e.DistinctID+e.UserID)
	}
}

// print prints what came, sorted, but what libraries send by themselves.
func (w *wire) print() {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.came)
	for _, line := range w.came {
		if !strings.HasPrefix(line, "$feature_flag_called") {
			fmt.Println(line)
		}
	}
}
