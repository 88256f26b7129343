//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filelock

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Whoever removes a lock makes room for another one, and its owner can find out.
func TestRemovedLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	first := lock(t, name)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if Same(first, name) {
		t.Error("the lock is the same file as none")
	}
	second := lock(t, name)
	if Same(first, name) || !Same(second, name) {
		t.Error("want the lock to be the second file")
	}
}

// What others may have put in the place of a lock is refused, at once.
func TestLockIsCareful(t *testing.T) {
	dir := t.TempDir()
	pipe, link, target := filepath.Join(dir, "pipe"), filepath.Join(dir, "link"), filepath.Join(dir, "target")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{pipe: "no regular file", link: syscall.ELOOP.Error()} {
		if _, err := Lock(name); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("locking %s: got %v, want %q", filepath.Base(name), err, want)
		}
		if got, err := Locked(name); got || err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("looking at %s: got %v, %v, want %q", filepath.Base(name), got, err, want)
		}
	}
	if _, err := os.Lstat(target); !os.IsNotExist(err) {
		t.Errorf("the end of the link: got %v, want none", err)
	}
	file := lock(t, filepath.Join(dir, "lock"))
	if info, err := file.Stat(); err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
}
