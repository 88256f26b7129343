//go:build unix

package spool_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// On a file system of 64 KiB that is full, settling still works, and appending works again
// when there is room.
func TestSmallDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mount: %v: %s", err, out)
	}
	defer func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	}()
	spoolDir := filepath.Join(dir, "spool")
	for _, sync := range []spool.Sync{spool.Interval, spool.Each} {
		s := open(t, spool.Config{Dir: spoolDir, SegmentBytes: 8_000, Sync: sync})
		appended := 0
		var err error
		for ; err == nil; appended++ {
			_, err = s.Append(events(appended, appended+1), false)
		}
		appended--
		if !errors.Is(err, syscall.ENOSPC) || appended < 100 {
			t.Fatalf("%v after %d events, want ENOSPC", err, appended)
		}
		// A second process finds no room for a log, and reads all the same.
		s.close(t)
		s = open(t, spool.Config{Dir: spoolDir, Sync: sync})
		got, tickets, lost := numbers(t, s.Spool)
		if len(got) != appended || lost != (spool.Lost{}) {
			t.Fatalf("%d events of %d, lost %+v", len(got), appended, lost)
		}
		_, err = s.Append(events(appended, appended+1), true)
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("append on a full disk: %v", err)
		}
		s.Settle(tickets...)
		if err := s.Tick(); err != nil {
			t.Fatalf("settling on a full disk: %v", err)
		}
		ticket := s.put(t, events(appended, appended+1), true)
		kinds := s.kinds()
		if len(kinds) != 2 || kinds[0] != spool.DiskTrouble || kinds[1] != spool.DiskWorks {
			t.Errorf("warnings %v, want trouble once and its end", *s.warnings)
		}
		s.Settle(ticket)
		s.close(t)
	}
}

// A disk that can only be read is reported, and nothing is left running.
func TestReadOnlyDisk(t *testing.T) {
	disk := faultfs.New()
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	s.put(t, events(0, 3), true)
	s.close(t)
	before := disk.Files("/spool")
	disk.Fail(faultfs.Faults{ReadOnly: true})
	if _, err := spool.Open(spool.Config{Dir: "/spool", FS: disk.Process()}); !errors.Is(err, syscall.EROFS) {
		t.Errorf("open: %v, want EROFS", err)
	}
	if _, err := spool.Open(spool.Config{Dir: "/new", FS: disk.Process()}); !errors.Is(err, syscall.EROFS) {
		t.Errorf("open: %v, want EROFS", err)
	}
	disk.Fail(faultfs.Faults{})
	if diff := cmp.Diff(disk.Files("/spool"), before); diff != "" {
		t.Errorf("the log was changed (-got +want):\n%s", diff)
	}
}

// Where the directory can not be used, Open says so, and says why.
func TestUnusableDirectory(t *testing.T) {
	base := t.TempDir()
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(base, "link")
	if err := os.Symlink(base, link); err != nil {
		t.Skip(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below"), link} {
		if s, err := spool.Open(spool.Config{Dir: dir}); err == nil {
			_ = s.Close()
			t.Errorf("%s was opened", dir)
		} else if !strings.HasPrefix(err.Error(), "opening the spool: ") || !strings.Contains(err.Error(), filepath.Base(dir)) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(base, 0o500); err != nil {
			t.Fatal(err)
		}
		if _, err := spool.Open(spool.Config{Dir: filepath.Join(base, "new")}); !errors.Is(err, os.ErrPermission) {
			t.Errorf("below a read-only directory: %v", err)
		}
	}
}

// Files are for this user alone, whatever the umask, and no link is followed.
func TestPermissions(t *testing.T) {
	for _, mask := range []int{0o000, 0o777} {
		dir := filepath.Join(t.TempDir(), "spool")
		old := syscall.Umask(mask)
		if mask == 0o777 {
			syscall.Umask(0)
			if err := os.Mkdir(dir, 0o777); err != nil { // made by somebody careless
				t.Fatal(err)
			}
			syscall.Umask(mask)
		}
		s := open(t, spool.Config{Dir: dir})
		s.put(t, events(0, 3), true)
		syscall.Umask(old)
		err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			want := os.FileMode(0o600)
			if err == nil && info.IsDir() {
				want = os.ModeDir | 0o700
			}
			if err == nil && info.Mode() != want {
				t.Errorf("umask %o: %s is %v, want %v", mask, filepath.Base(path), info.Mode(), want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		s.close(t)
		path := segments(t, dir)[0]
		if err := os.Rename(path, path+".moved"); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path+".moved", path); err != nil {
			t.Fatal(err)
		}
		s = open(t, spool.Config{Dir: dir})
		if n, err := s.Adopt(); n != 0 || err != nil {
			t.Errorf("followed a link: %d events, %v", n, err)
		}
		if ks := s.kinds(); len(ks) != 1 || ks[0] != spool.LeftAlone {
			t.Errorf("warnings %v", *s.warnings)
		}
		s.close(t)
	}
}
