package spool

import (
	"bytes"
	"cmp"
	"slices"
)

const (
	slotSize   = 4096
	slotHeader = 40
	cursorSize = 2 * slotSize
	maxRuns    = (slotSize - slotHeader) / 16
	maxAhead   = 1 << 26 // numbers that a cursor read from disk may be ahead of its watermark
)

var cursorMagic = [8]byte{'p', 'h', 's', 'p', 'o', 'l', 'c', version}

// A cursor says which numbers of a log are settled: those below the watermark, and runs.
type cursor struct {
	generation uint64
	watermark  uint64
	runs       []run // ascending, apart; at most maxRuns
}

// appendSlot appends c as it stands in a slot.
func (c *cursor) appendSlot(dst []byte, log uint64) []byte {
	start := len(dst)
	dst = append(dst, cursorMagic[:]...)
	dst = append(dst, 0, 0, 0, 0)
	dst = le.AppendUint32(dst, uint32(len(c.runs)))
	dst = le.AppendUint64(dst, c.generation)
	dst = le.AppendUint64(dst, log)
	dst = le.AppendUint64(dst, c.watermark)
	for _, r := range c.runs {
		dst = le.AppendUint64(dst, r.from)
		dst = le.AppendUint64(dst, r.to)
	}
	le.PutUint32(dst[start+8:], checksum(dst[start+12:]))
	return dst
}

// parseSlot reads a slot, and reports whether it is sound and this log's.
func parseSlot(b []byte, log uint64) (c cursor, ok bool) {
	if len(b) < slotHeader || !bytes.Equal(b[:8], cursorMagic[:]) {
		return c, false
	}
	n := le.Uint32(b[12:])
	if n > maxRuns || len(b) < slotHeader+16*int(n) || le.Uint32(b[8:]) != checksum(b[12:slotHeader+16*n]) {
		return c, false
	}
	c.generation, c.watermark = le.Uint64(b[16:]), le.Uint64(b[32:])
	if le.Uint64(b[24:]) != log || c.watermark == 0 || c.watermark > maxNumber {
		return c, false
	}
	last := c.watermark
	for i := range n {
		r := run{le.Uint64(b[slotHeader+16*i:]), le.Uint64(b[slotHeader+8+16*i:])}
		if r.from <= last || r.to <= r.from || r.to > c.watermark+maxAhead {
			return cursor{}, false
		}
		c.runs, last = append(c.runs, r), r.to
	}
	return c, true
}

// parseCursor returns the later of the two slots.
func parseCursor(b []byte, log uint64) (c cursor, ok bool) {
	for slot := range slices.Chunk(b[:min(len(b), cursorSize)], slotSize) {
		if s, sound := parseSlot(slot, log); sound && (!ok || s.generation > c.generation) {
			c, ok = s, true
		}
	}
	return c, ok
}

// cursorOf is what is settled of the numbers below end. If there are too many runs, the
// longest are kept: what the others hold will be sent twice.
func cursorOf(settled *window, end uint64) cursor {
	c := cursor{watermark: min(settled.next(settled.low), end)}
	c.runs = settled.runs(nil, min(end, c.watermark+maxAhead))
	if len(c.runs) > maxRuns {
		slices.SortFunc(c.runs, func(a, b run) int { return cmp.Compare(b.to-b.from, a.to-a.from) })
		c.runs = c.runs[:maxRuns]
		slices.SortFunc(c.runs, func(a, b run) int { return cmp.Compare(a.from, b.from) })
	}
	return c
}

// covers reports whether all numbers from a up to b, exclusive, are settled.
func (c *cursor) covers(a, b uint64) bool {
	if a >= b || b <= c.watermark {
		return true
	}
	return slices.ContainsFunc(c.runs, func(r run) bool { return r.from <= a && b <= r.to })
}
