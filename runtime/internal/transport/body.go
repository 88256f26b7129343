package transport

import (
	"errors"
	"io"
	"sync"

	"github.com/phgen/phgen/runtime/internal/queue"
)

// A body is the pieces of a request body. Readers copy from them under a lock, so
// that detach makes it safe to reuse the memory: a RoundTripper may read on after
// it returned.
type body struct {
	size   int64
	zipped []*block // holds the pieces of a compressed body

	mu     sync.Mutex
	pieces [][]byte // nil after detach
}

// A block is a piece of memory for bodies under way.
type block [32 << 10]byte

var blocks = sync.Pool{New: func() any { return new(block) }}

// body assembles the body of r.
func (t *Transport) body(r *queue.Request) *body {
	b := &body{pieces: make([][]byte, 0, 16)}
	b.pieces = append(b.pieces, t.protocol.head(make([]byte, 0, 128), &t.cfg, r))
	for p := range r.Pieces() {
		if len(b.pieces) == 1 {
			p = p[1:] // every event begins with the comma that separates it from the last
		}
		b.pieces = append(b.pieces, p)
	}
	b.pieces = append(b.pieces, []byte(t.protocol.tail))
	if t.codec != nil {
		b.compress(t.codec)
	}
	for _, p := range b.pieces {
		b.size += int64(len(p))
	}
	return b
}

// detach ends every read of b's memory and gives it back.
func (b *body) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pieces = nil
	for _, z := range b.zipped {
		blocks.Put(z)
	}
	b.zipped = nil
}

func (b *body) reader() io.ReadCloser { return &bodyReader{b: b} }

// A bodyReader reads a body from its beginning.
type bodyReader struct {
	b     *body
	piece int
	off   int
}

var errDetached = errors.New("request body read after the request ended")

func (r *bodyReader) Read(p []byte) (n int, err error) {
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	if r.b.pieces == nil {
		return 0, errDetached
	}
	for n < len(p) && r.piece < len(r.b.pieces) {
		src := r.b.pieces[r.piece][r.off:]
		copied := copy(p[n:], src)
		n += copied
		r.off += copied
		if copied == len(src) {
			r.piece, r.off = r.piece+1, 0
		}
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (r *bodyReader) Close() error { return nil }
