package poll

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/internal/flagapi"
)

const second = time.Second

func TestPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{}, ok(1, "e1"), current(""), ok(2, "e2"), ok(2, "e3"), current("e4"), ok(3, ""), ok(3, ""))
		g.until(180 * second)
		want := []request{{0, ""}, {30 * second, "e1"}, {60 * second, "e1"}, {90 * second, "e2"}, {120 * second, "e3"}, {150 * second, "e4"}, {180 * second, ""}}
		if diff := cmp.Diff(g.requests, want); diff != "" {
			t.Errorf("requests (-got +want):\n%s", diff)
		}
		// Neither a 304 nor the same document is a change.
		changes := []string{`1 flags from api, etag "e1", generation 1`, `2 flags from api, etag "e2", generation 3`, `3 flags from api, etag "", generation 6`}
		if diff := cmp.Diff(g.seen(&g.changes), changes); diff != "" {
			t.Errorf("changes (-got +want):\n%s", diff)
		}
		if got, want := g.now(), `3 flags from api, etag "", generation 7`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		status := Status{Flags: 3, Source: API, LoadedAt: g.start.Add(150 * second), LastSuccess: g.start.Add(180 * second), LastAttempt: g.start.Add(180 * second)}
		if diff := cmp.Diff(g.Status(), status); diff != "" {
			t.Errorf("status (-got +want):\n%s", diff)
		}
		if reports := g.seen(&g.reports); reports != nil {
			t.Errorf("reports %q", reports)
		}
	})
}

func TestEvery(t *testing.T) {
	for every, want := range map[time.Duration]time.Duration{
		0: 30 * second, -1: 30 * second, 1: 100 * time.Millisecond, 250 * time.Millisecond: 250 * time.Millisecond, 5 * time.Minute: 5 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			g := newRig(t, Config{Every: every}, ok(1, ""))
			g.until(want)
			if diff := cmp.Diff(g.times(), []time.Duration{0, want}); diff != "" {
				t.Errorf("%v: requests (-got +want):\n%s", every, diff)
			}
		})
	}
}

// What an answer does to what is loaded, and to the next attempt.
func TestAnswers(t *testing.T) {
	const (
		kept    = `2 flags from api, etag "e1", generation 1`
		cleared = "nothing, generation 2"
	)
	for name, c := range map[string]struct {
		reply  reply
		want   string
		next   time.Duration // after the answer, at an interval of 10 s
		report string
	}{
		"400":          {refuse(400, 0), kept, 10 * second, "endpoint answered 400 Bad Request"},
		"401":          {refuse(401, 0), cleared, 20 * second, "endpoint answered 401 Unauthorized"},
		"402":          {refuse(402, 0), cleared, 10 * second, "endpoint answered 402 Payment Required"},
		"403":          {refuse(403, 0), kept, 20 * second, "endpoint answered 403 Forbidden"},
		"404":          {refuse(404, 0), kept, 10 * second, "endpoint answered 404 Not Found"},
		"429":          {refuse(429, 0), kept, 20 * second, "endpoint answered 429 Too Many Requests"},
		"429, wait":    {refuse(429, 45*second), kept, 45 * second, "endpoint answered 429 Too Many Requests"},
		"429, at once": {refuse(429, second), kept, 20 * second, "endpoint answered 429 Too Many Requests"},
		"429, forever": {refuse(429, 24*time.Hour), kept, 5 * time.Minute, "endpoint answered 429 Too Many Requests"},
		"500":          {refuse(500, 0), kept, 10 * second, "endpoint answered 500 Internal Server Error"},
		"503, wait":    {refuse(503, 15*second), kept, 15 * second, "endpoint answered 503 Service Unavailable"},
		"503, at once": {refuse(503, second), kept, 10 * second, "endpoint answered 503 Service Unavailable"},
		"down":         {down, kept, 10 * second, "connection refused"},
		"hangs":        {after(time.Hour, down), kept, 20 * second, "no answer within 10s"},
		"no flags":     {raw(`{}`), kept, 10 * second, ""},
		"null":         {raw(`null`), kept, 10 * second, ""},
		"garbage":      {raw(`{"flags":`), kept, 10 * second, ""},
		"panic":        {func(context.Context, string) (flagapi.Definitions, error) { panic("no") }, kept, 10 * second, "panic: no"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newRig(t, Config{Every: 10 * second}, ok(2, "e1"), c.reply, ok(3, "e2"))
				g.until(10*second + c.next - 1)
				if got := g.now(); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
				if n := len(g.times()); n != 2 {
					t.Errorf("%d requests, want 2", n)
				}
				err := g.Status().Err
				reports := g.seen(&g.reports)
				if err == nil || len(reports) != 1 || reports[0] != "loading flag definitions: "+err.Error() || c.report != "" && err.Error() != c.report {
					t.Errorf("status %v and reports %q, want %q", err, reports, c.report)
				}
				if got := g.Status().LastSuccess.Sub(g.start); got != 0 {
					t.Errorf("last success after %v, want 0s", got)
				}
				g.until(10*second + c.next)
				if n, err := len(g.times()), g.Status().Err; n != 3 || err != nil || g.State().Definitions.Len() != 3 {
					t.Errorf("%d requests, %v, then %s", n, err, g.now())
				}
			})
		})
	}
}

// Refusals in a row double the pause; a success ends that, and nothing else does.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{Every: 10 * second}, refuse(403, 0), refuse(429, 0), refuse(401, 0), refuse(403, 0), down, refuse(403, 0), ok(1, "e"), refuse(403, 0), current(""), refuse(403, 0), ok(1, ""))
		g.until(320 * second)
		want := []time.Duration{0, 20, 60, 120, 180, 190, 250, 260, 280, 290, 310, 320}
		for i := range want {
			want[i] *= second
		}
		if diff := cmp.Diff(g.times(), want); diff != "" {
			t.Errorf("requests (-got +want):\n%s", diff)
		}
	})
}

// An interval longer than the longest pause is never cut short.
func TestBackoffOfLongIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{Every: 5 * time.Minute}, refuse(403, 0))
		g.until(10 * time.Minute)
		if diff := cmp.Diff(g.times(), []time.Duration{0, 5 * time.Minute, 10 * time.Minute}); diff != "" {
			t.Errorf("requests (-got +want):\n%s", diff)
		}
	})
}

func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{}, ok(1, "e1"), after(5*second, ok(2, "e2")), down)
		g.until(10 * second)
		done := make(chan error)
		for range 3 { // one attempt for all
			go func() { done <- g.Reload(t.Context()) }()
		}
		for range 3 {
			if err := <-done; err != nil {
				t.Errorf("reloading: %v", err)
			}
		}
		if got, want := g.now(), `2 flags from api, etag "e2", generation 2`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		// The next poll comes a whole interval later.
		g.until(44 * second)
		if diff := cmp.Diff(g.times(), []time.Duration{0, 10 * second}); diff != "" {
			t.Errorf("requests (-got +want):\n%s", diff)
		}
		if err := g.Reload(t.Context()); err == nil || err.Error() != "connection refused" {
			t.Errorf("reloading: %v", err)
		}
		if err := g.Reload(t.Context()); err == nil || len(g.times()) != 4 {
			t.Errorf("reloading after a failure: %v after %d requests", err, len(g.times()))
		}
	})
}

// A Reload at the very moment of a poll joins it or comes before it: there are never two.
func TestReloadAtAPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{}, ok(1, ""))
		g.until(0)
		for range 200 {
			before := len(g.times())
			time.Sleep(30 * second)
			if err := g.Reload(t.Context()); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if n := len(g.times()) - before; n > 2 {
				t.Errorf("%d requests at once", n)
			}
		}
	})
}

// The attempt that a timer begins is also the one that a Reload has just asked for.
func TestPollTakesTheFlight(t *testing.T) {
	p := &Poller{wake: make(chan struct{}, 1), cfg: Config{Cache: newCache()}}
	want, err := p.join(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got := p.begin(time.Now()); got != want || len(p.wake) != 0 {
		t.Errorf("got flight %p and %d tokens, want %p and none", got, len(p.wake), want)
	}
}

// A caller that gives up ends nothing.
func TestReloadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{}, after(5*second, ok(1, "e1")))
		ctx, cancel := context.WithTimeout(t.Context(), second)
		defer cancel()
		if err := g.Reload(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		g.until(5 * second)
		if got, want := g.now(), `1 flags from api, etag "e1", generation 1`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// An endpoint that refuses is left alone, whoever asks.
func TestReloadDuringBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{}, refuse(429, 40*second), ok(1, "e1"))
		g.until(30 * second)
		err := g.Reload(t.Context())
		var status *flagapi.StatusError
		if !errors.As(err, &status) || err.Error() != "no attempt for another 30s: endpoint answered 429 Too Many Requests" {
			t.Errorf("got %v", err)
		}
		if n := len(g.times()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
		g.until(60 * second) // 2 · 30 s is longer than 40 s
		if diff := cmp.Diff(g.times(), []time.Duration{0, 60 * second}); diff != "" {
			t.Errorf("requests (-got +want):\n%s", diff)
		}
	})
}

func TestWait(t *testing.T) {
	for name, c := range map[string]struct {
		replies []reply
		cfg     Config
		want    bool
		took    time.Duration
	}{
		"loaded":          {[]reply{after(second, ok(1, ""))}, Config{}, true, second},
		"failed":          {[]reply{after(second, down), ok(1, "")}, Config{}, false, second},
		"revoked":         {[]reply{refuse(401, 0)}, Config{}, false, 0},
		"hangs":           {[]reply{after(time.Hour, down)}, Config{}, false, 3 * second},
		"initial":         {[]reply{after(time.Hour, down)}, Config{Initial: []byte(doc(1))}, true, 0},
		"useless initial": {[]reply{after(second, ok(1, ""))}, Config{Initial: []byte("{}")}, true, second},
		"only initial":    {nil, Config{Initial: []byte(doc(1))}, true, 0},
		"nothing":         {nil, Config{}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newRig(t, c.cfg, c.replies...)
				ctx, cancel := context.WithTimeout(t.Context(), 3*second)
				defer cancel()
				if got, took := g.Wait(ctx), time.Since(g.start); got != c.want || took != c.took {
					t.Errorf("got %v after %v, want %v after %v", got, took, c.want, c.took)
				}
			})
		})
	}
}

// Only the first attempt is waited for: later ones go on behind what is known.
func TestWaitForTheFirstAttemptOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{}, down, after(5*second, ok(1, "")))
		g.until(31 * second)
		if g.Wait(t.Context()) || time.Since(g.start) != 31*second {
			t.Errorf("waited until %v", time.Since(g.start))
		}
	})
}

func TestInitial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := `{"flags":[],"groupTypeMapping":{"0":"company"}}`
		g := newRig(t, Config{Initial: []byte(text)}, after(second, raw(text)), ok(1, "e1"))
		if got, want := g.now(), `0 flags from file, etag "", generation 1`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if s := g.Status(); s.Source != File || !s.LastSuccess.IsZero() || !s.LoadedAt.Equal(g.start) {
			t.Errorf("status %+v", s)
		}
		if got, want := g.State().Definitions.GroupTypes()[0], "company"; got != want {
			t.Errorf("group type %q, want %q", got, want)
		}
		g.until(40 * second)
		if changes := g.seen(&g.changes); len(changes) == 0 || changes[len(changes)-1] != g.now() {
			t.Errorf("changes %q, now %s", changes, g.now())
		}
		if g.State().Definitions.Len() != 1 {
			t.Errorf("got %s", g.now())
		}
	})
}

func TestUselessInitial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{Initial: []byte("<html>")})
		if err := g.Status().Err; err == nil || len(g.seen(&g.reports)) != 1 {
			t.Errorf("status %v, reports %q", err, g.reports)
		}
		if err := g.Reload(t.Context()); err != ErrNoSource {
			t.Errorf("reloading: %v", err)
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var aborted error
		g := newRig(t, Config{}, ok(1, "e1"), func(ctx context.Context, _ string) (flagapi.Definitions, error) {
			<-ctx.Done()
			aborted = ctx.Err()
			return flagapi.Definitions{}, ctx.Err()
		})
		g.until(31 * second)
		joined := make(chan error)
		go func() { joined <- g.Reload(t.Context()) }()
		synctest.Wait()
		for range 2 {
			if err := g.Close(t.Context()); err != nil {
				t.Errorf("closing: %v", err)
			}
		}
		if err := <-joined; err != ErrClosed || aborted != context.Canceled {
			t.Errorf("the request ended with %v, who joined it got %v", aborted, err)
		}
		if err := g.Reload(t.Context()); err != ErrClosed {
			t.Errorf("reloading: %v", err)
		}
		if got, want := g.now(), `1 flags from api, etag "e1", generation 1`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if !g.Wait(t.Context()) || g.seen(&g.reports) != nil || g.Status().Err != nil {
			t.Errorf("reports %q", g.reports)
		}
	})
}

// Before the first attempt ended, Close ends it for all who wait.
func TestCloseDuringTheFirstAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newRig(t, Config{}, after(time.Hour, down))
		waited := make(chan bool)
		go func() { waited <- g.Wait(context.Background()) }()
		synctest.Wait()
		if err := g.Close(t.Context()); err != nil {
			t.Errorf("closing: %v", err)
		}
		if <-waited {
			t.Error("definitions from nowhere")
		}
	})
}

// Readers see a state as a whole, while it changes and while all else is called.
func TestConcurrentUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		g := newRig(t, Config{Every: 100 * time.Millisecond}, func(ctx context.Context, _ string) (flagapi.Definitions, error) {
			n++
			return ok(n%3, string(rune('0'+n%3)))(ctx, "")
		})
		done := make(chan struct{})
		for range 4 {
			go func() {
				defer func() { done <- struct{}{} }()
				for range 50 {
					s := g.State()
					if s.Definitions != nil && s.ETag != string(rune('0'+s.Definitions.Len())) {
						t.Errorf("state %s", print(s))
					}
					g.Wait(t.Context())
					if err := g.Reload(t.Context()); err != nil {
						t.Error(err)
					}
					g.Status()
				}
			}()
		}
		for range 4 {
			<-done
		}
	})
}
