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

// saveMemory takes spendMemory back, for a command that lives long.
func saveMemory() {
	if !userTunes() {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
	}
}
