package flags

import (
	"strings"
	"unicode/utf8"
)

// A point is where PostHog puts an ID for a flag: the first 60 bits of a SHA-1 digest.
// PostHog turns them into a float64 from 0 to 1, both included, and compares that with
// a bound. Here each bound becomes the first point beyond it, once, so that comparing
// two integers gives the same answer.
type point uint64

const (
	points = 1 << 60       // how many there are
	one    = points - 1<<6 // the first point that is 1 as a float64
)

const (
	variantSalt   = "variant"  // is hashed behind the ID to choose a variant
	holdoutPrefix = "holdout-" // is hashed before the ID, instead of a flag's key, for a holdout
)

// float returns p as PostHog sees it.
func (p point) float() float64 { return float64(p) / points }

// firstNot returns the first point for which in is false. Beyond it in must be false
// as well.
func firstNot(in func(h float64) bool) point {
	low, high := point(0), point(points)
	for low < high {
		if mid := low + (high-low)/2; in(mid.float()) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// rolloutLimit returns the first point outside of a rollout. At 0 % none is inside,
// while PostHog would take 1 in 2⁶⁰: so that such a rollout needs no hash.
func rolloutLimit(percentage float64) point {
	switch {
	case percentage >= 100:
		return points
	case percentage <= 0:
		return 0
	}
	bound := percentage / 100
	return firstNot(func(h float64) bool { return h <= bound })
}

// wireID returns an ID as it is in the JSON of a request: without NUL, and with U+FFFD
// for bytes that are not UTF-8.
func wireID(id string) string {
	if isPlain(id) || utf8.ValidString(id) && strings.IndexByte(id, 0) < 0 {
		return id
	}
	out := make([]byte, 0, len(id))
	for _, r := range id {
		if r != 0 {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

// isPlain reports whether an ID is ASCII without NUL, as nearly all are. It looks at eight
// bytes at once.
func isPlain(id string) bool {
	if len(id) < 8 {
		for i := range len(id) {
			if id[i]-1 >= utf8.RuneSelf-1 {
				return false
			}
		}
		return true
	}
	const lows, highs = 0x0101010101010101, 0x8080808080808080
	x := word(id[len(id)-8:])
	seen := x | (x - lows)
	for ; len(id) > 8; id = id[8:] {
		x = word(id)
		seen |= x | (x - lows)
	}
	return seen&highs == 0
}

// word returns the first eight bytes of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// maxDistinctID is how many characters of a distinct ID PostHog looks at.
const maxDistinctID = 200

// wireDistinctID returns what PostHog looks at of a distinct ID.
func wireDistinctID(id string) string {
	id = wireID(id)
	if len(id) <= maxDistinctID {
		return id
	}
	characters := 0
	for at := range id {
		if characters == maxDistinctID {
			return id[:at]
		}
		characters++
	}
	return id
}
