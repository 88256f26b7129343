package spool

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"
)

// A segment of any bytes yields only records that were appended to this log: here, none
// but those of the seeds, at the cost of memory for one record.
func FuzzSegment(f *testing.F) {
	const id = 0x1234567890abcdef
	seed := seedOf(id)
	known := map[string]uint64{}
	at := time.UnixMicro(1_700_000_000_000_000).UTC()
	whole := header{at, 1, id}.append(nil)
	for n := range uint64(8) {
		e := Event{UUID: [16]byte{byte(n)}, Name: "signed up", At: at, Data: bytes.Repeat([]byte{byte('a' + n)}, int(n*n))}
		known[string(e.Data)] = n + 1
		whole = appendRecord(whole, seed, n+1, &e)
	}
	f.Add(whole)
	f.Add(whole[:200])
	f.Add(append(append([]byte{}, whole[:100]...), whole[90:]...))
	f.Add([]byte{})
	huge := append([]byte{}, whole[:headerSize]...)
	huge = binary.LittleEndian.AppendUint32(huge, maxPayload)
	huge = binary.LittleEndian.AppendUint16(huge, check(maxPayload))
	f.Add(append(huge, make([]byte, 200)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := parseHeader(b, id); err == nil && !bytes.Equal(b[12:headerSize], whole[12:headerSize]) {
			t.Fatalf("a header nobody wrote: %x", b[:headerSize])
		}
		s := newScanner(bytes.NewReader(b), seed, int64(len(b)))
		for last := int64(0); ; {
			r, ok, err := s.next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if known[string(r.data)] != r.number || string(r.name) != "signed up" || !r.at.Equal(at) || r.offset < last {
				t.Fatalf("record %d at %d was never appended: %q", r.number, r.offset, r.data)
			}
			last = r.offset + 1
		}
		if s.tail > max(headerSize, int64(len(b))) || cap(s.buf) > max(readSize, len(b)) {
			t.Fatalf("tail %d, buffer %d of %d bytes", s.tail, cap(s.buf), len(b))
		}
	})
}

// Of a pad of any bytes no record is taken that did not land, none twice, and none out of
// order.
func FuzzPad(f *testing.F) {
	const id = 0x1234567890abcdef
	seed := seedOf(id)
	at := time.UnixMicro(1_700_000_000_000_000).UTC()
	record := func(n uint64) []byte {
		e := Event{UUID: [16]byte{byte(n)}, Name: "signed up", At: at, Data: bytes.Repeat([]byte{'a'}, int(n%7))}
		return appendRecord(nil, seed, n, &e)
	}
	known := map[string]uint64{}
	pad := header{at, 1, id}.append(nil)
	for _, n := range []uint64{21, 22, 23, 24, 15, 16, 17, 18, 19, 20} { // it is full, and full again
		b := record(n)
		known[string(b)] = n
		pad = append(pad, b...)
	}
	f.Add(pad, uint64(22))
	f.Add(pad, uint64(0))
	f.Add(pad[:len(pad)-30], uint64(15))
	f.Add(slices.Concat(pad[:150], pad[170:]), uint64(21))
	f.Add(slices.Concat(pad[:headerSize], pad[300:], pad[headerSize:300]), uint64(3))
	f.Fuzz(func(t *testing.T, b []byte, end uint64) {
		all, err := landingsOf(bytes.NewReader(b), seed, int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		l := &log{end: max(1, end%30), seed: seed}
		if end >= 1 {
			l.segments = []*segment{{first: 1, limit: math.MaxUint64}}
		}
		g := &segment{}
		last := l.landedLast(all)
		number, offset := uint64(0), int64(0)
		if end >= 1 {
			number = l.end - 1
		}
		for _, r := range last {
			if known[string(b[r.offset:r.end])] != r.number || r.number <= number || r.offset < offset {
				t.Fatalf("record %d at %d, behind %d at %d, did not land", r.number, r.offset, number, offset)
			}
			number, offset = r.number, r.end
		}
		before := l.end
		l.joinPad(g, last)
		if l.end < before || len(last) > 0 && (l.end != number+1 || g.size != offset || g.first > last[0].number) {
			t.Fatalf("the pad ends with %d at %d, want %d at %d", l.end, g.size, number+1, offset)
		}
	})
}

// A cursor of any bytes is none, or consistent.
func FuzzCursor(f *testing.F) {
	const id = 77
	slot := (&cursor{generation: 3, watermark: 10, runs: []run{{12, 20}, {30, 99}}}).appendSlot(nil, id)
	f.Add(slot)
	f.Add(append(append([]byte{}, slot...), make([]byte, cursorSize)...))
	f.Add((&cursor{generation: 1, watermark: 1 << 40, runs: []run{{1<<40 + 1, 1<<40 + maxAhead}}}).appendSlot(nil, id))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, fix := range []bool{false, true} {
			if n := binary.LittleEndian.Uint32(append(b, make([]byte, 16)...)[12:]); fix && len(b) >= slotHeader && n <= maxRuns && len(b) >= slotHeader+16*int(n) {
				b = append(append([]byte{}, cursorMagic[:]...), b[8:]...)
				le.PutUint64(b[24:], id)
				le.PutUint32(b[8:], checksum(b[12:slotHeader+16*n]))
			}
			c, ok := parseCursor(b, id)
			if !ok {
				continue
			}
			last := c.watermark
			for _, r := range c.runs {
				if r.from <= last || r.to <= r.from || r.to-c.watermark > maxAhead {
					t.Fatalf("runs %v behind %d", c.runs, c.watermark)
				}
				last = r.to
			}
			if again, ok := parseCursor(c.appendSlot(nil, id), id); !ok || again.watermark != c.watermark || len(again.runs) != len(c.runs) {
				t.Fatalf("%+v was read back as %+v", c, again)
			}
		}
	})
}

// A window is a set: compared with a map, whatever is added.
func FuzzWindow(f *testing.F) {
	f.Add(uint16(1), []byte{1, 2, 3})
	f.Add(uint16(130), []byte{0, 200, 100, 3, 255, 255, 1, 0})
	f.Fuzz(func(t *testing.T, start uint16, ops []byte) {
		w := newWindow(uint64(start))
		ops = ops[:min(len(ops), 400)]
		top := uint64(start) + 300
		set := map[uint64]bool{}
		for len(ops) >= 2 {
			n, size := uint64(start)+uint64(ops[0]), uint64(ops[1])
			ops = ops[2:]
			if size < 128 {
				if w.add(n) == set[n] {
					t.Fatalf("add(%d) says that it was there: %v", n, !set[n])
				}
				set[n] = true
				continue
			}
			to := min(n+(size-128), top)
			w.addRange(n, to)
			for ; n < to; n++ {
				set[n] = true
			}
		}
		var runs []run
		missing := uint64(0)
		for n := uint64(start); n < top; n++ {
			if w.has(n) != set[n] {
				t.Fatalf("has(%d) is %v", n, !set[n])
			}
			if !set[n] {
				missing++
			}
			if w.missing(uint64(start)/2, n+1) != missing {
				t.Fatalf("missing up to %d is %d, want %d", n, w.missing(0, n+1), missing)
			}
			next := n
			for set[next] {
				next++
			}
			if got := w.next(n); got != next {
				t.Fatalf("next(%d) is %d, want %d", n, got, next)
			}
			member := n
			for !set[member] && member < top {
				member++
			}
			if got := w.nextMember(n, top); got != member {
				t.Fatalf("nextMember(%d) is %d, want %d", n, got, member)
			}
			if set[n] && n > uint64(start) && !set[n-1] {
				runs = append(runs, run{n, next})
			}
		}
		got := w.runs(nil, math.MaxUint64)
		if len(got) != len(runs) {
			t.Fatalf("runs %v, want %v", got, runs)
		}
		for i := range runs {
			if got[i] != runs[i] {
				t.Fatalf("runs %v, want %v", got, runs)
			}
		}
	})
}

// A window of numbers that fill up in order takes no room.
func TestWindowSlides(t *testing.T) {
	w := newWindow(1)
	for n := uint64(1); n < 1_000_000; n += 2 {
		w.add(n + 1)
		w.add(n)
	}
	if w.next(0) != 1_000_001 || cap(w.words) > 256 {
		t.Errorf("next is %d with %d words, want 1000001 and a few", w.next(0), cap(w.words))
	}
}
