package transport

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/queue"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// send makes one attempt with events and returns its verdict.
func send(tb testing.TB, tr *Transport, events ...string) (v queue.Verdict) {
	tb.Helper()
	with(tb, events, func(r *queue.Request) { v = tr.Send(tb.Context(), r) })
	return v
}

// with runs f with a request of events. Event i has the UUID id(i).
func with(tb testing.TB, events []string, f func(*queue.Request)) {
	tb.Helper()
	q := queue.New(queue.Config{
		BatchSize: len(events), BatchBytes: 16 << 20, FlushEvery: time.Minute, Events: 100_000, Bytes: 16 << 20, MaxAge: time.Hour,
		Send: func(_ context.Context, r *queue.Request) queue.Verdict {
			f(r)
			return queue.Verdict{}
		},
	})
	for i, e := range events {
		if err := q.Put(tb.Context(), []byte(","+e), &[2]queue.Entry{{UUID: id(i), Name: e, End: len(e) + 1}}, 1); err != nil {
			tb.Fatal(err)
		}
	}
	if err := q.Close(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// id returns the UUID of event i.
func id(i int) uuid.UUID {
	u := uuid.MustParse("0190c8a4-1111-7222-abcd-ef0000000000")
	binary.BigEndian.PutUint32(u[12:], uint32(i))
	return u
}

// newTransport returns a transport to s that is closed with the test.
func newTransport(t *testing.T, s *httptest.Server, cfg Config) *Transport {
	t.Helper()
	cfg.Host = s.URL
	if cfg.APIKey == "" {
		cfg.APIKey = "phc_k"
	}
	cfg.Agent = "phgen-go/1.2.3"
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	tr := New(cfg)
	t.Cleanup(tr.CloseIdle)
	return tr
}

// serve returns a server that is closed with the test, before its transport.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestConnectionReuse(t *testing.T) {
	var conns atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 10_000)) // an answer nobody needs
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	tr := newTransport(t, s, Config{Compression: Gzip})
	for range 20 {
		if v := send(t, tr, "{}"); v.Outcome != queue.Delivered {
			t.Fatalf("verdict %+v, want delivered", v)
		}
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections for 20 requests, want 1", n)
	}
}

// A kept connection that the server closes at the next request costs no failure.
func TestStaleConnection(t *testing.T) {
	var mu sync.Mutex
	requests := map[string]int{}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		requests[r.RemoteAddr]++
		if requests[r.RemoteAddr] > 1 {
			panic(http.ErrAbortHandler)
		}
	})
	tr := newTransport(t, s, Config{})
	for range 5 {
		if v := send(t, tr, "{}"); v.Outcome != queue.Delivered {
			t.Fatalf("verdict %+v, want delivered", v)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// One that the server closes between requests costs none either.
func TestClosedConnection(t *testing.T) {
	for _, p := range []Protocol{V0, V1} {
		l := listen(t, func(c net.Conn) {
			request(c, 100)
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"results\":{}}"))
		})
		tr := dialling(t, l, Config{Protocol: p})
		for range 20 {
			if v := send(t, tr, "{}"); v.Outcome != queue.Delivered {
				t.Errorf("protocol %d: %s, want delivered", p, summary(v))
			}
		}
	}
}

// Nor does one that breaks while a body is written to it: the request goes again at once,
// over a new connection.
func TestKeptConnection(t *testing.T) {
	for _, p := range []Protocol{V0, V1} {
		var conns atomic.Int32
		l := listen(t, func(c net.Conn) {
			conns.Add(1)
			in := bufio.NewReader(c)
			for i := range 2 {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				if i == 1 { // the headers are here, and the body is not
					reset(c)
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"results\":{}}"))
			}
		})
		tr := dialling(t, l, Config{Protocol: p})
		event := strings.Repeat("x", 8<<20) // more than socket buffers hold
		for range 5 {
			if v := send(t, tr, event); v.Outcome != queue.Delivered {
				t.Errorf("protocol %d: %s, want delivered", p, summary(v))
			}
		}
		if n := conns.Load(); n != 5 {
			t.Errorf("protocol %d: %d connections, want 5", p, n)
		}
	}
}

// The caller's RoundTripper may do as it likes.
func TestRoundTripper(t *testing.T) {
	var kept io.ReadCloser
	for name, c := range map[string]struct {
		rt   roundTripper
		want string
	}{
		"panics":         {func(*http.Request) (*http.Response, error) { panic("boom") }, "round tripper panicked: boom"},
		"nothing":        {func(*http.Request) (*http.Response, error) { return nil, nil }, "round tripper returned no answer"},
		"fails":          {func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }, "no route"},
		"keeps body":     {func(r *http.Request) (*http.Response, error) { kept = r.Body; return nil, errors.New("no route") }, "no route"},
		"waits too long": {func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }, "no answer within 50ms"},
		"breaks the body": {func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(broken{"broken"})}, nil
		}, "reading the answer: broken"},
		"reads nothing": {func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(idle{})}, nil
		}, "reading the answer: multiple Read calls return no data or error"},
		"panics in the body": {func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(idle{panics: true})}, nil
		}, "round tripper panicked: boom"},
		"no body": {func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil }, "round tripper returned no answer"},
	} {
		tr := New(Config{Host: "http://ph.test", Timeout: 50 * time.Millisecond, RoundTripper: c.rt, Compression: Gzip})
		tr.CloseIdle()
		v := send(t, tr, "{}")
		if v.Outcome != queue.Retry || v.Err == nil || v.Err.Error() != c.want {
			t.Errorf("%s: verdict %+v, want a retry because of %q", name, v, c.want)
		}
	}
	if n, err := kept.Read(make([]byte, 10)); n != 0 || err != errDetached {
		t.Errorf("body after Send: read %d bytes, error %v, want errDetached", n, err)
	}
}

type broken struct{ text string }

func (b broken) Read([]byte) (int, error) { return 0, errors.New(b.text) }

// An idle body never has anything to say.
type idle struct{ panics bool }

func (i idle) Read([]byte) (int, error) {
	if i.panics {
		panic("boom")
	}
	return 0, nil
}
