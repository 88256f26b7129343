package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/phgen/phgen/runtime/internal/queue"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// send makes one attempt with events and returns its verdict.
func send(t *testing.T, tr *Transport, events ...string) queue.Verdict {
	t.Helper()
	var v queue.Verdict
	q := queue.New(queue.Config{
		BatchSize: len(events), BatchBytes: 1 << 20, FlushEvery: time.Minute, Events: 100, Bytes: 1 << 20, MaxAge: time.Hour,
		Send: func(ctx context.Context, r *queue.Request) queue.Verdict {
			v = tr.Send(ctx, r)
			return queue.Verdict{}
		},
	})
	for _, e := range events {
		if err := q.Put(t.Context(), []byte(","+e), &[2]queue.Entry{{Name: e, End: len(e) + 1}}, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return v
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

func TestRequest(t *testing.T) {
	clock := func() time.Time { return time.Date(2026, 8, 1, 12, 0, 5, 120_000_000, time.FixedZone("", 7200)) }
	for name, c := range map[string]struct {
		cfg   Config
		query string
		body  string
	}{
		"plain":      {Config{}, "", `{"api_key":"phc_k","batch":[{"event":"a"},{"event":"b"}]}`},
		"gzip":       {Config{Gzip: true}, "compression=gzip", `{"api_key":"phc_k","batch":[{"event":"a"},{"event":"b"}]}`},
		"historical": {Config{HistoricalMigration: true}, "", `{"api_key":"phc_k","historical_migration":true,"batch":[{"event":"a"},{"event":"b"}]}`},
		"skew":       {Config{SentAt: clock}, "", `{"api_key":"phc_k","sent_at":"2026-08-01T10:00:05.120000Z","batch":[{"event":"a"},{"event":"b"}]}`},
		"odd key":    {Config{APIKey: "a\"b\n"}, "", `{"api_key":"a\"b\n","batch":[{"event":"a"},{"event":"b"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			var length int64
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				raw, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				length = int64(len(raw))
				encoding := ""
				if c.cfg.Gzip {
					encoding = "gzip"
					raw = unzip(t, raw)
				}
				header := map[string]string{}
				for k := range r.Header {
					header[k] = r.Header.Get(k)
				}
				want := map[string]string{"Content-Type": "application/json", "User-Agent": "phgen-go/1.2.3", "Content-Length": r.Header.Get("Content-Length")}
				if encoding != "" {
					want["Content-Encoding"] = encoding
				}
				if diff := cmp.Diff(header, want); diff != "" {
					t.Errorf("header (-got +want):\n%s", diff)
				}
				if r.Method != "POST" || r.URL.Path != "/batch/" || r.URL.RawQuery != c.query || r.ContentLength != length {
					t.Errorf("%s %s, content length %d of %d", r.Method, r.URL, r.ContentLength, length)
				}
				if got := string(raw); got != c.body {
					t.Errorf("body\n got %s\nwant %s", got, c.body)
				}
			})
			tr := newTransport(t, s, c.cfg)
			if v := send(t, tr, `{"event":"a"}`, `{"event":"b"}`); v.Outcome != queue.Delivered {
				t.Errorf("verdict %+v, want delivered", v)
			}
			if want := int64(tr.Envelope() + len(`{"event":"a"},{"event":"b"}`)); !c.cfg.Gzip && length != want {
				t.Errorf("body of %d bytes, want %d by Envelope", length, want)
			}
		})
	}
}

func unzip(t *testing.T, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
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
	tr := newTransport(t, s, Config{Gzip: true})
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

// Key and events stay with the origin that was configured.
func TestRedirects(t *testing.T) {
	var leaked atomic.Int32
	other := serve(t, func(http.ResponseWriter, *http.Request) { leaked.Add(1) })
	tls := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Add(1) }))
	t.Cleanup(tls.Close)

	var arrived []string
	var status int
	var location string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived = append(arrived, r.Method+" "+r.URL.Path+" "+string(body))
		if r.URL.Path != "/there/" {
			w.Header().Set("Location", location)
			w.WriteHeader(status)
		}
	})
	const body = `{"api_key":"phc_k","batch":[{}]}`
	first := "POST /batch/ " + body
	for _, c := range []struct {
		status   int
		location string
		outcome  queue.Outcome
		arrived  []string
	}{
		{307, "/there/", queue.Delivered, []string{first, "POST /there/ " + body}},
		{308, s.URL + "/there/", queue.Delivered, []string{first, "POST /there/ " + body}},
		{301, "/there/", queue.Isolate, []string{first}}, // would turn into a GET
		{302, "/there/", queue.Isolate, []string{first}},
		{303, "/there/", queue.Isolate, []string{first}},
		{307, "/batch/", queue.Isolate, []string{first, first}}, // one redirect and no more
		{307, "", queue.Isolate, []string{first, first}},        // an empty one means this place
		{307, "http://[::bad", queue.Isolate, []string{first}},
		{307, other.URL + "/there/", queue.Isolate, []string{first}},
		{308, other.URL, queue.Isolate, []string{first}},
		{307, tls.URL, queue.Isolate, []string{first}},
		{307, strings.Replace(s.URL, "http:", "https:", 1), queue.Isolate, []string{first}},
		{307, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), queue.Isolate, []string{first}},
		{307, strings.Replace(s.URL, "http://", "http://user:pass@", 1) + "/there/", queue.Isolate, []string{first}},
		{307, "//" + strings.TrimPrefix(other.URL, "http://"), queue.Isolate, []string{first}},
	} {
		arrived, status, location = nil, c.status, c.location
		tr := newTransport(t, s, Config{})
		v := send(t, tr, "{}")
		if v.Outcome != c.outcome {
			t.Errorf("%d to %q: verdict %+v, want outcome %d", c.status, c.location, v, c.outcome)
		}
		if diff := cmp.Diff(arrived, c.arrived); diff != "" {
			t.Errorf("%d to %q: requests (-got +want):\n%s", c.status, c.location, diff)
		}
	}
	if n := leaked.Load(); n != 0 {
		t.Errorf("%d requests left the origin", n)
	}
}

func TestHostileAnswers(t *testing.T) {
	stop := make(chan struct{})
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    queue.Outcome
	}{
		"endless body": {func(w http.ResponseWriter, _ *http.Request) {
			chunk := bytes.Repeat([]byte("x"), 1<<20)
			for {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, queue.Delivered},
		"drip": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("x"))
				w.(http.Flusher).Flush()
				select {
				case <-time.After(20 * time.Millisecond):
				case <-stop:
				}
			}
		}, queue.Retry},
		"cut body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("x"))
		}, queue.Retry},
		"cut connection": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, queue.Retry},
		"silence": {func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			select {
			case <-r.Context().Done():
			case <-stop:
			}
		}, queue.Retry},
		"giant header": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}, queue.Retry},
		"html": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, queue.Delivered},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTransport(t, serve(t, c.handler), Config{Timeout: 200 * time.Millisecond})
			v := send(t, tr, "{}")
			if v.Outcome != c.want {
				t.Errorf("verdict %+v, want outcome %d", v, c.want)
			}
			if v.Err != nil && strings.Contains(v.Err.Error(), "phc_k") {
				t.Errorf("error tells the key: %v", v.Err)
			}
		})
	}
	close(stop)
}

func TestUnreachable(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	if v := send(t, newTransport(t, s, Config{}), "{}"); v.Outcome != queue.Retry || v.Err == nil {
		t.Errorf("verdict %+v, want a retry", v)
	}
	tls := httptest.NewUnstartedServer(nil) // of an authority nobody knows
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	v := send(t, newTransport(t, tls, Config{}), "{}")
	if v.Outcome != queue.Retry || v.Err == nil || !strings.Contains(v.Err.Error(), "certificate") {
		t.Errorf("verdict %+v, want a retry that names the certificate", v)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

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
			return &http.Response{StatusCode: 200, Body: io.NopCloser(broken{})}, nil
		}, "reading the answer: broken"},
	} {
		tr := New(Config{Host: "http://ph.test", Timeout: 50 * time.Millisecond, RoundTripper: c.rt, Gzip: true})
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

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }
