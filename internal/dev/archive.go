package dev

import (
	"time"
	"unsafe"
)

// An entry is what is kept of an event: its bytes, and what lists and filters ask for.
type entry struct {
	raw      []byte
	at       int64 // Unix nanoseconds
	request  uint64
	uuid     [16]byte // zero: it has none
	name     word
	person   word
	path     word
	sdk      word
	trace    word // $ai_trace_id
	title    word // what names its trace, if it does
	failed   bool // the model's call
	judged   mark
	planning uint64 // which plan judged it
}

// A mark is the short form of a judgement.
type mark struct {
	finding    word // the first one
	deprecated word
	findings   uint32
	verdict    Verdict
}

const (
	entryCost = int64(unsafe.Sizeof(entry{}))
	uuidCost  = 64 // a slot of the map, and its share of the empty ones
)

// An archive keeps what came last: at most maxEvents events, and at most maxBytes of them
// and everything about them. The oldest go first.
type archive struct {
	maxEvents int
	maxBytes  int64

	ring  []entry
	head  int    // where the oldest is
	n     int    // how many there are
	first uint64 // the sequence number of the oldest, or of the next if there is none
	words words
	uuids map[[16]byte]int // how many of the kept have it
	raw   int64            // bytes of events, as allocated

	dropped uint64
}

func newArchive(maxEvents int, maxBytes int64) archive {
	return archive{maxEvents: maxEvents, maxBytes: maxBytes, first: 1, words: newWords(), uuids: map[[16]byte]int{}}
}

// bytes is what the archive takes.
func (a *archive) bytes() int64 {
	return a.raw + a.words.bytes + int64(len(a.ring))*entryCost + int64(len(a.uuids))*uuidCost
}

// last is the sequence number of the newest event; 0 if there was none.
func (a *archive) last() uint64 { return a.first + uint64(a.n) - 1 }

// entry returns the event of a sequence number; nil if it is not kept.
func (a *archive) entry(seq uint64) *entry {
	if seq < a.first || seq > a.last() {
		return nil
	}
	return &a.ring[(a.head+int(seq-a.first))%len(a.ring)]
}

// put keeps an arrival, whose row it returns, and drops what has to make room for it:
// itself, too, if it is larger than all that may be kept.
func (a *archive) put(in arrival) (row Row, again bool) {
	if a.n == len(a.ring) {
		a.grow()
	}
	e := entry{
		raw: in.raw, at: in.at.UnixNano(), request: in.request, uuid: in.uuid,
		name: a.words.use(in.name), person: a.words.use(in.person), path: a.words.use(in.path), sdk: a.words.use(in.sdk),
		trace: a.words.use(in.trace), title: a.words.use(in.title), failed: in.failed,
		judged: a.mark(in.judgement), planning: in.planning,
	}
	again = in.uuid != [16]byte{} && a.uuids[in.uuid] > 0
	if in.uuid != [16]byte{} {
		a.uuids[in.uuid]++
	}
	a.raw += int64(cap(in.raw))
	a.n++
	seq := a.last()
	*a.entry(seq) = e
	row = a.row(seq)
	a.fit()
	return row, again
}

// fit drops what is too much.
func (a *archive) fit() {
	for a.n > 0 && (a.n > a.maxEvents || a.bytes() > a.maxBytes) {
		a.drop()
	}
}

// grow makes room for one more entry in the ring.
func (a *archive) grow() {
	size := min(max(64, len(a.ring)+len(a.ring)/4), a.maxEvents+1)
	if size <= len(a.ring) {
		a.drop()
		return
	}
	ring := make([]entry, size)
	n := copy(ring, a.ring[a.head:])
	copy(ring[n:], a.ring[:a.head])
	a.ring, a.head = ring, 0
}

// drop forgets the oldest event.
func (a *archive) drop() {
	e := &a.ring[a.head]
	for _, w := range []word{e.name, e.person, e.path, e.sdk, e.trace, e.title, e.judged.finding, e.judged.deprecated} {
		a.words.release(w)
	}
	if e.uuid != [16]byte{} {
		if a.uuids[e.uuid]--; a.uuids[e.uuid] == 0 {
			delete(a.uuids, e.uuid)
		}
	}
	a.raw -= int64(cap(e.raw))
	*e = entry{}
	a.head = (a.head + 1) % len(a.ring)
	a.n--
	a.first++
	a.dropped++
}

func (a *archive) mark(j judgement) mark {
	return mark{
		finding: a.words.use(j.first()), deprecated: a.words.use(j.deprecated),
		findings: uint32(len(j.findings)), verdict: j.verdict,
	}
}

// judge replaces the judgement of an event that is kept.
func (a *archive) judge(e *entry, j judgement, planning uint64) {
	before := e.judged
	e.judged, e.planning = a.mark(j), planning
	a.words.release(before.finding)
	a.words.release(before.deprecated)
}

// row returns the row of an event that is kept.
func (a *archive) row(seq uint64) Row {
	e := a.entry(seq)
	return Row{
		Seq: seq, At: time.Unix(0, e.at).UTC(), Event: a.words.text(e.name), Person: a.words.text(e.person),
		Verdict: e.judged.verdict, Finding: a.words.text(e.judged.finding), Findings: int(e.judged.findings),
		Deprecated: a.words.text(e.judged.deprecated), Bytes: len(e.raw), Request: e.request,
	}
}
