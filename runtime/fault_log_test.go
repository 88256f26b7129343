package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// A shared is a buffer that several goroutines write to.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *shared) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.text.Reset()
	return s.text.String()
}

// talkative fails now and then with an error that tells all that it knows.
type talkative struct {
	bench *bench
	talks bool
}

func (rt *talkative) RoundTrip(r *http.Request) (*http.Response, error) {
	if rt.talks {
		return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: fmt.Errorf("key %s, header %v", benchKey, r.Header)}
	}
	return rt.bench.RoundTrip(r)
}

// Through all faults, at the most talkative level, neither log nor errors tell the key or
// anything of a payload.
func TestFaultLogTellsNoSecret(t *testing.T) {
	echo := []byte(fmt.Sprintf(`{"error":"unknown key %s","error_description":"Bearer %s is not known"}`, benchKey, benchKey))
	faults := append([]outage{
		{name: "401 that repeats the key", fault: sink.Fault{Status: 401, Body: echo, ContentType: "application/json"}},
		{name: "400 that repeats the key", fault: sink.Fault{Status: 400, Body: echo, ContentType: "application/json"}},
		{name: "402", fault: sink.Fault{Status: 402}},
		{name: "403", fault: sink.Fault{Status: 403}},
		{name: "413", fault: sink.Fault{Status: 413}},
		{name: "a page", fault: sink.Fault{Body: []byte("<html>"), ContentType: "text/html"}},
		{name: "a page of the key", fault: sink.Fault{Body: []byte(benchKey), ContentType: benchKey}},
		{name: "results of the key", fault: sink.Fault{Verdict: says(map[string]sink.Verdict{"e": {Result: "drop", Details: benchKey}})}},
		{name: "a warning of the key", fault: sink.Fault{Verdict: says(map[string]sink.Verdict{"e": {Result: "warning", Details: benchKey}})}},
		{name: "a redirect with the key", fault: sink.Fault{Status: 308, Location: "https://elsewhere.test/?key=" + benchKey}},
	}, outages...)
	giant := strings.Repeat(benchText, 1<<17)
	test := func(t *testing.T, s setup) {
		out := new(shared)
		rt := new(talkative)
		b := newBench(t, s, func(c *Config) {
			c.Debug, c.MaxAge, c.QueueSize, c.Transport = true, time.Hour, 100, rt
			c.Logger = slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: slog.Level(-100), AddSource: true}))
			c.OnLost = func(l LostEvent) { fmt.Fprintf(out, "%+v %v\n", l, l.Err) }
			c.OnViolation = func(v Violation) { _ = v } // which is the host's own, and tells the value
			c.SuperProperties = Props{"super": benchText, "bad": make(chan int)}
			c.PIIKey = []byte(benchText + benchText)
		})
		rt.bench = b
		lines := 0
		grep := func(name string) {
			t.Helper()
			text := out.take()
			lines += strings.Count(text, "\n")
			for _, line := range strings.Split(text, "\n") {
				if strings.Contains(line, "canary") {
					t.Errorf("%s: the log tells a secret:\n%s", name, line)
				}
			}
		}
		trouble := func(name string) {
			t.Helper()
			ctx := With(b.ctx, Tag("tag", benchText), Session(benchText), Group("org", benchText))
			capture := Capture
			if s.ai {
				capture = CaptureAI
			}
			for range 30 { // more than there is room for, in time
				capture(ctx, "e", Props{"text": benchText, "nan": nan, "panics": panics{}})
			}
			Capture(ctx, "e", Props{"text": giant})
			capture(ctx, "", Props{"text": benchText})
			capture(ctx, "e", Props{"text": benchText}, InGroup("org", ""))
			Identify(ctx, Props{"email": benchText}, nil)
			b.pass(3 * time.Minute)
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			if err := b.Flush(short); err != nil {
				fmt.Fprintln(out, err, errors.Unwrap(err))
			}
			synctest.Wait()
			grep(name)
		}
		for _, o := range faults {
			b.begin(o)
			trouble(o.name)
			b.finish(o)
			b.pass(2 * time.Minute)
		}
		rt.talks = true
		trouble("an error with everything")
		rt.talks = false
		b.disk.Fail(faultfs.Faults{ReadOnly: true, Reads: 3})
		trouble("a broken disk")
		b.every(&sink.Fault{Status: 503})
		trouble("an outage")
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		fmt.Fprintln(out, b.Close(short))
		synctest.Wait()
		grep("Close")
		b.stats()
		if lines < 10*len(faults) {
			t.Errorf("%d lines were logged: that is no test", lines)
		}
	}
	for _, s := range []setup{setups[0], setups[4], setups[5]} {
		inSetup(t, s, test)
	}
}
