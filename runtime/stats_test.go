package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Violations are counted by event, those of one event that are not reported included.
func TestViolationsBy(t *testing.T) {
	r := newRig(t)
	many := event(Prop{Key: "k"}, func(w *Writer, p *Prop) {
		for range w.Array(p, 2*maxReported) {
			w.Float(&Prop{}, nan)
		}
		w.EndArray()
	})
	ctx := r.ctx(Group("org", ""))
	_, _ = many.TryCapture(ctx)
	small(projectID, "", 1).Capture(ctx)
	small(projectID, "", 0).Capture(ctx)
	got := r.c.Stats()
	if diff := cmp.Diff(got.ViolationsBy, map[string]uint64{"": 1, "e": 2 * maxReported, "project_created": 3}); diff != "" {
		t.Errorf("violations by event (-got +want):\n%s", diff)
	}
	if want := uint64(2*maxReported + 4); got.Violations != want {
		t.Errorf("%d violations, want %d", got.Violations, want)
	}
}

// Names that are made up at run time do not make the counts grow without bound.
func TestViolationsByIsBounded(t *testing.T) {
	r := newRig(t)
	for i := range 2 * maxCounted {
		Capture(r.ctx(), fmt.Sprint("event ", i), nil, InGroup("org", ""))
	}
	got := r.c.Stats()
	if len(got.ViolationsBy) != maxCounted+1 || got.ViolationsBy[otherEvents] != maxCounted || got.Violations != 2*maxCounted {
		t.Errorf("%d names, %d others, %d violations, want %d, %d and %d", len(got.ViolationsBy), got.ViolationsBy[otherEvents],
			got.Violations, maxCounted+1, maxCounted, 2*maxCounted)
	}
}

// Whatever ways calls come by, and whenever Close comes, what TryCapture said is what
// Stats counts, and nothing is left over.
func TestAccounting(t *testing.T) {
	pair := probe{&EventSpec{Name: "a", Twin: "b", Props: []Prop{{Key: "x"}}}, func(w *Writer, p []Prop) { w.Int(&p[0], 1) }}
	for i := range 30 {
		cfg := Config{QueueSize: 2 + i, BatchSize: 1 + i%10, Logger: slog.New(slog.DiscardHandler)}
		if i%3 > 0 {
			cfg.OnFull = Block
		}
		if i%5 == 0 {
			cfg.BeforeSend = func(*Message) bool { return rand.IntN(10) > 0 }
		}
		c := newClient(t, &endpoint{status: func([]string) int {
			return [...]int{http.StatusOK, http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge}[rand.IntN(4)]
		}}, cfg)
		ctx := With(t.Context(), UseClient(c), User("u"))
		var accepted, refused atomic.Uint64
		var wg sync.WaitGroup
		halfway := make(chan struct{})
		for goroutine := range 8 {
			wg.Go(func() {
				for j := range 40 {
					if goroutine == 0 && j == 20 {
						close(halfway)
					}
					call, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(1000))*time.Microsecond)
					n, err := uint64(1), error(nil)
					switch rand.IntN(3) {
					case 0:
						_, err = pair.TryCapture(call)
						n = 2
					case 1:
						_, err = TryCapture(call, "untyped", Props{"a": 1})
					default:
						_, err = small(projectID, "x", 1).TryCapture(call)
					}
					cancel()
					switch {
					case err == nil:
						accepted.Add(n)
					case errors.Is(err, ErrClosed), errors.Is(err, ErrQueueFull), errors.Is(err, ErrDropped):
						refused.Add(n)
					default:
						t.Error(err)
					}
				}
			})
		}
		<-halfway
		closing, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(10))*time.Millisecond)
		_ = c.Close(closing)
		cancel()
		wg.Wait()
		got := c.Stats()
		if got.Accepted != accepted.Load() || got.Refused != refused.Load() || got.Accepted != got.Sent+got.Lost {
			t.Errorf("%+v, want %d accepted, all sent or lost, and %d refused", got, accepted.Load(), refused.Load())
		}
	}
}
