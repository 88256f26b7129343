package devserver

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// requestLog is the log of requests: "METHOD PATH STATUS events refusal" of each.
func (r *rig) requestLog() []string {
	lines := []string{}
	for _, row := range r.config.Store.Requests(0, 1000) {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %d %s: %s", row.Method, row.Path, row.Status, row.Kind, row.Refusal)))
	}
	return lines
}

const goodHead = "Host: localhost\r\n"

// A connection says what it is refused for, is not held open for ever, and stands in the
// log of requests.
func TestSlowClients(t *testing.T) {
	const head = goodHead
	tests := []struct {
		name   string
		send   string
		want   string // the status line; empty: none
		in     time.Duration
		logged string // empty: nothing is
	}{
		{"nothing", "", "", headerWithin, ""},
		{"half a header", "GET /api/summary HTTP/1.1\r\nHost: local", "", headerWithin,
			"GET /api/summary 0 unknown: a header that was not complete within 5s; the connection was closed"},
		{"a key in half a request line", "GET /flags?api_key=phc_secret", "HTTP/1.1 400 Bad Request", headerWithin,
			"GET /flags 400 unknown: a header that was not complete within 5s; the connection was closed"},
		{"half a method", "GE", "HTTP/1.1 400 Bad Request", headerWithin,
			"400 unknown: a header that was not complete within 5s; the connection was closed"},
		{"half a body", "POST /batch/ HTTP/1.1\r\n" + head + "Content-Length: 100\r\n\r\n{", "HTTP/1.1 400 Bad Request", bodyWithin,
			"POST /batch/ 400 capture: reading the body: read pipe: i/o timeout"},
		{"half a value", "PUT /api/fault HTTP/1.1\r\n" + head + bearer + "\r\nContent-Length: 100\r\n\r\n{", "HTTP/1.1 400 Bad Request", bodyWithin, ""},
		{"a large header", "GET / HTTP/1.1\r\n" + head + "X: " + strings.Repeat("x", maxHeader) + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large", 0,
			"GET / 431 unknown: a header larger than 64 KiB"},
		{"a large path", "GET /" + strings.Repeat("x", maxHeader) + " HTTP/1.1\r\n" + head + "\r\n", "HTTP/1.1 431 Request Header Fields Too Large", 0,
			"GET /" + strings.Repeat("x", maxHead-5) + " 431 unknown: a header larger than 64 KiB"},
		{"two hosts", "GET / HTTP/1.1\r\n" + head + head + "\r\n", "HTTP/1.1 400 Bad Request", 0,
			"GET / 400 unknown: malformed HTTP"},
		{"two lengths", "POST /batch/ HTTP/1.1\r\n" + head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "HTTP/1.1 400 Bad Request", 0,
			"POST /batch/ 400 unknown: malformed HTTP"},
		{"an encoding of the transfer", "POST /batch/ HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked, identity\r\n\r\n", "HTTP/1.1 501 Not Implemented", 0,
			"POST /batch/ 501 unknown: malformed HTTP: unsupported Transfer-Encoding"},
		{"an expectation", "POST /batch/ HTTP/1.1\r\n" + head + "Expect: miracles\r\n\r\n", "HTTP/1.1 417 Expectation Failed", 0,
			"POST /batch/ 417 unknown: malformed HTTP: an Expect header other than 100-continue"},
		{"markup for a method", "<script>alert(1)</script>\r\n\r\n", "HTTP/1.1 400 Bad Request", 0, "400 unknown: malformed HTTP"},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "HTTP/1.1 400 Bad Request", 0,
			"400 unknown: a handshake of TLS: phgen dev speaks http://, not https://"},
		{"HTTP/3", "GET / HTTP/3.0\r\n" + head + "\r\n", "HTTP/1.1 505 HTTP Version Not Supported: unsupported protocol version", 0,
			"GET / 505 unknown: malformed HTTP: unsupported protocol version"},
		{"no host", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 421 Misdirected Request", 0,
			`GET / 421 unknown: Host "" is no name of this server; use localhost, 127.0.0.1, [::1] or the address that --listen names`},
		{"another host", "GET http://evil.example/ HTTP/1.1\r\n" + head + "\r\n", "HTTP/1.1 421 Misdirected Request", 0,
			`GET / 421 unknown: Host "evil.example" is no name of this server; use localhost, 127.0.0.1, [::1] or the address that --listen names`},
		{"a star", "OPTIONS * HTTP/1.1\r\n" + head + "\r\n", "HTTP/1.1 404 Not Found", 0, ""},
		{"a tunnel", "CONNECT localhost:80 HTTP/1.1\r\n" + head + "\r\n", "HTTP/1.1 404 Not Found", 0,
			"CONNECT  404 unknown: 404 page not found"},
		{"a good one", "GET /api/summary HTTP/1.1\r\n" + head + "Connection: close\r\n\r\n", "HTTP/1.1 200 OK", 0, ""},
		{"a good one, and a bad one", "GET /api/summary HTTP/1.1\r\n" + head + "\r\nGET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", 0,
			"400 unknown: malformed HTTP: missing required Host header"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				conn := r.listen().dial()
				start := time.Now()
				go func() { _, _ = io.WriteString(conn, test.send) }() // until it is read or the connection ends
				reader := bufio.NewReader(conn)
				line, err := reader.ReadString('\n')
				if got := strings.TrimSuffix(line, "\r\n"); got != test.want {
					t.Errorf("got %q (%v), want %q", got, err, test.want)
				}
				if got := time.Since(start); got != test.in {
					t.Errorf("got it after %s, want %s", got, test.in)
				}
				go func() { // as a client would
					_, _ = io.Copy(io.Discard, reader)
					_ = conn.Close()
				}()
				time.Sleep(time.Second)
				want := []string{}
				if test.logged != "" {
					want = append(want, test.logged)
				}
				if diff := cmp.Diff(want, r.requestLog()); diff != "" {
					t.Errorf("the log of requests: want - got +\n%s", diff)
				}
				_ = conn.Close()
			})
		})
	}
}

// hang opens n connections that send text and then nothing; each ends with the test.
func hang(t *testing.T, n *network, count int, text string) {
	t.Helper()
	for range count {
		conn := n.dial()
		go func() { _, _ = io.Copy(io.Discard, conn) }() // until the server closes it
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
	}
}

// Many connections that end alike are one row each time, and a browser's few spare ones
// none.
func TestEndsAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		n := r.listen()
		hang(t, n, 300, "POST /batch/ HTTP/1.1\r\nX-Slow: ")
		hang(t, n, spares+1, "")
		time.Sleep(2 * headerWithin)
		hang(t, n, spares, "")
		hang(t, n, 1, "GET /x HTT")
		time.Sleep(2 * headerWithin)
		want := []string{
			"0 unknown: 9 times: a connection that sent nothing within 5s and was closed",
			"GET /x 400 unknown: a header that was not complete within 5s; the connection was closed",
			"POST /batch/ 0 unknown: 300 times: a header that was not complete within 5s; the connection was closed",
		}
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(r.requestLog()))); diff != "" {
			t.Errorf("want - got +\n%s", diff)
		}
	})
}

// Whoever hangs up within a header stands in the log; whoever connects only, hangs up
// between requests, or is idle there for too long, wants nothing.
func TestClientHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		n := r.listen()
		leave := func(conn net.Conn, after string) {
			if _, err := io.WriteString(conn, after); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
		leave(n.dial(), "")
		leave(n.dial(), "DELETE /every")
		conn := n.dial()
		go func() { _, _ = io.Copy(io.Discard, conn) }() // until leave
		leave(conn, "GET /api/summary HTTP/1.1\r\n"+goodHead+"\r\n")
		hang(t, n, 3*spares, "GET /api/summary HTTP/1.1\r\n"+goodHead+"\r\n")
		time.Sleep(2 * idleFor)
		want := []string{"DELETE /every 400 unknown: a header that ends before its end"}
		if diff := cmp.Diff(want, r.requestLog()); diff != "" {
			t.Errorf("want - got +\n%s", diff)
		}
	})
}

// A server that ends tells what it gathered, and blames nobody for its own end.
func TestEndsAtClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		n := r.listen()
		hang(t, n, 1, "GET / HTTP/1.1\r\n"+goodHead+goodHead+"\r\n")
		synctest.Wait()
		hang(t, n, 1, "GET /half")
		synctest.Wait()
		r.Close()
		r.Close()
		want := []string{"GET / 400 unknown: malformed HTTP"}
		if diff := cmp.Diff(want, r.requestLog()); diff != "" {
			t.Errorf("want - got +\n%s", diff)
		}
	})
}
