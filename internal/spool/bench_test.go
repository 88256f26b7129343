package spool_test

import (
	"bytes"
	"testing"

	"github.com/phgen/phgen/internal/spool"
)

func benchmarkAppend(b *testing.B, sync spool.Sync, batch int) {
	s := open(b, spool.Config{Dir: b.TempDir(), Sync: sync})
	es := events(0, batch)
	for i := range es {
		es[i].Data = bytes.Repeat([]byte("x"), 500)
	}
	b.ReportAllocs()
	for b.Loop() {
		first, err := s.Append(es, true)
		if err != nil {
			b.Fatal(err)
		}
		for i := range es {
			s.Settle(first + spool.Ticket(i))
		}
	}
}

func BenchmarkAppend(b *testing.B)      { benchmarkAppend(b, spool.Interval, 1) }
func BenchmarkAppendNever(b *testing.B) { benchmarkAppend(b, spool.Never, 1) }
func BenchmarkAppendEach(b *testing.B)  { benchmarkAppend(b, spool.Each, 1) }
func BenchmarkAppend100(b *testing.B)   { benchmarkAppend(b, spool.Interval, 100) }

func BenchmarkSettle(b *testing.B) {
	disk := b.TempDir()
	s := open(b, spool.Config{Dir: disk, Sync: spool.Never, MaxBytes: 1 << 40, SegmentBytes: 1 << 30})
	es := events(0, 1000)
	var first spool.Ticket
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		if n%1000 == 0 {
			b.StopTimer()
			first = rig{Spool: s.Spool}.put(b, es, true)
			b.StartTimer()
		}
		s.Settle(first + spool.Ticket(n*7%1000))
		n++
	}
}

func BenchmarkNext(b *testing.B) {
	dir := b.TempDir()
	s := open(b, spool.Config{Dir: dir, Sync: spool.Never})
	es := events(0, 1000)
	for i := range es {
		es[i].Data = bytes.Repeat([]byte("x"), 500)
	}
	var c spool.Chunk
	b.ReportAllocs()
	for b.Loop() {
		first := s.put(b, es, false)
		for more := true; more; {
			var err error
			if more, err = s.Next(&c, 100, 1<<20); err != nil {
				b.Fatal(err)
			}
		}
		for i := range es {
			s.Settle(first + spool.Ticket(i))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}

// Nothing is allocated for an event that is written and settled.
func TestAllocations(t *testing.T) {
	s := openManual(t, spool.Config{Dir: t.TempDir()})
	es := events(0, 1)
	for range 2_000 {
		s.put(t, es, true)
	}
	if err := s.Tick(); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1_000, func() {
		first, err := s.Append(es, true)
		if err != nil {
			t.Fatal(err)
		}
		s.Settle(first)
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
