package phai

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/phgen/phgen/runtime/value"
)

// maxID is how many characters an ID may have: it may become that of a person.
const maxID = 200

// newID returns a random UUID of version 4.
func newID() string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], rand.Uint64()&^uint64(0xf000)|4<<12)
	binary.BigEndian.PutUint64(id[8:], rand.Uint64()&(1<<62-1)|1<<63)
	var text [36]byte
	value.PutUUID(text[:], id)
	return string(text[:])
}

// cleanID returns id with "_" for every character that PostHog does not take in one.
func cleanID(id string) string {
	for i := range len(id) {
		if i == maxID || !isIDChar[id[i]] {
			return replaceID(id)
		}
	}
	return id
}

func replaceID(id string) string {
	var text [maxID]byte
	n := 0
	for _, c := range id {
		if n == maxID {
			break
		}
		text[n] = '_'
		if c < 0x80 && isIDChar[c] {
			text[n] = byte(c)
		}
		n++
	}
	return string(text[:n])
}

var isIDChar = func() (is [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.@()!':|") {
		is[c] = true
	}
	return is
}()
