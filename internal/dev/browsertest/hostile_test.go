package browsertest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/phgen/phgen/examples"
	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/dev/devprocess"
)

// An attack is one request of a client that means ill, as it goes over the wire.
type attack struct {
	name   string
	head   string // request line and headers, the Host aside; %TOKEN% is the token
	host   string // empty: the server's own
	body   []byte
	status int
	reply  string // a part of the reply, which names what was wrong
	logged string // how the request log names it; empty: it is no request, or only a bad question
}

const megabyte = 1 << 20

// bomb compresses n megabytes of nothing.
func bomb(t *testing.T, open func(io.Writer) io.WriteCloser, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := open(&b)
	zeros := make([]byte, megabyte)
	for range n {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func attacks(t *testing.T) []attack {
	deep := `{"api_key":"phc_dev","batch":[{"event":"deep","distinct_id":"u","properties":{"a":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + `}}]}`
	gzipped := bomb(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, 500)
	deflated := bomb(t, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, 500)
	zstandard := bomb(t, func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}, 500)
	const v1 = "POST /i/v1/analytics/events HTTP/1.1\r\nAuthorization: Bearer phc_dev\r\nContent-Type: application/json\r\nUser-Agent: evil/1\r\nPostHog-Sdk-Info: evil/1\r\nPostHog-Request-Id: 0190c8a4-1111-7222-8333-444455556666\r\nPostHog-Attempt: 1\r\nPostHog-Request-Timestamp: 2026-11-22T12:00:00Z\r\n"
	const token = "Authorization: Bearer %TOKEN%\r\n"
	return []attack{
		{name: "10 MB of nothing", head: "POST /batch/ HTTP/1.1\r\n", body: bytes.Repeat([]byte("x"), 10*megabyte), status: 400, logged: "JSON"},
		{name: "10 MB where 2 are enough", head: "POST /i/v0/e/ HTTP/1.1\r\n", body: bytes.Repeat([]byte(" "), 10*megabyte), status: 413, logged: "larger than"},
		{name: "bad JSON", head: "POST /batch/ HTTP/1.1\r\n", body: []byte(`{"api_key":"phc_dev","batch":[{"event":"x",]}`), status: 400, logged: "JSON"},
		{name: "half of a JSON", head: "POST /batch/ HTTP/1.1\r\n", body: []byte(`{"api_key":"phc_dev","batch":[{"event":"x"`), status: 400, logged: "JSON"},
		{name: "no object", head: "POST /flags/?v=2 HTTP/1.1\r\n", body: []byte(`"<script>alert(1)</script>"`), status: 400, logged: " "},
		{name: "deep nesting", head: "POST /batch/ HTTP/1.1\r\n", body: []byte(deep), status: 400, logged: "JSON"},
		{name: "a bomb of gzip", head: "POST /batch/ HTTP/1.1\r\nContent-Encoding: gzip\r\n", body: gzipped, status: 413, logged: "larger than"},
		{name: "a bomb of gzip, unannounced", head: "POST /batch/?compression=gzip-js HTTP/1.1\r\n", body: gzipped, status: 413, logged: "larger than"},
		{name: "a bomb of deflate", head: v1 + "Content-Encoding: deflate\r\n", body: deflated, status: 413, logged: "larger than"},
		{name: "a bomb of zstd", head: v1 + "Content-Encoding: zstd\r\n", body: zstandard, status: 413, logged: "larger than"},
		{name: "no gzip at all", head: "POST /batch/ HTTP/1.1\r\nContent-Encoding: gzip\r\n", body: []byte("not gzip"), status: 400, logged: "gzip"},
		{name: "brotli", head: "POST /batch/ HTTP/1.1\r\nContent-Encoding: br\r\n", body: []byte("\x0b\x02\x80{}"), status: 415, logged: `"br"`},
		{name: "base64 of nothing", head: "POST /e/?compression=base64 HTTP/1.1\r\n", body: []byte("data=%%%"), status: 400, logged: " "},

		{name: "a path out of the root", head: "GET /../../../etc/passwd HTTP/1.1\r\n", status: 404, logged: "404"},
		{name: "a path out of the assets", head: "GET /_dev/../../../../etc/passwd HTTP/1.1\r\n", status: 404, logged: "404"},
		{name: "an encoded path", head: "GET /_dev/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\n", status: 404, reply: `"error"`},
		{name: "a path out of the statics", head: "GET /static/..%2f..%2fetc%2fpasswd HTTP/1.1\r\n", status: 404, logged: "not served here"},
		{name: "a path of markup", head: "GET /%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1\r\n", status: 404, logged: "404"},

		{name: "a name that resolves to here", head: "GET / HTTP/1.1\r\n", host: "evil.example", status: 421, reply: `"evil.example\"`, logged: `evil.example`},
		{name: "its script", head: "POST /api/reset HTTP/1.1\r\n" + token, host: "evil.example:8010", status: 421, reply: `evil.example:8010`, logged: `evil.example:8010`},
		{name: "its events", head: "POST /batch/ HTTP/1.1\r\n", host: "localhost.evil.example", body: []byte(`{"api_key":"k","batch":[{"event":"e","distinct_id":"d"}]}`), status: 421, reply: `localhost.evil.example`, logged: `localhost.evil.example`},
		{name: "a page of another origin", head: "POST /api/reset HTTP/1.1\r\nOrigin: http://evil.example\r\n" + token, status: 403, reply: `evil.example`, logged: `http://evil.example`},
		{name: "a page of another port", head: "GET /api/events HTTP/1.1\r\nOrigin: http://127.0.0.1:1\r\n", status: 403, reply: `127.0.0.1:1`, logged: `http://127.0.0.1:1`},
		{name: "a file", head: "PUT /api/fault HTTP/1.1\r\nOrigin: null\r\n" + token, body: []byte(`{"spec":"503"}`), status: 403, reply: `null`, logged: `null`},
		{name: "no token", head: "POST /api/reset HTTP/1.1\r\n", status: 403, reply: "PHGEN_DEV_TOKEN", logged: `POST /api/reset`},
		{name: "another token", head: "PUT /api/fault HTTP/1.1\r\nAuthorization: Bearer AAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", body: []byte(`{"spec":"503"}`), status: 403, reply: "PHGEN_DEV_TOKEN", logged: `PUT /api/fault`},
		{name: "a flag for nobody", head: "PUT /api/flags/beta-banner HTTP/1.1\r\n", body: []byte(`{"value":true}`), status: 403, reply: "PHGEN_DEV_TOKEN", logged: `PUT /api/flags/beta-banner`},
		{name: "a token that goes too far", head: "PUT /api/flags/beta-banner HTTP/1.1\r\n" + token, body: []byte(`{"value":"<script>"}`), status: 422, reply: "script"},
		{name: "10 MB of a setting", head: "PUT /api/fault HTTP/1.1\r\n" + token, body: bytes.Repeat([]byte("x"), 10*megabyte), status: 413, reply: `"error"`},

		{name: "a method of nobody's", head: "BREW /batch/ HTTP/1.1\r\n", status: 405, logged: "POST"},
		{name: "a method of the API's", head: "DELETE /api/events HTTP/1.1\r\n" + token, status: 405, reply: "DELETE"},
		{name: "a tunnel", head: "CONNECT evil.example:443 HTTP/1.1\r\n", status: 421, reply: "evil.example", logged: `evil.example:443`},
		{name: "a header of 1 MB", head: "GET / HTTP/1.1\r\nX-Long: " + strings.Repeat("x", megabyte) + "\r\n", status: 431, reply: "431", logged: "a header larger than 64 KiB"},
		{name: "two lengths", head: "POST /batch/ HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n", status: 400, logged: "malformed HTTP"},
		{name: "a request in a request", head: "POST /batch/ HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n", status: 501, logged: "unsupported Transfer-Encoding"},
		{name: "an expectation", head: "POST /batch/ HTTP/1.1\r\nExpect: miracles\r\n", status: 417, logged: "an Expect header"},
		{name: "a version of the future", head: "GET / HTTP/3.0\r\n", status: 505, logged: "unsupported protocol version"},
		{name: "a question for a million rows", head: "GET /api/events?limit=1000000 HTTP/1.1\r\n", status: 400, reply: "limit"},
		{name: "a question for ever", head: "GET /api/wait?timeout=24h HTTP/1.1\r\n", status: 400, reply: "timeout"},
		{name: "an unknown question", head: "GET /api/summary?__proto__=1 HTTP/1.1\r\n", status: 400, reply: "__proto__"},
	}
}

// A target is a phgen dev under attack.
type target struct {
	*testing.T
	*devprocess.Process
	addr string
}

func newTarget(t *testing.T) target {
	t.Helper()
	if testing.Short() {
		t.Skip("this builds phgen")
	}
	dir := t.TempDir()
	program, err := devprocess.Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tracking-plan.yaml"), examples.Plan, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := devprocess.Start(program, dir, "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return target{t, p, u.Host}
}

// get reads JSON from the API.
func (s target) get(path string, v any) {
	s.Helper()
	res, err := http.Get(s.URL + path)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(v); err != nil || res.StatusCode != http.StatusOK {
		s.Fatalf("GET %s: %s: %v", path, res.Status, err)
	}
}

// A state is all that attacks must not change.
type state struct {
	Summary dev.Summary
	Events  dev.Page
	Flags   map[string]any
	Fault   map[string]any
}

func (s target) state() state {
	s.Helper()
	var now state
	s.get("/api/summary", &now.Summary)
	now.Summary.Requests, now.Summary.Refused = 0, 0 // attacks are counted
	s.get("/api/events", &now.Events)
	s.get("/api/flags", &now.Flags)
	s.get("/api/fault", &now.Fault)
	return now
}

// requests returns the rows of the log behind one.
func (s target) requests(since uint64) []dev.RequestRow {
	s.Helper()
	var log struct{ Requests []dev.RequestRow }
	s.get(fmt.Sprintf("/api/requests?since=%d", since), &log)
	return log.Requests
}

// send sends an attack and returns the reply.
func (s target) send(a attack) (status int, reply string) {
	s.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second)) // a connection of TCP takes one
	host := a.host
	if host == "" {
		host = s.addr
	}
	head := strings.ReplaceAll(a.head, "%TOKEN%", s.Token)
	head += "Host: " + host + "\r\nConnection: close\r\n"
	if a.body != nil {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(a.body))
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := io.WriteString(conn, head+"\r\n"); err == nil {
			_, _ = conn.Write(a.body) // it may be refused before its end
		}
	})
	defer wg.Wait()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.Errorf("%s: no reply: %v", a.name, err)
		_ = conn.Close() // so that the writer ends
		return 0, ""
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body) // a connection that was reset behind the reply says less
	_ = conn.Close()
	return res.StatusCode, string(body)
}

// A client that means ill changes nothing, is told what it did, and stands in the log.
func TestHostileClient(t *testing.T) {
	s := newTarget(t)
	res, err := http.Post(s.URL+"/batch/", "application/json", strings.NewReader(`{"api_key":"phc_dev","batch":[{"event":"account_created","distinct_id":"ada","properties":{"method":"email"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	before := s.state()
	last := uint64(1)
	for _, a := range attacks(t) {
		status, reply := s.send(a)
		if status != a.status || !strings.Contains(reply, a.reply) {
			t.Errorf("%s: got %d %.200q, want %d with %q", a.name, status, reply, a.status, a.reply)
		}
		rows := s.requests(last)
		for end := time.Now().Add(10 * time.Second); a.logged != "" && len(rows) == 0 && time.Now().Before(end); { // what is no request comes a little later
			time.Sleep(50 * time.Millisecond)
			rows = s.requests(last)
		}
		if a.logged == "" && len(rows) > 0 || a.logged != "" && (len(rows) != 1 || rows[0].Status != a.status || !strings.Contains(rows[0].Refusal, a.logged)) {
			t.Errorf("%s: got %+v in the log, want %q", a.name, rows, a.logged)
		}
		last += uint64(len(rows))
	}
	if diff := cmp.Diff(before, s.state()); diff != "" {
		t.Errorf("the attacks changed something: before - after +\n%s", diff)
	}
	s.memory()
}

// memory asserts that the bombs did not go off.
func (s target) memory() {
	s.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID()))
	if err != nil {
		return // only Linux tells
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int
	if _, err := fmt.Sscan(peak, &kilobytes); err != nil {
		s.Fatal(err)
	}
	if kilobytes > 400<<10 {
		s.Errorf("phgen dev took %d MiB", kilobytes>>10)
	}
}

// Clients that send nothing, or little by little, keep nobody else waiting and are cut off.
func TestSlowClients(t *testing.T) {
	s := newTarget(t)
	const many = 200
	var wg sync.WaitGroup
	for i := range many {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer conn.Close()
			if i%2 == 0 {
				_, _ = io.WriteString(conn, "POST /batch/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
			}
			_ = conn.SetReadDeadline(time.Now().Add(15 * time.Second)) // a connection of TCP takes one
			if _, err := io.Copy(io.Discard, conn); err != nil {
				t.Errorf("a slow client was not cut off: %v", err)
			}
		})
	}
	start := time.Now()
	s.state()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("others waited for %v", took)
	}
	wg.Wait()
	got := map[string]int{}
	// A few silent ones may come behind the others, and are none too many for a browser.
	named := func() bool { return got[slowHeader] == many/2 && got[silent] >= many/4 && len(got) == 2 }
	for end := time.Now().Add(10 * time.Second); !named() && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		clear(got)
		for _, row := range s.requests(0) {
			if n, why, found := strings.Cut(row.Refusal, " times: "); found {
				times, _ := strconv.Atoi(n) // 0 is found wrong
				got[why] += times
			} else {
				got[row.Refusal]++
			}
		}
	}
	if !named() {
		t.Errorf("the log of requests has %v", got)
	}
}

// How the log of requests names slow clients.
const (
	slowHeader = "a header that was not complete within 5s; the connection was closed"
	silent     = "a connection that sent nothing within 5s and was closed"
)

// Streams have a bound, and one that ends makes room.
func TestManyStreams(t *testing.T) {
	s := newTarget(t)
	const most = 32
	var open []io.Closer
	for n := range most + 1 {
		res, err := http.Get(s.URL + "/api/stream")
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{true: 503, false: 200}[n == most]; res.StatusCode != want {
			t.Errorf("stream %d: got %d, want %d", n, res.StatusCode, want)
		}
		open = append(open, res.Body)
	}
	for _, body := range open {
		_ = body.Close() // it never ends by itself
	}
	end := time.Now().Add(10 * time.Second)
	for {
		res, err := http.Get(s.URL + "/api/stream")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // it never ends by itself
		if res.StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after all streams were closed: got %d", res.StatusCode)
		}
	}
}
