package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var errDisk = errors.New("disk is full")

// A record is an event of a disk.
type record struct {
	name, text string
	ticket     uint64
	held       bool
	own        bool
	at         time.Time
}

// A disk is a Spool in memory.
type disk struct {
	mu      sync.Mutex
	records []record // neither settled nor lost
	loaded  map[uint64]bool
	last    uint64
	full    bool
	orphans []record // what Adopt finds next
	gone    int      // of the next records that Load would return
	slow    time.Duration
}

func newDisk() *disk { return &disk{loaded: map[uint64]bool{}} }

func (d *disk) Append(buf []byte, start int, es []Entry, held bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return errDisk
	}
	for i := range es {
		d.last++
		es[i].Ticket = d.last
		d.records = append(d.records, record{es[i].Name, string(buf[start:es[i].End]), d.last, held, true, time.Now().Round(0)})
		start = es[i].End
	}
	return nil
}

func (d *disk) Load(b *Batch, events, bytes int) (l Loaded, err error) {
	time.Sleep(d.slow)
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := 0; i < len(d.records); i++ {
		r := d.records[i]
		if r.held || d.loaded[r.ticket] {
			continue
		}
		if len(b.Entries)+l.Gone > 0 && (r.own != l.Own || len(b.Entries) >= events || len(b.Buf)+len(r.text) > bytes) {
			break
		}
		l.Own = r.own
		if d.gone > 0 {
			d.gone--
			l.Gone++
			d.records = slices.Delete(d.records, i, i+1)
			i--
			err = errDisk
			continue
		}
		if len(b.Entries) == 0 {
			l.At = r.at
		}
		d.loaded[r.ticket] = true
		b.Buf = append(b.Buf, r.text...)
		b.Entries = append(b.Entries, Entry{Name: r.name, End: len(b.Buf), Ticket: r.ticket})
	}
	return l, err
}

func (d *disk) Settle(es []Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range es {
		d.records = slices.DeleteFunc(d.records, func(r record) bool { return r.ticket == e.Ticket })
	}
}

func (d *disk) Adopt() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := len(d.orphans)
	for _, r := range d.orphans {
		d.last++
		r.ticket = d.last
		d.records = append([]record{r}, d.records...)
	}
	d.orphans = nil
	return uint64(n)
}

func (d *disk) set(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// names returns the events that a next process would find, sorted.
func (d *disk) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, r := range d.records {
		names = append(names, r.name)
	}
	slices.Sort(names)
	return names
}

// door is an endpoint that can be shut.
type door struct {
	mu   sync.Mutex
	shut bool
}

func (d *door) set(shut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shut = shut
}

func (d *door) answer(context.Context, *Request) Verdict {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		return Verdict{Outcome: Retry, Err: errDown}
	}
	return Verdict{}
}

// What memory has no room for waits on disk, and is sent in order when the endpoint is
// back. A flush waits for it.
func TestSpill(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, e := newDisk(), &door{shut: true}
		g := newRig(Config{BatchSize: 10, Events: 20, Spill: true, Spool: d}, e.answer)
		putN(t, g.Queue, "a", 100)
		pass(time.Hour)
		s := checkStats(t, g.Queue)
		if s.Spooled != 80 || s.Queued != 20 {
			t.Errorf("during the outage: %+v, want 80 on disk and 20 in memory", s)
		}
		if n := len(d.names()); n != 100 {
			t.Errorf("%d events on disk, want all 100", n)
		}
		e.set(false)
		if err := g.Flush(t.Context()); err != nil {
			t.Errorf("flush: %v", err)
		}
		if s := checkStats(t, g.Queue); s.Sent != 100 {
			t.Errorf("after the flush: %+v, want 100 sent", s)
		}
		if names := d.names(); names != nil {
			t.Errorf("still on disk: %v", names)
		}
		var body strings.Builder
		for _, a := range g.seen().attempts[len(g.seen().attempts)-8:] {
			body.WriteString(a.body)
		}
		if !strings.HasSuffix(body.String(), ",a97,a98,a99") {
			t.Errorf("the last requests end with %q", body.String())
		}
		_ = g.Close(t.Context())
	})
}

// An event by itself larger than the room left goes to disk, too; a pair stays together.
func TestSpillByBytes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDisk()
		g := newRig(Config{Bytes: 100, Spill: true, Spool: d}, refuseAll)
		for _, n := range []int{60, 60} {
			if err := putText(t.Context(), g.Queue, fmt.Sprint(n), strings.Repeat("x", n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.Put(t.Context(), []byte(strings.Repeat("y", 50)), &[2]Entry{{Name: "p", End: 20}, {Name: "q", End: 50}}, 2); err != nil {
			t.Fatal(err)
		}
		if s := checkStats(t, g.Queue); s.Queued != 1 || s.Spooled != 3 || g.used != (tally{1, 60}) {
			t.Errorf("%+v with room %+v used, want 1 in memory and 3 on disk", s, g.used)
		}
		closeNow(g)
		if diff := cmp.Diff(d.names(), []string{"60", "60", "p", "q"}); diff != "" {
			t.Errorf("on disk (-got +want):\n%s", diff)
		}
	})
}

// A disk that takes nothing costs no event as long as memory has room.
func TestFullDisk(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, e := newDisk(), &door{shut: true}
		d.full = true
		g := newRig(Config{Events: 5, Spill: true, Spool: d}, e.answer)
		putN(t, g.Queue, "a", 5)
		if err := put(t.Context(), g.Queue, "b"); !errors.Is(err, ErrFull) {
			t.Errorf("put: %v, want ErrFull", err)
		}
		d.set(func() { d.full = false })
		if err := put(t.Context(), g.Queue, "c"); err != nil {
			t.Errorf("put with room on disk: %v", err)
		}
		e.set(false)
		if err := g.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if s := checkStats(t, g.Queue); s.Sent != 6 {
			t.Errorf("%+v, want 6 sent", s)
		}
	})
}

// Close leaves to the next process what is on disk, and says so.
func TestCloseKeepsTheDisk(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newDisk()
		g := newRig(Config{BatchSize: 5, Events: 10, Spill: true, Spool: d}, refuseAll)
		putN(t, g.Queue, "a", 15)
		d.set(func() { d.full = true })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := g.Close(ctx)
		var u *Undelivered
		if !errors.As(err, &u) || u.Events != 15 || !errors.Is(u.Err, context.DeadlineExceeded) {
			t.Fatalf("close: %#v", err)
		}
		if diff := cmp.Diff(u.ByReason, map[string]uint64{"spooled": 15}); diff != "" {
			t.Errorf("by reason (-got +want):\n%s", diff)
		}
		s := checkStats(t, g.Queue)
		if s.Spooled != 15 || s.Lost != 0 || len(g.seen().lost) != 0 {
			t.Errorf("%+v, want 15 spooled and none lost", s)
		}
		if len(d.names()) != 15 {
			t.Errorf("on disk: %v", d.names())
		}
	})
}

// What other processes left is sent without any event captured, also when it appears
// later, and does not hold up Flush or Close.
func TestAdopt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, e := newDisk(), &door{}
		orphan := func(n int) {
			d.set(func() {
				for i := range n {
					d.orphans = append(d.orphans, record{name: fmt.Sprint("o", i), text: ",o", at: time.Now().Add(-time.Hour).Round(0)})
				}
			})
		}
		orphan(3)
		g := newRig(Config{Spool: d}, e.answer)
		pass(10 * time.Second)
		if s := checkStats(t, g.Queue); s.Accepted != 3 || s.Sent != 3 {
			t.Errorf("%+v, want the 3 of an earlier process sent", s)
		}
		orphan(2)
		pass(2 * time.Minute)
		if s := checkStats(t, g.Queue); s.Sent != 5 {
			t.Errorf("%+v, want 5 sent", s)
		}
		e.set(true)
		putN(t, g.Queue, "a", 1)
		pass(time.Minute)
		orphan(4)
		pass(2 * time.Minute)
		if s := checkStats(t, g.Queue); s.Spooled != 4 {
			t.Errorf("%+v, want 4 waiting on disk for the endpoint", s)
		}
		closeNow(g)
		if s := checkStats(t, g.Queue); s.Spooled != 5 || s.Lost != 0 {
			t.Errorf("after Close: %+v, want 5 left on disk", s)
		}
	})
}

// What can not be read any more is counted, and a flush ends and tells.
func TestCorruptSpool(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, e := newDisk(), &door{shut: true}
		g := newRig(Config{Events: 10, Spill: true, Spool: d}, e.answer)
		putN(t, g.Queue, "a", 30)
		pass(time.Minute)
		d.set(func() { d.gone = 7 })
		e.set(false)
		err := g.Flush(t.Context())
		var u *Undelivered
		if !errors.As(err, &u) || !cmp.Equal(u.ByReason, map[string]uint64{"spool_corrupt": 7}) || !errors.Is(u.Err, errDisk) {
			t.Errorf("flush: %+v", err)
		}
		if s := checkStats(t, g.Queue); s.Sent != 23 || s.LostBy["spool_corrupt"] != 7 {
			t.Errorf("%+v, want 23 sent and 7 corrupt", s)
		}
		if lost := g.seen().lost; len(lost) != 1 || lost[0].Events != 7 {
			t.Errorf("lost %+v", lost)
		}
		_ = g.Close(t.Context())
	})
}

// An endpoint that refuses the key costs no event that is on disk.
func TestHoldWithSpool(t *testing.T) {
	bubble(t, func(t *testing.T) {
		bad := time.Now().Add(8 * time.Hour)
		d := newDisk()
		g := newRig(Config{BatchSize: 10, Events: 50, Spill: true, Spool: d, MaxRetries: 3}, func(context.Context, *Request) Verdict {
			if time.Now().Before(bad) {
				return Verdict{Outcome: Hold, Err: errDown}
			}
			return Verdict{}
		})
		putN(t, g.Queue, "a", 200)
		pass(9 * time.Hour)
		if s := checkStats(t, g.Queue); s.Sent != 200 {
			t.Errorf("%+v, want 200 sent", s)
		}
		if n := len(g.seen().attempts); n > 8*60+40 {
			t.Errorf("%d attempts, want one a minute and those that deliver", n)
		}
		_ = g.Close(t.Context())
	})
}

// A wall clock that jumps by years expires nothing that this process spilled.
func TestSpillSurvivesTheClock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, e := newDisk(), &door{shut: true}
		g := newRig(Config{Events: 10, Spill: true, Spool: d, MaxAge: 24 * time.Hour}, e.answer)
		putN(t, g.Queue, "a", 20)
		d.set(func() {
			for i := range d.records {
				d.records[i].at = d.records[i].at.AddDate(-10, 0, 0)
			}
		})
		e.set(false)
		if err := g.Flush(t.Context()); err != nil {
			t.Errorf("flush: %v", err)
		}
		_ = g.Close(t.Context())
	})
}

// A queue that rests has no goroutine, and delivers again when it gets an event.
func TestRest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newRig(Config{}, deliverAll)
		putN(t, g.Queue, "a", 1)
		g.Rest()
		pass(6 * time.Second)
		select {
		case <-g.done:
		default:
			t.Error("the dispatcher still runs")
		}
		putN(t, g.Queue, "b", 1)
		pass(6 * time.Second)
		if s := checkStats(t, g.Queue); s.Sent != 2 {
			t.Errorf("%+v, want 2 sent", s)
		}
		g.Rest()
		pass(time.Second)
		if err := g.Close(t.Context()); err != nil {
			t.Errorf("close of a queue at rest: %v", err)
		}
		if err := put(t.Context(), g.Queue, "c"); !errors.Is(err, ErrClosed) {
			t.Errorf("put after close: %v", err)
		}
	})
}

// Close ends with its context although events that others left are being read meanwhile,
// and leaves those to the next process.
func TestCloseWhileLoading(t *testing.T) {
	for name, own := range map[string]int{"nothing of its own": 0, "events of its own": 5} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newDisk()
				d.slow = 10 * time.Second
				for i := range 8 {
					d.orphans = append(d.orphans, record{name: fmt.Sprint("o", i), text: ",o", at: time.Now().Round(0)})
				}
				g := newRig(Config{Spool: d, Spill: true}, refuseAll)
				putN(t, g.Queue, "a", own)
				pass(time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				start := time.Now()
				_ = g.Close(ctx)
				if took := time.Since(start); took > time.Minute+grace {
					t.Errorf("Close took %v", took)
				}
				if s := checkStats(t, g.Queue); s.Spooled != uint64(8+own) || s.Lost > 0 {
					t.Errorf("after Close: %+v, want %d on disk", s, 8+own)
				}
			})
		})
	}
}
