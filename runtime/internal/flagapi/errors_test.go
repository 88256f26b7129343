package flagapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStatusErrors(t *testing.T) {
	for _, c := range []struct {
		status int
		header string // Retry-After
		body   string
		want   StatusError
		text   string
	}{
		{401, "", `{"type":"authentication_error","code":"invalid_api_key","detail":"Invalid key.","attr":null}`,
			StatusError{Status: 401, Code: "invalid_api_key", Detail: "Invalid key."}, "endpoint answered 401 Unauthorized: invalid_api_key: Invalid key."},
		{402, "", `{"type":"quota_limited","detail":"over"}`, StatusError{Status: 402, Code: "quota_limited", Detail: "over"}, "endpoint answered 402 Payment Required: quota_limited: over"},
		{429, "3.5", `{"code":5,"detail":["x"]}`, StatusError{Status: 429, RetryAfter: 3500 * time.Millisecond}, "endpoint answered 429 Too Many Requests"},
		{503, "7200", `<html>`, StatusError{Status: 503, RetryAfter: 2 * time.Hour}, "endpoint answered 503 Service Unavailable"},
		{503, "1e99", "", StatusError{Status: 503}, "endpoint answered 503 Service Unavailable"},
		{503, "-1", "[]", StatusError{Status: 503}, "endpoint answered 503 Service Unavailable"},
		{503, "99999999999", "null", StatusError{Status: 503}, "endpoint answered 503 Service Unavailable"},
		{520, "soon", `"text"`, StatusError{Status: 520}, "endpoint answered 520"},
		{400, "", `{"detail":"a\n\u001b[31mb` + strings.Repeat("é", 200) + `"}`, StatusError{Status: 400, Detail: "a  [31mb" + strings.Repeat("é", 94) + "…"},
			"endpoint answered 400 Bad Request: a  [31mb" + strings.Repeat("é", 94) + "…"},
		{302, "", "", StatusError{Status: 302}, "endpoint answered 302 Found"},
		{304, "", "", StatusError{Status: 304}, "endpoint answered 304 Not Modified"}, // to a request without an ETag
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.header)
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		for name, call := range calls {
			err := call(t.Context(), client)
			var got *StatusError
			if !errors.As(err, &got) {
				t.Errorf("%s, %d: got %v, want a StatusError", name, c.status, err)
				continue
			}
			if diff := cmp.Diff(*got, c.want); diff != "" {
				t.Errorf("%s, %d (-got +want):\n%s", name, c.status, diff)
			}
			if got.Error() != c.text {
				t.Errorf("%s: got %q, want %q", name, got, c.text)
			}
		}
	}
}

func TestCode(t *testing.T) {
	ended := func(cause error) context.Context {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		return ctx
	}
	late, cancel := context.WithTimeoutCause(t.Context(), 0, errors.New("no answer within 3s"))
	defer cancel()
	c := New(Config{})
	for name, row := range map[string]struct {
		err  error
		want string
	}{
		"nil":                {nil, ""},
		"status":             {fmt.Errorf("x: %w", &StatusError{Status: 503}), "api_error_503"},
		"deadline":           {c.broken(late, errors.New("read")), "timeout"},
		"bare deadline":      {context.DeadlineExceeded, "timeout"},
		"cancelled, and why": {c.broken(ended(errors.New("shutting down")), errors.New("read")), "unknown_error"},
		"cancelled":          {c.broken(ended(nil), errors.New("read")), "unknown_error"},
		"refused":            {c.broken(t.Context(), &net.OpError{Op: "dial", Err: errors.New("connection refused")}), "connection_error"},
		"timeout of a dial":  {c.broken(t.Context(), &net.DNSError{IsTimeout: true}), "timeout"},
		"timeout, and a key": {New(Config{Token: "phc_k"}).broken(t.Context(),
			&url.Error{Op: "Get", URL: "http://x/?token=phc_k", Err: context.DeadlineExceeded}), "timeout"},
		"garbage":   {errNoFlags, "unknown_error"},
		"no secret": {ErrNoSecret, "unknown_error"},
	} {
		if got := Code(row.err); got != row.want {
			t.Errorf("%s: got %q, want %q", name, got, row.want)
		}
	}
}

type broken struct{ text string }

func (b broken) Read([]byte) (int, error) { return 0, errors.New(b.text) }

// Whatever goes wrong, no key appears in what is said about it.
func TestErrorsKeepTheKeys(t *testing.T) {
	for _, key := range []string{`phc_canary+"1"/x`, `phx_canary+"2"/y`} {
		for _, spelling := range []string{key, fmt.Sprintf("%q", key), url.QueryEscape(key), url.PathEscape(key)} {
			body := func(r io.Reader) *http.Response {
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(r)}
			}
			for name, rt := range map[string]roundTripper{
				"error": func(*http.Request) (*http.Response, error) { return nil, errors.New("dumped " + spelling) },
				"panic": func(*http.Request) (*http.Response, error) { panic("dumped " + spelling) },
				"url": func(r *http.Request) (*http.Response, error) {
					return nil, &url.Error{URL: r.URL.String(), Err: io.EOF}
				},
				"header":      func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("%v %v", r.Header, r.URL) },
				"broken body": func(*http.Request) (*http.Response, error) { return body(broken{"dumped " + spelling}), nil },
				"refusal": func(*http.Request) (*http.Response, error) {
					return answer(400, fmt.Sprintf(`{"code":%q,"detail":%q}`, spelling, spelling)), nil
				},
				"encoding": func(*http.Request) (*http.Response, error) {
					r := answer(200, "<")
					r.Header.Set("Content-Encoding", spelling)
					return r, nil
				},
				"garbage": func(*http.Request) (*http.Response, error) { return answer(200, "["+spelling), nil },
				"nothing": func(*http.Request) (*http.Response, error) { return nil, nil },
			} {
				c := New(Config{Host: "http://ph.test", Token: `phc_canary+"1"/x`, Secret: `phx_canary+"2"/y`, Transport: rt})
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // too short for a retry
				for call, do := range calls {
					if err := do(ctx, c); err == nil || strings.Contains(err.Error(), "canary") {
						t.Errorf("%s, %s: error %v tells the key", call, name, err)
					}
				}
				cancel()
			}
		}
	}
	c := New(Config{Host: "http://\x7fphc_canary", Token: token, Secret: secret})
	for call, do := range calls {
		if err := do(t.Context(), c); err == nil || err.Error() != "the host is no URL" {
			t.Errorf("%s: got %v", call, err)
		}
	}
}
