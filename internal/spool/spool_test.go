package spool_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/spool"
)

// What was appended comes back as it was, in order, to the next process if not to this.
func TestRoundTrip(t *testing.T) {
	for _, sync := range []spool.Sync{spool.Interval, spool.Each, spool.Never} {
		dir := filepath.Join(t.TempDir(), "a", "b")
		s := open(t, spool.Config{Dir: dir, Sync: sync, SegmentBytes: 1_000})
		for n := 0; n < 100; n += 4 {
			s.put(t, events(n, n+3), false)
			s.put(t, events(n+3, n+4), true)
		}
		var want []int
		for n := range 100 {
			if n%4 != 3 {
				want = append(want, n)
			}
		}
		got, _, lost := numbers(t, s.Spool)
		if diff := cmp.Diff(got, want); diff != "" || lost != (spool.Lost{}) {
			t.Errorf("sync %d: own events (-got +want), lost %+v:\n%s", sync, lost, diff)
		}
		s.close(t)

		s = open(t, spool.Config{Dir: dir, Sync: sync})
		if adopted, own := s.Backlog(); adopted != 100 || own != 0 {
			t.Errorf("sync %d: backlog %d and %d, want 100 and 0", sync, adopted, own)
		}
		if n, err := s.Adopt(); n != 100 || err != nil {
			t.Errorf("sync %d: adopted %d, %v; want 100", sync, n, err)
		}
		got, tickets, lost := numbers(t, s.Spool)
		if diff := cmp.Diff(got, seq(0, 100)); diff != "" || lost != (spool.Lost{}) {
			t.Errorf("sync %d: adopted events (-got +want), lost %+v:\n%s", sync, lost, diff)
		}
		s.Settle(tickets...)
		s.close(t)
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("sync %d: left %v of an empty spool", sync, left)
		}
		if len(*s.warnings) > 0 {
			t.Errorf("sync %d: warnings %v", sync, *s.warnings)
		}
	}
}

// What is settled is not returned to the next process; its segments are gone even if an
// early event is not settled.
func TestSettle(t *testing.T) {
	dir := t.TempDir()
	s := open(t, spool.Config{Dir: dir, SegmentBytes: 1_000})
	var tickets []spool.Ticket
	for n := range 100 {
		tickets = append(tickets, s.put(t, events(n, n+1), true))
	}
	before := len(segments(t, dir))
	keep := map[int]bool{3: true, 50: true, 51: true, 98: true}
	for n, ticket := range tickets {
		if !keep[n] {
			s.Settle(ticket, ticket, 0)
		}
	}
	s.close(t)
	if after := len(segments(t, dir)); before < 8 || after > 4 {
		t.Errorf("%d segments of %d are left, want at most 4", after, before)
	}
	s = open(t, spool.Config{Dir: dir})
	got, _, lost := numbers(t, s.Spool)
	if diff := cmp.Diff(got, []int{3, 50, 51, 98}); diff != "" || lost != (spool.Lost{}) {
		t.Errorf("unsettled (-got +want), lost %+v:\n%s", lost, diff)
	}
}

// Settling events before they were read takes them off the backlog.
func TestSettleUnread(t *testing.T) {
	s := open(t, spool.Config{Dir: t.TempDir()})
	first := s.put(t, events(0, 10), false)
	s.Settle(first, first+1, first+5)
	if _, own := s.Backlog(); own != 7 {
		t.Errorf("backlog %d, want 7", own)
	}
	got, _, _ := numbers(t, s.Spool)
	if diff := cmp.Diff(got, []int{2, 3, 4, 6, 7, 8, 9}); diff != "" {
		t.Errorf("read (-got +want):\n%s", diff)
	}
}

func TestFull(t *testing.T) {
	s := open(t, spool.Config{Dir: t.TempDir(), SegmentBytes: 500, MaxBytes: 3_000})
	var tickets []spool.Ticket
	var err error
	for n := 0; err == nil; n++ {
		var ticket spool.Ticket
		if ticket, err = s.Append(events(n, n+1), true); err == nil {
			tickets = append(tickets, ticket)
		}
	}
	if !errors.Is(err, spool.ErrFull) || s.Bytes() > 3_000 || len(tickets) < 15 {
		t.Fatalf("%v after %d events and %d bytes, want ErrFull near 3000", err, len(tickets), s.Bytes())
	}
	s.Settle(tickets[:10]...)
	s.put(t, events(100, 101), true)
	if _, err := s.Append([]spool.Event{{Name: string(make([]byte, 1<<16))}}, true); !errors.Is(err, spool.ErrTooLarge) {
		t.Errorf("a name of 64 KiB: %v, want ErrTooLarge", err)
	}
	s.close(t)
	if _, err := s.Append(events(0, 1), true); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	if _, err := s.Next(new(spool.Chunk), 1, 1); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("next after close: %v", err)
	}
	if _, err := s.Adopt(); !errors.Is(err, spool.ErrClosed) {
		t.Errorf("adopt after close: %v", err)
	}
	s.Settle(tickets...)
	s.close(t)
}

// Only whole segments expire. To another process one is as old as its successor's beginning;
// a clock that is set back makes nothing old.
func TestExpiry(t *testing.T) {
	dir, now := t.TempDir(), noon
	cfg := spool.Config{Dir: dir, SegmentBytes: 1, MaxAge: time.Hour, Now: func() time.Time { return now }}
	s := open(t, cfg)
	s.put(t, events(0, 3), false)
	now = now.Add(50 * time.Minute)
	s.put(t, events(3, 6), false)
	now = now.Add(20 * time.Minute)
	s.put(t, events(6, 20), false)
	now = now.Add(20 * time.Minute)
	s.put(t, events(20, 21), false)
	got, _, lost := numbers(t, s.Spool)
	if diff := cmp.Diff(got, seq(3, 21)); diff != "" || lost != (spool.Lost{Expired: 3}) {
		t.Errorf("own (-got +want), lost %+v:\n%s", lost, diff)
	}
	s.close(t)

	now = noon.Add(-1_000 * time.Hour)
	s = open(t, cfg)
	got, _, lost = numbers(t, s.Spool)
	if diff := cmp.Diff(got, seq(3, 21)); diff != "" || lost != (spool.Lost{}) {
		t.Errorf("after the clock was set back (-got +want), lost %+v:\n%s", lost, diff)
	}
	s.close(t)

	now = noon.Add(131 * time.Minute)
	s = open(t, cfg)
	got, _, lost = numbers(t, s.Spool)
	if diff := cmp.Diff(got, seq(6, 21)); diff != "" || lost != (spool.Lost{Expired: 3}) {
		t.Errorf("61 minutes after the successor (-got +want), lost %+v:\n%s", lost, diff)
	}
	s.close(t)

	now = noon.Add(-1_000 * time.Hour)
	s = open(t, cfg)
	now = now.Add(61 * time.Minute)
	if _, _, lost = numbers(t, s.Spool); lost != (spool.Lost{Expired: 15}) {
		t.Errorf("an hour after the clock was set back: lost %+v, want 15 expired", lost)
	}
}

// The time of an event that has none is that of its Append.
func TestTimeOfAppend(t *testing.T) {
	s := open(t, spool.Config{Dir: t.TempDir(), Now: func() time.Time { return noon }})
	es := []spool.Event{{Name: "a"}, {Name: "b", At: noon.Add(-time.Hour)}}
	s.put(t, es, false)
	var c spool.Chunk
	if _, err := s.Next(&c, 10, 100); err != nil || len(c.Events) != 2 {
		t.Fatalf("%d events, %v", len(c.Events), err)
	}
	if a, b := c.Events[0].At, c.Events[1].At; !a.Equal(noon) || !b.Equal(noon.Add(-time.Hour)) {
		t.Errorf("at %v and %v, want %v and an hour before", a, b, noon)
	}
}
