package spool_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/phgen/phgen/internal/spool"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("PHGEN_SPOOL_CHILD"); dir != "" {
		child(dir)
		return
	}
	// go test -rapid.checks=10000 for more
	for name, value := range map[string]string{"rapid.checks": "300", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	flag.Parse()
	goleak.VerifyTestMain(m)
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123_000, time.UTC)

// event returns the n-th event: everything in it follows from n.
func event(n int) spool.Event {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	e := spool.Event{Name: fmt.Sprint("event ", n%7), At: noon.Add(time.Duration(n) * time.Millisecond)}
	copy(e.UUID[:], sum[:])
	binary.LittleEndian.PutUint64(e.UUID[:], uint64(n))
	e.Data = fmt.Appendf(nil, `{"n":%d,"x":"%x"}`, n, sum[:n%32])
	return e
}

func events(from, to int) []spool.Event {
	var es []spool.Event
	for n := from; n < to; n++ {
		es = append(es, event(n))
	}
	return es
}

// number returns which event e is, or an error if it is none that was ever appended.
func number(e spool.Event) (int, error) {
	n := int(binary.LittleEndian.Uint64(e.UUID[:]))
	want := event(n)
	if e.UUID != want.UUID || e.Name != want.Name || !e.At.Equal(want.At) || string(e.Data) != string(want.Data) {
		return 0, fmt.Errorf("%q at %v with %q was never appended", e.Name, e.At, e.Data)
	}
	return n, nil
}

// numbers reads all that Next has, in chunks, and checks the ledger against Backlog.
func numbers(t testing.TB, s *spool.Spool) (ns []int, tickets []spool.Ticket, lost spool.Lost) {
	t.Helper()
	var c spool.Chunk
	for {
		adopted, own := s.Backlog()
		more, err := s.Next(&c, 5, 200)
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		for _, e := range c.Events {
			n, err := number(e.Event)
			if err != nil {
				t.Fatal(err)
			}
			ns, tickets = append(ns, n), append(tickets, e.Ticket)
		}
		gone := uint64(len(c.Events)) + c.Lost.Corrupt + c.Lost.Expired
		if c.Own {
			own -= gone
		} else {
			adopted -= gone
		}
		if a, o := s.Backlog(); a != adopted || o != own {
			t.Fatalf("backlog is %d and %d, want %d and %d after a chunk of %d, lost %+v", a, o, adopted, own, len(c.Events), c.Lost)
		}
		lost.Corrupt += c.Lost.Corrupt
		lost.Expired += c.Lost.Expired
		if !more {
			return ns, tickets, lost
		}
		if gone == 0 {
			t.Fatal("next found nothing and says that there is more")
		}
	}
}

// seq returns from, from+1, … up to to, exclusive.
func seq(from, to int) []int {
	var ns []int
	for n := from; n < to; n++ {
		ns = append(ns, n)
	}
	return ns
}

// A rig is a Spool whose warnings are kept.
type rig struct {
	*spool.Spool
	mu       *sync.Mutex
	warnings *[]spool.Warning
}

func open(t testing.TB, cfg spool.Config) rig {
	t.Helper()
	return openWith(t, cfg, spool.Open)
}

// openManual opens a Spool that does nothing in the background but by Tick.
func openManual(t testing.TB, cfg spool.Config) rig {
	t.Helper()
	return openWith(t, cfg, spool.OpenManual)
}

func openWith(t testing.TB, cfg spool.Config, open func(spool.Config) (*spool.Spool, error)) rig {
	t.Helper()
	r := rig{mu: new(sync.Mutex), warnings: new([]spool.Warning)}
	cfg.Warn = func(w spool.Warning) {
		r.mu.Lock()
		defer r.mu.Unlock()
		*r.warnings = append(*r.warnings, w)
		panic("a guest's affair")
	}
	s, err := open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Spool = s
	t.Cleanup(func() { _ = s.Close() })
	return r
}

// unmapped is a disk whose files can not be mapped: there is no pad, and each Append writes.
type unmapped struct{ spool.FS }

func (unmapped) Map(string, int) (spool.Mapping, error) { return nil, errors.ErrUnsupported }

func (r rig) put(t testing.TB, es []spool.Event, held bool) spool.Ticket {
	t.Helper()
	first, err := r.Append(es, held)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return first
}

func (r rig) close(t testing.TB) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func (r rig) kinds() (ks []spool.WarningKind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range *r.warnings {
		ks = append(ks, w.Kind)
	}
	return ks
}

// segments returns the paths of all segments, in order.
func segments(t testing.TB, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
