package spool_test

import (
	"bytes"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// With any bit of the pad flipped, no event is returned that never was, and none is lost but
// the damaged one. That the last was there nobody knows then.
func TestEveryPadFlip(t *testing.T) {
	const n = 33
	files, path, alone := landed(t, n)
	whole := files[path]
	var damaged int
	for bit := range 8 * len(whole) {
		flipped := slices.Clone(whole)
		flipped[bit/8] ^= 1 << (bit % 8)
		files[path] = flipped
		got, lost, _ := readBack(t, files)
		if slices.Equal(got, seq(0, n)) && lost == (spool.Lost{}) {
			continue
		}
		damaged++
		missing := slices.DeleteFunc(seq(0, n), func(n int) bool { return slices.Contains(got, n) })
		want := spool.Lost{Corrupt: 1}
		if len(missing) == 1 && missing[0] == n-1 {
			want.Corrupt = 0
		}
		if len(missing) != 1 || missing[0] < n-alone || len(got) != n-1 || lost != want {
			t.Errorf("bit %d of byte %d: %v, lost %+v; want all but one of the last %d", bit%8, bit/8, got, lost, alone)
		}
	}
	if damaged < 8*40*alone {
		t.Errorf("only %d of %d flips cost an event", damaged, 8*len(whole))
	}
}

// A record that was not wholly copied is none, and costs no other.
func TestTornLanding(t *testing.T) {
	files, path, _ := landed(t, 33)
	before, _, _ := landed(t, 32)
	older := before[padOf(t, before)]
	record := spool.EncodeRecord(event(32))
	whole := files[path]
	at := bytes.Index(whole, record[18:]) - 18 // the payload; the checksum is the log's
	if at < 0 {
		t.Fatal("event 32 is not on the pad")
	}
	for size := range len(record) {
		files[path] = slices.Concat(whole[:at+size], older[at+size:])
		if got, lost, _ := readBack(t, files); !slices.Equal(got, seq(0, 32)) || lost != (spool.Lost{}) {
			t.Errorf("%d bytes of the last record: %v, lost %+v; want 0 to 31", size, got, lost)
		}
	}
}

// A pad that is not this log's, or no pad, adds nothing and costs what was on it alone. A log
// of an earlier version has none.
func TestForeignPads(t *testing.T) {
	const n = 33
	files, path, alone := landed(t, n)
	others, other, _ := landed(t, n)
	for name, content := range map[string][]byte{
		"another log's": others[other],
		"zeros":         make([]byte, 1_040),
		"nothing":       {},
		"half a header": files[path][:20],
		"text":          bytes.Repeat([]byte("an operator's notes "), 60),
		"none":          nil,
	} {
		if files[path] = content; content == nil {
			delete(files, path)
		}
		got, lost, warnings := readBack(t, files)
		if !slices.Equal(got, seq(0, n-alone)) || lost != (spool.Lost{}) || len(warnings) > 0 {
			t.Errorf("%s: %v, lost %+v, warnings %v; want 0 to %d", name, got, lost, warnings, n-alone-1)
		}
	}
}

// A pad of a later version is left as it is, with its log.
func TestFuturePad(t *testing.T) {
	files, path, _ := landed(t, 5)
	files[path] = slices.Clone(files[path])
	files[path][6]++
	spool.SetPrefixChecksum(files[path])
	disk := faultfs.New()
	for name, data := range files {
		disk.WriteFile(name, data)
	}
	s := openPad(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	for range 5 {
		if n, err := s.Adopt(); n != 0 || err != nil {
			t.Errorf("adopted %d, %v", n, err)
		}
	}
	s.close(t)
	if diff := cmp.Diff(disk.Files("/spool"), files); diff != "" {
		t.Errorf("the log was changed (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(s.kinds(), []spool.WarningKind{spool.LeftAlone}); diff != "" {
		t.Errorf("warnings (-got +want):\n%s", diff)
	}
}

// A pad that can not be read is tried again, and is then set aside; the segments are read.
func TestUnreadablePad(t *testing.T) {
	files, path, alone := landed(t, 33)
	disk := faultfs.New()
	for name, data := range files {
		disk.WriteFile(name, data)
	}
	fs := &brokenFS{FS: disk.Process(), broken: path}
	s := openPad(t, spool.Config{Dir: "/spool", FS: fs})
	for range 2 {
		if _, err := s.Adopt(); err != nil {
			t.Fatal(err)
		}
	}
	if got, _, lost := numbers(t, s.Spool); !slices.Equal(got, seq(0, 33-alone)) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want 0 to %d", got, lost, 33-alone-1)
	}
	if diff := cmp.Diff(s.kinds(), []spool.WarningKind{spool.LeftAlone, spool.SetAside}); diff != "" {
		t.Errorf("warnings (-got +want):\n%s", diff)
	}
}

// A brokenFS fails to open one file.
type brokenFS struct {
	spool.FS
	broken string
}

func (f *brokenFS) OpenFile(name string, flag int) (spool.File, error) {
	if name == f.broken {
		return nil, syscall.EIO
	}
	return f.FS.OpenFile(name, flag)
}

// All that is left of a log may be its pad: it yields what landed last, and nothing of
// before counts as lost.
func TestPadAlone(t *testing.T) {
	files, path, alone := landed(t, 33)
	got, lost, _ := readBack(t, map[string][]byte{path: files[path]})
	if n := len(got); n < alone || !slices.Equal(got, seq(33-n, 33)) || lost != (spool.Lost{}) {
		t.Errorf("%v, lost %+v; want the last %d or more", got, lost, alone)
	}
}
