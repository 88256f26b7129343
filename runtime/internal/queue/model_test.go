package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// A step is one thing that happens to a queue.
type step struct {
	Do   string
	N    int
	Wait time.Duration
}

var steps = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
	return step{
		Do:   rapid.SampledFrom([]string{"put", "put", "pair", "half", "abandon", "wait", "flush", "disk", "rest"}).Draw(t, "do"),
		N:    rapid.IntRange(1, 40).Draw(t, "n"),
		Wait: time.Duration(rapid.IntRange(0, 100_000).Draw(t, "ms")) * time.Millisecond,
	}
}), 1, 40)

var verdicts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Verdict {
	return Verdict{
		Outcome: rapid.SampledFrom([]Outcome{Delivered, Delivered, Retry, Split, Isolate, Hold, Garbled, Mixed}).Draw(t, "outcome"),
		After:   time.Duration(rapid.IntRange(-10, 400).Draw(t, "after")) * time.Second,
		Err:     errDown,
	}
}), 1, 20)

// Whatever happens, every accepted event is accounted for at every instant, is sent
// or lost exactly once, and no other event is.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		todo := steps.Draw(rt, "steps")
		answers := verdicts.Draw(rt, "answers")
		retries := rapid.SampledFrom([]int{-1, -1, 0, 2}).Draw(rt, "retries")
		patience := time.Duration(rapid.IntRange(0, 600).Draw(rt, "close")) * time.Second
		var d *disk
		if rapid.Bool().Draw(rt, "spool") {
			d = newDisk()
		}
		var problem error
		synctest.Test(t, func(t *testing.T) { problem = runModel(t, todo, answers, retries, patience, d) })
		if problem != nil {
			rt.Fatal(problem)
		}
	})
}

func runModel(t *testing.T, todo []step, answers []Verdict, retries int, patience time.Duration, d *disk) error {
	var mu sync.Mutex
	settled := map[string]int{}
	count := func(names ...string) {
		mu.Lock()
		defer mu.Unlock()
		for _, n := range names {
			settled[n]++
		}
	}
	cfg := Config{BatchSize: 10, BatchBytes: 300, Events: 100, Bytes: 2_000, MaxAge: 5 * time.Minute}
	if d != nil {
		cfg.Spool, cfg.Spill = d, true
	}
	g := newRig(cfg, func(ctx context.Context, r *Request) Verdict {
		mu.Lock()
		v := answers[0]
		answers = append(answers[1:], v)
		mu.Unlock()
		if v.Outcome == Mixed {
			for i := range r.Events {
				v.Each = append(v.Each, Single{[]Outcome{Delivered, Retry, Drop}[(i+r.Events)%3], errDown})
			}
		}
		return v
	})
	g.cfg.MaxRetries = retries
	g.cfg.Delivered = func(r *Request, _ time.Duration) {
		for e := range r.Entries() {
			count(e.Name)
		}
	}
	g.cfg.Lost = func(l Loss) {
		for _, e := range l.Entries {
			count(e.Name)
		}
	}
	accepted, err := play(t, g, d, todo)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	closing := g.Close(ctx)
	s := g.Stats()
	if s.Queued+s.InFlight != 0 || s.Accepted != uint64(len(accepted)) {
		return fmt.Errorf("after Close: %+v, want nothing left of %d", s, len(accepted))
	}
	if s.LostBy["shutdown_deadline"] > 0 && closing == nil {
		return fmt.Errorf("after Close: %+v, but Close returned nil", s)
	}
	if d != nil {
		if names := d.names(); uint64(len(names)) != s.Spooled {
			return fmt.Errorf("%d events on disk, want %d", len(names), s.Spooled)
		}
		count(d.names()...)
	}
	missing := 0
	for _, name := range accepted {
		switch settled[name] {
		case 0:
			missing++
		case 1:
		default:
			return fmt.Errorf("event %s is settled %d times", name, settled[name])
		}
	}
	if uint64(missing) != s.LostBy["spool_corrupt"] {
		return fmt.Errorf("%d events are never settled, want %d", missing, s.LostBy["spool_corrupt"])
	}
	if len(settled)+missing != len(accepted) {
		return fmt.Errorf("%d events settled, %d accepted", len(settled), len(accepted))
	}
	if g.used != (tally{}) || len(g.live) != 0 {
		return fmt.Errorf("room of %+v is never freed, epochs %v are never left", g.used, g.live)
	}
	return s.balance()
}

// play does todo and returns the names of the accepted events.
func play(t *testing.T, g *rig, d *disk, todo []step) (accepted []string, err error) {
	for i, s := range todo {
		switch s.Do {
		case "put":
			for j := range s.N {
				name := fmt.Sprintf("e%d.%d", i, j)
				err := putText(t.Context(), g.Queue, name, ","+name+strings.Repeat("x", s.N))
				if err == nil {
					accepted = append(accepted, name)
				} else if !errors.Is(err, ErrFull) {
					return nil, err
				}
			}
		case "pair":
			a, b := fmt.Sprintf("p%d", i), fmt.Sprintf("q%d", i)
			data := "," + a + "," + b
			if g.Put(t.Context(), []byte(data), &[2]Entry{{Name: a, End: len(a) + 1}, {Name: b, End: len(data)}}, 2) == nil {
				accepted = append(accepted, a, b)
			}
		case "half": // room for two, and one comes
			if b, err := g.Open(t.Context(), 2); err == nil {
				name := fmt.Sprintf("h%d", i)
				b.Buf = append(b.Buf, ","+name...)
				if g.Commit(t.Context(), b, &[2]Entry{{Name: name, End: len(b.Buf)}}, 1) == nil {
					accepted = append(accepted, name)
				}
			}
		case "abandon":
			if b, err := g.Open(t.Context(), 2); err == nil {
				b.Buf = append(b.Buf, strings.Repeat("?", s.N)...)
				time.Sleep(s.Wait)
				g.Abandon(b)
			}
		case "disk":
			if d != nil {
				d.set(func() {
					d.full = s.N%3 == 0
					d.gone += s.N / 10
				})
			}
		case "rest":
			g.Rest()
		case "wait":
			time.Sleep(s.Wait)
		case "flush":
			ctx, cancel := context.WithTimeout(t.Context(), s.Wait)
			_ = g.Flush(ctx)
			cancel()
		}
		if err := g.Stats().balance(); err != nil {
			return nil, err
		}
	}
	return accepted, nil
}

// Many goroutines capture, flush and look while the endpoint misbehaves. Real time:
// this one is for the race detector.
func TestConcurrent(t *testing.T) {
	for _, block := range []bool{false, true} {
		g := newRig(Config{BatchSize: 10, Events: 500, Block: block, FlushEvery: time.Millisecond}, func(_ context.Context, r *Request) Verdict {
			for p := range r.Pieces() {
				if p[0] != ',' {
					t.Errorf("piece begins with %q, want a comma", p[0])
				}
			}
			switch rand.IntN(10) {
			case 0:
				return Verdict{Outcome: Isolate, Err: errDown}
			case 1:
				return Verdict{Outcome: Split, Err: errDown}
			}
			return Verdict{}
		})
		var producers sync.WaitGroup
		for p := range 8 {
			producers.Go(func() {
				for i := range 1_000 {
					err := put(t.Context(), g.Queue, fmt.Sprint(p, ".", i))
					if err != nil && (block || !errors.Is(err, ErrFull)) {
						t.Error(err)
					}
					if i%250 == 0 {
						_ = g.Flush(t.Context())
						checkStats(t, g.Queue)
					}
				}
			})
		}
		producers.Wait()
		_ = g.Close(t.Context())
		if s := checkStats(t, g.Queue); s.Queued+s.InFlight != 0 || s.LostBy["shutdown_deadline"] != 0 {
			t.Errorf("after Close: %+v", s)
		}
	}
}
