package phtest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	ph "github.com/phgen/phgen/runtime"
)

func TestCoverage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "coverage.ndjson")
	rec := New(t)
	rec.coverage = openFile(t, name)
	ph.Capture(rec.Context(ph.User("ann@example.com")), "signed up", ph.Props{"email": "ann@example.com", "age": 30})
	got := readFile(t, name)
	want := `{"event":"signed up","properties":{"age":0,"email":"#`
	if !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 1 || strings.Contains(got, "ann") {
		t.Errorf("got %s, want one line that begins with %s and names nobody", got, want)
	}
}

// Processes share the file, and so do recorders.
func TestCoverageIsShared(t *testing.T) {
	name := filepath.Join(t.TempDir(), "coverage.ndjson")
	var writers sync.WaitGroup
	for range 8 {
		c := openFile(t, name)
		writers.Go(func() {
			for range 200 {
				if err := c.add([]byte(`{"event":"a","properties":{"x":"` + strings.Repeat("y", 500) + `","z":1}}`)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	lines := strings.Split(strings.TrimSuffix(readFile(t, name), "\n"), "\n")
	for _, line := range lines {
		if line != lines[0] {
			t.Fatalf("got line %s, want %s", line, lines[0])
		}
	}
	if len(lines) != 1600 {
		t.Errorf("got %d lines, want 1600", len(lines))
	}
}

func TestCoverageErrors(t *testing.T) {
	event := []byte(`{"event":"a"}`)
	c := newCoverageFile("coverage.ndjson")
	if err, want := c.add(event), `PHGEN_COVERAGE is "coverage.ndjson"; give the absolute path of a file`; err == nil || err.Error() != want {
		t.Errorf("a relative path: got %v, want %s", err, want)
	}
	if err := c.add(event); err != nil {
		t.Errorf("got %v once more, want it told once", err)
	}
	c = newCoverageFile(filepath.Join(t.TempDir(), "none", "coverage.ndjson"))
	if err := c.add(event); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: got %v, want fs.ErrNotExist", err)
	}
}

func TestCoverageIsBounded(t *testing.T) {
	c := openFile(t, filepath.Join(t.TempDir(), "coverage.ndjson"))
	c.written = maxCoverage - 40
	for range 3 {
		if err := c.add([]byte(`{"event":"a"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if got := readFile(t, c.file.Name()); strings.Count(got, "\n") != 1 {
		t.Errorf("got %q, want the one line that fits", got)
	}
}

func openFile(t *testing.T, name string) *coverageFile {
	t.Helper()
	c := newCoverageFile(name)
	if c.err != nil {
		t.Fatal(c.err)
	}
	t.Cleanup(func() { _ = c.file.Close() })
	return c
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
