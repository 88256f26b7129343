package queue

import "time"

// An Entry is one event of a batch: its identity, and where its bytes end.
type Entry struct {
	UUID   [16]byte
	Name   string
	End    int    // offset in Batch.Buf behind the event's last byte
	Ticket uint64 // its place in the spool; 0: it is in none
}

// A Batch is a run of events, one behind the other in Buf. Between Open and
// Commit or Abandon it belongs to the caller, who may only append to Buf.
type Batch struct {
	Buf     []byte
	Entries []Entry

	mark     int       // len(Buf) when it was lent
	reserved int       // events it was lent for
	taken    int       // entries that a request holds or held already
	live     int       // entries that are not settled
	at       time.Time // when its first entry was accepted
	epoch    uint64    // the flushes that wait for it
	lent     bool
	spills   bool // lent for an event that has no room in memory
}

// maxSlack bounds what a buffer holds beside its events. One that is cut to a few bytes
// after it was encoded may have made the buffer grow far beyond (TestSlack).
const maxSlack = 2 << 20

// lend takes the batch that was returned last: it is the warmest, and the others
// may leave.
func (q *Queue) lend(n int) *Batch {
	var b *Batch
	if last := len(q.open) - 1; last >= 0 {
		b, q.open = q.open[last], q.open[:last]
	} else {
		b = q.idle.take()
	}
	b.lent, b.mark, b.reserved = true, len(b.Buf), n
	return b
}

// undo cuts off what was appended since Open and frees the room it reserved.
func (q *Queue) undo(b *Batch) {
	b.Buf = b.Buf[:b.mark]
	b.spills = false
	q.free(tally{b.reserved, 0})
	q.giveBack(b)
}

// giveBack ends the loan of b. It stays open unless another event like its last
// would make its buffer grow, or the dispatcher waits for it.
func (q *Queue) giveBack(b *Batch) {
	b.lent = false
	switch {
	case q.aborted:
		return // its events are lost already
	case len(b.Entries) == 0:
		q.open = append(q.open, b)
		return
	case q.wanted:
		q.rouse()
		return
	}
	if last := len(b.Buf) - b.start(len(b.Entries)-1); cap(b.Buf)-len(b.Buf) >= 2*last {
		q.open = append(q.open, b)
	}
}

// start returns the offset of entry i's first byte.
func (b *Batch) start(i int) int {
	if i == 0 {
		return 0
	}
	return b.Entries[i-1].End
}
