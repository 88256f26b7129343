package spool_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// What an fsync failed to write is written again elsewhere, and survives a loss of power.
func TestFailedSync(t *testing.T) {
	for _, forget := range []bool{false, true} {
		disk := faultfs.New()
		s := openManual(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 600})
		s.put(t, events(0, 3), false)
		if err := s.Tick(); err != nil {
			t.Fatal(err)
		}
		s.put(t, events(3, 6), false)
		s.put(t, events(6, 9), true)
		disk.Fail(faultfs.Faults{Syncs: 1, Forget: forget})
		if err := s.Tick(); err != nil {
			t.Fatalf("forget %v: %v", forget, err)
		}
		s.put(t, events(9, 10), false)
		got, _, lost := numbers(t, s.Spool)
		if want := append(seq(0, 6), 9); !slices.Equal(got, want) || lost != (spool.Lost{}) {
			t.Errorf("forget %v: own %v, lost %+v; want %v", forget, got, lost, want)
		}
		if diff := cmp.Diff(s.kinds(), []spool.WarningKind{spool.SyncFailed}); diff != "" {
			t.Errorf("forget %v: warnings (-got +want):\n%s", forget, diff)
		}
		disk.LosePower(rand.New(rand.NewPCG(1, 1)))
		_ = s.Close()
		s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		got, _, lost = numbers(t, s.Spool)
		if !slices.Equal(got, seq(0, 9)) && !slices.Equal(got, seq(0, 10)) || lost != (spool.Lost{}) {
			t.Errorf("forget %v: after the loss of power %v, lost %+v; want at least 0 to 8", forget, got, lost)
		}
		s.close(t)
	}
}

// With Each, an Append whose sync fails for good takes nothing; the next tries again.
func TestFailedSyncOfEach(t *testing.T) {
	disk := faultfs.New()
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process(), Sync: spool.Each})
	s.put(t, events(0, 2), false)
	disk.Fail(faultfs.Faults{Syncs: 1})
	s.put(t, events(2, 4), false)
	disk.Fail(faultfs.Faults{Syncs: 1_000})
	if _, err := s.Append(events(4, 6), false); !errors.Is(err, syscall.EIO) {
		t.Errorf("append: %v, want EIO", err)
	}
	if _, err := s.Append(events(6, 8), true); !errors.Is(err, syscall.EIO) {
		t.Errorf("append: %v, want EIO", err)
	}
	disk.Fail(faultfs.Faults{})
	s.put(t, events(8, 10), false)
	want := append(seq(0, 4), 8, 9)
	if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, want) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want %v", got, lost, want)
	}
	s.close(t)
	s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, want) || lost != (spool.Lost{}) {
		t.Errorf("the next process: %v, lost %+v; want %v", got, lost, want)
	}
}

// Appends that wait for a sync share it, and all learn of its failure.
func TestGroupCommit(t *testing.T) {
	disk := faultfs.New()
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process(), Sync: spool.Each})
	var all sync.WaitGroup
	var mu sync.Mutex
	accepted := map[int]bool{}
	for i := range 8 {
		all.Go(func() {
			for n := 1_000 * i; n < 1_000*i+200; n++ {
				if n == 3_100 {
					disk.Fail(faultfs.Faults{Syncs: 9})
				}
				if _, err := s.Append(events(n, n+1), n%2 == 0); err == nil {
					mu.Lock()
					accepted[n] = true
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if n := len(accepted); n < 1_500 || n == 1_600 {
		t.Errorf("%d of 1600 accepted, want a few refused", n)
	}
	disk.LosePower(rand.New(rand.NewPCG(2, 2)))
	_ = s.Close()
	s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	got, _, lost := numbers(t, s.Spool)
	refused := uint64(1_600 - len(accepted))
	for _, n := range got {
		delete(accepted, n)
	}
	// That nobody waits for what was refused is written to the cursor, which is not synced.
	if len(accepted) > 0 || lost.Corrupt > refused {
		t.Errorf("%d accepted events are not there, lost %+v", len(accepted), lost)
	}
}

// A write that was cut short leaves nothing behind; appending works again as soon as there
// is room, and settling always did.
func TestFullDisk(t *testing.T) {
	for free := range 400 {
		disk := faultfs.New()
		var fs spool.FS = disk.Process()
		if free%2 == 0 {
			fs = unmapped{fs}
		}
		s := openPad(t, spool.Config{Dir: "/spool", FS: fs, SegmentBytes: 500})
		first := s.put(t, events(0, 3), false)
		disk.Fail(faultfs.Faults{Size: disk.Used() + int64(free)})
		appended := 3
		var err error
		for ; err == nil; appended++ {
			_, err = s.Append(events(appended, appended+1), false)
		}
		appended--
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("%d bytes free: %v", free, err)
		}
		s.Settle(first, first+1)
		landed := s.Landed() > 0 // there is no room to move that
		if err := s.Tick(); landed != (err != nil) || landed && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d bytes free: settling: %v", free, err)
		}
		disk.Fail(faultfs.Faults{})
		s.put(t, events(appended, appended+2), false)
		s.close(t)
		s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(2, appended+2)) || lost != (spool.Lost{}) {
			t.Errorf("%d bytes free: %v, lost %+v; want 2 to %d", free, got, lost, appended+1)
		}
		s.close(t)
	}
}

// A segment that can not be read is tried three times, and is then lost.
func TestFailedReads(t *testing.T) {
	disk := faultfs.New()
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 1})
	s.put(t, events(0, 3), false)
	s.put(t, events(3, 6), false)
	s.close(t)
	disk.Fail(faultfs.Faults{})
	s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	disk.Fail(faultfs.Faults{Reads: 3})
	var c spool.Chunk
	for range 3 {
		if more, err := s.Next(&c, 10, 1_000); !more || !errors.Is(err, syscall.EIO) {
			t.Fatalf("next: %v, %v", more, err)
		}
	}
	if c.Lost != (spool.Lost{Corrupt: 3}) {
		t.Errorf("lost %+v, want 3", c.Lost)
	}
	if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(3, 6)) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v", got, lost)
	}
	if ks := s.kinds(); len(ks) != 1 || ks[0] != spool.ReadFailed {
		t.Errorf("warnings %v", *s.warnings)
	}
}

// A log whose header can not be read is left for later twice; then the segment is set aside.
func TestFailedAdoption(t *testing.T) {
	disk := faultfs.New()
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 1})
	s.put(t, events(0, 3), false)
	s.put(t, events(3, 6), false)
	s.close(t)
	for failures, want := range []uint64{6, 6, 6, 6} {
		d := faultfs.New()
		for name, data := range disk.Files("/spool") {
			d.WriteFile(name, data)
		}
		d.Fail(faultfs.Faults{Reads: failures})
		s := open(t, spool.Config{Dir: "/spool", FS: d.Process()})
		for range 3 {
			if _, err := s.Adopt(); err != nil {
				t.Fatal(err)
			}
		}
		adopted, _ := s.Backlog()
		got, _, lost := numbers(t, s.Spool)
		if adopted != want || uint64(len(got))+lost.Corrupt != want || (lost.Corrupt > 0) != (failures == 3) {
			t.Errorf("%d failures: adopted %d, read %v, lost %+v; warnings %v", failures, adopted, got, lost, *s.warnings)
		}
		s.close(t)
	}
}

// Somebody who removes the directory costs what was in it, and no more.
func TestRemovedDirectory(t *testing.T) {
	for _, sync := range []spool.Sync{spool.Interval, spool.Each, spool.Never} {
		disk := faultfs.New()
		s := open(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 1, Sync: sync})
		first := s.put(t, events(0, 3), false)
		s.put(t, events(3, 4), true)
		disk.Remove("/spool")
		s.put(t, events(4, 6), false)
		got, tickets, lost := numbers(t, s.Spool)
		if !slices.Equal(got, []int{4, 5}) || lost != (spool.Lost{Corrupt: 3}) {
			t.Errorf("sync %d: %v, lost %+v; want 4 and 5", sync, got, lost)
		}
		s.Settle(first, first+3)
		s.Settle(tickets...)
		if err := s.Tick(); err != nil {
			t.Errorf("sync %d: %v", sync, err)
		}
		s.close(t)
		if files := disk.Files("/spool"); len(files) > 0 {
			t.Errorf("sync %d: left %d files", sync, len(files))
		}
	}
}

// The committer syncs within 100 ms, or at once after 1 MiB, and ends when it is done.
func TestCommitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := faultfs.New()
		survivors := func() int {
			copied := faultfs.New()
			for name, data := range disk.Durable("/spool") {
				copied.WriteFile(name, data)
			}
			s := open(t, spool.Config{Dir: "/spool", FS: copied.Process()})
			defer s.close(t)
			n, _ := s.Backlog()
			return int(n)
		}
		s := open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		first := s.put(t, events(0, 3), true)
		synctest.Wait()
		if n := survivors(); n != 0 {
			t.Errorf("at once: %d events are durable, want none", n)
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if n := survivors(); n != 3 {
			t.Errorf("after 100 ms: %d events are durable, want 3", n)
		}
		big := event(3)
		big.Data = make([]byte, 1<<20)
		s.put(t, []spool.Event{big}, true)
		synctest.Wait()
		if n := survivors(); n != 4 {
			t.Errorf("after 1 MiB: %d events are durable, want 4", n)
		}
		s.Settle(first, first+1, first+2, first+3)
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if s.Running() {
			t.Error("the committer runs at rest")
		}
		disk.Fail(faultfs.Faults{Syncs: 1 << 30})
		s.put(t, events(5, 6), true)
		time.Sleep(time.Minute)
		if n := len(s.kinds()); n < 10 || n > 40 {
			t.Errorf("%d warnings in a minute of failing syncs, want a few", n)
		}
		disk.Fail(faultfs.Faults{})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if s.Running() || survivors() == 0 {
			t.Error("the committer has not caught up")
		}
		s.close(t)
	})
}

// While the disk does not sync, Append waits rather than fill the memory.
func TestBackpressure(t *testing.T) {
	disk := faultfs.New()
	s := openManual(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	big := event(0)
	big.Data = make([]byte, 900<<10)
	for range 20 {
		s.put(t, []spool.Event{big}, true)
		if n := s.Unsynced(); n > 4<<20 {
			t.Fatalf("%d bytes are not synced", n)
		}
	}
	disk.Fail(faultfs.Faults{Syncs: 1 << 30})
	var err error
	n := 0
	for ; err == nil && n < 20; n++ {
		_, err = s.Append([]spool.Event{big}, true)
	}
	if !errors.Is(err, syscall.EIO) || n > 5 {
		t.Errorf("%v after %d events on a disk that does not sync", err, n)
	}
	disk.Fail(faultfs.Faults{})
	s.put(t, []spool.Event{big}, true)
}
