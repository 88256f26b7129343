package spool_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// same returns n events that are all equally long.
func same(from, n int) []spool.Event {
	var es []spool.Event
	for i := range n {
		es = append(es, event(from+7*32*i))
	}
	return es
}

// left kills p and returns what the next process finds.
func left(t *testing.T, disk *faultfs.Disk, p *faultfs.Process, s rig) ([]int, spool.Lost) {
	t.Helper()
	p.Kill()
	_ = s.Close()
	next := open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	defer next.close(t)
	got, _, lost := numbers(t, next.Spool)
	return got, lost
}

// Of events that Append refused because the disk was full nothing is left, wherever the
// write was cut, even if the process dies at once.
func TestRefusedEventsAreGone(t *testing.T) {
	for free := range 700 {
		disk := faultfs.New()
		p := disk.Process()
		s := openManual(t, spool.Config{Dir: "/spool", FS: unmapped{p}})
		s.put(t, events(0, 2), true)
		disk.Fail(faultfs.Faults{Size: disk.Used() + int64(free)})
		_, err := s.Append(events(2, 8), true)
		want := seq(0, 8)
		if err != nil {
			want = seq(0, 2)
		}
		if got, lost := left(t, disk, p, s); !slices.Equal(got, want) || lost != (spool.Lost{}) {
			t.Errorf("%d bytes free, %v: %v, lost %+v; want %v", free, err, got, lost, want)
		}
	}
}

// What could not be cut back is superseded by what comes next.
func TestTornAppendIsSuperseded(t *testing.T) {
	disk := faultfs.New()
	p := disk.Process()
	s := openManual(t, spool.Config{Dir: "/spool", FS: unmapped{p}})
	s.put(t, same(1_000, 1), true)
	disk.Fail(faultfs.Faults{Writes: 2})
	if _, err := s.Append(same(2_000, 6), true); !errors.Is(err, syscall.EIO) {
		t.Fatalf("append: %v, want EIO", err)
	}
	s.put(t, same(9_000, 1), true)
	if got, lost := left(t, disk, p, s); !slices.Equal(got, []int{1_000, 9_000}) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want 1000 and 9000", got, lost)
	}
}

// A write of the cursor that was cut short leaves the one before it.
func TestTornCursor(t *testing.T) {
	disk := faultfs.New()
	p := disk.Process()
	s := openManual(t, spool.Config{Dir: "/spool", FS: p})
	first := s.put(t, events(0, 10), true)
	for i := range spool.Ticket(6) {
		s.Settle(first + i)
		disk.Fail(faultfs.Faults{})
		if i == 5 {
			disk.Fail(faultfs.Faults{Writes: 1})
		}
		if err := s.Tick(); (err != nil) != (i == 5) {
			t.Fatalf("tick: %v", err)
		}
	}
	if got, lost := left(t, disk, p, s); !slices.Equal(got, seq(5, 10)) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want 5 to 9", got, lost)
	}
}

// A process that dies while it writes again what an fsync failed to write loses nothing.
func TestDeathWhileRewriting(t *testing.T) {
	for operations := range 12 {
		disk := faultfs.New()
		p := disk.Process()
		s := openManual(t, spool.Config{Dir: "/spool", FS: p, SegmentBytes: 300})
		s.put(t, events(0, 2), true)
		s.put(t, events(2, 5), false)
		disk.Fail(faultfs.Faults{Syncs: 1})
		p.KillAfter(operations)
		_ = s.Tick()
		if got, lost := left(t, disk, p, s); !slices.Equal(got, seq(0, 5)) || lost != (spool.Lost{}) {
			t.Errorf("after %d operations: %v, lost %+v; want 0 to 4", operations, got, lost)
		}
	}
}

// Between a failed fsync and the next attempt the events may be in memory only. Next then
// waits for them.
func TestNextWaitsForTheDisk(t *testing.T) {
	disk := faultfs.New()
	s := openManual(t, spool.Config{Dir: "/spool", FS: unmapped{disk.Process()}, SegmentBytes: 1})
	s.put(t, events(0, 1), false)
	s.put(t, events(1, 3), false)
	disk.Fail(faultfs.Faults{Syncs: 3, Forget: true, Size: 1}) // nothing can be written
	if err := s.Tick(); err == nil {
		t.Fatal("the tick succeeded")
	}
	var c spool.Chunk
	if more, err := s.Next(&c, 10, 1_000); !more || !errors.Is(err, spool.ErrUnsynced) || len(c.Events) > 0 || c.Lost != (spool.Lost{}) {
		t.Errorf("next: %v, %v with %d events, lost %+v", more, err, len(c.Events), c.Lost)
	}
	disk.Fail(faultfs.Faults{})
	if err := s.Tick(); err != nil {
		t.Fatal(err)
	}
	if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(0, 3)) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want 0 to 2", got, lost)
	}
}

// A log that was dropped never counts as lost, whatever of it a loss of power brings back.
func TestDroppedLogIsNotLost(t *testing.T) {
	for seed := range uint64(100) {
		disk := faultfs.New()
		s := openManual(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 1})
		for n := range 5 {
			s.put(t, events(n, n+1), true)
		}
		s.close(t)
		s = openManual(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		_, tickets, _ := numbers(t, s.Spool)
		s.Settle(tickets...)
		if err := s.Tick(); err != nil {
			t.Fatal(err)
		}
		disk.LosePower(rand.New(rand.NewPCG(seed, 3)))
		_ = s.Close()
		s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		if got, _, lost := numbers(t, s.Spool); lost != (spool.Lost{}) {
			t.Errorf("seed %d: %v, lost %+v", seed, got, lost)
		}
		s.close(t)
	}
}

// Room is made of what is settled, synced or not.
func TestRoomFromUnsynced(t *testing.T) {
	disk := faultfs.New()
	s := openManual(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 1, MaxBytes: 2_000})
	for round := range 20 {
		var tickets []spool.Ticket
		n := 1_000 * round
		for err := error(nil); err == nil; n++ {
			var ticket spool.Ticket
			if ticket, err = s.Append(events(n, n+1), true); err == nil {
				tickets = append(tickets, ticket)
			} else if !errors.Is(err, spool.ErrFull) {
				t.Fatal(err)
			}
		}
		if len(tickets) < 5 {
			t.Fatalf("round %d: only %d events", round, len(tickets))
		}
		s.Settle(tickets...)
	}
	s.put(t, events(0, 1), true)
	if err := s.Tick(); err != nil {
		t.Error(err)
	}
}

// A slowFS syncs files when it is told to.
type slowFS struct {
	spool.FS
	mu   sync.Mutex
	gate chan struct{} // nil: at once
}

func (f *slowFS) set(gate chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gate = gate
}

func (f *slowFS) OpenFile(name string, flag int) (spool.File, error) {
	file, err := f.FS.OpenFile(name, flag)
	return &slowFile{file, f}, err
}

type slowFile struct {
	spool.File
	fs *slowFS
}

func (f *slowFile) Sync() error {
	f.fs.mu.Lock()
	gate := f.fs.gate
	f.fs.mu.Unlock()
	if gate != nil {
		<-gate
	}
	return f.File.Sync()
}

// What is appended while a sync is under way waits for the next one.
func TestAppendDuringSync(t *testing.T) {
	for _, each := range []spool.Sync{spool.Interval, spool.Each} {
		synctest.Test(t, func(t *testing.T) {
			disk := faultfs.New()
			fs := &slowFS{FS: disk.Process()}
			s := openManual(t, spool.Config{Dir: "/spool", FS: fs, Sync: each, SegmentBytes: 250})
			var background sync.WaitGroup
			put := func(from, to int) {
				background.Go(func() {
					if _, err := s.Append(events(from, to), false); err != nil {
						t.Errorf("append: %v", err)
					}
				})
				synctest.Wait()
			}
			gate := make(chan struct{})
			fs.set(gate)
			put(0, 1)
			if each == spool.Interval {
				background.Go(func() { _ = s.Tick() })
				synctest.Wait()
			}
			put(1, 2) // into the same segment
			put(2, 5) // into another
			var c spool.Chunk
			_, err := s.Next(&c, 10, 1_000)
			if got := len(c.Events); err != nil || got != map[spool.Sync]int{spool.Interval: 5, spool.Each: 0}[each] {
				t.Errorf("sync %d: next returned %d events before they were synced, %v", each, got, err)
			}
			gate <- struct{}{} // one sync
			synctest.Wait()
			if each == spool.Each {
				if _, err := s.Next(&c, 10, 1_000); err != nil || len(c.Events) != 1 {
					t.Errorf("next returned %d events after one sync, %v", len(c.Events), err)
				}
			}
			close(gate)
			background.Wait()
			if each == spool.Interval {
				if err := s.Tick(); err != nil {
					t.Fatal(err)
				}
			}
			disk.LosePower(rand.New(rand.NewPCG(5, 5)))
			_ = s.Close()
			next := open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
			if got, _, lost := numbers(t, next.Spool); !slices.Equal(got, seq(0, 5)) || lost != (spool.Lost{}) {
				t.Errorf("sync %d: %v after a loss of power, lost %+v; want 0 to 4", each, got, lost)
			}
			next.close(t)
		})
	}
}
