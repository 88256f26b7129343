package dev

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/sink"
)

// flood gives the store n events of a kilobyte, each of another person and with findings
// and an ID of its own, in requests of a hundred.
func flood(s *Store, n int) {
	x := sink.Exchange{Request: sink.Request{Path: "/batch/", Status: 200}, Method: "POST", At: moment, Kind: "capture"}
	x.Events = make([]sink.Event, 100)
	for i := 0; i < n; i += len(x.Events) {
		for j := range x.Events {
			key := fmt.Sprintf("key_%d", i+j)
			raw := fmt.Sprintf(`{"event":"signed_up","distinct_id":"person-%d","properties":{"source":"web",%q:"%s"}}`, i+j, key, strings.Repeat("x", 900))
			x.Events[j] = sink.Event{
				Name: "signed_up", DistinctID: fmt.Sprintf("person-%d", i+j), UUID: fmt.Sprintf("0190c8a4-1111-7222-8333-%012x", i+j),
				Properties: map[string]any{"source": "web", key: "x"}, Raw: json.RawMessage(raw), Path: "/batch/",
			}
		}
		s.Add(x)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first one's finalizers let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What the store says that it takes is what it takes, and no more than it may.
func TestMemory(t *testing.T) {
	const bound, slack = 32 << 20, 3 << 20
	before := heap()
	s := NewStore(Config{Plan: parsePlan(t, planText), MaxEvents: 1 << 30, MaxBytes: bound})
	flood(s, 60_000)
	got, says := heap()-before, s.Summary().KeptBytes
	if says > bound || says < bound-slack {
		t.Errorf("says %d bytes, want nearly %d", says, bound)
	}
	if got > says+slack || got < says-2*slack {
		t.Errorf("takes %d bytes, says %d", got, says)
	}
	if sum := s.Summary(); sum.Kept+int(sum.Dropped) != 60_000 || sum.Kept < 20_000 {
		t.Errorf("got %d kept and %d dropped of 60,000", sum.Kept, sum.Dropped)
	}
	runtime.KeepAlive(s)
}

// An event that is larger than everything may be is counted, and goes at once.
func TestMemoryOfOne(t *testing.T) {
	s := NewStore(Config{MaxBytes: 100_000})
	rows := post(t, s, raw("large", `{"x":"`+strings.Repeat("x", 200_000)+`"}`))
	if len(rows) != 1 || rows[0].Seq != 1 {
		t.Errorf("got %+v, want one row", rows)
	}
	post(t, s, raw("small", `{}`))
	if sum := s.Summary(); sum.Counts.sum() != 2 || sum.Kept != 1 || sum.Dropped != 1 || sum.Last != 2 {
		t.Errorf("got %+v, want the small one kept", sum)
	}
	if page := s.Events(Filter{}); len(page.Rows) != 1 || page.Rows[0].Event != "small" {
		t.Errorf("got %+v, want the small one", page.Rows)
	}
}

// BenchmarkMemory fills a store of everyday's size with events of a kilobyte.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		before := heap()
		s := NewStore(Config{Plan: parsePlan(b, planText), MaxEvents: 1 << 30})
		flood(s, 400_000)
		b.ReportMetric(float64(heap()-before)/(1<<20), "MiB")
		sum := s.Summary()
		b.ReportMetric(float64(sum.KeptBytes)/(1<<20), "MiB-counted")
		b.ReportMetric(float64(sum.Kept), "kept")
	}
}
