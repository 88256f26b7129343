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

var noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"":                                 0,
		"0":                                0,
		"1":                                time.Second,
		" 20 ":                             20 * time.Second,
		"1.5":                              1500 * time.Millisecond,
		"300":                              5 * time.Minute,
		"3600":                             5 * time.Minute,
		"999999999":                        5 * time.Minute,
		"99999999999":                      0, // no wish but a mistake
		"99999999999999999999999999":       0,
		"-1":                               0,
		"+5":                               0,
		"NaN":                              0,
		"Inf":                              0,
		"1e3":                              0,
		"0x10":                             0,
		"1.2.3":                            0,
		".":                                0,
		"soon":                             0,
		"Sat, 01 Aug 2026 12:00:30 GMT":    30 * time.Second,
		"Sat, 01 Aug 2026 11:59:30 GMT":    0,
		"Sat, 01 Aug 2036 12:00:00 GMT":    5 * time.Minute,
		"Saturday, 01-Aug-26 12:00:30 GMT": 30 * time.Second, // the obsolete forms
		"Sat Aug  1 12:00:30 2026":         30 * time.Second,
	} {
		if got := retryAfter(text, noon); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"1", "1.5", "-1", "1e309", "NaN", "Sat, 01 Aug 2026 12:00:30 GMT", "999999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if d := retryAfter(text, noon); d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %v is out of bounds", text, d)
		}
	})
}
