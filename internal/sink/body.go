package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// A Request is one request to an endpoint as it arrived.
type Request struct {
	Path   string
	Query  string // the raw query
	Header http.Header
	Raw    []byte // the body as sent, compressed or not; cut short if it was refused for its size
	Status int    // of the reply; 0 if there was none
}

// Body returns the body decompressed.
func (r Request) Body() ([]byte, error) {
	e, ok := endpointOf(r.Path)
	if !ok {
		e.body = batchLimit
	}
	return r.plain(e)
}

// A refusal is an error that the protocol has a status for.
type refusal struct {
	status int
	code   string // that v1 has for it; empty: the status's own
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, text: fmt.Sprintf(format, args...)}
}

// bad refuses a body by the status that refuses its whole batch.
func bad(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

// coded is bad for what v1 has a code for.
func coded(code, format string, args ...any) error {
	return &refusal{status: http.StatusBadRequest, code: code, text: fmt.Sprintf(format, args...)}
}

// refusalOf returns the refusal in err, nil if there is none.
func refusalOf(err error) *refusal {
	var r *refusal
	errors.As(err, &r)
	return r
}

func statusOf(err error) int {
	if r := refusalOf(err); r != nil {
		return r.status
	}
	return http.StatusBadRequest
}

func tooLarge(limit int64) error {
	return refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", limit)
}

// maxTrusted is the most bytes of a body that room is made for before they come.
const maxTrusted = 256 << 10

// readAll reads a body of the announced size, -1 when unknown, and never more
// than limit bytes. It returns what it read beside an error.
func readAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, tooLarge(limit)
	}
	var b bytes.Buffer
	b.Grow(int(min(max(size, 0), maxTrusted)) + bytes.MinRead)
	if _, err := b.ReadFrom(r); err != nil {
		var over *http.MaxBytesError
		if errors.As(err, &over) {
			return b.Bytes(), tooLarge(limit)
		}
		return b.Bytes(), bad("reading the body: %v", err)
	}
	return b.Bytes(), nil
}

var gzipMagic = []byte{0x1f, 0x8b}

// plain returns what the request carries, decompressed, which the endpoint limits.
func (r Request) plain(e endpoint) ([]byte, error) {
	p, err := r.payload(e)
	switch {
	case err != nil || p.codec == "":
		return p.bytes, err
	case p.codec == "base64" && !e.v1:
		return unbase64(p.bytes)
	}
	open := codecs[p.codec]
	if open == nil || p.codec != "gzip" && !e.v1 { // the others came with v1
		return nil, refuse(http.StatusUnsupportedMediaType, "compression %q is not decoded here", p.codec)
	}
	if p.field && !bytes.HasPrefix(p.bytes, gzipMagic) {
		if p.bytes, err = unbase64(p.bytes); err != nil {
			return nil, err
		}
	}
	z, err := open(bytes.NewReader(p.bytes))
	if err != nil {
		return nil, bad("reading %s: %v", p.codec, err)
	}
	defer z.Close()
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(io.LimitReader(z, e.body+1)); err != nil {
		return nil, bad("reading %s: %v", p.codec, err)
	}
	if int64(plain.Len()) > e.body {
		return nil, tooLarge(e.body)
	}
	return plain.Bytes(), nil
}

// maxWindow bounds what a zstd decoder remembers, whatever a frame demands.
const maxWindow = 32 << 20

// codecs are the compressions that are decoded.
var codecs = map[string]func(io.Reader) (io.ReadCloser, error){
	"gzip":    func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) },
	"deflate": zlib.NewReader, // by which HTTP means zlib's framing
	"zstd": func(r io.Reader) (io.ReadCloser, error) {
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	},
}
