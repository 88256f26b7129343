package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDown = errors.New("endpoint is down")

// An attempt is one call of Send.
type attempt struct {
	at    time.Duration // since the rig was made
	names []string
	body  string
}

// A rig is a queue in front of an endpoint that a test scripts.
type rig struct {
	*Queue
	start time.Time

	mu  sync.Mutex
	log seen
}

// A seen is what happened at a rig.
type seen struct {
	attempts []attempt
	active   int
	peak     int // most attempts at once
	lost     []Loss
	pauses   []Pause
	resumed  int
}

// seen returns what happened so far.
func (g *rig) seen() seen {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.log
	s.attempts, s.lost, s.pauses = slices.Clone(s.attempts), slices.Clone(s.lost), slices.Clone(s.pauses)
	return s
}

// newRig returns a rig whose endpoint answers with answer. Zero fields of cfg get
// the defaults of a small client.
func newRig(cfg Config, answer func(ctx context.Context, r *Request) Verdict) *rig {
	g := &rig{start: time.Now()}
	for field, fallback := range map[*int]int{&cfg.BatchSize: 100, &cfg.BatchBytes: 5 << 20, &cfg.Events: 10_000, &cfg.Bytes: 32 << 20, &cfg.MaxRetries: -1} {
		if *field == 0 {
			*field = fallback
		}
	}
	for field, fallback := range map[*time.Duration]time.Duration{&cfg.FlushEvery: 5 * time.Second, &cfg.MaxAge: 24 * time.Hour} {
		if *field == 0 {
			*field = fallback
		}
	}
	cfg.Send = func(ctx context.Context, r *Request) Verdict {
		g.begin(r)
		defer g.end()
		return answer(ctx, r)
	}
	cfg.Lost = func(l Loss) { g.record(func() { g.log.lost = append(g.log.lost, l) }) }
	cfg.Paused = func(p Pause) { g.record(func() { g.log.pauses = append(g.log.pauses, p) }) }
	cfg.Resumed = func() { g.record(func() { g.log.resumed++ }) }
	g.Queue = New(cfg)
	return g
}

func (g *rig) record(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}

func (g *rig) begin(r *Request) {
	a := attempt{at: time.Since(g.start)}
	for e := range r.Entries() {
		a.names = append(a.names, e.Name)
	}
	var body strings.Builder
	for p := range r.Pieces() {
		body.Write(p)
	}
	a.body = body.String()
	g.record(func() {
		g.log.attempts = append(g.log.attempts, a)
		g.log.active++
		g.log.peak = max(g.log.peak, g.log.active)
	})
}

func (g *rig) end() { g.record(func() { g.log.active-- }) }

// sizes returns the number of events of every attempt.
func (g *rig) sizes() []int {
	var n []int
	for _, a := range g.seen().attempts {
		n = append(n, len(a.names))
	}
	return n
}

// times returns when every attempt began.
func (g *rig) times() []time.Duration {
	var at []time.Duration
	for _, a := range g.seen().attempts {
		at = append(at, a.at)
	}
	return at
}

// put captures one event as a writer does: into a lent batch.
func put(ctx context.Context, q *Queue, name string) error { return putText(ctx, q, name, ","+name) }

func putText(ctx context.Context, q *Queue, name, text string) error {
	b, err := q.Open(ctx, 1)
	if err != nil {
		return err
	}
	b.Buf = append(b.Buf, text...)
	return q.Commit(ctx, b, &[2]Entry{{Name: name, End: len(b.Buf)}}, 1)
}

// putN captures events name0, name1, … and fails t if one is refused.
func putN(t *testing.T, q *Queue, name string, n int) {
	t.Helper()
	for i := range n {
		if err := put(t.Context(), q, fmt.Sprint(name, i)); err != nil {
			t.Fatalf("put %s%d: %v", name, i, err)
		}
	}
}

// checkStats fails t unless q's counts add up, and returns them.
func checkStats(t *testing.T, q *Queue) Stats {
	t.Helper()
	s := q.Stats()
	if err := s.balance(); err != nil {
		t.Error(err)
	}
	return s
}

func (s Stats) balance() error {
	var lost uint64
	for _, n := range s.LostBy {
		lost += n
	}
	if s.Accepted != s.Sent+s.Lost+s.Queued+s.InFlight+s.Spooled || lost != s.Lost {
		return fmt.Errorf("stats do not add up: %+v", s)
	}
	return nil
}

// bubble runs f in virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// pass lets d go by and everything that happens until then come to rest: virtual time
// alone does not order memory.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// closeNow ends the rig's queue without delivering what is left.
func closeNow(g *rig) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = g.Close(ctx)
}

func deliverAll(context.Context, *Request) Verdict { return Verdict{} }

func refuseAll(context.Context, *Request) Verdict { return Verdict{Outcome: Retry, Err: errDown} }

// slow delivers after d, unless ctx ends before.
func slow(d time.Duration) func(context.Context, *Request) Verdict {
	return func(ctx context.Context, _ *Request) Verdict {
		select {
		case <-time.After(d):
			return Verdict{}
		case <-ctx.Done():
			return Verdict{Outcome: Retry, Err: ctx.Err()}
		}
	}
}
