package queue

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The hundredth event must not wait for FlushEvery.
func TestBatchSize(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 3}, deliverAll)
		putN(t, g.Queue, "a", 3)
		synctest.Wait()
		if diff := cmp.Diff(g.seen().attempts, []attempt{{names: []string{"a0", "a1", "a2"}, body: ",a0,a1,a2"}}, cmp.AllowUnexported(attempt{})); diff != "" {
			t.Errorf("attempts (-got +want):\n%s", diff)
		}
		closeNow(g)
	})
}

// An event that has no company must still leave within FlushEvery, counted from its
// own arrival.
func TestFlushEvery(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{FlushEvery: 5 * time.Second}, deliverAll)
		pass(3 * time.Second)
		putN(t, g.Queue, "a", 1)
		pass(4 * time.Second)
		putN(t, g.Queue, "b", 1)
		pass(time.Minute)
		if diff := cmp.Diff(g.times(), []time.Duration{8 * time.Second}); diff != "" {
			t.Errorf("attempts at (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(g.sizes(), []int{2}); diff != "" {
			t.Errorf("sizes (-got +want):\n%s", diff)
		}
		closeNow(g)
	})
}

// What waits while all uploads are busy leaves in one request.
func TestGrowUnderBacklog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 10}, slow(time.Second))
		putN(t, g.Queue, "a", 10)
		synctest.Wait()
		putN(t, g.Queue, "b", 2_000)
		pass(time.Minute)
		if diff := cmp.Diff(g.sizes(), []int{10, 2_000}); diff != "" {
			t.Errorf("sizes (-got +want):\n%s", diff)
		}
		closeNow(g)
	})
}

func TestBatchBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchBytes: 1_000}, slow(time.Second))
		text := strings.Repeat("x", 300)
		for range 10 {
			if err := putText(t.Context(), g.Queue, "a", text); err != nil {
				t.Fatal(err)
			}
		}
		// Larger than a whole batch: it still leaves, alone.
		if err := putText(t.Context(), g.Queue, "giant", strings.Repeat("x", 200_000)); err != nil {
			t.Fatal(err)
		}
		if err := g.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(g.sizes(), []int{3, 3, 3, 1, 1}); diff != "" {
			t.Errorf("sizes (-got +want):\n%s", diff)
		}
		closeNow(g)
	})
}

// The number of requests in flight grows with success, up to maxInFlight.
func TestMaxInFlight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{BatchSize: 1, BatchBytes: 8}, slow(time.Second))
		putN(t, g.Queue, "a", 200)
		pass(500 * time.Millisecond)
		if g.seen().active != 1 {
			t.Errorf("%d requests at first, want 1", g.seen().active)
		}
		pass(time.Second)
		if g.seen().active != 2 {
			t.Errorf("%d requests after one success, want 2", g.seen().active)
		}
		pass(10 * time.Second)
		if g.seen().peak != maxInFlight {
			t.Errorf("%d requests at most, want %d", g.seen().peak, maxInFlight)
		}
		closeNow(g)
	})
}

// The batch returned last is lent again, so that a quiet program fills one buffer.
func TestOpenLendsTheLastReturned(t *testing.T) {
	g := newRig(Config{}, deliverAll)
	defer closeNow(g)
	a, _ := g.Open(t.Context(), 1)
	b, _ := g.Open(t.Context(), 1)
	if a == b {
		t.Fatal("one batch is on loan twice")
	}
	g.Abandon(a)
	g.Abandon(b)
	if c, _ := g.Open(t.Context(), 1); c != b {
		t.Error("Open did not lend the batch that was returned last")
	} else {
		g.Abandon(c)
	}
}

func TestAbandonCutsOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, deliverAll)
		putN(t, g.Queue, "a", 1)
		b, err := g.Open(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		b.Buf = append(b.Buf, ",half an eve"...)
		g.Abandon(b)
		putN(t, g.Queue, "b", 1)
		if err := g.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := g.seen().attempts[0].body, ",a0,b0"; got != want {
			t.Errorf("body %q, want %q", got, want)
		}
		closeNow(g)
	})
}

// A pair is accepted or refused as one.
func TestPairs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{Events: 3, BatchSize: 3}, refuseAll)
		pair := func() error {
			return g.Put(t.Context(), []byte(",x,y"), &[2]Entry{{Name: "x", End: 2}, {Name: "y", End: 4}}, 2)
		}
		if err := pair(); err != nil {
			t.Fatal(err)
		}
		if err := pair(); !errors.Is(err, ErrFull) {
			t.Errorf("second pair: %v, want ErrFull", err)
		}
		if s := checkStats(t, g.Queue); s.Accepted != 2 {
			t.Errorf("accepted %d, want 2", s.Accepted)
		}
		closeNow(g)
	})
}

// An event that waits for company must leave when others are refused for its sake.
func TestFullQueueDoesNotWaitForFlushEvery(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{Events: 5, BatchSize: 100, FlushEvery: time.Hour}, deliverAll)
		putN(t, g.Queue, "a", 5)
		if err := put(t.Context(), g.Queue, "b"); !errors.Is(err, ErrFull) {
			t.Errorf("sixth event: %v, want ErrFull", err)
		}
		synctest.Wait()
		if s := checkStats(t, g.Queue); s.Sent != 5 {
			t.Errorf("sent %d, want 5", s.Sent)
		}
		closeNow(g)
	})
}

// Room is counted in bytes too, while they are queued and while they are in flight.
func TestQueueBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{Bytes: 100, BatchSize: 1}, slow(time.Second))
		text := strings.Repeat("x", 40)
		for i, want := range []error{nil, nil, ErrFull} {
			if err := putText(t.Context(), g.Queue, "a", text); !errors.Is(err, want) {
				t.Errorf("event %d: %v, want %v", i, err, want)
			}
		}
		pass(10 * time.Second)
		if err := putText(t.Context(), g.Queue, "a", text); err != nil {
			t.Errorf("event after delivery: %v", err)
		}
		closeNow(g)
	})
}

// A value that was cut after it was encoded leaves no huge buffer behind.
func TestSlack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, deliverAll)
		b, err := g.Open(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		b.Buf = append(make([]byte, 0, 50<<20), ",a"...)
		if err := g.Commit(t.Context(), b, &[2]Entry{{Name: "a", End: len(b.Buf)}}, 1); err != nil {
			t.Fatal(err)
		}
		if got := cap(b.Buf); got > maxSlack {
			t.Errorf("2 bytes are kept in %d", got)
		}
		if err := g.Flush(t.Context()); err != nil || g.seen().attempts[0].body != ",a" {
			t.Errorf("sent %+v, %v, want ,a", g.seen().attempts, err)
		}
		closeNow(g)
	})
}

// A blocked call is served in turn, and in one piece.
func TestBlock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{Block: true, Events: 2, BatchSize: 1}, slow(time.Second))
		putN(t, g.Queue, "a", 50)
		if got, want := time.Since(g.start), 20*time.Second; got < want {
			t.Errorf("50 events took %v, want at least %v", got, want)
		}
		if err := g.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		if s := checkStats(t, g.Queue); s.Sent != 50 {
			t.Errorf("sent %d, want 50", s.Sent)
		}
		closeNow(g)
	})
}

func TestBlockEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{Block: true, Events: 1, BatchSize: 1}, slow(time.Hour))
		putN(t, g.Queue, "a", 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := put(ctx, g.Queue, "b")
		if !errors.Is(err, ErrFull) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want ErrFull and DeadlineExceeded", err)
		}
		closed := make(chan error)
		go func() { closed <- put(t.Context(), g.Queue, "c") }()
		synctest.Wait()
		before := time.Now()
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go func() { _ = g.Close(ctx) }()
		if err := <-closed; !errors.Is(err, ErrClosed) {
			t.Errorf("blocked call after Close: %v, want ErrClosed", err)
		}
		if took := time.Since(before); took != 0 {
			t.Errorf("blocked call returned %v after Close, want at once", took)
		}
		pass(time.Hour)
	})
}

// A call that gets its room in the moment of Close is refused: nobody would deliver what
// it puts.
func TestBlockGrantedAtClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{Block: true, Events: 1}, deliverAll)
		b, err := g.Open(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		late := make(chan error)
		go func() { late <- g.Put(t.Context(), []byte(",a"), &[2]Entry{{Name: "a", End: 2}}, 1) }()
		synctest.Wait()
		g.Queue.mu.Lock()
		g.undo(b) // grants
		g.closed = true
		g.dismiss()
		g.Queue.mu.Unlock()
		if err := <-late; !errors.Is(err, ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
		if s := checkStats(t, g.Queue); s.Accepted != 0 || g.used != (tally{}) {
			t.Errorf("%+v and room of %+v, want nothing", s, g.used)
		}
	})
}

// Nobody overtakes, and who gives up makes way.
func TestBlockInTurn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{Block: true, Bytes: 100, BatchSize: 1}, slow(time.Hour))
		putSize := func(ctx context.Context, size int) error {
			return g.Put(ctx, make([]byte, size), &[2]Entry{{End: size}}, 1)
		}
		if err := putSize(t.Context(), 60); err != nil {
			t.Fatal(err)
		}
		large, small := make(chan error, 1), make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { large <- putSize(ctx, 90) }()
		synctest.Wait()
		go func() { small <- putSize(t.Context(), 20) }()
		synctest.Wait()
		if len(small) > 0 {
			t.Error("a small event overtook one that waits")
		}
		cancel()
		synctest.Wait()
		if len(small) != 1 || <-small != nil {
			t.Error("when the large event gave up the small one still waited")
		}
		if err := <-large; !errors.Is(err, context.Canceled) {
			t.Errorf("large event: %v, want context.Canceled", err)
		}
		closeNow(g)
	})
}

func TestIdle(t *testing.T) {
	now := time.Now()
	var i idle
	take := func(n int) (taken []*Batch) {
		for range n {
			taken = append(taken, i.take())
		}
		return taken
	}
	put := func(taken []*Batch) {
		for _, b := range taken {
			i.put(b)
		}
	}
	put(take(20))
	if again := i.trim(now); !again || len(i.stack) != 20 {
		t.Errorf("trim at first: %d left, again %v, want 20 and true", len(i.stack), again)
	}
	put(take(12)) // so 8 of 20 are not needed
	if i.trim(now.Add(idleAfter - 1)); len(i.stack) != 20 {
		t.Errorf("trim too early: %d left, want 20", len(i.stack))
	}
	if i.trim(now.Add(idleAfter)); len(i.stack) != 12 {
		t.Errorf("trim: %d left, want 12", len(i.stack))
	}
	if again := i.trim(now.Add(2 * idleAfter)); again || len(i.stack) != minIdle {
		t.Errorf("trim when nothing was needed: %d left, again %v, want %d and false", len(i.stack), again, minIdle)
	}
	b := i.take()
	b.Buf = make([]byte, 2*batchCap+1)
	if i.put(b); len(i.stack) != minIdle-1 {
		t.Errorf("a giant buffer was kept")
	}
	b = i.take()
	b.Entries = append(b.Entries, Entry{Name: "somebody's"})
	i.put(b)
	if name := i.take().Entries[:1][0].Name; name != "" {
		t.Errorf("a free batch keeps the name %q alive", name)
	}
}

// An event whose size is known only when it is encoded must not keep its batch on
// loan while it waits: that batch holds the very events it waits for.
func TestBlockByBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{Block: true, Bytes: 100, FlushEvery: time.Hour}, deliverAll)
		text := "," + strings.Repeat("x", 39)
		for range 7 {
			if err := putText(t.Context(), g.Queue, "a", text); err != nil {
				t.Fatal(err)
			}
		}
		if err := putText(t.Context(), g.Queue, "a", strings.Repeat("x", 101)); !errors.Is(err, ErrFull) {
			t.Errorf("event larger than the queue: %v, want ErrFull", err)
		}
		if err := g.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		for _, a := range g.seen().attempts {
			if want := strings.Repeat(text, len(a.names)); a.body != want {
				t.Errorf("body %q, want %q", a.body, want)
			}
		}
		closeNow(g)
	})
}
