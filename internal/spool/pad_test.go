package spool_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// openPad opens a Spool like openManual, with a pad of 1,000 bytes from which 450 and more
// are moved at once: about five events.
func openPad(t testing.TB, cfg spool.Config) rig {
	t.Helper()
	return openWith(t, cfg, func(cfg spool.Config) (*spool.Spool, error) {
		return spool.OpenPad(cfg, time.Hour, 1_000, 450)
	})
}

// padOf returns the path of the only pad among files.
func padOf(t testing.TB, files map[string][]byte) string {
	t.Helper()
	var path string
	for name := range files {
		if filepath.Base(name) == "pad" {
			if path != "" {
				t.Fatal("there are two pads")
			}
			path = name
		}
	}
	if path == "" {
		t.Fatal("there is no pad")
	}
	return path
}

// landed returns the files of a process that died when it had put events 0 to n-1, of which
// the last are on the pad alone.
func landed(t testing.TB, n int) (files map[string][]byte, path string, alone int) {
	t.Helper()
	disk := faultfs.New()
	p := disk.Process()
	s := openPad(t, spool.Config{Dir: "/spool", FS: p})
	for i := range n {
		s.put(t, events(i, i+1), true)
	}
	at := s.Landed()
	for _, e := range slices.Backward(events(0, n)) {
		if at <= 0 {
			break
		}
		at -= 18 + 26 + len(e.Name) + len(e.Data)
		alone++
	}
	p.Kill()
	files = disk.Files("/spool")
	return files, padOf(t, files), alone
}

// What landed is there after the end of the process, however often the pad was full before;
// nothing comes twice, and nothing of before.
func TestPadOutlivesProcess(t *testing.T) {
	for n := range 60 {
		files, _, alone := landed(t, n+1)
		if alone == 0 {
			t.Errorf("%d events: none is on the pad alone", n+1)
		}
		if got, lost, warnings := readBack(t, files); !slices.Equal(got, seq(0, n+1)) || lost != (spool.Lost{}) || len(warnings) > 0 {
			t.Errorf("%d events: %v, lost %+v, warnings %v", n+1, got, lost, warnings)
		}
	}
}

// A process may die at any operation: what was accepted before is there, and at most what
// was on its way is, too.
func TestDeathAnywhere(t *testing.T) {
	for _, sync := range []spool.Sync{spool.Interval, spool.Never} {
		for operations := range 120 {
			disk := faultfs.New()
			p := disk.Process()
			s := openPad(t, spool.Config{Dir: "/spool", FS: p, SegmentBytes: 1_500, Sync: sync})
			p.KillAfter(operations)
			n := 0
			for err := error(nil); err == nil; n++ {
				if _, err = s.Append(events(n, n+1), true); n%9 == 8 && err == nil {
					_ = s.Tick()
				}
			}
			n--
			if got, lost := left(t, disk, p, s); !slices.Equal(got, seq(0, n)) && !slices.Equal(got, seq(0, n+1)) || lost != (spool.Lost{}) {
				t.Errorf("sync %d, dead after %d operations: %v, lost %+v; want %d events", sync, operations, got, lost, n)
			}
		}
	}
}

// Events on the pad alone are read back by this process and after a Close, whose log has no
// pad any more.
func TestPadIsReadBack(t *testing.T) {
	for _, sync := range []spool.Sync{spool.Interval, spool.Never} {
		disk := faultfs.New()
		s := openPad(t, spool.Config{Dir: "/spool", FS: disk.Process(), Sync: sync})
		s.put(t, events(0, 2), false)
		s.put(t, events(2, 3), true)
		if s.Landed() == 0 {
			t.Fatal("nothing has landed")
		}
		if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(0, 2)) || lost != (spool.Lost{}) {
			t.Errorf("sync %d: own %v, lost %+v; want 0 and 1", sync, got, lost)
		}
		s.put(t, events(3, 4), true)
		s.close(t)
		files := disk.Files("/spool")
		for name := range files {
			if filepath.Base(name) == "pad" {
				t.Errorf("sync %d: the pad is left", sync)
			}
		}
		if got, lost, _ := readBack(t, files); !slices.Equal(got, seq(0, 4)) || lost != (spool.Lost{}) {
			t.Errorf("sync %d: the next process: %v, lost %+v; want 0 to 3", sync, got, lost)
		}
	}
}

// With Each, and for what is larger than what is moved at once, there is nothing to land.
func TestWhatDoesNotLand(t *testing.T) {
	disk := faultfs.New()
	s := openPad(t, spool.Config{Dir: "/spool", FS: disk.Process(), Sync: spool.Each})
	s.put(t, events(0, 1), true)
	if n := s.Landed(); n != 0 {
		t.Errorf("each: %d bytes have landed", n)
	}
	s = openPad(t, spool.Config{Dir: "/other", FS: disk.Process()})
	s.put(t, events(0, 1), true)
	s.put(t, events(1, 20), true) // takes the one before along
	if n := s.Landed(); n != 0 {
		t.Errorf("a large Append: %d bytes have landed", n)
	}
	s.put(t, events(20, 21), true)
	s.close(t)
	s = open(t, spool.Config{Dir: "/other", FS: disk.Process()})
	if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(0, 21)) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want 0 to 20", got, lost)
	}
}

// After the tick what landed survives a loss of power, whatever becomes of the pad.
func TestPadAndPower(t *testing.T) {
	for seed := range uint64(200) {
		disk := faultfs.New()
		s := openPad(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 2_000})
		sure := int(seed % 40)
		for n := range sure {
			s.put(t, events(n, n+1), true)
		}
		if err := s.Tick(); err != nil {
			t.Fatal(err)
		}
		all := sure + int(seed%7)
		for n := sure; n < all; n++ {
			s.put(t, events(n, n+1), true)
		}
		disk.LosePower(rand.New(rand.NewPCG(seed, 9)))
		_ = s.Close()
		s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		got, _, lost := numbers(t, s.Spool)
		if len(got) < sure || !slices.Equal(got[:sure], seq(0, sure)) || !slices.IsSorted(got) || len(got)+int(lost.Corrupt) > all {
			t.Errorf("seed %d: %v, lost %+v; want the first %d of %d and any others", seed, got, lost, sure, all)
		}
		s.close(t)
	}
}

// The pad of an adopted log goes when all of it is settled; until then, whoever dies on the
// way, the next process finds what is left and no more.
func TestAdoptedPad(t *testing.T) {
	const n = 33
	for keep := range n {
		files, _, _ := landed(t, n)
		disk := faultfs.New()
		for name, data := range files {
			disk.WriteFile(name, data)
		}
		for life := range 3 {
			p := disk.Process()
			s := openPad(t, spool.Config{Dir: "/spool", FS: p})
			got, tickets, lost := numbers(t, s.Spool)
			want := seq(0, n)
			if life > 0 {
				want = []int{keep}
			}
			if !slices.Equal(got, want) || lost != (spool.Lost{}) {
				t.Errorf("life %d: %v, lost %+v; want %v", life, got, lost, want)
			}
			if life == 0 {
				s.Settle(slices.Delete(tickets, keep, keep+1)...)
			}
			if err := s.Tick(); err != nil {
				t.Fatal(err)
			}
			p.Kill()
		}
	}
}

// What landed is moved within 100 ms, and what is refused for lack of MaxBytes counts it.
func TestPadIsMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, spool.Config{Dir: "/spool", FS: faultfs.New().Process(), MaxBytes: 3_000})
		n := 0
		for err := error(nil); err == nil; n++ {
			if _, err = s.Append(events(n, n+1), true); err != nil && !errors.Is(err, spool.ErrFull) {
				t.Fatal(err)
			}
		}
		before := s.Landed()
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if got := s.Bytes(); before == 0 || s.Landed() != 0 || got > 3_000 || got < 2_500 {
			t.Errorf("%d bytes, %d of %d on the pad; want nearly 3000 and none", got, s.Landed(), before)
		}
		s.close(t)
	})
}

// What a dead process left on its pad is inspected and purged like all else.
func TestPurgePad(t *testing.T) {
	files, _, alone := landed(t, 33)
	dir := t.TempDir()
	var log string
	for name, data := range files {
		path := filepath.Join(dir, strings.TrimPrefix(name, "/spool"))
		log = filepath.Dir(path)
		if err := os.MkdirAll(log, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(events uint64, segments int, oldest time.Time) {
		t.Helper()
		c, err := spool.Inspect(dir)
		if err != nil || len(c.Logs) != 1 {
			t.Fatalf("%d logs, %v", len(c.Logs), err)
		}
		if l := c.Logs[0]; l.Events != events || l.Segments != segments || l.Damaged != 0 || l.Live || !l.Oldest.Equal(oldest) || l.Bytes == 0 {
			t.Errorf("%+v; want %d events in %d segments and on the pad, the oldest of %v", l, events, segments, oldest)
		}
	}
	check(33, 1, event(0).At)
	s := open(t, spool.Config{Dir: dir})
	_, tickets, _ := numbers(t, s.Spool)
	s.Settle(tickets[:33-alone]...)
	s.close(t)
	check(uint64(alone), 0, event(33-alone).At) // the segment is gone
	if removed, err := spool.Purge(dir); err != nil || len(removed.Logs) != 1 {
		t.Errorf("purged %+v, %v", removed, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
