package phai

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// maxLinks is how many exceptions of a trace are remembered.
const maxLinks = 8

// links knows the last exceptions of a trace, so that every step that an error passes on its way
// up is linked to its exception, which is captured only once.
type links struct {
	mu   sync.Mutex
	last [maxLinks]exceptionLink
	next int
}

type exceptionLink struct {
	err error
	id  uuid.UUID
}

// link returns the UUID of the $exception of err: the given one, one that it captures, or that of
// the last step that failed with the same error. It is zero if there is none.
func (n *node) link(ctx context.Context, err error, id uuid.UUID) uuid.UUID {
	if id == uuid.Nil && n.exceptions && n.policy() == Keep {
		id = ph.CaptureException(ctx, err, n.send...)
	}
	if n.links == nil {
		return id
	}
	// Errors are the user's code: the lock is not held while one is asked.
	n.links.mu.Lock()
	if id != uuid.Nil {
		n.links.last[n.links.next%maxLinks] = exceptionLink{err, id}
		n.links.next++
	}
	last := n.links.last
	n.links.mu.Unlock()
	if id != uuid.Nil {
		return id
	}
	for i := range last {
		if last[i].err != nil && wraps(err, last[i].err) {
			return last[i].id
		}
	}
	return uuid.Nil
}

// wraps reports whether outer is inner, or wraps it. Methods of errors are the user's code.
func wraps(outer, inner error) (yes bool) {
	defer func() { _ = recover() }()
	return errors.Is(outer, inner)
}
