package main

import (
	"math"
	"os"
	"runtime/debug"
)

// userTunes reports whether the environment says how to spend memory.
func userTunes() bool { return os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" }

// spendMemory is for a short life, which may spend memory to save time: this is a fourth of
// it on a large plan. The limit is for hostile ones.
func spendMemory() {
	if !userTunes() {
		debug.SetGCPercent(800)
		debug.SetMemoryLimit(384 << 20)
	}
}

// besidesEvents is what dev and ci may take for all but the events that they keep before
// garbage is collected more often.
const besidesEvents = 128 << 20

// saveMemory takes spendMemory back, for a command that lives long and keeps so many bytes.
func saveMemory(kept int64) {
	if !userTunes() {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(min(kept, math.MaxInt64-besidesEvents) + besidesEvents)
	}
}
