package transport

import (
	"bufio"
	"bytes"
	"context"
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

	"github.com/klauspost/compress/gzip"
	"github.com/phgen/phgen/runtime/internal/origin"
	"github.com/phgen/phgen/runtime/internal/queue"
)

// listen serves every connection with handle until the test ends.
func listen(t *testing.T, handle func(net.Conn)) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				end := context.AfterFunc(t.Context(), func() { c.Close() })
				defer end()
				handle(c)
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l
}

// dialling returns a transport to l that is closed with the test.
func dialling(t *testing.T, l net.Listener, cfg Config) *Transport {
	t.Helper()
	cfg.Host = "http://" + l.Addr().String()
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	tr := New(cfg)
	t.Cleanup(tr.CloseIdle)
	return tr
}

// request reads a request from c, and part of its body, in hundredths. It returns what
// it read of the body.
func request(c net.Conn, part int) string {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return ""
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, r.ContentLength*int64(part)/100))
	return string(body)
}

// reset closes c so that the peer sees a reset.
func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"status\":1}"

// A connection that is reset anywhere costs one attempt. The next one is whole.
func TestReset(t *testing.T) {
	event := strings.Repeat("x", 1<<20)
	for name, fail := range map[string]func(net.Conn){
		"at once":        func(net.Conn) {},
		"behind headers": func(c net.Conn) { request(c, 0) },
		"mid body":       func(c net.Conn) { request(c, 50) },
		"behind body":    func(c net.Conn) { request(c, 100) },
		"mid status":     func(c net.Conn) { request(c, 100); _, _ = c.Write([]byte(ok[:8])) },
		"mid header":     func(c net.Conn) { request(c, 100); _, _ = c.Write([]byte(ok[:25])) },
		"mid answer":     func(c net.Conn) { request(c, 100); _, _ = c.Write([]byte(ok[:len(ok)-1])) },
	} {
		t.Run(name, func(t *testing.T) {
			var conns atomic.Int32
			arrived := make(chan string, 1)
			l := listen(t, func(c net.Conn) {
				if conns.Add(1) == 1 {
					fail(c)
					reset(c)
					return
				}
				arrived <- request(c, 100)
				_, _ = c.Write([]byte(ok))
			})
			tr := dialling(t, l, Config{})
			if v := send(t, tr, event); v.Outcome != queue.Retry || v.Err == nil {
				t.Errorf("first: %s, want a retry", summary(v))
			}
			if v := send(t, tr, event); v.Outcome != queue.Delivered {
				t.Errorf("second: %s, want delivered", summary(v))
			}
			if got, want := <-arrived, `{"api_key":"","batch":[`+event+`]}`; got != want {
				t.Errorf("body of %d bytes, want %d", len(got), len(want))
			}
		})
	}
}

// A failure counts as soon as its status is known: a server that does not want a body
// may well not end its answer. Otherwise a request that is too large would go for ever.
func TestStatusOutlivesItsBody(t *testing.T) {
	for status, want := range map[string]queue.Outcome{"413 Too Large": queue.Split, "401 Unauthorized": queue.Hold, "503 Busy": queue.Retry, "400 Bad": queue.Isolate} {
		for _, p := range []Protocol{V0, V1} {
			l := listen(t, func(c net.Conn) {
				request(c, 100)
				_, _ = c.Write([]byte("HTTP/1.1 " + status + "\r\nContent-Length: 100\r\n\r\n{\"error\":"))
			})
			if v := send(t, dialling(t, l, Config{Protocol: p}), "{}"); v.Outcome != want {
				t.Errorf("protocol %d, %s: %s, want outcome %d", p, status, summary(v), want)
			}
		}
	}
}

// Whatever an endpoint does with a connection, the attempt ends at Timeout, and the next
// one takes another connection.
func TestTimeout(t *testing.T) {
	const timeout = 150 * time.Millisecond
	drip := func(c net.Conn, text string) {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for _, err := c.Write([]byte(text)); err == nil; _, err = c.Write([]byte("x")) {
			<-tick.C
		}
	}
	for name, fail := range map[string]func(c net.Conn, end <-chan struct{}){
		"never reads":   func(_ net.Conn, end <-chan struct{}) { <-end },
		"never answers": func(c net.Conn, _ <-chan struct{}) { _, _ = io.Copy(io.Discard, c) },
		"slow status":   func(c net.Conn, _ <-chan struct{}) { request(c, 100); drip(c, "HTTP/1.1 2") },
		"slow header":   func(c net.Conn, _ <-chan struct{}) { request(c, 100); drip(c, "HTTP/1.1 200 OK\r\nX: ") },
		"slow body":     func(c net.Conn, _ <-chan struct{}) { request(c, 100); drip(c, "HTTP/1.1 200 OK\r\n\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			var conns atomic.Int32
			l := listen(t, func(c net.Conn) {
				if conns.Add(1) > 1 {
					request(c, 100)
					_, _ = c.Write([]byte(ok))
					return
				}
				fail(c, t.Context().Done())
			})
			tr := dialling(t, l, Config{Timeout: timeout})
			start := time.Now()
			v := send(t, tr, strings.Repeat("x", 8<<20)) // more than any socket buffers
			if took := time.Since(start); took < timeout || took > timeout+5*time.Second {
				t.Errorf("took %v, want %v", took, timeout)
			}
			if got, want := summary(v), "retry: no answer within 150ms"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			tr.cfg.Timeout = 10 * time.Second
			if v := send(t, tr, "{}"); v.Outcome != queue.Delivered {
				t.Errorf("second: %s, want delivered", summary(v))
			}
			if n := conns.Load(); n != 2 {
				t.Errorf("%d connections, want 2", n)
			}
		})
	}
}

// A connection of HTTP/2 that is dead takes one attempt with it, no more.
func TestDeadHTTP2(t *testing.T) {
	var protos []string
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protos = append(protos, r.Proto) }))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	var cut atomic.Int32 // the first so many connections relay nothing any more
	var conns atomic.Int32
	l := listen(t, func(c net.Conn) {
		n := conns.Add(1)
		up, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		relay := func(to, from net.Conn) {
			defer to.Close()
			buf := make([]byte, 4096)
			for {
				k, err := from.Read(buf)
				if err != nil {
					return
				}
				if n > cut.Load() {
					_, _ = to.Write(buf[:k])
				}
			}
		}
		var wg sync.WaitGroup
		wg.Go(func() { relay(c, up) })
		relay(up, c)
		wg.Wait()
	})
	tr := dialling(t, l, Config{Timeout: 1500 * time.Millisecond})
	tr.url.Scheme = "https"
	tr.own.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	for i := range 4 {
		if i == 1 {
			cut.Store(1)
		}
		if v := send(t, tr, "{}"); v.Outcome != queue.Delivered {
			t.Errorf("attempt %d: %s, want delivered", i, summary(v))
		}
	}
	if n := conns.Load(); n != 2 || strings.Join(protos, " ") != "HTTP/2.0 HTTP/2.0 HTTP/2.0 HTTP/2.0" {
		t.Errorf("%d connections, protocols %v; want 2 and HTTP/2", n, protos)
	}
}

func TestUnreachable(t *testing.T) {
	l := listen(t, func(net.Conn) {})
	l.Close()
	v := send(t, dialling(t, l, Config{}), "{}")
	if v.Outcome != queue.Retry || v.Err == nil || !strings.Contains(v.Err.Error(), "refused") {
		t.Errorf("refused: %s", summary(v))
	}
}

// A name that can not be found is a failure like any other, and ends when it is found.
func TestDNS(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	tr := newTransport(t, s, Config{})
	tr.url.Host = "ph.test"
	found := false
	tr.own.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if !found {
			return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: "ph.test", IsNotFound: true}}
		}
		return dial(ctx, network, s.Listener.Addr().String())
	}
	v := send(t, tr, "{}")
	var dns *net.DNSError
	if got, want := summary(v), "retry: dial tcp: lookup ph.test: no such host"; got != want || !errors.As(v.Err, &dns) {
		t.Errorf("got %s, want %s and a *net.DNSError", got, want)
	}
	found = true
	if v := send(t, tr, "{}"); v.Outcome != queue.Delivered {
		t.Errorf("when it is found: %s, want delivered", summary(v))
	}
}

// An answer without end is read up to a bound, and its connection given up.
func TestEndlessAnswer(t *testing.T) {
	for status, outcomes := range map[int][2]queue.Outcome{
		200: {V0: queue.Delivered, V1: queue.Garbled},
		400: {queue.Isolate, queue.Isolate},
		503: {queue.Retry, queue.Retry},
	} {
		for p, want := range outcomes {
			for name, begin := range map[string]string{"text": "", "JSON": `{"error":"`, "results": `{"results":{"x":{"details":"`} {
				ended := make(chan int, 1)
				s := serve(t, func(w http.ResponseWriter, r *http.Request) {
					w.WriteHeader(status)
					_, _ = io.WriteString(w, begin)
					chunk := bytes.Repeat([]byte("x"), 64<<10)
					sent := 0
					for {
						n, err := w.Write(chunk)
						sent += n
						if err != nil {
							ended <- sent
							return
						}
					}
				})
				v := send(t, newTransport(t, s, Config{Protocol: Protocol(p)}), "{}")
				if v.Outcome != want {
					t.Errorf("protocol %d, %d %s: %s, want outcome %d", p, status, name, summary(v), want)
				}
				if sent := <-ended; sent > 32<<20 { // socket buffers
					t.Errorf("protocol %d, %d %s: took %d bytes", p, status, name, sent)
				}
			}
		}
	}
}

func TestGiantHeader(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) })
	if v := send(t, newTransport(t, s, Config{}), "{}"); v.Outcome != queue.Retry {
		t.Errorf("%s, want a retry", summary(v))
	}
}

// Nothing that an answer packs is ever unpacked.
func TestZipBomb(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write([]byte(`{"results":{}}`))
	_, _ = z.Write(bytes.Repeat([]byte(" "), 32<<20))
	_ = z.Close()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("asked for %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	})
	for p, want := range map[Protocol]string{
		V0: "delivered",
		V1: `garbled: endpoint answered with success, but the body is no list of results: it is encoded as "gzip", which nobody asked for`,
	} {
		if got := summary(send(t, newTransport(t, s, Config{Protocol: p}), "{}")); got != want {
			t.Errorf("protocol %d: %s\nwant %s", p, got, want)
		}
	}
}

// What speaks no HTTP is no endpoint, and is not quoted at length.
func TestNoHTTP(t *testing.T) {
	for _, text := range []string{"SSH-2.0-OpenSSH_9.6\r\n", "\x00\x01\x02", strings.Repeat("x", 60_000) + "\r\n\r\n", "HTTP/1.1 999999 x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"} {
		l := listen(t, func(c net.Conn) {
			request(c, 100)
			_, _ = c.Write([]byte(text))
		})
		v := send(t, dialling(t, l, Config{}), "{}")
		if v.Outcome != queue.Retry || v.Err == nil || len(v.Err.Error()) > origin.MaxError || strings.ContainsAny(v.Err.Error(), "\r\n\x00") {
			t.Errorf("%.40q: %s", text, summary(v))
		}
	}
}
