package dev

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A finder looks for a text in any case: of other letters than ASCII's, all lower, all
// upper, or as they were asked for. It is not safe for concurrent use.
type finder struct {
	texts [][]byte // any of them will do
	lower []byte   // of what is searched
}

func newFinder(text string) *finder {
	f := &finder{}
	for _, spelling := range []string{text, strings.ToLower(text), strings.ToUpper(text)} {
		for _, written := range []string{spelling, escape(spelling)} {
			lower := appendLower(nil, []byte(written))
			if !slices.ContainsFunc(f.texts, func(other []byte) bool { return bytes.Equal(other, lower) }) {
				f.texts = append(f.texts, lower)
			}
		}
	}
	return f
}

// escape writes characters beyond ASCII as libraries do whose JSON is ASCII only.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// in reports whether the text is somewhere in raw.
func (f *finder) in(raw []byte) bool {
	f.lower = appendLower(f.lower[:0], raw)
	return slices.ContainsFunc(f.texts, func(text []byte) bool { return bytes.Contains(f.lower, text) })
}

// appendLower appends text with ASCII's upper-case letters made lower. It takes eight bytes
// at once, which is what makes a search as fast as it is (BenchmarkText).
func appendLower(dst, text []byte) []byte {
	const (
		ones = 0x0101010101010101
		low7 = 0x7f * ones
		high = 0x80 * ones
	)
	start := len(dst)
	dst = append(dst, text...)
	rest := dst[start:]
	for ; len(rest) >= 8; rest = rest[8:] {
		x := binary.LittleEndian.Uint64(rest)
		// The high bit of each byte: whether its low seven are at least 'A', and beyond 'Z'.
		fromA := x&low7 + (0x80-'A')*ones
		beyondZ := x&low7 + (0x80-'Z'-1)*ones
		upper := (fromA ^ beyondZ) &^ x & high
		binary.LittleEndian.PutUint64(rest, x|upper>>2)
	}
	for i, c := range rest {
		if 'A' <= c && c <= 'Z' {
			rest[i] = c | 0x20
		}
	}
	return dst
}
