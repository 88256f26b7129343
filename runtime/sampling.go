package runtime

import (
	"crypto/sha256"
	"encoding/binary"
)

// keeps reports whether an event of this draw is kept. The first 64 bits of a
// SHA-256 are uniform, so the share kept is Threshold/2^64.
func (s *Sampling) keeps(draw uint64) bool { return draw < s.Threshold }

// drawEvent draws by the uuid: independent for every event, the same for every try
// of an idempotent one.
func drawEvent(id [16]byte) uint64 {
	sum := sha256.Sum256(id[:])
	return binary.BigEndian.Uint64(sum[:8])
}

// drawUser draws by the distinct ID: the same for every event of a user, so that a
// higher rate keeps everybody whom a lower one keeps. It works behind the end of
// scratch and returns it grown.
func drawUser(scratch []byte, distinctID string) (draw uint64, _ []byte) {
	start := len(scratch)
	scratch = append(scratch, "phgen.sampling\x00"...)
	scratch = append(scratch, distinctID...)
	sum := sha256.Sum256(scratch[start:])
	return binary.BigEndian.Uint64(sum[:8]), scratch[:start]
}
