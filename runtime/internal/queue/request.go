package queue

import (
	"iter"
	"time"
)

// A Request is what one attempt carries: parts of batches, oldest first. It goes again
// with the same events, unless it is split or sheds what became too old.
type Request struct {
	Events   int
	Bytes    int // of the events
	Attempts int // begun, the current one included

	parts     []part
	at        time.Time // when its oldest event was accepted
	era       uint64    // of the breaker when the attempt began
	isolation *isolation
	flying    bool // counted as in flight
}

// A part is a run of a batch's entries.
type part struct {
	b      *Batch
	lo, hi int
}

func (p part) bytes() []byte { return p.b.Buf[p.b.start(p.lo):p.b.start(p.hi)] }

// size is len(p.bytes()), but does not look at Buf, which may be on loan.
func (p part) size() int { return p.b.start(p.hi) - p.b.start(p.lo) }

// Pieces yields the events' bytes, run by run.
func (r *Request) Pieces() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, p := range r.parts {
			if !yield(p.bytes()) {
				return
			}
		}
	}
}

// Entries yields the events. Their End fields mean nothing here.
func (r *Request) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, p := range r.parts {
			for _, e := range p.b.Entries[p.lo:p.hi] {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// add appends entries lo to hi of b.
func (r *Request) add(b *Batch, lo, hi int) {
	p := part{b, lo, hi}
	if r.parts == nil || b.at.Before(r.at) {
		r.at = b.at
	}
	r.parts = append(r.parts, p)
	r.Events += hi - lo
	r.Bytes += p.size()
}

// take moves the first entries of b that are not taken yet to r, as long as r
// stays within limit; an empty r takes one in any case. It reports whether b has
// none left.
func (r *Request) take(b *Batch, limit tally) bool {
	lo, hi := b.taken, len(b.Entries)
	room := tally{limit.events - r.Events, limit.bytes - r.Bytes}
	hi = lo + min(hi-lo, room.events)
	for hi > lo && b.start(hi)-b.start(lo) > room.bytes {
		hi--
	}
	if hi == lo && r.Events == 0 {
		hi++
	}
	if hi > lo {
		r.add(b, lo, hi)
	}
	b.taken = hi
	return hi == len(b.Entries)
}

// shed moves the events that are too old to old, and reports whether none is left.
func (r *Request) shed(old *Request, tooOld func(time.Time) bool) bool {
	parts := r.parts
	r.parts, r.Events, r.Bytes = nil, 0, 0
	for _, p := range parts {
		if tooOld(p.b.at) {
			old.add(p.b, p.lo, p.hi)
		} else {
			r.add(p.b, p.lo, p.hi)
		}
	}
	return r.Events == 0
}

// split divides r behind its first n events. The halves inherit the attempts made
// so far.
func (r *Request) split(n int) (head, tail *Request) {
	head = &Request{Attempts: r.Attempts, isolation: r.isolation}
	tail = &Request{Attempts: r.Attempts, isolation: r.isolation}
	for _, p := range r.parts {
		cut := min(p.hi, p.lo+n)
		if cut > p.lo {
			head.add(p.b, p.lo, cut)
		}
		if p.hi > cut {
			tail.add(p.b, cut, p.hi)
		}
		n -= cut - p.lo
	}
	return head, tail
}
