package phtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
)

func TestServer(t *testing.T) {
	srv := NewServer(t)
	srv.Reply(503, Times(2), RetryAfter("0"))
	srv.Reply(0, Reset(10))
	srv.Reply(0, Delay(time.Millisecond))
	client, err := ph.New(ph.Config{APIKey: "phc_x", Host: srv.URL, FlushEvery: time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	id, err := ph.TryCapture(ph.With(t.Context(), ph.UseClient(client), ph.User("u")), "movie played", ph.Props{"n": 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := srv.Wait(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if err := client.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
	events := srv.Events()
	if len(events) != 1 || events[0].UUID() != id || events[0].DistinctID() != "u" {
		t.Fatalf("got %v, want one event with uuid %s", events, id)
	}
	if got := srv.Requests(); got != 4 {
		t.Errorf("got %d requests, want 4: two refused, one reset, one good", got)
	}
}

const (
	movieID = "0190c8a4-1111-7222-8333-444455556666"
	songID  = "0190c8a4-1111-7222-8333-444455556667"
	v0Event = `{"event":"movie played","distinct_id":"u","uuid":"` + movieID + `","timestamp":"2026-01-02T03:04:05Z","properties":{"n":1}}`
	v0Body  = `{"api_key":"phc_x","batch":[` + v0Event + `]}`
	v1Body  = `{"created_at":"2026-01-02T03:04:05Z","batch":[` +
		`{"event":"movie played","distinct_id":"u","uuid":"` + movieID + `","timestamp":"2026-01-02T03:04:05Z","session_id":"s","window_id":"w",` +
		`"options":{"process_person_profile":false,"disable_skew_correction":true,"product_tour_id":"t"},"properties":{"n":1}},` +
		`{"event":"song played","distinct_id":"u","uuid":"` + songID + `","timestamp":"2026-01-02T03:04:05Z","options":{},"properties":{}}]}`
)

// post sends one request that no client sends again by itself.
func post(t *testing.T, client *http.Client, url, body string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, struct{ io.Reader }{strings.NewReader(body)})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]string{
		"Authorization": "Bearer phc_x", "Content-Type": "application/json", "User-Agent": "phgen-go/0.1.0", "PostHog-Sdk-Info": "phgen-go/0.1.0",
		"PostHog-Attempt": "1", "PostHog-Request-Id": movieID, "PostHog-Request-Timestamp": "2026-01-02T03:04:05Z",
	} {
		r.Header.Set(name, v)
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 100))
	return resp, string(text), err
}

// plainClient follows no redirect, inflates nothing and leaves no connection.
func plainClient(t *testing.T) *http.Client {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func TestReplies(t *testing.T) {
	const ok = `{"status":1}`
	tests := []struct {
		name   string
		status int
		opts   []ReplyOption
		want   string // status, header and body
		err    error
		kept   int
	}{
		{"healthy", 0, nil, "200 " + ok, nil, 1},
		{"status", 404, nil, "404 Not Found\n", nil, 0},
		{"RetryAfter", 429, []ReplyOption{RetryAfter("9")}, "429 Retry-After: 9 Too Many Requests\n", nil, 0},
		{"Keep", 503, []ReplyOption{Keep()}, "503 Service Unavailable\n", nil, 1},
		{"Body", 0, []ReplyOption{Body("text/html", []byte("<p>"))}, "200 <p>", nil, 0},
		{"empty Body", 502, []ReplyOption{Body("", nil)}, "502 ", nil, 0},
		{"Body with Keep", 0, []ReplyOption{Body("", nil), Keep()}, "200 ", nil, 1},
		{"RedirectTo", 0, []ReplyOption{RedirectTo("http://127.0.0.1:1/x")}, "307 Location: http://127.0.0.1:1/x Temporary Redirect\n", nil, 0},
		{"RedirectTo with a status", 301, []ReplyOption{RedirectTo("/x")}, "301 Location: /x Moved Permanently\n", nil, 0},
		{"Drip", 0, []ReplyOption{Drip(10_000)}, "200 " + ok, nil, 1},
		{"Endless", 0, []ReplyOption{Endless()}, "200 " + strings.Repeat(ok, 10)[:100], nil, 1},
		{"Cut", 0, []ReplyOption{Cut(3)}, "200 " + ok[:3], io.ErrUnexpectedEOF, 1},
		{"ResetReply", 0, []ReplyOption{ResetReply(3)}, "200 " + ok[:3], syscall.ECONNRESET, 1},
		{"Reset", 0, []ReplyOption{Reset(3)}, "", syscall.ECONNRESET, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := NewServer(t)
			srv.Reply(tt.status, tt.opts...)
			resp, text, err := post(t, plainClient(t), srv.URL+"/batch/", v0Body)
			got := ""
			if resp != nil {
				got = fmt.Sprint(resp.StatusCode, " ")
				for _, name := range []string{"Retry-After", "Location"} {
					if v := resp.Header.Get(name); v != "" {
						got += name + ": " + v + " "
					}
				}
				got += text
			}
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
			if got := len(srv.Events()); got != tt.kept {
				t.Errorf("kept %d events, want %d", got, tt.kept)
			}
		})
	}
}

// Whoever waits for one of these has a deadline.
func TestRepliesThatHang(t *testing.T) {
	tests := []struct {
		name string
		opts []ReplyOption
		text string
		kept int
	}{
		{"HangReply", []ReplyOption{HangReply(3)}, `{"s`, 1},
		{"Hang", []ReplyOption{Hang()}, "", 0},
		{"Hang with Keep", []ReplyOption{Hang(), Keep()}, "", 1},
		{"Stall", []ReplyOption{Stall(3)}, "", 0},
		{"Delay", []ReplyOption{Delay(2 * time.Hour)}, "", 1},
		{"Drip", []ReplyOption{Delay(time.Hour - 3500*time.Millisecond), Drip(1)}, `{"s`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := NewMemoryServer(t)
				srv.Reply(0, tt.opts...)
				start := time.Now()
				_, text, err := post(t, &http.Client{Transport: srv, Timeout: time.Hour}, srv.URL+"/batch/", v0Body)
				if text != tt.text || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %q, %v, want %q, %v", text, err, tt.text, context.DeadlineExceeded)
				}
				if got := time.Since(start); got != time.Hour {
					t.Errorf("took %v, want an hour", got)
				}
				if got := len(srv.Events()); got != tt.kept {
					t.Errorf("kept %d events, want %d", got, tt.kept)
				}
			})
		})
	}
}

func TestGzipBomb(t *testing.T) {
	srv := NewServer(t)
	srv.Reply(200, GzipBomb(8<<20))
	resp, err := plainClient(t).Post(srv.URL+"/batch/", "application/json", strings.NewReader(v0Body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	sent, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); n != 8<<20 || err != nil || len(sent) > 16<<10 {
		t.Errorf("%d bytes inflated to %d, %v, want 8 MiB out of less than 16 KiB", len(sent), n, err)
	}
}

// A client that knows v0 and one that knows v1 are tested by the same comparisons.
func TestV1Events(t *testing.T) {
	srv := NewMemoryServer(t)
	client := &http.Client{Transport: srv}
	resp, text, err := post(t, client, srv.URL+"/i/v1/analytics/events", v1Body)
	if want := `{"results":{"` + movieID + `":{"result":"ok"},"` + songID + `":{"result":"ok"}}}`; err != nil || resp.StatusCode != 200 || !strings.HasPrefix(want, text) {
		t.Fatalf("got %v %s, %v, want %s", resp, text, err, want)
	}
	want := map[string]string{
		"n": "1", "$session_id": `"s"`, "$window_id": `"w"`, "$lib": `"phgen-go"`, "$lib_version": `"0.1.0"`,
		"$process_person_profile": "false", "$ignore_sent_at": "true", "$product_tour_id": `"t"`,
	}
	events := srv.Events()
	for key, text := range want {
		if v, ok := events[0].Value(key); !ok || string(v.JSON()) != text {
			t.Errorf("%s: got %s, want %s", key, v.JSON(), text)
		}
	}
	if got := len(events[0].properties); got != len(want) {
		t.Errorf("got %d properties, want %d", got, len(want))
	}
	if got := len(events[1].properties); got != 2 {
		t.Errorf("got %d properties of an event with nothing to put back but $lib and $lib_version, want 2", got)
	}
}

// What a client sends arrives alike, whatever the protocol.
func TestProtocols(t *testing.T) {
	want := propertiesSent(t, ph.Config{})
	if len(want) != 2 {
		t.Fatalf("got %v, want two events", want)
	}
	for _, c := range []ph.Compression{ph.NoCompression, ph.Gzip, ph.Zstd, ph.Deflate} {
		got := propertiesSent(t, ph.Config{Protocol: ph.V1, Compression: c})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("v1 with compression %d (-v0 +v1):\n%s", c, diff)
		}
	}
}

// propertiesSent are the properties of two events, sent again and again until the
// server has them.
func propertiesSent(t *testing.T, cfg ph.Config) map[string]string {
	t.Helper()
	got := map[string]string{}
	synctest.Test(t, func(t *testing.T) {
		srv := NewMemoryServer(t)
		srv.Reply(503, On("/i/v0/ai/batch/"))
		srv.Reply(0, On("/i/v1/analytics/events"), Result("movie played", "retry", "not_persisted"))
		cfg.APIKey, cfg.Host, cfg.Transport, cfg.Logger = "phc_x", srv.URL, srv, slog.New(slog.DiscardHandler)
		client, err := ph.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("u"))
		ph.Capture(ctx, "movie played", ph.Props{"n": 1, "$session_id": "s", "$window_id": "w", "$process_person_profile": false, "$ignore_sent_at": true})
		ph.CaptureAI(ctx, "$ai_generation", ph.Props{"n": 2})
		if err := client.Close(ctx); err != nil {
			t.Error(err)
		}
		for _, e := range srv.Events() {
			text, err := json.Marshal(e.properties)
			if err != nil {
				t.Fatal(err)
			}
			got[e.Event()] = string(text)
		}
	})
	return got
}

func TestResult(t *testing.T) {
	srv := NewMemoryServer(t)
	client := &http.Client{Transport: srv}
	url := srv.URL + "/i/v1/analytics/events"
	srv.Reply(0, Result("movie played", "retry", "not_persisted"), Result("song played", "", ""))
	srv.Reply(0, Result(movieID, "drop", "x"), Result("movie played", "ok", ""))
	for i, want := range []struct {
		text, retryAfter string
		kept             int
	}{
		{`{"results":{"` + movieID + `":{"result":"retry","details":"not_persisted"}}}`, "1", 1},
		{`{"results":{"` + movieID + `":{"result":"drop","details":"x"},"` + songID + `":{"result":"ok"}}}`, "", 2},
		{`{"results":{"` + movieID + `":{"result":"ok"},"` + songID + `":{"result":"ok"}}}`, "", 4},
	} {
		resp, text, err := post(t, client, url, v1Body)
		if err != nil {
			t.Fatal(err)
		}
		if want.text = want.text[:min(len(want.text), 100)]; text != want.text {
			t.Errorf("request %d: got %s, want %s", i, text, want.text)
		}
		if got := resp.Header.Get("Retry-After"); got != want.retryAfter {
			t.Errorf("request %d: got Retry-After %q, want %q", i, got, want.retryAfter)
		}
		if got := len(srv.Events()); got != want.kept {
			t.Errorf("request %d: kept %d events, want %d", i, got, want.kept)
		}
	}
}

func TestConditions(t *testing.T) {
	srv := NewServer(t)
	client := plainClient(t)
	send := func() string {
		t.Helper()
		resp, _, err := post(t, client, srv.URL+"/batch/", v0Body)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return "late"
		case err != nil:
			return "broken"
		}
		return fmt.Sprint(resp.StatusCode)
	}
	for _, tt := range []struct {
		name string
		do   func()
		want string
	}{
		{"up", func() {}, "200"},
		{"down", func() { srv.Down(503) }, "503"},
		{"down by key", func() { srv.Down(401) }, "401"},
		{"up again", func() { srv.Up() }, "200"},
		{"refusing", func() { srv.Refuse() }, "broken"},
		{"up from refusing", func() { srv.Up() }, "200"},
		{"unplugged", func() { srv.Unplug(); client.Timeout = 50 * time.Millisecond }, "late"},
		{"up from unplugged", func() { srv.Up(); client.CloseIdleConnections(); client.Timeout = 0 }, "200"},
		{"limit", func() { srv.Limit(0, 10) }, "413"},
		{"no limit", func() { srv.Limit(0, 0) }, "200"},
		{"poison", func() { srv.Poison("song played", "movie played") }, "400"},
		{"no poison", func() { srv.Poison() }, "200"},
		{"key", func() { srv.APIKey("phc_y") }, "401"},
		{"the key", func() { srv.APIKey("phc_x") }, "200"},
	} {
		tt.do()
		if got := send(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// A day of outage in virtual time, through all the ways of being away.
func TestMemoryServerInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := NewMemoryServer(t)
		client, err := ph.New(ph.Config{APIKey: "phc_x", Host: srv.URL, Transport: srv, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx := ph.With(t.Context(), ph.UseClient(client), ph.User("u"))
		for i, outage := range []func(){srv.Refuse, srv.Unplug, func() { srv.Down(503) }, func() { srv.Reply(0, Hang(), Times(3)) }} {
			outage()
			if _, err := ph.TryCapture(ctx, "movie played", ph.Props{"n": i}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(6 * time.Hour)
			srv.Up()
			time.Sleep(time.Hour)
			if got := len(srv.Events()); got != i+1 {
				t.Errorf("after outage %d: %d events, want %d", i, got, i+1)
			}
		}
		if err := client.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// fatalTB notes what would end the test.
type fatalTB struct {
	testing.TB
	fatal string
}

func (t *fatalTB) Fatalf(format string, args ...any) { t.fatal = fmt.Sprintf(format, args...) }

func TestImpossibleStatus(t *testing.T) {
	for _, status := range []int{-1, 7, 100, 199, 600} {
		tb := &fatalTB{TB: t}
		NewMemoryServer(tb).Reply(status)
		want := fmt.Sprintf("phtest: status %d: no reply has it; use 200 to 599", status)
		if tb.fatal != want {
			t.Errorf("Reply(%d): got %q, want %q", status, tb.fatal, want)
		}
		tb.fatal = ""
		if NewMemoryServer(tb).Down(status); tb.fatal != want {
			t.Errorf("Down(%d): got %q, want %q", status, tb.fatal, want)
		}
	}
}
