package spool_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// A watched FS has somebody else look around after each step that makes or locks something.
type watched struct {
	spool.FS
	look func()
	jam  int // locks that somebody else has just then
}

func (w *watched) MkdirPrivate(dir string) error {
	err := w.FS.MkdirPrivate(dir)
	w.look()
	return err
}

func (w *watched) OpenFile(name string, flag int) (spool.File, error) {
	f, err := w.FS.OpenFile(name, flag)
	w.look()
	return f, err
}

func (w *watched) Lock(name string, flag int) (io.Closer, error) {
	if w.jam > 0 {
		w.jam--
		return nil, spool.ErrLocked
	}
	return w.FS.Lock(name, flag)
}

// logNames lists the logs of a directory.
func logNames(t *testing.T, disk spool.FS, dir string) (names []string) {
	t.Helper()
	entries, err := disk.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// Whoever looks for abandoned logs at whatever moment leaves one alone that is being made.
func TestLogIsBornBeforeEyes(t *testing.T) {
	disk := faultfs.New()
	other := openManual(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	first := logNames(t, disk.Process(), "/spool")
	looks := 0
	eyes := &watched{FS: disk.Process(), look: func() {
		looks++
		if n, err := other.Adopt(); n != 0 || err != nil {
			t.Errorf("look %d: adopted %d events, %v", looks, n, err)
		}
		if err := other.Tick(); err != nil {
			t.Errorf("look %d: %v", looks, err)
		}
	}}
	s := openManual(t, spool.Config{Dir: "/spool", FS: eyes})
	s.put(t, events(0, 3), true)
	if looks < 3 {
		t.Errorf("somebody looked %d times, want more", looks)
	}
	if got := len(logNames(t, disk.Process(), "/spool")) - len(first); got != 1 {
		t.Errorf("%d logs were made, want 1", got)
	}
	if got := append(other.kinds(), s.kinds()...); len(got) > 0 {
		t.Errorf("warnings %v", got)
	}
	eyes.look = func() {}
	if n, err := other.Adopt(); n != 0 || err != nil {
		t.Errorf("at last: adopted %d events, %v", n, err)
	}
}

// A log that somebody else has locked between its making and its locking is made again,
// and a disk on which that never ends says so.
func TestLogIsMadeAgain(t *testing.T) {
	disk := faultfs.New()
	s := openManual(t, spool.Config{Dir: "/spool", FS: &watched{FS: disk.Process(), look: func() {}, jam: 19}})
	s.put(t, events(0, 3), false)
	if got, _, _ := numbers(t, s.Spool); !cmp.Equal(got, seq(0, 3)) {
		t.Errorf("got %v", got)
	}
	if _, err := spool.OpenManual(spool.Config{Dir: "/jammed", FS: &watched{FS: disk.Process(), look: func() {}, jam: 20}}); !errors.Is(err, spool.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

// An empty log without a lock is a process at its birth, or one that died then: after a
// minute it is removed. One that holds something lost its lock with the power.
func TestLogIsStillborn(t *testing.T) {
	now := noon
	disk := faultfs.New()
	process := disk.Process()
	s := openManual(t, spool.Config{Dir: "/spool", FS: process, Now: func() time.Time { return now }})
	own := logNames(t, process, "/spool")
	const empty, full = "00064bf535af3f5b-22811-d27407b936e7a1d9", "00064bf535af3f5b-22812-d27407b936e7a1da"
	made := time.UnixMicro(0x00064bf535af3f5b)
	for _, name := range []string{empty, full} {
		if err := process.MkdirPrivate(filepath.Join("/spool", name)); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := process.OpenFile(filepath.Join("/spool", full, "cursor"), os.O_RDWR|os.O_CREATE); err != nil {
		t.Fatal(err)
	} else if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		age  time.Duration
		want []string
	}{
		{-time.Hour, append(slices.Clone(own), empty)}, // the clock was set back
		{0, append(slices.Clone(own), empty)},
		{time.Minute, append(slices.Clone(own), empty)},
		{time.Minute + time.Microsecond, own},
	} {
		now = made.Add(step.age)
		if n, err := s.Adopt(); n != 0 || err != nil {
			t.Errorf("%v: adopted %d, %v", step.age, n, err)
		}
		if err := s.Tick(); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(step.want, logNames(t, process, "/spool")); diff != "" {
			t.Errorf("%v: want - got +\n%s", step.age, diff)
		}
	}
	if got := s.kinds(); len(got) > 0 {
		t.Errorf("warnings %v", got)
	}
}
