package main

import (
	"math"
	"runtime/debug"
	"testing"
)

// dev keeps 256 MiB of events: with what a short command may spend it would take gigabytes.
func TestMemory(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	defer func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	settings := func() [2]int64 {
		percent := debug.SetGCPercent(100)
		debug.SetGCPercent(percent)
		return [2]int64{int64(percent), debug.SetMemoryLimit(-1)}
	}
	spendMemory()
	if got, want := settings(), [2]int64{800, 384 << 20}; got != want {
		t.Errorf("a short life: got %d, want %d", got, want)
	}
	for kept, limit := range map[int64]int64{256 << 20: 384 << 20, math.MaxInt64: math.MaxInt64} {
		saveMemory(kept)
		if got, want := settings(), [2]int64{100, limit}; got != want {
			t.Errorf("a long one that keeps %d bytes: got %d, want %d", kept, got, want)
		}
	}
	t.Setenv("GOMEMLIMIT", "1GiB")
	debug.SetMemoryLimit(1 << 30)
	spendMemory()
	saveMemory(1 << 20)
	if got, want := settings(), [2]int64{100, 1 << 30}; got != want {
		t.Errorf("as the user says: got %d, want %d", got, want)
	}
}
