//go:build linux

package main

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// An event is what the server looks at.
type event struct {
	UUID       uuid.UUID
	Properties struct{ N uint64 }
}

// idPrefix begins the uuid of every event of a soak, which is a valid one of version 7.
var idPrefix = [8]byte{'p', 'h', 's', 'o', 'a', 'k', 0x70}

// variant is the two bits in front of an event's number that every uuid has.
const variant = 0b10 << 62

// eventID returns the uuid of the n-th event.
func eventID(n uint64) uuid.UUID {
	var id uuid.UUID
	copy(id[:], idPrefix[:])
	binary.BigEndian.PutUint64(id[8:], n|variant)
	return id
}

// maxEvents bounds what one run may capture: a month at 40,000 a second. A greater
// number is not of this run.
const maxEvents = 1 << 37

// eventNumber is the reverse of eventID. It reports false if id is of another making.
func eventNumber(id uuid.UUID) (n uint64, ok bool) {
	n = binary.BigEndian.Uint64(id[8:]) &^ variant
	return n, n < maxEvents && id == eventID(n)
}

// A bitmap is a set of small numbers, a bit each.
type bitmap []uint64

// set adds n and reports whether it was not there.
func (b *bitmap) set(n uint64) bool {
	word, bit := n/64, uint64(1)<<(n%64)
	for uint64(len(*b)) <= word {
		*b = append(*b, 0)
	}
	fresh := (*b)[word]&bit == 0
	(*b)[word] |= bit
	return fresh
}
