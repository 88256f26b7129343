package sink

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// outcome is what a client sees of one exchange.
type outcome struct {
	status int
	length int64
	body   string
	err    error // of the exchange or of reading the body
}

func exchange(client *http.Client, url, body string) (o outcome) {
	// Given as a plain reader, so that the client cannot send it again by itself.
	r, err := http.NewRequest(http.MethodPost, url, struct{ io.Reader }{strings.NewReader(body)})
	if err != nil {
		return outcome{err: err}
	}
	resp, err := client.Do(r)
	if err != nil {
		return outcome{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return outcome{resp.StatusCode, resp.ContentLength, string(text), err}
}

// Every fault of a reply must look the same through a socket and in memory.
func TestReplyFaults(t *testing.T) {
	const ok = `{"status":1}`
	tests := []struct {
		name  string
		fault Fault
		want  outcome
		kept  int
	}{
		{"healthy", Fault{}, outcome{200, 12, ok, nil}, 1},
		{"status without a name", Fault{Status: 520}, outcome{520, 1, "\n", nil}, 0},
		{"no content", Fault{Status: 204}, outcome{204, 0, "", nil}, 1},
		{"drip", Fault{Drip: time.Microsecond}, outcome{200, 12, ok, nil}, 1},
		{"body", Fault{Body: []byte("<html>"), ContentType: "text/html"}, outcome{200, 6, "<html>", nil}, 0},
		{"body and status", Fault{Body: []byte("no"), Status: 418}, outcome{418, 2, "no", nil}, 0},
		{"body that is kept", Fault{Body: []byte{}, Keep: true}, outcome{200, 0, "", nil}, 1},
		{"cut at 0", Fault{Reply: Closed}, outcome{200, 12, "", io.ErrUnexpectedEOF}, 1},
		{"cut at 5", Fault{Reply: Closed, ReplyBytes: 5}, outcome{200, 12, ok[:5], io.ErrUnexpectedEOF}, 1},
		{"cut at 5 of a refusal", Fault{Status: 503, Reply: Closed, ReplyBytes: 5}, outcome{503, 20, "Servi", io.ErrUnexpectedEOF}, 0},
		{"reset at 5", Fault{Reply: Reset, ReplyBytes: 5}, outcome{200, 12, ok[:5], syscall.ECONNRESET}, 1},
		{"dripped, then reset", Fault{Drip: time.Microsecond, Reply: Reset, ReplyBytes: 5}, outcome{200, 12, ok[:5], syscall.ECONNRESET}, 1},
		{"endless", Fault{Endless: true}, outcome{200, -1, strings.Repeat(ok, 1<<20)[:1<<20], nil}, 1},
		{"no reply", Fault{Request: Closed, RequestBytes: All}, outcome{err: io.EOF}, 0},
		{"no reply, kept", Fault{Request: Closed, Keep: true}, outcome{err: io.EOF}, 1},
		{"reset", Fault{Request: Reset, RequestBytes: All}, outcome{err: syscall.ECONNRESET}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onWire, inMemory := New(Config{}), New(Config{})
			url, client := serve(t, onWire)
			for _, s := range []*Sink{onWire, inMemory} {
				where := "wire"
				if s == inMemory {
					where, client = "memory", &http.Client{Transport: s}
				}
				s.Inject(tt.fault)
				got := exchange(client, url, bodyOf(good))
				if got.status != tt.want.status || got.length != tt.want.length || got.body != tt.want.body || !errors.Is(got.err, tt.want.err) {
					t.Errorf("%s: got %.300v, want %.300v", where, got, tt.want)
				}
				if got := len(s.Events()); got != tt.kept {
					t.Errorf("%s: kept %d events, want %d", where, got, tt.kept)
				}
				if got := s.Requests()[0].Status; got != tt.want.status {
					t.Errorf("%s: recorded status %d, want %d", where, got, tt.want.status)
				}
				if got := exchange(client, url, bodyOf(good)); got.body != ok { // the fault is over
					t.Errorf("%s: afterwards: got %v, want %s", where, got, ok)
				}
			}
		})
	}
}

func TestGzipBomb(t *testing.T) {
	s := New(Config{})
	url, client := serve(t, s)
	s.Inject(Fault{Bomb: 64 << 20, Status: 500})
	client.Transport.(*http.Transport).DisableCompression = true
	resp, err := client.Post(url, "application/json", strings.NewReader(bodyOf(good)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Encoding"); got != "gzip" || resp.StatusCode != 500 {
		t.Errorf("got %s and Content-Encoding %q, want 500 and gzip", resp.Status, got)
	}
	if resp.ContentLength > 128<<10 {
		t.Errorf("sent %d bytes, want a thousandth of 64 MiB", resp.ContentLength)
	}
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); n != 64<<20 || err != nil {
		t.Errorf("inflated to %d bytes, %v, want 64 MiB", n, err)
	}
}

// V1 refusals and faults are JSON, whatever made them.
func TestV1FaultReplies(t *testing.T) {
	s := New(Config{})
	s.Inject(Fault{Status: 503}, Fault{Status: 520}, Fault{Status: 200})
	for _, want := range []string{
		`503 {"error":"service_unavailable","error_description":"Service Unavailable"}`,
		`520 {"error":"status_520","error_description":""}`,
		`200 {"results":{"` + uuidOf(1) + `":{"result":"ok"}}}`,
	} {
		w := postV1(s, []byte(bodyV1(eventV1With(1))))
		if got := fmt.Sprintf("%d %s", w.Code, w.Body); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestConditions(t *testing.T) {
	two, b := bodyOf(good, good), bodyOf(good, `{"event":"b","distinct_id":"u"}`)
	s := New(Config{APIKey: "phc_x"})
	steps := []struct {
		name   string
		do     func()
		body   string
		status int
	}{
		{"healthy", func() {}, two, 200},
		{"down", func() { s.Inject(Fault{Status: 502}); s.Down(0) }, two, 503},
		{"still down", func() {}, two, 503},
		{"down otherwise", func() { s.Down(401) }, two, 401},
		{"up, where the injected fault waits", func() { s.Up() }, two, 502},
		{"up", func() {}, two, 200},
		{"at most one event", func() { s.Limit(1, 0) }, two, 413},
		{"one event", func() {}, bodyOf(good), 200},
		{"again too many", func() {}, two, 413},
		{"exactly as many bytes", func() { s.Limit(0, int64(len(two))) }, two, 200},
		{"a byte too many", func() { s.Limit(0, int64(len(two))-1) }, two, 413},
		{"no limit", func() { s.Limit(0, 0) }, two, 200},
		{"poison", func() { s.Poison("b", "c") }, b, 400},
		{"without poison", func() {}, two, 200},
		{"another poison", func() { s.Poison("a") }, b, 400},
		{"no poison", func() { s.Poison() }, b, 200},
		{"another key", func() { s.APIKey("phc_y") }, two, 401},
		{"any key", func() { s.APIKey("") }, two, 200},
		{"all at once", func() { s.Down(500); s.Limit(1, 1); s.Poison("a"); s.APIKey("k"); s.Inject(Fault{Status: 502}) }, two, 500},
		{"reset", func() { s.Reset() }, two, 200},
	}
	for _, tt := range steps {
		tt.do()
		if w := post(s, "/batch/", []byte(tt.body)); w.Code != tt.status {
			t.Errorf("%s: got %d %s, want %d", tt.name, w.Code, w.Body, tt.status)
		}
	}
}

// The limit is of decompressed bytes.
func TestLimitOfZippedBytes(t *testing.T) {
	s := New(Config{})
	s.Limit(0, 1000)
	body := zip(t, []byte(bodyOf(good)+strings.Repeat(" ", 1000)))
	if w := post(s, "/batch/", body); len(body) > 500 || w.Code != 413 {
		t.Errorf("%d bytes: got %d, want fewer than 500 and 413", len(body), w.Code)
	}
}

// Time in memory is the bubble's.
func TestFaultsInABubble(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name  string
		fault Fault
		ends  bool // only with the context
		after time.Duration
	}{
		{"healthy", Fault{}, false, 0},
		{"delay", Fault{Delay: day}, false, day},
		{"drip", Fault{Drip: time.Hour}, false, 12 * time.Hour},
		{"delay and drip", Fault{Delay: day, Drip: time.Hour, Status: 404}, false, day + 10*time.Hour},
		{"delay beyond the context", Fault{Delay: 3 * day}, true, 2 * day},
		{"hang", Fault{Request: Hung}, true, 2 * day},
		{"hang with the events kept", Fault{Request: Hung, RequestBytes: All, Keep: true}, true, 2 * day},
		{"hang in the reply", Fault{Delay: day, Reply: Hung, ReplyBytes: 3}, true, 2 * day},
		{"hang behind a slow reply", Fault{Drip: time.Hour, Reply: Hung, ReplyBytes: 3}, true, 2 * day},
		{"drip beyond the context", Fault{Drip: day}, true, 2 * day},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(Config{})
				s.Inject(tt.fault)
				start := time.Now()
				client := &http.Client{Transport: s, Timeout: 2 * day}
				got := exchange(client, "http://sink/batch/", bodyOf(good))
				if (got.err != nil) != tt.ends {
					t.Errorf("got %v, want an error: %t", got, tt.ends)
				}
				if got := time.Since(start); got != tt.after {
					t.Errorf("took %v, want %v", got, tt.after)
				}
			})
		})
	}
}

func TestCloseEndsRoundTrips(t *testing.T) {
	for name, fault := range map[string]Fault{
		"hang":          {Request: Hung},
		"delay":         {Delay: time.Hour},
		"hang in reply": {Reply: Hung},
		"drip":          {Drip: time.Hour},
		"endless":       {Endless: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(Config{})
				s.Inject(fault)
				done := make(chan error)
				go func() {
					resp, err := (&http.Client{Transport: s}).Post("http://sink/batch/", "application/json", strings.NewReader(bodyOf(good)))
					if err == nil {
						_, err = io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
					}
					done <- err
				}()
				if name != "endless" { // which never rests
					synctest.Wait()
				}
				s.Close()
				if err := <-done; !errors.Is(err, ErrClosed) {
					t.Errorf("got %v, want %v", err, ErrClosed)
				}
			})
		})
	}
}
