package queue

import (
	"slices"
	"time"
)

const (
	// batchCap is the size of a batch's buffer: small enough that batches half full
	// waste little, large enough that a request needs few of them.
	batchCap = 64 << 10

	minIdle   = 4                // batches that are kept for ever
	idleAfter = 10 * time.Second // how long any other is kept for nothing
)

// An idle is a stack of empty batches. A pool that every garbage collection empties
// would turn them into garbage, and so double the heap of a busy program.
type idle struct {
	stack  []*Batch
	unused int // the smallest height since trimAt was set: so many nobody needed
	trimAt time.Time
}

// take returns an empty batch.
func (i *idle) take() *Batch {
	last := len(i.stack) - 1
	if last < 0 {
		return &Batch{Buf: make([]byte, 0, batchCap), Entries: make([]Entry, 0, 96)}
	}
	b := i.stack[last]
	i.stack[last] = nil
	i.stack = i.stack[:last]
	i.unused = min(i.unused, last)
	return b
}

// put keeps b for reuse. A buffer that one giant event made grow is left to the
// garbage collector.
func (i *idle) put(b *Batch) {
	if cap(b.Buf) > 2*batchCap {
		return
	}
	clear(b.Entries) // names may be the caller's: do not keep them alive
	*b = Batch{Buf: b.Buf[:0], Entries: b.Entries[:0]}
	i.stack = append(i.stack, b)
}

// trim lets go of batches that nobody needed for idleAfter. It reports whether it
// wants to be called again even if nothing happens.
func (i *idle) trim(now time.Time) bool {
	if !now.Before(i.trimAt) {
		if extra := min(i.unused, len(i.stack)-minIdle); extra > 0 {
			i.stack = slices.Delete(i.stack, 0, extra)
		}
		i.unused, i.trimAt = len(i.stack), now.Add(idleAfter)
	}
	return len(i.stack) > minIdle
}
