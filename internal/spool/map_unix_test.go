//go:build darwin || linux

package spool_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/phgen/phgen/internal/spool"
)

// padFile returns the path of the only pad in a directory of the operating system.
func padFile(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "pad"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("pads: %v, %v; want one", paths, err)
	}
	return paths[0]
}

// Somebody who cuts the pad, whose pages then can not be written, ends no process and costs
// no event.
func TestCutPad(t *testing.T) {
	for _, sync := range []spool.Sync{spool.Interval, spool.Never} {
		dir := t.TempDir()
		s := openManual(t, spool.Config{Dir: dir, Sync: sync})
		s.put(t, events(0, 3), false)
		if s.Landed() == 0 {
			t.Fatal("nothing has landed")
		}
		if err := os.Truncate(padFile(t, dir), 0); err != nil {
			t.Fatal(err)
		}
		s.put(t, events(3, 6), false)
		if n := s.Landed(); n != 0 {
			t.Errorf("sync %d: %d bytes have landed on what is no pad", sync, n)
		}
		if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(0, 6)) || lost != (spool.Lost{}) {
			t.Errorf("sync %d: %v, lost %+v; want 0 to 5", sync, got, lost)
		}
		s.close(t)
		s = open(t, spool.Config{Dir: dir})
		if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(0, 6)) || lost != (spool.Lost{}) {
			t.Errorf("sync %d: the next process: %v, lost %+v; want 0 to 5", sync, got, lost)
		}
	}
}

// The pad has its blocks from the beginning, and is for this user alone.
func TestPadFile(t *testing.T) {
	dir := t.TempDir()
	s := openManual(t, spool.Config{Dir: dir})
	if paths, _ := filepath.Glob(filepath.Join(dir, "*", "pad")); len(paths) != 0 {
		t.Errorf("%v is there before the first event", paths)
	}
	s.put(t, events(0, 1), true)
	info, err := os.Lstat(padFile(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 || info.Size() != 512<<10 {
		t.Errorf("the pad is %v with %d bytes, want -rw------- with 512 KiB", info.Mode(), info.Size())
	}
}

// Of a living log Inspect sees what landed, and never takes it for damaged, however fast it
// moves; purging leaves it alone.
func TestInspectPad(t *testing.T) {
	dir := t.TempDir()
	s := openWith(t, spool.Config{Dir: dir, SegmentBytes: 20_000}, func(cfg spool.Config) (*spool.Spool, error) {
		return spool.OpenPad(cfg, time.Hour, 8_000, 2_000)
	})
	s.put(t, events(0, 3), true)
	if s.Landed() == 0 {
		t.Fatal("nothing has landed")
	}
	look := func() spool.Log {
		t.Helper()
		c, err := spool.Inspect(dir)
		if err != nil || len(c.Logs) != 1 {
			t.Fatalf("%d logs, %v", len(c.Logs), err)
		}
		return c.Logs[0]
	}
	if l := look(); !l.Live || l.Events != 3 || l.Damaged != 0 || !l.Oldest.Equal(event(0).At) || l.Bytes != 40+int64(s.Landed()) {
		t.Errorf("%+v; want a live log of 3 events with %d bytes", l, 40+s.Landed())
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range 20_000 {
			if _, err := s.Append(events(n+3, n+4), true); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for looks := 0; ; looks++ {
		if l := look(); l.Damaged != 0 {
			t.Fatalf("look %d: %+v; want none damaged", looks, l)
		}
		select {
		case <-done:
			if l := look(); l.Events != 20_003 {
				t.Errorf("%d events, want 20003", l.Events)
			}
			removed, err := spool.Purge(dir)
			if err != nil || len(removed.Logs) > 0 {
				t.Errorf("purged %+v, %v of a living process", removed, err)
			}
			return
		default:
		}
	}
}
