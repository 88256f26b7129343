package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// A Request is one request to a capture endpoint as it arrived.
type Request struct {
	Path   string
	Query  string // the raw query
	Header http.Header
	Raw    []byte // the body as sent, compressed or not; cut short if it was refused for its size
	Status int    // of the reply; 0 if the connection was reset
}

// Body returns the body decompressed.
func (r Request) Body() ([]byte, error) {
	c := codec(&http.Request{Header: r.Header, URL: &url.URL{RawQuery: r.Query}})
	return decompress(r.Raw, c, batchLimit)
}

// A refusal is an error that the protocol has a status for.
type refusal struct {
	status int
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

func statusOf(err error) int {
	var r *refusal
	if errors.As(err, &r) {
		return r.status
	}
	return http.StatusBadRequest
}

func tooLarge(limit int64) error {
	return refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", limit)
}

// readAll reads a body of the announced size, -1 when unknown, and never more
// than limit bytes. It returns what it read beside an error.
func readAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, tooLarge(limit)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		var over *http.MaxBytesError
		if errors.As(err, &over) {
			return b.Bytes(), tooLarge(limit)
		}
		return b.Bytes(), bad("reading the body: %v", err)
	}
	return b.Bytes(), nil
}

// codec names the request's compression: the query decides, then the header.
func codec(r *http.Request) string {
	if c := r.URL.Query().Get("compression"); c != "" {
		return strings.ToLower(c)
	}
	return strings.ToLower(r.Header.Get("Content-Encoding"))
}

var gzipMagic = []byte{0x1f, 0x8b}

// decompress returns at most limit bytes of plain text. Bytes that look like gzip
// are taken for it even if nothing said so, as the server does.
func decompress(raw []byte, codec string, limit int64) ([]byte, error) {
	switch codec {
	case "gzip", "gzip-js":
	case "", "identity":
		if !bytes.HasPrefix(raw, gzipMagic) {
			return raw, nil
		}
	default:
		return nil, refuse(http.StatusUnsupportedMediaType, "compression %q is not decoded here", codec)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, bad("reading gzip: %v", err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(io.LimitReader(z, limit+1)); err != nil {
		return nil, bad("reading gzip: %v", err)
	}
	if int64(plain.Len()) > limit {
		return nil, tooLarge(limit)
	}
	return plain.Bytes(), nil
}
