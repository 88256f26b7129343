//go:build !race

package phai

// raceEnabled reports whether the race detector is on.
const raceEnabled = false
