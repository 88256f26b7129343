package runtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/internal/sink"
)

// An outage is a fault that says nothing about the events.
type outage struct {
	name  string
	fault sink.Fault  // that every request meets
	conns sink.Ending // what becomes of every connection
	most  int         // requests in ten minutes; 0: 100
}

// outages are the faults through which nothing is lost, if they end.
var outages = func() []outage {
	all := []outage{
		{name: "refuses", conns: sink.Reset},
		{name: "hangs", conns: sink.Hung},
		{name: "hangs before the body", fault: sink.Fault{Request: sink.Hung}},
		{name: "hangs mid-body", fault: sink.Fault{Request: sink.Hung, RequestBytes: 100}},
		{name: "hangs behind the body", fault: sink.Fault{Request: sink.Hung, RequestBytes: sink.All}},
		{name: "takes the events and hangs", fault: sink.Fault{Request: sink.Hung, RequestBytes: sink.All, Keep: true}},
		{name: "hangs before the answer's body", fault: sink.Fault{Reply: sink.Hung}},
		{name: "hangs in the answer", fault: sink.Fault{Reply: sink.Hung, ReplyBytes: 5}},
		{name: "answers an hour late", fault: sink.Fault{Delay: time.Hour}},
		{name: "resets before the body", fault: sink.Fault{Request: sink.Reset}},
		{name: "resets mid-body", fault: sink.Fault{Request: sink.Reset, RequestBytes: 100}},
		{name: "resets behind the body", fault: sink.Fault{Request: sink.Reset, RequestBytes: sink.All}},
		{name: "takes the events and resets", fault: sink.Fault{Request: sink.Reset, RequestBytes: sink.All, Keep: true}},
		{name: "closes behind the body", fault: sink.Fault{Request: sink.Closed, RequestBytes: sink.All}},
		{name: "resets in the answer", fault: sink.Fault{Reply: sink.Reset, ReplyBytes: 5}},
		{name: "closes in the answer", fault: sink.Fault{Reply: sink.Closed, ReplyBytes: 5}},
		{name: "takes the events and answers 502", fault: sink.Fault{Status: 502, Keep: true}},
		{name: "307 to the same place", fault: sink.Fault{Status: 307, Location: "?again"}, most: 200},
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		all = append(all, outage{name: fmt.Sprint(status, " to elsewhere"), fault: sink.Fault{Status: status, Location: "https://elsewhere.test/batch/"}})
	}
	for _, status := range []int{300, 304, 408, 429, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 528, 529, 599} {
		all = append(all, outage{name: fmt.Sprint(status), fault: sink.Fault{Status: status}})
	}
	for _, status := range []int{404, 405, 410, 415} {
		all = append(all, outage{name: fmt.Sprint(status), fault: sink.Fault{Status: status}, most: 11})
	}
	return all
}()

func (b *bench) begin(o outage) {
	if o.conns != sink.Whole {
		b.sink.Break(o.conns)
		return
	}
	b.every(&o.fault)
}

func (b *bench) finish(outage) {
	b.every(nil)
	b.sink.Up()
}

// kinds are those of the outages that a client tells apart.
var kinds = slices.DeleteFunc(slices.Clone(outages), func(o outage) bool {
	return !slices.Contains([]int{0, 307, 404, 429, 502, 503}, o.fault.Status)
})

// inOutages runs test in every setup for every outage.
func inOutages(t *testing.T, outages []outage, test func(t *testing.T, s setup, o outage)) {
	t.Helper()
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			inSetups(t, func(t *testing.T, s setup) { test(t, s, o) })
		})
	}
}

// Ten minutes of any outage cost no event, and one request a pause. Within two pauses of
// its end everything is there.
func TestFaultOutage(t *testing.T) {
	inOutages(t, outages, func(t *testing.T, s setup, o outage) {
		b := newBench(t, s)
		b.begin(o)
		for range 10 {
			b.capture(10, "e")
			b.pass(time.Minute)
		}
		most := o.most
		if most == 0 {
			most = 100
		}
		if n := b.requests(); n < 9 && o.conns != sink.Hung || n > most {
			t.Errorf("%d requests in ten minutes, want 9 to %d", n, most)
		}
		b.finish(o)
		b.pass(2 * time.Minute)
		b.wantAll()
		b.end()
	})
}

// An outage of ten seconds under load costs no event.
func TestFaultTenSeconds(t *testing.T) {
	inOutages(t, kinds, func(t *testing.T, s setup, o outage) {
		b := newBench(t, s)
		tenSeconds := func() {
			for range 1000 {
				b.capture(1, "e")
				b.pass(10 * time.Millisecond)
			}
		}
		tenSeconds()
		b.begin(o)
		tenSeconds()
		b.finish(o)
		tenSeconds()
		b.pass(2 * time.Minute)
		b.wantAll()
		b.end()
	})
}

// An outage of an hour after which the address is there again costs nothing either.
func TestFaultNotFoundForAnHour(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.every(&sink.Fault{Status: http.StatusNotFound})
		for range 60 {
			b.capture(2, "e")
			b.pass(time.Minute)
		}
		if n := b.requests(); n < 55 || n > 61 {
			t.Errorf("%d requests in an hour, want one a minute", n)
		}
		b.every(nil)
		b.pass(time.Minute)
		b.pass(time.Second)
		b.wantAll()
		b.end()
	})
}

// A Close that comes in an outage ends with its context, and says of every event where it
// is. What is on disk goes with the next process.
func TestFaultCloseInOutage(t *testing.T) {
	inOutages(t, kinds, func(t *testing.T, s setup, o outage) {
		b := newBench(t, s)
		b.begin(o)
		b.capture(20, "e")
		b.pass(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := b.Close(ctx)
		if took := time.Since(start); took < 5*time.Second || took > 5100*time.Millisecond {
			t.Errorf("Close took %v, want 5s", took)
		}
		want := UndeliveredError{Events: 20, ByReason: map[string]uint64{"shutdown_deadline": 20}}
		if s.spooled {
			want = UndeliveredError{Events: 20, ByReason: map[string]uint64{"spooled": 20}, Spooled: 20}
		}
		var u *UndeliveredError
		if !errors.As(err, &u) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Close: %v, want an *UndeliveredError", err)
		}
		want.Bytes, want.Err = u.Bytes, u.Err
		if diff := cmp.Diff(*u, want, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })); diff != "" {
			t.Errorf("Close (-got +want):\n%s", diff)
		}
		if st := b.stats(); st.Sent > 0 || st.Lost != want.ByReason["shutdown_deadline"] || st.Spooled != uint64(want.Spooled) {
			t.Errorf("%+v, want what Close says", st)
		}
		b.finish(o)
		if s.spooled {
			b.start()
			b.pass(2 * time.Minute)
			b.wantAll()
			b.end()
		}
	})
}

// A Close that comes late in an outage delivers everything if the endpoint is back long
// before its context ends.
func TestFaultCloseOutlastsOutage(t *testing.T) {
	inOutages(t, kinds, func(t *testing.T, s setup, o outage) {
		b := newBench(t, s)
		b.begin(o)
		b.capture(20, "e")
		b.pass(10*time.Minute + 7*time.Second)
		go func() {
			time.Sleep(5 * time.Second)
			b.finish(o)
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		b.wantAll()
		time.Sleep(10 * time.Second) // for the goroutine
	})
}

// Answers that trickle are answers, if they end in time.
func TestFaultSlowAnswer(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		b.every(&sink.Fault{Drip: time.Second})
		b.capture(10, "e")
		b.pass(10 * time.Minute)
		took := s.v1() // ten results are more than what 15 s have room for
		if st := b.stats(); took != (st.Sent == 0) {
			t.Errorf("%+v after ten minutes", st)
		}
		b.every(nil)
		b.pass(time.Minute)
		b.wantAll()
		b.end()
	})
}

// A process that is frozen for 20 minutes, in an outage or after a flush, goes on as if
// nothing had been.
func TestFaultFreeze(t *testing.T) {
	inSetups(t, func(t *testing.T, s setup) {
		b := newBench(t, s)
		for range 3 {
			b.capture(5, "e")
			if err := b.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			b.wantAll()
			time.Sleep(20 * time.Minute)
		}
		if n := b.requests(); n != 3 {
			t.Errorf("%d requests, want 3", n)
		}
		b.every(&sink.Fault{Status: 503})
		b.capture(5, "e")
		b.pass(2 * time.Second)
		time.Sleep(20 * time.Minute)
		b.every(nil)
		b.capture(5, "e")
		b.pass(31 * time.Second)
		b.wantAll()
		b.end()
	})
}

// A clock that jumps while an endpoint is down moves neither pauses nor ages.
func TestFaultClock(t *testing.T) {
	year := 365 * 24 * time.Hour
	for name, jump := range map[string]time.Duration{
		"an hour ahead": time.Hour, "an hour back": -time.Hour, "ten years ahead": 10 * year, "ten years back": -10 * year,
		"to 1970": -1 << 62, "by a microsecond": -time.Microsecond,
	} {
		t.Run(name, func(t *testing.T) {
			inSetups(t, func(t *testing.T, s setup) {
				b := newBench(t, s, func(c *Config) { c.SkewCorrection = true })
				clock := func() time.Time {
					if jump == -1<<62 {
						return time.Unix(0, 0)
					}
					return time.Now().Add(jump)
				}
				b.every(&sink.Fault{Status: 503, RetryAfter: "100"})
				b.capture(5, "e")
				b.pass(time.Second)
				synctest.Wait()
				b.now = clock
				before := clock()
				b.capture(5, "e")
				b.pass(98 * time.Second)
				if n := b.requests(); n != 1 {
					t.Errorf("%d requests within the pause, want 1", n)
				}
				b.every(nil)
				b.pass(5 * time.Second)
				b.wantAll()
				if gap := b.gap(0, 1); gap != 100*time.Second {
					t.Errorf("the pause was %v, want 100s", gap)
				}
				b.wantStamps(5, before, clock())
				b.problems = nil // the server will say that they are of the future, if they are
				b.end()
			})
		})
	}
}
