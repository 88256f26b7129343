package poll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/phgen/phgen/runtime/internal/flagapi"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// doc returns a document of n flags.
func doc(n int) string {
	text := `{"flags":[`
	for i := range n {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(`{"id":%d,"key":"f%d","active":true,"filters":{"groups":[]}}`, i, i)
	}
	return text + `],"group_type_mapping":{},"cohorts":{}}`
}

// A reply answers one call of Fetch.
type reply func(ctx context.Context, etag string) (flagapi.Definitions, error)

func ok(n int, etag string) reply {
	return func(context.Context, string) (flagapi.Definitions, error) {
		return flagapi.Definitions{Body: []byte(doc(n)), ETag: etag}, nil
	}
}

func raw(body string) reply {
	return func(context.Context, string) (flagapi.Definitions, error) {
		return flagapi.Definitions{Body: []byte(body), ETag: "raw"}, nil
	}
}

func current(etag string) reply {
	return func(context.Context, string) (flagapi.Definitions, error) {
		return flagapi.Definitions{NotModified: true, ETag: etag}, nil
	}
}

func refuse(status int, after time.Duration) reply {
	return func(context.Context, string) (flagapi.Definitions, error) {
		return flagapi.Definitions{}, &flagapi.StatusError{Status: status, RetryAfter: after}
	}
}

func down(context.Context, string) (flagapi.Definitions, error) {
	return flagapi.Definitions{}, errors.New("connection refused")
}

func after(d time.Duration, r reply) reply {
	return func(ctx context.Context, etag string) (flagapi.Definitions, error) {
		select {
		case <-time.After(d):
			return r(ctx, etag)
		case <-ctx.Done():
			return flagapi.Definitions{}, context.Cause(ctx)
		}
	}
}

// A request is one call of Fetch.
type request struct {
	At   time.Duration // since the rig was made
	ETag string
}

// A rig is a poller before an endpoint that a test scripts.
type rig struct {
	*Poller
	start time.Time

	mu       sync.Mutex
	requests []request
	changes  []string // as state prints them
	reports  []string
}

// newRig returns a rig in a bubble. Each request is answered by the next of replies, and
// those beyond by the last one; without any there is no endpoint.
func newRig(t *testing.T, cfg Config, replies ...reply) *rig {
	t.Helper()
	g := &rig{start: time.Now()}
	if len(replies) > 0 {
		cfg.Fetch = func(ctx context.Context, etag string) (flagapi.Definitions, error) {
			g.mu.Lock()
			g.requests = append(g.requests, request{time.Since(g.start), etag})
			r := replies[min(len(g.requests), len(replies))-1]
			g.mu.Unlock()
			return r(ctx, etag)
		}
	}
	if cfg.OnChange == nil {
		cfg.OnChange = func(s *State) { g.record(&g.changes, print(s)) }
	}
	cfg.Report = func(err error) { g.record(&g.reports, err.Error()) }
	g.Poller = New(cfg)
	t.Cleanup(func() {
		if err := g.Close(context.Background()); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return g
}

func (g *rig) record(to *[]string, text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*to = append(*to, text)
}

// until sleeps until d after the rig was made, and all that happens then.
func (g *rig) until(d time.Duration) {
	time.Sleep(time.Until(g.start.Add(d)))
	synctest.Wait()
}

// times returns when requests were made.
func (g *rig) times() []time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	var times []time.Duration
	for _, r := range g.requests {
		times = append(times, r.At)
	}
	return times
}

func (g *rig) seen(what *[]string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(*what)
}

// now prints the current state.
func (g *rig) now() string { return print(g.State()) }

// print prints all of a state but its time: "2 flags from api, e1, generation 1".
func print(s *State) string {
	if s.Definitions == nil {
		return fmt.Sprintf("nothing, generation %d", s.Generation)
	}
	return fmt.Sprintf("%d flags from %s, etag %q, generation %d", s.Definitions.Len(), s.Source, s.ETag, s.Generation)
}
