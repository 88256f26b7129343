package flagapi

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func zipped(body string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, body)
	w.Close()
	return b.String()
}

// zeros reads as n bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestBodies(t *testing.T) {
	for name, c := range map[string]struct {
		encoding string
		body     func(good string) string
		want     string // of the error
	}{
		"plain":          {"", func(good string) string { return good }, ""},
		"white space":    {"", func(good string) string { return "\n\t" + good + "\n" }, ""},
		"identity":       {"identity", func(good string) string { return good }, ""},
		"gzip":           {"gzip", zipped, ""},
		"x-gzip":         {"X-GZIP", zipped, ""},
		"gzip twice":     {"gzip", func(good string) string { return zipped(good[:2]) + zipped(good[2:]) }, ""},
		"no gzip":        {"gzip", func(good string) string { return good }, "endpoint answered with success, but the body can not be inflated"},
		"corrupt":        {"gzip", func(good string) string { z := []byte(zipped(good)); z[len(z)-5] ^= 1; return string(z) }, "endpoint answered with success, but the body can not be inflated"},
		"brotli":         {"br", func(good string) string { return good }, `endpoint answered with success, but the body is encoded as "br", which nobody asked for`},
		"page":           {"", func(string) string { return "\n <!doctype html><html>" }, "endpoint answered with success, but the body is a web page"},
		"page with mark": {"", func(string) string { return "\ufeff<html>" }, "endpoint answered with success, but the body is a web page"},
		"zipped page":    {"gzip", func(string) string { return zipped("<html>") }, "endpoint answered with success, but the body is a web page"},
	} {
		t.Run(name, func(t *testing.T) {
			body := ""
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.encoding != "" {
					w.Header().Set("Content-Encoding", c.encoding)
				}
				io.WriteString(w, body)
			})
			for call, do := range calls {
				body = c.body(bodies[call])
				got := ""
				if err := do(t.Context(), client); err != nil {
					got = err.Error()
				}
				if got != c.want {
					t.Errorf("%s: got %q, want %q", call, got, c.want)
				}
			}
		})
	}
}

// A body is read up to its limit, whatever it says about itself and however well it is
// compressed.
func TestBodiesAreBounded(t *testing.T) {
	const limit = 1 << 20
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := io.Copy(w, zeros(8<<20)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	for name, c := range map[string]struct {
		encoding string
		body     io.Reader
		want     error
	}{
		"at the limit":   {"", zeros(limit), nil},
		"beyond":         {"", zeros(limit + 1), errTooLarge},
		"without end":    {"", zeroReader{}, errTooLarge},
		"bomb":           {"gzip", bytes.NewReader(bomb.Bytes()), errTooLarge},
		"zip, no end":    {"gzip", &repeated{text: zipped(strings.Repeat(" ", 1000))}, errTooLarge},
		"zip of nothing": {"gzip", strings.NewReader(""), nil},
	} {
		res := &http.Response{Header: http.Header{"Content-Encoding": {c.encoding}}, Body: io.NopCloser(c.body)}
		body, err := inflated(res, limit)
		if err != c.want || len(body) > limit {
			t.Errorf("%s: got %d bytes and %v, want %v", name, len(body), err, c.want)
		}
	}
	if got, want := New(Config{}).sized(t, limit+1, limit), "endpoint answered with success, but the body is larger than 1 MiB"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// sized returns the error of reading a body of n bytes.
func (c *Client) sized(t *testing.T, n, limit int64) string {
	t.Helper()
	_, err := c.read(t.Context(), &http.Response{Header: http.Header{}, Body: io.NopCloser(zeros(n))}, limit)
	if err == nil {
		return ""
	}
	return err.Error()
}

// repeated reads as text again and again.
type repeated struct {
	text string
	rest string
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.rest == "" {
		r.rest = r.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
