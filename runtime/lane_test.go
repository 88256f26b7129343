package runtime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

const (
	pathV0 = "/batch/"
	pathV1 = "/i/v1/analytics/events"
	pathAI = "/i/v0/ai/batch/"
)

var bubbleText = regexp.MustCompile(`(?m)^goroutine \d+ [^\n]*(synctest bubble \d+)`)

// bubbleGoroutines counts the goroutines of the bubble of the caller: those of other tests
// come and go.
func bubbleGoroutines() int {
	buf := make([]byte, 1<<20)
	all := bubbleText.FindAllSubmatch(buf[:goruntime.Stack(buf, true)], -1)
	n := 0
	for _, g := range all {
		if bytes.Equal(g[1], all[0][1]) { // the caller's comes first
			n++
		}
	}
	return n
}

// Whatever the client speaks, CaptureAI speaks the older protocol, at its own address.
func TestCaptureAI(t *testing.T) {
	for _, tt := range []struct {
		cfg        Config
		coding     string
		query      string
		mainPath   string
		mainCoding string
	}{
		{Config{}, "gzip", "compression=gzip", pathV0, "gzip"},
		{Config{Compression: NoCompression}, "", "", pathV0, ""},
		{Config{Protocol: V1}, "gzip", "compression=gzip", pathV1, "gzip"},
		{Config{Protocol: V1, Compression: Zstd}, "gzip", "compression=gzip", pathV1, "zstd"},
		{Config{Protocol: V1, Compression: Deflate}, "gzip", "compression=gzip", pathV1, "deflate"},
		{Config{Protocol: V1, Compression: NoCompression}, "", "", pathV1, ""},
	} {
		p := newPostHog()
		c, ctx := p.client(t, tt.cfg)
		id := CaptureAI(With(ctx, Session("s")), "$ai_generation", Props{"$ai_model": "m"}, Personless())
		Capture(ctx, "e", nil)
		if err := c.Flush(t.Context()); err != nil || id == uuid.Nil {
			t.Errorf("%+v: uuid %v, error %v", tt.cfg, id, err)
		}
		name := fmt.Sprintf("protocol %d, compression %d", tt.cfg.Protocol, tt.cfg.Compression)
		if p.coding[pathAI] != tt.coding || p.query[pathAI] != tt.query || p.coding[tt.mainPath] != tt.mainCoding {
			t.Errorf("%s: AI %q and %q, main %q, want %q, %q and %q", name, p.coding[pathAI], p.query[pathAI], p.coding[tt.mainPath],
				tt.coding, tt.query, tt.mainCoding)
		}
		got, _, found := strings.Cut(masked(p.body[pathAI]), string(c.ai.Load().tail))
		want := `{"api_key":"phc_k","batch":[{"event":"$ai_generation","distinct_id":"u_1","uuid":"ID","timestamp":"T",` +
			`"properties":{"$ai_model":"m","$session_id":"s","$process_person_profile":false,`
		if got != want || !found || !strings.Contains(string(c.ai.Load().tail), `"$lib":"phgen-go"`) {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// Events of AI may have 8 MiB, in one text or in many values; others may not.
func TestCaptureAILarge(t *testing.T) {
	messages := func(size int) []any {
		var list []any
		for range size / 1000 {
			list = append(list, map[string]any{"role": "user", "content": strings.Repeat("x", 970)})
		}
		return list
	}
	tooLarge := []any{strings.Repeat("x", 9<<20), messages(9 << 20)}
	for _, hook := range []func(*Message) bool{nil, func(*Message) bool { return true }} {
		p := newPostHog()
		c, ctx := p.client(t, Config{BeforeSend: hook, Compression: NoCompression})
		for _, v := range []any{messages(5 << 20), strings.Repeat("x", 8<<20-2000)} {
			if id, err := untyped(ctx, &untypedAI, "$ai_generation", Props{"$ai_input": v}, nil); id == uuid.Nil || err != nil {
				t.Errorf("%T: got %v and %v, want it accepted", v, id, err)
			}
			if err := c.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			if got := len(p.body[pathAI]); got < 5_200_000 {
				t.Errorf("%T: %d bytes arrived, want 5,200,000 at least", v, got)
			}
		}
		for _, v := range tooLarge {
			if _, err := untyped(ctx, &untypedAI, "$ai_generation", Props{"$ai_input": v}, nil); !errors.Is(err, ErrTooLarge) {
				t.Errorf("9 MiB of %T: got %v, want ErrTooLarge", v, err)
			}
		}
		if id := CaptureAI(ctx, "$ai_generation", Props{"$ai_input": tooLarge[0]}); id != uuid.Nil || c.Stats().RefusedBy["too_large"] != 3 {
			t.Errorf("9 MiB: CaptureAI answered %v, %+v", id, c.Stats())
		}
		if _, err := TryCapture(ctx, "$ai_generation", Props{"$ai_input": messages(2 << 20)}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("TryCapture of 2 MiB: got %v, want ErrTooLarge", err)
		}
		_ = c.Close(t.Context())
	}
}

// A large list arrives whole.
func TestCaptureAILosesNoItem(t *testing.T) {
	p := newPostHog()
	c, ctx := p.client(t, Config{Compression: NoCompression})
	items := make([]int, 600_000)
	CaptureAI(ctx, "$ai_embedding", Props{"v": items})
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Count(p.body[pathAI], "0,"); got < len(items)-1 {
		t.Errorf("%d items arrived, want %d", got, len(items))
	}
}

// An endpoint that hangs holds up its own lane only.
func TestLanesAreIndependent(t *testing.T) {
	for _, hung := range []string{pathV0, pathAI} {
		synctest.Test(t, func(t *testing.T) {
			p := newPostHog()
			release := make(chan struct{})
			p.hang[hung] = release
			c, ctx := p.client(t, Config{BatchSize: 1, FlushEvery: time.Second})
			for range 5 {
				Capture(ctx, "e", nil)
				CaptureAI(ctx, "ai", nil)
				synctest.Wait()
			}
			free := pathV0
			if hung == pathV0 {
				free = pathAI
			}
			if len(p.took[free]) != 5 || len(p.took[hung]) != 0 {
				t.Errorf("%s hangs: %v arrived, want 5 at %s alone", hung, p.took, free)
			}
			s := c.Stats()
			if s.Accepted != 10 || s.Sent != 5 || s.InFlight+s.Queued != 5 {
				t.Errorf("%s hangs: %+v, want 10 accepted and 5 sent", hung, s)
			}

			// Flush and Close wait for both, and under one deadline.
			short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			start := time.Now()
			var u *UndeliveredError
			if err := c.Flush(short); !errors.As(err, &u) || u.ByReason["pending"] != 5 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s hangs: Flush: %v, want 5 pending", hung, err)
			}
			if took := time.Since(start); took != 2*time.Second {
				t.Errorf("%s hangs: Flush took %v, want 2s", hung, took)
			}
			close(release)
			if err := c.Flush(t.Context()); err != nil {
				t.Errorf("Flush: %v", err)
			}
			p.mu.Lock()
			p.hang[hung] = make(chan struct{})
			p.mu.Unlock()
			Capture(ctx, "e", nil)
			CaptureAI(ctx, "ai", nil)
			long, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			start = time.Now()
			if err := c.Close(long); !errors.As(err, &u) || u.Events != 1 || u.ByReason["shutdown_deadline"] != 1 {
				t.Errorf("%s hangs: Close: %v, want one event lost at the deadline", hung, err)
			}
			if took := time.Since(start); took < 3*time.Second || took > 3*time.Second+100*time.Millisecond {
				t.Errorf("%s hangs: Close took %v, want 3s", hung, took)
			}
			if s := c.Stats(); s.Accepted != 12 || s.Sent != 11 || s.Lost != 1 || s.LostBy["shutdown_deadline"] != 1 {
				t.Errorf("%s hangs: after Close %+v, want 11 of 12 sent", hung, s)
			}
		})
	}
}

// What both lanes lose is told in one error.
func TestLanesJoinErrors(t *testing.T) {
	p := newPostHog()
	p.status[pathV0], p.status[pathAI] = 400, 413
	c, ctx := p.client(t, Config{FlushEvery: time.Hour})
	Capture(ctx, "e", nil)
	CaptureAI(ctx, "ai", nil)
	var u *UndeliveredError
	if err := c.Flush(t.Context()); !errors.As(err, &u) {
		t.Fatalf("Flush: %v, want an UndeliveredError", err)
	}
	if diff := cmp.Diff(u.ByReason, map[string]uint64{"rejected": 1, "too_large": 1}); diff != "" || u.Events != 2 || u.Err == nil {
		t.Errorf("%+v (-got +want):\n%s", u, diff)
	}
	_ = c.Close(t.Context())
}

// A lane costs nothing before its first event, and none is made after Close.
func TestAILaneIsLazy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := bubbleGoroutines()
		p := newPostHog()
		c, ctx := p.client(t, Config{})
		if got := bubbleGoroutines() - before; got != 0 || len(c.opened()) != 1 {
			t.Errorf("New: %d goroutines and %d lanes, want 0 and 1", got, len(c.opened()))
		}
		Capture(ctx, "e", nil)
		synctest.Wait()
		if got := bubbleGoroutines() - before; got != 1 || len(c.opened()) != 1 {
			t.Errorf("Capture: %d goroutines and %d lanes, want 1 and 1", got, len(c.opened()))
		}
		CaptureAI(ctx, "ai", nil)
		synctest.Wait()
		if got := bubbleGoroutines() - before; got != 2 || len(c.opened()) != 2 {
			t.Errorf("CaptureAI: %d goroutines and %d lanes, want 2 and 2", got, len(c.opened()))
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := bubbleGoroutines() - before; got != 0 {
			t.Errorf("Close left %d goroutines", got)
		}
	})
	p := newPostHog()
	c, ctx := p.client(t, Config{})
	_ = c.Close(t.Context())
	if id := CaptureAI(ctx, "ai", nil); id != uuid.Nil || len(c.opened()) != 1 || c.Stats().RefusedBy["closed"] != 1 {
		t.Errorf("CaptureAI after Close: %v, %d lanes, %+v", id, len(c.opened()), c.Stats())
	}
	if l := c.aiLane(); l != nil {
		t.Error("a lane was opened after Close")
	}
}

// Calls of CaptureAI that race with each other and with Close make one lane, and Close
// waits for what it took.
func TestAILaneRace(t *testing.T) {
	for range 50 {
		p := newPostHog()
		c, ctx := p.client(t, Config{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { CaptureAI(ctx, "ai", nil) })
		}
		wg.Go(func() {
			if err := c.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		s := c.Stats()
		if s.Accepted != s.Sent || s.Accepted+s.RefusedBy["closed"] != 4 || len(c.opened()) > 2 {
			t.Errorf("%+v and %d lanes", s, len(c.opened()))
		}
	}
}

// Debug tells every step in one line, and a warning of the server is logged without it.
func TestDebug(t *testing.T) {
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{Debug: true}, `level=INFO msg="event captured" event=e uuid=ID bytes=N
level=INFO msg="event captured" event=ai uuid=ID bytes=N
level=INFO msg=request events=1 bytes=N sent=N status=200 took=0s attempt=1
level=INFO msg=request events=1 bytes=N sent=N status=200 took=0s attempt=1
`},
		{Config{Debug: true, Protocol: V1}, `level=INFO msg="event captured" event=e uuid=ID bytes=N
level=INFO msg="event captured" event=ai uuid=ID bytes=N
level=WARN msg="PostHog took events with a warning" warning=person_processing_disabled events=1
level=INFO msg=request events=1 bytes=N sent=N status=200 took=0s attempt=1
level=INFO msg=request events=1 bytes=N sent=N status=200 took=0s attempt=1
`},
		{Config{Protocol: V1}, `level=WARN msg="PostHog took events with a warning" warning=person_processing_disabled events=1
`},
		{Config{}, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			p := newPostHog()
			p.result = func(string) string { return `{"result":"warning","details":"person_processing_disabled"}` }
			tt.cfg.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				switch a.Key {
				case slog.TimeKey:
					return slog.Attr{}
				case "bytes", "sent":
					return slog.String(a.Key, "N")
				case "uuid":
					return slog.String(a.Key, "ID")
				}
				return a
			}}))
			c, ctx := p.client(t, tt.cfg)
			Capture(ctx, "e", Props{"secret": "canary"})
			CaptureAI(ctx, "ai", Props{"secret": "canary"})
			for _, l := range c.opened() { // one after the other
				if err := l.queue.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			}
			_ = c.Close(t.Context())
			if diff := cmp.Diff(out.String(), tt.want); diff != "" {
				t.Errorf("log (-got +want):\n%s", diff)
			}
		})
	}
}
