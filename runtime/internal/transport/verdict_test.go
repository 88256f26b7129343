package transport

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/phgen/phgen/runtime/internal/queue"
)

// Every success counts on V0, whatever its number.
func TestSuccess(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204, 299} {
		if v := send(t, answering(V0, status, nil, http.NoBody), "{}"); v.Outcome != queue.Delivered || v.Err != nil {
			t.Errorf("%d: verdict %+v, want delivered", status, v)
		}
	}
}

func TestVerdict(t *testing.T) {
	want := map[int]queue.Outcome{
		301: queue.Retry, 302: queue.Retry, 304: queue.Retry, 307: queue.Retry,
		400: queue.Isolate, 406: queue.Isolate, 418: queue.Isolate, 422: queue.Isolate,
		401: queue.Hold, 402: queue.Hold, 403: queue.Hold, 404: queue.Retry, 405: queue.Retry, 410: queue.Retry, 415: queue.Retry,
		408: queue.Retry, 429: queue.Retry, 500: queue.Retry, 501: queue.Retry, 502: queue.Retry, 503: queue.Retry, 504: queue.Retry, 520: queue.Retry, 529: queue.Retry, 599: queue.Retry,
		413: queue.Split,
	}
	for status, outcome := range want {
		v := verdict(&StatusError{Status: status}, http.Header{"Retry-After": {"7"}}, time.Now())
		if v.Outcome != outcome {
			t.Errorf("%d: outcome %d, want %d", status, v.Outcome, outcome)
		}
		var err *StatusError
		if !errors.As(v.Err, &err) || err.Status != status {
			t.Errorf("%d: error %v", status, v.Err)
		}
		after := time.Duration(0)
		if outcome == queue.Retry || outcome == queue.Hold {
			after = 7 * time.Second
		}
		pace := time.Duration(0)
		switch status {
		case 404, 405, 410, 415: // an address that is not there is not asked for every second
			pace = time.Minute
		}
		if v.After != after || v.Pace != pace {
			t.Errorf("%d: after %v, pace %v, want %v, %v", status, v.After, v.Pace, after, pace)
		}
	}
}

// However long a pause the endpoint asks for, five minutes of it count.
func TestRetryAfterIsClamped(t *testing.T) {
	noon := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                              0,
		"299":                           299 * time.Second,
		"300":                           5 * time.Minute,
		"3600":                          5 * time.Minute,
		"999999999":                     5 * time.Minute,
		"Sat, 01 Aug 2026 12:00:30 GMT": 30 * time.Second,
		"Fri, 01 Aug 2036 12:00:00 GMT": 5 * time.Minute,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, noon); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
