package flagapi

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token  = "phc_token"
	secret = "phx_secret"
)

// serve returns a client of a server that answers with h.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := New(Config{Host: s.URL, Token: token, Secret: secret, UserAgent: "phgen-go/test"})
	t.Cleanup(c.CloseIdle)
	return c
}

// says is a handler that answers with body.
func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answer returns an answer for a roundTripper.
func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// calls are the requests of a client, by name.
var calls = map[string]func(context.Context, *Client) error{
	"flags": func(ctx context.Context, c *Client) error {
		_, err := c.Flags(ctx, &Request{DistinctID: "u"})
		return err
	},
	"definitions": func(ctx context.Context, c *Client) error {
		_, err := c.Definitions(ctx, "")
		return err
	},
	"remote config": func(ctx context.Context, c *Client) error {
		_, _, err := c.RemoteConfig(ctx, "f")
		return err
	},
}

// bodies are what each of them takes for a success.
var bodies = map[string]string{"flags": `{"flags":{}}`, "definitions": `{"flags":[]}`, "remote config": `"1"`}

func TestRequests(t *testing.T) {
	var got string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s\n", r.Method, r.RequestURI)
		r.Header.Write(&b)
		fmt.Fprintf(&b, "%s", body)
		got = strings.ReplaceAll(b.String(), "\r\n", "\n")
		switch r.URL.Path {
		case "/flags/":
			io.WriteString(w, bodies["flags"])
		case "/flags/definitions":
			io.WriteString(w, bodies["definitions"])
		}
	})
	for name, want := range map[string]string{
		"flags": `POST /flags/?v=2
Accept-Encoding: gzip
Content-Length: 133
Content-Type: application/json
User-Agent: phgen-go/test
{"api_key":"phc_token","distinct_id":"u","groups":{},"person_properties":{},"group_properties":{},"geoip_disable":true}`,
		"definitions": `GET /flags/definitions?token=phc_token&send_cohorts
Accept-Encoding: gzip
Authorization: Bearer phx_secret
User-Agent: phgen-go/test
`,
		"remote config": `GET /api/projects/@current/feature_flags/f/remote_config?token=phc_token
Accept-Encoding: gzip
Authorization: Bearer phx_secret
User-Agent: phgen-go/test
`,
	} {
		want = strings.Replace(want, "133", fmt.Sprint(len(want)-strings.Index(want, "{")), 1)
		if err := calls[name](t.Context(), c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
}

// A host with a path is that of a reverse proxy.
func TestHostWithPath(t *testing.T) {
	var got []string
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.URL.Path) })
	c.cfg.Host += "/ingest"
	for _, name := range []string{"flags", "definitions", "remote config"} {
		_ = calls[name](t.Context(), c)
	}
	want := []string{"/ingest/flags/", "/ingest/flags/definitions", "/ingest/api/projects/@current/feature_flags/f/remote_config"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("paths (-got +want):\n%s", diff)
	}
}

func TestNoSecret(t *testing.T) {
	c := New(Config{Host: "http://ph.test", Token: token, Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		return answer(200, bodies["flags"]), nil
	})})
	for name, call := range calls {
		want := ErrNoSecret
		if name == "flags" {
			want = nil
		}
		if err := call(t.Context(), c); err != want {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
}

// An answer that is read to its end leaves its connection to the next request.
func TestConnectionsAreKept(t *testing.T) {
	var conns atomic.Int32
	status, body := 200, ""
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := New(Config{Host: s.URL, Token: token, Secret: secret})
	t.Cleanup(c.CloseIdle)
	for _, status = range []int{200, 400, 403, 500} {
		for _, body = range []string{"", `{"flags":[]}`, strings.Repeat("x", 10_000)} {
			for _, call := range calls {
				_ = call(t.Context(), c)
			}
		}
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// A connection that the server closes in the face of a request costs no second attempt.
func TestStaleConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() { // until l is closed
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(conn)
			if r, err := http.ReadRequest(in); err == nil {
				io.Copy(io.Discard, r.Body)
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"+bodies["flags"])
				http.ReadRequest(in)
			}
			conn.Close()
		}
	}()
	attempts := 0
	own := newRoundTripper()
	t.Cleanup(own.CloseIdleConnections)
	c := New(Config{Host: "http://" + l.Addr().String(), Token: token, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		attempts++
		return own.RoundTrip(r)
	})})
	for range 3 {
		if err := calls["flags"](t.Context(), c); err != nil {
			t.Error(err)
		}
	}
	if attempts != 3 {
		t.Errorf("%d attempts, want 3", attempts)
	}
}
