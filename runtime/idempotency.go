package runtime

import (
	"crypto/sha1"

	"github.com/google/uuid"
)

// idempotencySpace is the namespace of the UUIDs of idempotent events. It is part of
// the wire format and must never change.
var idempotencySpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/phgen/phgen/idempotency/v1"))

// A span is a part of a buffer.
type span struct{ start, end int }

// keep copies the JSON text of a property that makes its event idempotent.
func (w *Writer) keep(p *Prop, text []byte) {
	for len(w.kept) < int(p.Idempotent) {
		w.kept = append(w.kept, span{})
	}
	start := len(w.side)
	w.side = append(w.side, text...)
	w.kept[p.Idempotent-1] = span{start, len(w.side)}
}

// idempotentUUID returns the UUID that the event's name and kept properties stand
// for: version 5 over the name and, for each property, NUL and its JSON text.
func (w *Writer) idempotentUUID(name string) uuid.UUID {
	start := len(w.side)
	b := append(w.side, idempotencySpace[:]...)
	b = append(b, name...)
	for _, at := range w.kept {
		b = append(b, 0)
		b = append(b, b[at.start:at.end]...)
	}
	w.side = b[:start]
	return hashedUUID(b[start:])
}

// derivedUUID returns the UUID of the second event of a dual write whose first has
// the UUID id, when nothing else makes it repeatable.
func (w *Writer) derivedUUID(id uuid.UUID, name string) uuid.UUID {
	start := len(w.side)
	b := append(append(w.side, id[:]...), name...)
	w.side = b[:start]
	return hashedUUID(b[start:])
}

// hashedUUID returns the version 5 UUID of data, which begins with the namespace.
func hashedUUID(data []byte) uuid.UUID {
	sum := sha1.Sum(data)
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}
