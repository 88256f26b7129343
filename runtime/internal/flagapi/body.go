package flagapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/phgen/phgen/runtime/internal/origin"
)

// bodyOf returns readers of a request body that is never written to again: a
// RoundTripper may read on after it returned.
func bodyOf(body []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
}

var (
	errTooLarge = errors.New("too large")
	errEncoding = errors.New("unknown encoding")
)

// read returns the body of a success, which is a JSON document or nothing.
func (c *Client) read(ctx context.Context, res *http.Response, limit int64) ([]byte, error) {
	body, err := inflated(res, limit)
	var corrupt *corruptError
	switch {
	case errors.Is(err, errTooLarge):
		return nil, origin.Garbled(fmt.Sprintf("the body is larger than %d MiB", limit>>20))
	case errors.Is(err, errEncoding):
		return nil, origin.Garbled(fmt.Sprintf("the body is encoded as %q, which nobody asked for", c.keys.Clean(res.Header.Get("Content-Encoding"))))
	case errors.As(err, &corrupt):
		return nil, origin.Garbled("the body can not be inflated")
	case err != nil:
		return nil, c.broken(ctx, err)
	}
	// An application that serves its page at every path, or a portal that wants a login.
	if bytes.HasPrefix(bytes.TrimLeft(body, "\ufeff \t\r\n\f"), []byte("<")) {
		return nil, origin.Garbled("the body is a web page")
	}
	return body, nil
}

// inflated reads the body of res, which has at most limit bytes, and as many when it is
// inflated. A body that is longer is not read to its end, which closes the connection.
func inflated(res *http.Response, limit int64) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(res.Header.Get("Content-Encoding"))) {
	case "", "identity":
		return bounded(res.Body, limit)
	case "gzip", "x-gzip":
	default:
		return nil, errEncoding
	}
	raw := &watched{r: res.Body}
	zr, err := gzip.NewReader(raw)
	if errors.Is(err, io.EOF) && errors.Is(raw.err, io.EOF) {
		return nil, nil // nothing at all, whatever the header says
	}
	if err == nil {
		var body []byte
		if body, err = bounded(zr, limit); err == nil || errors.Is(err, errTooLarge) {
			return body, err
		}
	}
	if raw.err != nil && !errors.Is(raw.err, io.EOF) {
		return nil, raw.err
	}
	return nil, &corruptError{err}
}

// A corruptError says that a body arrived whole and can not be inflated.
type corruptError struct{ err error }

func (e *corruptError) Error() string { return e.err.Error() }

// watched remembers how reading r ended.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil {
		w.err = err
	}
	return n, err
}

// bounded reads r to its end.
func bounded(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		return nil, errTooLarge
	}
	return body, err
}
