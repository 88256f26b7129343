package spool_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// When the disk is full, what landed stays on the pad, and Append takes no more than has
// room there. Nothing of it is lost.
func TestPadOnFullDisk(t *testing.T) {
	for _, dies := range []bool{false, true} {
		disk := faultfs.New()
		p := disk.Process()
		s := openPad(t, spool.Config{Dir: "/spool", FS: p})
		s.put(t, events(0, 1), false)
		disk.Fail(faultfs.Faults{Size: disk.Used()})
		n := 1
		for err := error(nil); err == nil; n++ {
			if _, err = s.Append(events(n, n+1), false); err != nil && !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
		}
		n--
		if n < 4 || n > 10 {
			t.Errorf("%d events landed, want about five", n)
		}
		if err := s.Tick(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("tick: %v, want ENOSPC", err)
		}
		var c spool.Chunk
		if more, err := s.Next(&c, 100, 10_000); !more || !errors.Is(err, syscall.ENOSPC) || len(c.Events) > 0 || c.Lost != (spool.Lost{}) {
			t.Errorf("next: %v, %v with %d events, lost %+v", more, err, len(c.Events), c.Lost)
		}
		want := []spool.WarningKind{spool.DiskTrouble}
		if dies {
			p.Kill()
		}
		disk.Fail(faultfs.Faults{})
		if dies {
			_ = s.Close()
			s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
			want = nil
		} else {
			if err := s.Tick(); err != nil {
				t.Fatal(err)
			}
			want = append(want, spool.DiskWorks)
		}
		if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(0, n)) || lost != (spool.Lost{}) {
			t.Errorf("dies %v: %v, lost %+v; want 0 to %d", dies, got, lost, n-1)
		}
		if diff := cmp.Diff(s.kinds(), want); diff != "" {
			t.Errorf("dies %v: warnings (-got +want):\n%s", dies, diff)
		}
		s.close(t)
	}
}

// A disk that is full when the log begins has no room for a pad: it does without.
func TestNoRoomForPad(t *testing.T) {
	disk := faultfs.New()
	s := openPad(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	disk.Fail(faultfs.Faults{Size: disk.Used() + 800})
	s.put(t, events(0, 3), false)
	if n := s.Landed(); n != 0 {
		t.Errorf("%d bytes have landed", n)
	}
	if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(0, 3)) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want 0 to 2", got, lost)
	}
}

// When nothing can be put on the pad any more, events go to the segment, and with them what
// had landed.
func TestPadFails(t *testing.T) {
	for _, sync := range []spool.Sync{spool.Interval, spool.Never} {
		disk := faultfs.New()
		s := openPad(t, spool.Config{Dir: "/spool", FS: disk.Process(), Sync: sync})
		s.put(t, events(0, 3), true)
		disk.Fail(faultfs.Faults{ReadOnly: true})
		if _, err := s.Append(events(9, 10), true); !errors.Is(err, syscall.EROFS) {
			t.Errorf("sync %d: append: %v, want EROFS", sync, err)
		}
		disk.Fail(faultfs.Faults{})
		for n := range 20 {
			s.put(t, events(n+3, n+4), true)
			if n := s.Landed(); n != 0 {
				t.Errorf("sync %d: %d bytes have landed", sync, n)
			}
		}
		files := disk.Files("/spool")
		if got, lost, _ := readBack(t, files); !slices.Equal(got, seq(0, 23)) || lost != (spool.Lost{}) {
			t.Errorf("sync %d: %v, lost %+v; want 0 to 22", sync, got, lost)
		}
		s.close(t)
	}
}

// What landed is written again after an Append that could not be cut back, but not while a
// sync is under way in the files that it closes.
func TestMendAfterSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := faultfs.New()
		fs := &slowFS{FS: disk.Process()}
		s := openPad(t, spool.Config{Dir: "/spool", FS: fs})
		s.put(t, events(0, 1), false)
		gate := make(chan struct{})
		fs.set(gate)
		var background sync.WaitGroup
		background.Go(func() { _ = s.Tick() })
		synctest.Wait()
		s.put(t, events(1, 2), false)
		disk.Fail(faultfs.Faults{Writes: 2})
		if _, err := s.Append(events(2, 12), false); !errors.Is(err, syscall.EIO) {
			t.Errorf("append: %v, want EIO", err)
		}
		done := false
		background.Go(func() {
			s.put(t, events(12, 13), false)
			done = true
		})
		synctest.Wait()
		if done {
			t.Error("an Append has overtaken the sync")
		}
		close(gate)
		background.Wait()
		if err := s.Tick(); err != nil {
			t.Error(err)
		}
		disk.LosePower(rand.New(rand.NewPCG(4, 4)))
		_ = s.Close()
		s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, []int{0, 1, 12}) || lost != (spool.Lost{}) {
			t.Errorf("%v, lost %+v; want 0, 1 and 12", got, lost)
		}
		s.close(t)
	})
}

// Without fsync, too, what landed is written again after an Append that could not be cut
// back, and costs nothing that was moved before.
func TestMendWithoutSync(t *testing.T) {
	disk := faultfs.New()
	p := disk.Process()
	s := openPad(t, spool.Config{Dir: "/spool", FS: p, Sync: spool.Never})
	for n := range 8 {
		s.put(t, events(n, n+1), true)
	}
	if n := s.Landed(); n == 0 || n > 400 {
		t.Fatalf("%d bytes have landed, want some of all", n)
	}
	disk.Fail(faultfs.Faults{Writes: 2})
	if _, err := s.Append(events(20, 30), true); !errors.Is(err, syscall.EIO) {
		t.Errorf("append: %v, want EIO", err)
	}
	s.put(t, events(8, 9), true)
	if got, lost := left(t, disk, p, s); !slices.Equal(got, seq(0, 9)) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want 0 to 8", got, lost)
	}
}
