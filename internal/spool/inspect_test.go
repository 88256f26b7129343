package spool_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/phgen/phgen/internal/spool"
)

// tree returns the content of all files.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestInspectAndPurge(t *testing.T) {
	dir, now := t.TempDir(), noon.Add(-time.Hour)
	cfg := spool.Config{Dir: dir, SegmentBytes: 1, Now: func() time.Time { return now }}
	old := open(t, cfg)
	first := old.put(t, events(0, 3), false)
	old.put(t, events(3, 6), true)
	old.put(t, events(6, 9), true)
	old.Settle(first, first+4)
	old.close(t)
	path := segments(t, dir)[2]
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[100] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	bad := "0000000000000001-1-0000000000000002-00000003.bad"
	if err := os.WriteFile(filepath.Join(dir, bad), []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	abandoned := spool.Log{
		Created: now, PID: os.Getpid(), Segments: 3, Bytes: fileSizes(segments(t, dir)),
		Events: 7, Damaged: 1, Oldest: event(1).At,
	}
	want := spool.Contents{Logs: []spool.Log{abandoned}, SetAside: []string{bad}}
	check := func(when string) {
		t.Helper()
		before := tree(t, dir)
		got, err := spool.Inspect(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want, cmpopts.IgnoreFields(spool.Log{}, "Name")); diff != "" {
			t.Errorf("%s (-got +want):\n%s", when, diff)
		}
		if !maps.Equal(tree(t, dir), before) {
			t.Errorf("%s: inspecting changed something", when)
		}
	}
	check("abandoned")

	now = noon
	cfg.Dir = filepath.Join(t.TempDir(), "elsewhere") // a Spool here would adopt the log
	live := open(t, cfg)
	live.put(t, events(20, 22), true)
	live.put(t, events(22, 23), true)
	for _, name := range []string{"lane"} {
		got, err := spool.Inspect(cfg.Dir)
		if err != nil || len(got.Logs) != 1 || !got.Logs[0].Live || got.Logs[0].Events != 3 || got.Logs[0].Damaged != 0 {
			t.Errorf("%s: %+v, %v; want one live log of 3 events", name, got, err)
		}
		removed, err := spool.Purge(cfg.Dir)
		if err != nil || len(removed.Logs) != 0 {
			t.Errorf("%s: removed %+v, %v of a living process", name, removed, err)
		}
	}
	live.put(t, events(23, 24), true)
	live.close(t)

	removed, err := spool.Purge(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(removed, want, cmpopts.IgnoreFields(spool.Log{}, "Name")); diff != "" {
		t.Errorf("removed (-got +want):\n%s", diff)
	}
	want = spool.Contents{}
	check("purged")
	if _, err := spool.Inspect(filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a directory that is not there: %v", err)
	}
}

func fileSizes(paths []string) (n int64) {
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil {
			n += info.Size()
		}
	}
	return n
}
