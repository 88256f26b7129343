package flags

import (
	"bytes"
	"crypto/sha1"
	"encoding"
	"encoding/binary"
	"hash"
	"sync"
)

// A digest computes the points of short texts. For those sha1.Sum copies and pads longer than
// it computes. So a digest pads the text itself, and reads the result from the state that
// a SHA-1 hash marshals.
type digest struct {
	sha1  resumable // nil if its state is not where it was in every Go so far
	text  [2 * sha1.BlockSize]byte
	state [2 * sha1.BlockSize]byte
}

// resumable is what crypto/sha1's hashes are.
type resumable interface {
	hash.Hash
	encoding.BinaryAppender
}

const (
	lengthBytes = 8                                  // of the length that ends what is hashed
	maxShort    = 2*sha1.BlockSize - lengthBytes - 1 // the length of the longest short text
	stateStart  = 4                                  // how far the state is behind what identifies its kind
)

// digests are those of passes.
var digests = sync.Pool{New: func() any { return newDigest() }}

func newDigest() *digest {
	d := &digest{}
	d.sha1, _ = sha1.New().(resumable)
	if d.sha1 != nil && !bytes.Equal(d.sum(0), sha1.New().Sum(nil)) {
		d.sha1 = nil
	}
	return d
}

// point returns the point of a short text in three parts.
func (d *digest) point(prefix, id, suffix string) point {
	n := copy(d.text[:], prefix)
	n += copy(d.text[n:], id)
	n += copy(d.text[n:], suffix)
	if d.sha1 == nil {
		return pointOf(sha1.Sum(d.text[:n]))
	}
	return point(binary.BigEndian.Uint64(d.sum(n)) >> 4)
}

// sum returns the digest of the first n bytes of d.text, and overwrites the others. It is nil,
// or wrong, if the state is not as it was.
func (d *digest) sum(n int) []byte {
	end := sha1.BlockSize
	if n+lengthBytes >= end {
		end += sha1.BlockSize
	}
	d.text[n] = 0x80
	clear(d.text[n+1 : end-lengthBytes])
	binary.BigEndian.PutUint64(d.text[end-lengthBytes:], uint64(n)*8)
	d.sha1.Reset()
	d.sha1.Write(d.text[:end]) // an error leaves the state of nothing, which newDigest notices
	state, err := d.sha1.AppendBinary(d.state[:0])
	if err != nil || len(state) < stateStart+sha1.Size {
		return nil
	}
	return state[stateStart : stateStart+sha1.Size]
}

// pointOf returns the point of a digest.
func pointOf(sum [sha1.Size]byte) point { return point(binary.BigEndian.Uint64(sum[:]) >> 4) }
