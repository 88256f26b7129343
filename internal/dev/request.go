package dev

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/phgen/phgen/internal/sink"
)

const maxRequests = 1_000

// A requestLog keeps the last requests and counts all.
type requestLog struct {
	rows    []RequestRow // a ring once it is full
	count   uint64
	refused uint64
	replays uint64
	retries retryLog
}

func (l *requestLog) add(row RequestRow, x sink.Exchange) {
	if row.Attempt == 0 {
		row.Attempt = l.retries.attempt(x)
	}
	if len(l.rows) < maxRequests {
		l.rows = append(l.rows, row)
	} else {
		l.rows[l.count%maxRequests] = row
	}
	l.count++
	if refused(x.Status) {
		l.refused++
	}
	if x.Kind == "recording" && x.Status == http.StatusOK {
		l.replays++
	}
}

// refused reports whether a status is no success. That nothing is new is one.
func refused(status int) bool { return status/100 != 2 && status != http.StatusNotModified }

// newRequestRow is what is kept of a request.
func newRequestRow(x sink.Exchange) RequestRow {
	row := RequestRow{
		At: x.At.UTC(), Method: cut(x.Method, 20), Path: cut(x.Path, maxText), Kind: x.Kind, Status: x.Status,
		Millis: float64(x.Took.Microseconds()) / 1000, Bytes: len(x.Raw), Codec: cut(x.Codec, 20),
		Events: len(x.Events), Attempt: attempt(x), Fault: x.Fault,
		SDK: x.Header.Get("PostHog-Sdk-Info"), Refusal: cut(x.Refusal, maxText),
	}
	if row.SDK == "" && len(x.Events) > 0 {
		row.SDK = sdkOf(x.Events[0])
	}
	if row.SDK == "" {
		row.SDK = x.Header.Get("User-Agent")
	}
	row.SDK = cut(row.SDK, maxText)
	return row
}

// attempt is which attempt the sender says that it is: in a header, or, in a browser, as
// the retries before it in the query. 0: it does not say.
func attempt(x sink.Exchange) int {
	if n, err := strconv.ParseUint(x.Header.Get("PostHog-Attempt"), 10, 31); err == nil {
		return int(n)
	}
	query, _ := url.ParseQuery(x.Query) // what can be read of it
	if n, err := strconv.ParseUint(query.Get("retry_count"), 10, 30); err == nil {
		return int(n) + 1
	}
	return 0
}

// Requests returns the newest requests behind since, in their order: at most limit, and
// of the last 1,000. A limit of 0 is none.
func (s *Store) Requests(since uint64, limit int) []RequestRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.requests
	n := uint64(len(l.rows))
	if limit > 0 {
		n = min(n, uint64(limit))
	}
	n = min(n, l.count-min(since, l.count))
	rows := make([]RequestRow, 0, n)
	for seq := l.count - n; seq < l.count; seq++ {
		rows = append(rows, l.rows[seq%maxRequests])
	}
	return rows
}
