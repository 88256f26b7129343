//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows

package filelock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// lock locks a file that must be free.
func lock(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := Lock(name)
	if err != nil {
		t.Fatalf("locking: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	if _, err := Locked(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("looking at no file: got %v, want that there is none", err)
	}
	for range 2 { // a file that is there is locked again
		f := lock(t, name)
		if again, err := Lock(name); again != nil || !errors.Is(err, ErrLocked) {
			t.Errorf("locking it twice: got %v, want ErrLocked", err)
		}
		if got, err := Locked(name); !got || err != nil {
			t.Errorf("locked: got %v, %v, want true", got, err)
		}
		if !Same(f, name) {
			t.Error("the lock is another file than the one that was locked")
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		for range 2 { // looking leaves no trace
			if got, err := Locked(name); got || err != nil {
				t.Errorf("free: got %v, %v, want false", got, err)
			}
		}
	}
}

// What can not be opened is no lock of somebody else.
func TestLockFails(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{dir, filepath.Join(dir, "none", "lock"), filepath.Join(dir, "\x00")} {
		if f, err := Lock(name); f != nil || err == nil || errors.Is(err, ErrLocked) {
			t.Errorf("locking %q: got %v", name, err)
		}
		if got, err := Locked(name); got || err == nil {
			t.Errorf("looking at %q: got %v, %v", name, got, err)
		}
	}
}

// A link is not followed, wherever it leads, and nothing is made at its end.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	link, target := filepath.Join(dir, "link"), filepath.Join(dir, "target")
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if _, err := Open(link, os.O_RDONLY); err == nil {
		t.Error("opened what a link points to")
	}
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(link, os.O_RDWR); err == nil {
		t.Error("opened what a link points to")
	}
	f, err := Open(target, os.O_RDWR)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !Same(f, target) || Same(f, link) || Same(f, filepath.Join(dir, "none")) {
		t.Error("want the file to be the target, and no link to it")
	}
}
