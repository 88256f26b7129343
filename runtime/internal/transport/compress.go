package transport

import (
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// A Compression is how request bodies are compressed.
type Compression uint8

// The compressions.
const (
	None Compression = iota
	Gzip
	Zstd
	Deflate // as HTTP means it: in the frame of zlib, RFC 1950
)

// A codec is a row of the table of compressions.
type codec struct {
	name    string // in Content-Encoding
	writers sync.Pool
}

// A compressor writes to what Reset was given. Its constructor fails for wrong options
// only.
type compressor interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// zstdWindow bounds how far back a match is looked for, and with it the memory of a
// writer: that of this window takes 0.6 MB, that of the default 8 MB. Events repeat what
// the last few said.
const zstdWindow = 128 << 10

var codecs = [...]codec{
	Gzip: {"gzip", sync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		return w
	}}},
	Zstd: {"zstd", sync.Pool{New: func() any {
		w, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(zstdWindow),
			zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
		return w
	}}},
	Deflate: {"deflate", sync.Pool{New: func() any {
		w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed)
		return w
	}}},
}

// maxCompressing bounds the requests that are compressed at once. A writer holds up to a
// megabyte, and two fill a fast line.
const maxCompressing = 2

var compressing = make(chan struct{}, maxCompressing)

// compress replaces the pieces by compressed ones. Writing to memory can not fail.
func (b *body) compress(c *codec) {
	compressing <- struct{}{}
	defer func() { <-compressing }()
	plain := b.pieces
	b.pieces = nil
	w := c.writers.Get().(compressor)
	w.Reset((*zipper)(b))
	for _, p := range plain {
		_, _ = w.Write(p)
	}
	_ = w.Close()
	c.writers.Put(w)
}

// A zipper is a body that takes what a compressor writes: in blocks, because a buffer
// that grows leaves its smaller selves behind.
type zipper body

func (z *zipper) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		last := len(z.pieces) - 1
		if last < 0 || len(z.pieces[last]) == len(block{}) {
			b := blocks.Get().(*block)
			z.zipped = append(z.zipped, b)
			z.pieces = append(z.pieces, b[:0])
			last++
		}
		piece := z.pieces[last]
		copied := copy(piece[len(piece):len(block{})], p)
		z.pieces[last] = piece[:len(piece)+copied]
		p = p[copied:]
	}
	return n, nil
}
