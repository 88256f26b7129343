package queue

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	errBilling = errors.New("billing_limit_exceeded")
	errShape   = errors.New("malformed_event_properties")
)

// Of one request some events are delivered, some dropped, and only the others go again,
// under the same number.
func TestMixed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type try struct {
			Number uint64
			Try    int
			Body   string
		}
		var tries []try
		g := newRig(Config{BatchSize: 6}, func(_ context.Context, r *Request) Verdict {
			body := ""
			for p := range r.Pieces() {
				body += string(p)
			}
			tries = append(tries, try{r.Number, r.Try, body})
			if r.Try > 1 {
				return Verdict{}
			}
			v := Verdict{Outcome: Mixed, After: 2 * time.Second, Err: errDown}
			for e := range r.Entries() {
				v.Each = append(v.Each, map[string]Single{
					"a0": {Outcome: Delivered}, "a1": {Outcome: Retry, Err: errDown}, "a2": {Drop, errBilling},
					"a3": {Drop, errShape}, "a4": {Outcome: Retry, Err: errDown}, "a5": {Drop, errBilling},
				}[e.Name])
			}
			return v
		})
		putN(t, g.Queue, "a", 6)
		pass(time.Second)
		if s := checkStats(t, g.Queue); s.Sent != 1 || s.LostBy["server_drop"] != 3 || s.Queued != 2 {
			t.Errorf("after the first try: %+v", s)
		}
		pass(3 * time.Second)
		if s := checkStats(t, g.Queue); s.Sent != 3 {
			t.Errorf("after the second try: %+v, want 3 sent", s)
		}
		if diff := cmp.Diff(tries, []try{{1, 1, ",a0,a1,a2,a3,a4,a5"}, {1, 2, ",a1,a4"}}); diff != "" {
			t.Errorf("tries (-got +want):\n%s", diff)
		}
		lost := map[string]string{}
		for _, l := range g.seen().lost {
			for _, e := range l.Entries {
				lost[e.Name] = fmt.Sprint(l.Reason, ": ", l.Err)
			}
		}
		if diff := cmp.Diff(lost, map[string]string{
			"a2": "server_drop: billing_limit_exceeded", "a3": "server_drop: malformed_event_properties", "a5": "server_drop: billing_limit_exceeded",
		}); diff != "" {
			t.Errorf("lost (-got +want):\n%s", diff)
		}
		_ = g.Close(t.Context())
	})
}

// An event that the endpoint wants again and again keeps to MaxRetries, and others pass it.
func TestMixedForEver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 2, MaxRetries: 3}, func(_ context.Context, r *Request) Verdict {
			v := Verdict{Outcome: Mixed, Err: errDown}
			for e := range r.Entries() {
				o := Delivered
				if e.Name == "a0" {
					o = Retry
				}
				v.Each = append(v.Each, Single{Outcome: o})
			}
			return v
		})
		for i := range 10 {
			putN(t, g.Queue, "abcdefghij"[i:i+1], 2)
		}
		pass(5 * time.Minute)
		if s := checkStats(t, g.Queue); s.Sent != 19 || s.LostBy["retries"] != 1 {
			t.Errorf("%+v, want 19 sent and 1 lost", s)
		}
		_ = g.Close(t.Context())
	})
}

// An answer that is none is asked for once more; after a second the events are lost, and
// nobody says that they arrived.
func TestGarbled(t *testing.T) {
	for name, c := range map[string]struct {
		garbled int
		want    Stats
	}{
		"once":  {1, Stats{Accepted: 2, Sent: 2, LostBy: map[string]uint64{}}},
		"twice": {2, Stats{Accepted: 2, Lost: 2, LostBy: map[string]uint64{"unconfirmed": 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := 0
				g := newRig(Config{BatchSize: 2}, func(context.Context, *Request) Verdict {
					if n++; n <= c.garbled {
						return Verdict{Outcome: Garbled, Err: errDown}
					}
					return Verdict{}
				})
				putN(t, g.Queue, "a", 2)
				pass(time.Minute)
				if diff := cmp.Diff(checkStats(t, g.Queue), c.want); diff != "" {
					t.Errorf("stats (-got +want):\n%s", diff)
				}
				if n != 2 {
					t.Errorf("%d attempts, want 2", n)
				}
				_ = g.Close(t.Context())
			})
		})
	}
}

// No request holds an event's uuid twice; the second waits for another request.
func TestUnique(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 100, Unique: true}, deliverAll)
		for i := range 10 {
			text := fmt.Sprint(",", i)
			if err := g.Put(t.Context(), []byte(text), &[2]Entry{{UUID: [16]byte{byte(i % 4)}, Name: text, End: len(text)}}, 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.Close(t.Context()); err != nil {
			t.Error(err)
		}
		var bodies []string
		for _, a := range g.seen().attempts {
			bodies = append(bodies, a.body)
		}
		if diff := cmp.Diff(bodies, []string{",0,1,2,3", ",4,5,6,7", ",8,9"}); diff != "" {
			t.Errorf("requests (-got +want):\n%s", diff)
		}
	})
}

// The halves of a request that was too large are requests of their own to the endpoint.
func TestHalvesAreNumberedAnew(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var tries []string
		g := newRig(Config{BatchSize: 4}, func(_ context.Context, r *Request) Verdict {
			tries = append(tries, fmt.Sprintf("%d.%d: %d of %d", r.Number, r.Try, r.Events, r.Attempts))
			if r.Events == 4 {
				return Verdict{Outcome: Split, Err: errDown}
			}
			return Verdict{}
		})
		putN(t, g.Queue, "a", 4)
		_ = g.Close(t.Context())
		if diff := cmp.Diff(tries, []string{"1.1: 4 of 1", "2.1: 2 of 1", "3.1: 2 of 1"}); diff != "" {
			t.Errorf("tries (-got +want):\n%s", diff)
		}
	})
}
