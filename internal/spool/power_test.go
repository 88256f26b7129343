package spool_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/phgen/phgen/internal/spool"
	"github.com/phgen/phgen/internal/spool/faultfs"
)

// A segment goes only when its events are known to be settled whatever a loss of power
// leaves: delivered events may come again, but never count as lost.
func TestSettledSegmentsAreNotLost(t *testing.T) {
	for seed := range uint64(50) {
		disk := faultfs.New()
		s := openManual(t, spool.Config{Dir: "/spool", FS: disk.Process(), SegmentBytes: 1})
		for n := range 4 {
			s.put(t, events(n, n+1), true)
		}
		if err := s.Tick(); err != nil {
			t.Fatal(err)
		}
		tickets := s.put(t, events(4, 6), true)
		s.Settle(tickets-4, tickets-3, tickets-1)
		if err := s.Tick(); err != nil {
			t.Fatal(err)
		}
		disk.LosePower(rand.New(rand.NewPCG(seed, 0)))
		s = open(t, spool.Config{Dir: "/spool", FS: disk.Process()})
		got, _, lost := numbers(t, s.Spool)
		if lost != (spool.Lost{}) {
			t.Errorf("seed %d: lost %+v of what was settled", seed, lost)
		}
		for _, n := range []int{2, 4, 5} {
			if !slices.Contains(got, n) {
				t.Errorf("seed %d: %v came back, want %d as well", seed, got, n)
			}
		}
	}
}
