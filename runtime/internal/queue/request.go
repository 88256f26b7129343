package queue

import (
	"iter"
	"time"
)

// A Request is what one attempt carries: parts of batches, oldest first. It goes again
// with the same events, unless it is split or sheds what became too old.
type Request struct {
	Number    uint64    // from 1; what is left of a request keeps it, its halves get new ones
	Try       int       // begun under this number, the current one included
	Assembled time.Time // when it was first put together
	Events    int
	Bytes     int // of the events
	Attempts  int // begun with these events, the current one included

	parts     []part
	at        time.Time // when its oldest event was accepted
	era       uint64    // of the breaker when the attempt began
	isolation *isolation
	flying    bool // counted as in flight
	garbled   bool // it had an answer that was none
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

// A set is the uuids of one request. A nil one takes part in nothing.
type set map[[16]byte]struct{}

// distinct returns how many of es[lo:hi], from the first on, are not in s yet nor twice
// among themselves, and adds those.
func (s set) distinct(es []Entry, lo, hi int) int {
	if s == nil {
		return hi
	}
	for i := lo; i < hi; i++ {
		if _, twice := s[es[i].UUID]; twice {
			return i
		}
		s[es[i].UUID] = struct{}{}
	}
	return hi
}

// take moves the first entries of b that are not taken yet to r, as long as r
// stays within limit and seen has none of them; an empty r takes one in any case. It
// reports whether b has none left.
func (r *Request) take(b *Batch, limit tally, seen set) bool {
	lo, hi := b.taken, len(b.Entries)
	room := tally{limit.events - r.Events, limit.bytes - r.Bytes}
	hi = lo + min(hi-lo, room.events)
	for hi > lo && b.start(hi)-b.start(lo) > room.bytes {
		hi--
	}
	if hi == lo && r.Events == 0 {
		hi++
	}
	hi = seen.distinct(b.Entries, lo, hi)
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
// so far, and have no number yet.
func (r *Request) split(n int) (head, tail *Request) {
	head = &Request{Assembled: r.Assembled, Attempts: r.Attempts, isolation: r.isolation, garbled: r.garbled}
	tail = new(Request)
	*tail = *head
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

// with returns a request of the events whose place in r is in keep, which is in order. It
// is r to the endpoint and to the queue's counts.
func (r *Request) with(keep []int) *Request {
	some := &Request{
		Number: r.Number, Try: r.Try, Assembled: r.Assembled, Attempts: r.Attempts,
		isolation: r.isolation, flying: r.flying, garbled: r.garbled,
	}
	first := 0 // place in r of the part's first event
	for _, p := range r.parts {
		n := p.hi - p.lo
		for len(keep) > 0 && keep[0] < first+n {
			lo := p.lo + keep[0] - first
			hi := lo + 1
			for keep = keep[1:]; len(keep) > 0 && p.lo+keep[0]-first == hi && hi < p.hi; keep = keep[1:] {
				hi++
			}
			some.add(p.b, lo, hi)
		}
		first += n
	}
	return some
}
