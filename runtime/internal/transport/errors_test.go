package transport

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/phgen/phgen/runtime/internal/queue"
)

func TestStatusError(t *testing.T) {
	for want, e := range map[string]*StatusError{
		"endpoint answered 400 Bad Request":                      {Status: 400},
		"endpoint answered 520":                                  {Status: 520},
		"endpoint answered 400 Bad Request: code":                {Status: 400, Code: "code"},
		"endpoint answered 400 Bad Request: code: what is amiss": {Status: 400, Code: "code", Description: "what is amiss"},
		"endpoint answered 415 Unsupported Media Type: amiss":    {Status: 415, Description: "amiss"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Whatever goes wrong, the key does not appear in what is said about it.
func TestErrorsKeepTheKey(t *testing.T) {
	const key = `phc_canary+"1"/x`
	spellings := []string{key, fmt.Sprintf("%q", key), "phc_canary%2B%221%22%2Fx", "phc_canary+%221%22%2Fx"}
	for _, p := range []Protocol{V0, V1, AI} {
		for _, spelling := range spellings {
			for name, rt := range map[string]roundTripper{
				"error": func(*http.Request) (*http.Response, error) { return nil, errors.New("dumped " + spelling) },
				"panic": func(*http.Request) (*http.Response, error) { panic("dumped " + spelling) },
				"wrapped": func(*http.Request) (*http.Response, error) {
					return nil, fmt.Errorf("x: %w", errors.New("dumped "+spelling))
				},
				"broken body": func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 200, Body: io.NopCloser(broken{"dumped " + spelling})}, nil
				},
				"refusal": func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 400, Body: io.NopCloser(strings.NewReader(fmt.Sprintf(`{"error":%q}`, spelling)))}, nil
				},
				"garbled": func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 200, Header: http.Header{"Content-Encoding": {spelling}}, Body: io.NopCloser(strings.NewReader("<"))}, nil
				},
			} {
				v := send(t, New(Config{Protocol: p, Host: "http://ph.test", APIKey: key, Timeout: time.Minute, RoundTripper: rt}), "{}")
				if v.Err == nil || strings.Contains(v.Err.Error(), "canary") {
					t.Errorf("protocol %d, %s: error %v tells the key", p, name, v.Err)
				}
			}
		}
	}
}

// An Attempt tells a log all that there is to say.
func TestAttempt(t *testing.T) {
	for name, c := range map[string]struct {
		answer  func(*http.Request) (*http.Response, error)
		status  int
		outcome queue.Outcome
	}{
		"delivered": {func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(fmt.Sprintf(
				`{"results":{"%v":{"result":"warning","details":"person_processing_disabled"}}}`, id(0))))}, nil
		}, 200, queue.Delivered},
		"refused": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 503, Body: http.NoBody}, nil
		}, 503, queue.Retry},
		"no answer": {func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }, 0, queue.Retry},
		"broken": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(broken{"x"})}, nil
		}, 200, queue.Retry},
	} {
		t.Run(name, func(t *testing.T) {
			var got []Attempt
			tr := New(Config{Protocol: V1, Host: "http://ph.test", Timeout: time.Minute, Compression: Zstd,
				RoundTripper: roundTripper(c.answer), Attempt: func(a Attempt) { got = append(got, a) }})
			var number uint64
			with(t, []string{strings.Repeat("x", 10_000), "{}"}, func(r *queue.Request) {
				number = r.Number
				tr.Send(t.Context(), r)
			})
			if len(got) != 1 {
				t.Fatalf("%d attempts, want 1", len(got))
			}
			a := got[0]
			if a.Number != number || a.Attempts != 1 || a.Events != 2 || a.Bytes != 10_004 || a.Status != c.status || a.Verdict.Outcome != c.outcome || a.Took <= 0 {
				t.Errorf("attempt %+v", a)
			}
			if a.Sent < 10 || a.Sent > 200 {
				t.Errorf("%d bytes sent of 10 KB that repeat", a.Sent)
			}
			if (a.Warnings["person_processing_disabled"] == 1) != (name == "delivered") {
				t.Errorf("warnings %v", a.Warnings)
			}
		})
	}
}
