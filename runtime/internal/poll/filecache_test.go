//go:build unix

package poll

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// should returns what ShouldFetch says.
func should(t *testing.T, c *FileCache) bool {
	t.Helper()
	yes, err := c.ShouldFetch(t.Context())
	if err != nil {
		t.Errorf("whose turn: %v", err)
	}
	return yes
}

func load(t *testing.T, c *FileCache) string {
	t.Helper()
	text, err := c.Load(t.Context())
	if err != nil {
		t.Errorf("loading: %v", err)
	}
	return string(text)
}

func store(t *testing.T, c *FileCache, text string) {
	t.Helper()
	if err := c.Store(t.Context(), []byte(text)); err != nil {
		t.Errorf("storing: %v", err)
	}
}

// newFileCaches returns two caches in one file, as two processes have them.
func newFileCaches(t *testing.T) (a, b *FileCache, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "dir", "flags.json")
	a, b = NewFileCache(path), NewFileCache(path)
	t.Cleanup(func() {
		a.Close(context.Background())
		b.Close(context.Background())
	})
	return a, b, path
}

func TestFileCacheIsShared(t *testing.T) {
	a, b, path := newFileCaches(t)
	if got := load(t, a); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
	for i, text := range []string{`{"flags":[]}`, `{"flags":[1]}`, `{"flags":[2]}`, ""} { // also of the same length
		store(t, a, text)
		for range 2 {
			if got := load(t, b); got != text {
				t.Errorf("%d: got %q, want %q", i, got, text)
			}
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if diff := cmp.Diff(files(t, path), []string{"flags.json"}); diff != "" {
		t.Errorf("files (-got +want):\n%s", diff)
	}
}

func files(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Error(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A file that did not change is not read again.
func TestFileCacheReadsChangesOnly(t *testing.T) {
	a, b, path := newFileCaches(t)
	store(t, a, "first")
	load(t, b)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("other"), 0o600); err != nil { // same file, same size
		t.Fatal(err)
	}
	if err := os.Chtimes(path, before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got := load(t, b); got != "first" {
		t.Errorf("got %q, want %q", got, "first")
	}
	if err := os.Chtimes(path, time.Time{}, before.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := load(t, b); got != "other" {
		t.Errorf("got %q, want %q", got, "other")
	}
	store(t, a, "third") // another file, of the same size and time
	if err := os.Chtimes(path, time.Time{}, before.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := load(t, b); got != "third" {
		t.Errorf("got %q, want %q", got, "third")
	}
}

func TestFileCacheTakesTurns(t *testing.T) {
	a, b, _ := newFileCaches(t)
	for range 2 {
		if !should(t, a) || should(t, b) {
			t.Error("want the turn to be the first one's")
		}
	}
	for range 2 { // called again, it does nothing
		if err := a.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if !should(t, b) || should(t, a) {
		t.Error("want the turn to be the second one's")
	}
}

// A process that stands still for long loses its turn, and what it then stores.
func TestFileCacheLeaseExpires(t *testing.T) {
	for every, lease := range map[time.Duration]time.Duration{
		30 * time.Second: 10 * time.Minute,
		time.Hour:        3 * time.Hour,
	} {
		synctest.Test(t, func(t *testing.T) {
			a, b, path := newFileCaches(t)
			third := NewFileCache(path)
			defer third.Close(t.Context())
			for range 5 { // it is renewed
				if !should(t, a) || should(t, b) {
					t.Error("want the turn to be the first one's")
				}
				time.Sleep(every)
			}
			should(t, a)
			for start := time.Now(); time.Since(start) < lease; time.Sleep(every) {
				if should(t, b) {
					t.Errorf("want the turn to be the first one's after %v", time.Since(start))
				}
			}
			if !should(t, b) || should(t, third) {
				t.Error("want the turn to be the second one's")
			}
			if err := a.Store(t.Context(), []byte("old")); err == nil || err.Error() != "another process has the lock: what is stored may be newer" {
				t.Errorf("storing: %v", err)
			}
			if should(t, a) || !should(t, b) {
				t.Error("want the turn to be the second one's")
			}
			store(t, a, "of an emergency")
			if got := load(t, b); got != "of an emergency" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// A clock that was set back makes no lease last forever.
func TestFileCacheLeaseOfTheFuture(t *testing.T) {
	a, b, path := newFileCaches(t)
	should(t, a)
	future := time.Now().Add(24 * time.Hour)
	if err := os.Chtimes(path+".lock", future, future); err != nil {
		t.Fatal(err)
	}
	if !should(t, b) {
		t.Error("want the turn to be the second one's")
	}
}

// What others may have put in the place of a file is refused.
func TestFileCacheIsCareful(t *testing.T) {
	for name, c := range map[string]struct {
		make func(path string) error
		want string // the end of the error of Load
	}{
		"directory": {func(path string) error { return os.Mkdir(path, 0o700) }, "no regular file"},
		"pipe":      {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "no regular file"},
		"writable by everybody": {func(path string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Chmod(path, 0o606)
		}, "everybody may write it"},
		"large": {func(path string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(path, maxDocument+1)
		}, "larger than 64 MiB"},
	} {
		path := filepath.Join(t.TempDir(), "flags.json")
		if err := c.make(path); err != nil {
			t.Fatal(err)
		}
		_, err := NewFileCache(path).Load(t.Context())
		if err == nil || !strings.HasSuffix(err.Error(), ": "+c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), filepath.Join(dir, "flags.json.lock")); err != nil {
		t.Fatal(err)
	}
	if yes, err := NewFileCache(filepath.Join(dir, "flags.json")).ShouldFetch(t.Context()); !yes || err == nil {
		t.Errorf("locking a link: %v, %v", yes, err)
	}
	if diff := cmp.Diff(files(t, filepath.Join(dir, "x")), []string{"flags.json.lock"}); diff != "" {
		t.Errorf("files (-got +want):\n%s", diff)
	}
}

// A store that fails leaves what was there, and no rubbish.
func TestFileCacheStoreFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flags.json")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := NewFileCache(path).Store(t.Context(), []byte("{}")); err == nil {
		t.Error("no error")
	}
	if diff := cmp.Diff(files(t, path), []string{"flags.json"}); diff != "" {
		t.Errorf("files (-got +want):\n%s", diff)
	}
	if err := NewFileCache(filepath.Join(path+"\x00", "x")).Store(t.Context(), nil); err == nil {
		t.Error("no error")
	}
}

// holder makes the test binary a process that has the lock until its input ends.
const holder = "PHGEN_TEST_LOCK"

func TestFileCacheHolder(t *testing.T) {
	path := os.Getenv(holder)
	if path == "" {
		t.Skip("part of TestFileCacheOutlivesProcesses")
	}
	if yes, err := NewFileCache(path).ShouldFetch(t.Context()); !yes || err != nil {
		t.Fatal(yes, err)
	}
	os.Stdout.WriteString("locked\n")
	io.Copy(io.Discard, os.Stdin)
}

// The turn of a process that is killed is over at once.
func TestFileCacheOutlivesProcesses(t *testing.T) {
	_, b, path := newFileCaches(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestFileCacheHolder$")
	cmd.Env = append(os.Environ(), holder+"="+path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "locked\n" {
		t.Errorf("the process said %q, %v", line, err)
	}
	if should(t, b) {
		t.Error("want the turn to be the other process's")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if !should(t, b) {
		t.Error("want the turn to be ours")
	}
}

// A fleet of three, from its start through the end of the one that loads, to one that
// starts while the endpoint is down.
func TestFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, path := newFileCaches(t)
		member := func(replies ...reply) *rig { return newRig(t, Config{Cache: NewFileCache(path)}, replies...) }
		first := member(ok(1, "e1"), ok(2, "e2"))
		synctest.Wait()
		second, reader := member(ok(3, "e3")), member()
		first.until(70 * time.Second)
		for name, g := range map[string]*rig{"second": second, "reader": reader} {
			if got := g.State(); got.Definitions.Len() != 2 || got.Source != Shared || len(g.times()) != 0 {
				t.Errorf("%s: %s after %d requests", name, g.now(), len(g.times()))
			}
		}
		if err := first.Close(t.Context()); err != nil {
			t.Error(err)
		}
		first.until(130 * time.Second)
		if got := reader.State(); got.Definitions.Len() != 3 || len(second.times()) == 0 {
			t.Errorf("reader: %s, second: %d requests", reader.now(), len(second.times()))
		}
		if err := second.Close(t.Context()); err != nil {
			t.Error(err)
		}
		late := member(down)
		synctest.Wait()
		if got, want := late.now(), `3 flags from cache, etag "", generation 1`; got != want {
			t.Errorf("late: got %s, want %s", got, want)
		}
	})
}
