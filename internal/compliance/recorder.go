package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxExchanges is how many requests a session remembers; the oldest go first.
const maxExchanges = 10_000

// An exchange is one request that a client made, as /state shows it.
type exchange struct {
	TimestampMS  int64    `json:"timestamp_ms"`
	StatusCode   int      `json:"status_code"` // 0 if there was no answer
	RetryAttempt int      `json:"retry_attempt"`
	EventCount   int      `json:"event_count"`
	UUIDList     []string `json:"uuid_list"`

	batch [sha256.Size]byte // of its UUIDs
}

// A recorder is a client's [http.RoundTripper]: it marks requests with the test they
// belong to and remembers those that carry events.
type recorder struct {
	transport *http.Transport
	testID    string

	mu        sync.Mutex
	exchanges []exchange // in the order of their answers
	retries   int
	lastError *string
}

// RoundTrip sends r as the runtime made it, with one header more.
func (rec *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	marked := r.Clone(r.Context())
	if rec.testID != "" {
		marked.Header.Set("X-Test-Id", rec.testID)
	}
	if r.Body == nil {
		return rec.transport.RoundTrip(marked)
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close() // which was only read
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	marked.Body = io.NopCloser(bytes.NewReader(body))
	e, ok := readExchange(r.Header, body)
	if !ok {
		return rec.transport.RoundTrip(marked)
	}
	e.TimestampMS = time.Now().UnixMilli()
	resp, err := rec.transport.RoundTrip(marked)
	if err != nil {
		rec.failed(err)
	} else {
		e.StatusCode = resp.StatusCode
	}
	rec.add(e, r.Header.Get("PostHog-Attempt"))
	return resp, err
}

// readExchange reads the UUIDs in a request's body. A request without a batch, such as
// one for flags, is none of those that /state shows.
func readExchange(h http.Header, body []byte) (exchange, bool) {
	if h.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return exchange{}, false
		}
		if body, err = io.ReadAll(z); err != nil {
			return exchange{}, false
		}
	}
	var envelope struct {
		Batch []struct {
			UUID string `json:"uuid"`
		} `json:"batch"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.Batch == nil {
		return exchange{}, false
	}
	e := exchange{EventCount: len(envelope.Batch), UUIDList: make([]string, 0, len(envelope.Batch))}
	for _, event := range envelope.Batch {
		e.UUIDList = append(e.UUIDList, event.UUID)
	}
	e.batch = sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(e.UUIDList)), " ")))
	return e, true
}

// add remembers e. The newer protocol says in a header which attempt it was; on the
// other one it is a retry if the same events were sent before.
func (rec *recorder) add(e exchange, attempt string) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if n, err := strconv.Atoi(attempt); err == nil {
		e.RetryAttempt = n - 1
	} else {
		for _, before := range slices.Backward(rec.exchanges) {
			if before.batch == e.batch {
				e.RetryAttempt = before.RetryAttempt + 1
				break
			}
		}
	}
	if e.RetryAttempt > 0 {
		rec.retries++
	}
	if len(rec.exchanges) == maxExchanges {
		rec.exchanges = slices.Delete(rec.exchanges, 0, 1)
	}
	rec.exchanges = append(rec.exchanges, e)
}

// failed makes err the last error.
func (rec *recorder) failed(err error) {
	text := err.Error()
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.lastError = &text
}

// seen returns what was recorded; lastError is nil if nothing failed.
func (rec *recorder) seen() (made []exchange, retries int, lastError *string) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return append([]exchange{}, rec.exchanges...), rec.retries, rec.lastError
}
