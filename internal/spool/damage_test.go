package spool_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// eight returns the files of a log with one segment of eight events, the segment's path
// and its content.
func eight(t testing.TB) (files map[string][]byte, path string, segment []byte) {
	t.Helper()
	disk := faultfs.New()
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	s.put(t, events(0, 8), false)
	s.close(t)
	files = disk.Files("/spool")
	for name, data := range files {
		if filepath.Ext(name) == ".seg" {
			path, segment = name, data
		}
	}
	return files, path, segment
}

// readBack opens a spool of these files and reads all of it.
func readBack(t testing.TB, files map[string][]byte) (ns []int, lost spool.Lost, warnings []spool.WarningKind) {
	t.Helper()
	disk := faultfs.New()
	for name, data := range files {
		disk.WriteFile(name, data)
	}
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	ns, tickets, lost := numbers(t, s.Spool)
	s.Settle(tickets...)
	s.close(t)
	for name := range disk.Files("/spool") {
		if filepath.Ext(name) != ".bad" {
			t.Errorf("%s is left", name)
		}
	}
	return ns, lost, s.kinds()
}

// ends returns where each record of a segment of events 0, 1, … ends.
func ends(n int) []int {
	at, es := 40, []int(nil)
	for i := range n {
		e := event(i)
		at += 18 + 26 + len(e.Name) + len(e.Data)
		es = append(es, at)
	}
	return es
}

// Cut anywhere, a segment holds exactly the records that are whole.
func TestEveryTruncation(t *testing.T) {
	files, path, whole := eight(t)
	ends := ends(8)
	if ends[7] != len(whole) {
		t.Fatalf("the segment has %d bytes, want %d", len(whole), ends[7])
	}
	for cut := range whole {
		files[path] = whole[:cut]
		n := 0
		for n < 8 && ends[n] <= cut {
			n++
		}
		got, lost, warnings := readBack(t, files)
		if !slices.Equal(got, seq(0, n)) || lost != (spool.Lost{}) {
			t.Errorf("cut at %d: %v, lost %+v; want the first %d", cut, got, lost, n)
		}
		torn := cut > 40 && !slices.Contains(ends, cut)
		if (len(warnings) == 1 && warnings[0] == spool.TailCut) != torn || len(warnings) > 1 {
			t.Errorf("cut at %d: warnings %v", cut, warnings)
		}
	}
}

// With any bit flipped, no wrong event is returned, and no other than the damaged one is
// lost unless the header is.
func TestEveryFlip(t *testing.T) {
	files, path, whole := eight(t)
	ends := ends(8)
	flips := 0
	for bit := range 8 * len(whole) {
		damaged := slices.Clone(whole)
		damaged[bit/8] ^= 1 << (bit % 8)
		files[path] = damaged
		flips++
		var want []int
		var wantLost uint64
		victim, _ := slices.BinarySearch(ends, bit/8+1)
		if bit/8 >= 40 {
			want = slices.Delete(seq(0, 8), victim, victim+1)
			wantLost = 1
		}
		// The length of the last record tells where its end would be.
		if inFrame := bit/8 - ends[6]; inFrame >= 0 && inFrame < 6 {
			wantLost = 0
		}
		got, lost, _ := readBack(t, files)
		if !slices.Equal(got, want) || lost != (spool.Lost{Corrupt: wantLost}) {
			t.Errorf("bit %d of byte %d: %v, lost %+v; want %v, %d lost", bit%8, bit/8, got, lost, want, wantLost)
		}
	}
	t.Logf("%d flips", flips)
}

// A segment that was zeroed, swapped with another's, or comes from elsewhere is set aside;
// the next ones are read, and what it spoke for is counted.
func TestForeignSegments(t *testing.T) {
	disk := faultfs.New()
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 1})
	for n := range 4 {
		s.put(t, events(3*n, 3*n+3), false)
	}
	s.close(t)
	files := disk.Files("/spool")
	var paths []string
	for name := range files {
		if filepath.Ext(name) == ".seg" {
			paths = append(paths, name)
		}
	}
	slices.Sort(paths)
	_, _, foreign := eight(t)
	first := map[string][]byte{}
	for name, data := range files {
		first[name] = data
	}
	first[paths[0]] = foreign // under a name that its header agrees with
	if got, lost, warnings := readBack(t, first); !slices.Equal(got, seq(3, 12)) || lost.Corrupt != 3 || len(warnings) != 1 {
		t.Errorf("a foreign first segment: %v, lost %+v, warnings %v", got, lost, warnings)
	}
	flipped := slices.Clone(files[paths[1]])
	for i := 40; i < len(flipped); i++ {
		flipped[i] ^= 0xff
	}
	for _, test := range []struct {
		name    string
		content []byte
		bad     int
	}{
		{"zeros", make([]byte, 1000), 1},
		{"nothing", nil, 0},
		{"half a header", files[paths[1]][:39], 0},
		{"another segment", files[paths[2]], 1},
		{"a segment of another log", foreign, 1},
		{"text", []byte("some operator's notes, and more than forty bytes of them"), 1},
		{"damaged records", flipped, 0},
	} {
		damaged := map[string][]byte{}
		for name, data := range files {
			damaged[name] = data
		}
		damaged[paths[1]] = test.content
		got, lost, warnings := readBack(t, damaged)
		if want := append(seq(0, 3), seq(6, 12)...); !slices.Equal(got, want) || lost != (spool.Lost{Corrupt: 3}) {
			t.Errorf("%s: %v, lost %+v; want %v", test.name, got, lost, want)
		}
		if n := len(warnings); n != test.bad {
			t.Errorf("%s: warnings %v, want %d", test.name, warnings, test.bad)
		}
		delete(damaged, paths[1])
		if got, lost, _ := readBack(t, damaged); len(got) != 9 || lost.Corrupt != 3 {
			t.Errorf("a missing segment: %v, lost %+v", got, lost)
		}
	}
}

// A record of another log, spliced in, is no event of this one.
func TestSplicedRecord(t *testing.T) {
	files, path, whole := eight(t)
	_, _, other := eight(t)
	ends := ends(8)
	files[path] = slices.Concat(whole[:ends[2]], other[ends[2]:ends[3]], whole[ends[3]:])
	got, lost, _ := readBack(t, files)
	if want := []int{0, 1, 2, 4, 5, 6, 7}; !slices.Equal(got, want) || lost.Corrupt != 1 {
		t.Errorf("%v, lost %+v; want %v", got, lost, want)
	}
	// Records that appear again, or out of order, are returned once.
	files[path] = slices.Concat(whole[:ends[2]], whole[ends[0]:ends[2]], whole[ends[2]:])
	if got, lost, _ := readBack(t, files); !slices.Equal(got, seq(0, 8)) || lost.Corrupt != 0 {
		t.Errorf("with repeated records: %v, lost %+v", got, lost)
	}
}

// A later version's log is left as it is, although its other segments could be read.
func TestFutureVersion(t *testing.T) {
	files, path, whole := eight(t)
	future := slices.Concat([]byte("phspol\x02\x00"), []byte{0, 0, 0, 0}, []byte("whatever comes"))
	spool.SetPrefixChecksum(future)
	for _, name := range []string{path, filepath.Join(filepath.Dir(path), "00000001-0000000000000009.seg")} {
		all := map[string][]byte{}
		for n, data := range files {
			all[n] = data
		}
		all[path] = whole
		all[name] = future
		disk := faultfs.New()
		for n, data := range all {
			disk.WriteFile(n, data)
		}
		s := open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		for range 5 {
			if n, err := s.Adopt(); n != 0 || err != nil {
				t.Errorf("adopted %d, %v", n, err)
			}
		}
		s.close(t)
		if diff := cmp.Diff(disk.Files("/spool"), all); diff != "" {
			t.Errorf("the log was changed (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(s.kinds(), []spool.WarningKind{spool.LeftAlone}); diff != "" {
			t.Errorf("warnings (-got +want):\n%s", diff)
		}
	}
}

// Without a cursor, or with any bit of it flipped, no event is lost: some come again.
func TestEveryCursorFlip(t *testing.T) {
	disk := faultfs.New()
	s := open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
	first := s.put(t, events(0, 8), false)
	s.Settle(first, first+1, first+5)
	s.close(t)
	files := disk.Files("/spool")
	var path string
	for name := range files {
		if filepath.Base(name) == "cursor" {
			path = name
		}
	}
	cursor := files[path]
	exact := []int{2, 3, 4, 6, 7}
	if got, _, _ := readBack(t, files); !slices.Equal(got, exact) {
		t.Fatalf("unsettled %v, want %v", got, exact)
	}
	for _, bit := range append(seq(0, 8*100), seq(8*4096, 8*4196)...) {
		damaged := slices.Clone(cursor)
		damaged[bit/8] ^= 1 << (bit % 8)
		files[path] = damaged
		got, lost, _ := readBack(t, files)
		if !slices.Equal(got, exact) && !slices.Equal(got, seq(0, 8)) || lost != (spool.Lost{}) {
			t.Fatalf("bit %d: %v, lost %+v", bit, got, lost)
		}
	}
	for _, c := range [][]byte{nil, cursor[:20], cursor[4096:], make([]byte, 8192), slices.Repeat([]byte{0xff}, 9000)} {
		files[path] = c
		if got, lost, _ := readBack(t, files); !slices.Equal(got, seq(0, 8)) && !slices.Equal(got, exact) || lost != (spool.Lost{}) {
			t.Errorf("a cursor of %d bytes: %v, lost %+v", len(c), got, lost)
		}
	}
	delete(files, path)
	if got, lost, _ := readBack(t, files); !slices.Equal(got, seq(0, 8)) || lost != (spool.Lost{}) {
		t.Errorf("without cursor: %v, lost %+v", got, lost)
	}
}

// Of the segments set aside the last three are kept.
func TestBadSegmentsAreFew(t *testing.T) {
	dir := t.TempDir()
	s := open(t, spool.Config{Dir: dir, SegmentBytes: 1})
	for n := range 8 {
		s.put(t, events(n, n+1), false)
	}
	s.close(t)
	paths := segments(t, dir)
	for _, path := range paths[1:7] {
		if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, spool.Config{Dir: dir})
	got, _, lost := numbers(t, s.Spool)
	if !slices.Equal(got, []int{0, 7}) || lost.Corrupt != 6 {
		t.Errorf("%v, lost %+v; want 0 and 7", got, lost)
	}
	bad, _ := filepath.Glob(filepath.Join(dir, "*.bad"))
	if len(bad) != 3 || filepath.Base(bad[2]) != filepath.Base(filepath.Dir(paths[0]))+"-00000006.bad" {
		t.Errorf("set aside: %v, want the last three", bad)
	}
}
