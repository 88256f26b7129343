package phai

import (
	"bytes"
	"compress/gzip"
	"io"

	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

// A packedAnswer is an answer that the caller unpacks itself. It is unpacked here when it has
// ended, up to a bound.
type packedAnswer struct {
	answer
	encoding string
	packed   bytes.Buffer
	omitted  int64
}

// Write keeps p, if there is room and use for it.
func (a *packedAnswer) Write(p []byte) (int, error) {
	if a.omitted > 0 || a.encoding != "gzip" || a.packed.Len()+len(p) > maxContent {
		a.omitted += int64(a.packed.Len()) + int64(len(p))
		a.packed = bytes.Buffer{}
		return len(p), nil
	}
	return a.packed.Write(p)
}

// Complete is not known before the end.
func (a *packedAnswer) Complete() bool { return false }

// Started is when the first byte comes.
func (a *packedAnswer) Started() bool { return a.packed.Len() > 0 || a.omitted > 0 }

func (a *packedAnswer) Response() traffic.Response {
	if a.omitted > 0 {
		return traffic.Response{Omitted: a.omitted}
	}
	if r, err := gzip.NewReader(&a.packed); err == nil {
		_, _ = io.Copy(a.answer, io.LimitReader(r, maxUnpacked)) // what is read until an error is read
	}
	return a.answer.Response()
}

// maxUnpacked bounds what a small answer can unpack to.
const maxUnpacked = 4 * maxContent
