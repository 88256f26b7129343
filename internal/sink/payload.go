package sink

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// A payload is what a request carries before it is decompressed.
type payload struct {
	bytes []byte
	codec string // empty: none
	field bool   // it was the field of a form or query, which holds text only
}

// payload finds what the request carries and how it is packed. On v0 that is the field
// data of the query, or of a body that is a form, or the body; the query names the codec,
// then the form, then the header.
func (r Request) payload(e endpoint) (payload, error) {
	encoding := r.Header.Get("Content-Encoding")
	if e.v1 {
		return payload{bytes: r.Raw, codec: codec(encoding)}, nil
	}
	// What is wrong with a query leaves the rest of it readable.
	q, _ := url.ParseQuery(r.Query)
	p, named := payload{bytes: r.Raw}, ""
	if data := q.Get("data"); data != "" {
		p.bytes, p.field = []byte(data), true
	} else if data, ok := r.formField("data"); ok {
		text, err := url.QueryUnescape(string(data))
		if err != nil {
			return payload{}, bad("reading the form: %v", err)
		}
		p.bytes, p.field = []byte(text), true
		compression, _ := r.formField("compression")
		named = string(compression)
	}
	for _, name := range []string{q.Get("compression"), named, encoding} {
		if p.codec = codec(name); p.codec != "" {
			break
		}
	}
	switch start := (&scanner{text: p.bytes}).peek(); {
	case p.codec == "gzip-js":
		p.codec = "gzip"
	case p.codec == "b64":
		p.codec = "base64"
	case p.codec == "" && bytes.HasPrefix(p.bytes, gzipMagic): // the server looks, too
		p.codec = "gzip"
	case p.codec == "" && p.field && start != '{' && start != '[':
		p.codec = "base64"
	}
	return p, nil
}

// codec is the name of a compression in its one spelling; empty: none.
func codec(name string) string {
	if name = strings.ToLower(strings.TrimSpace(name)); name == "identity" {
		return ""
	}
	return name
}

// formField returns a field of a body that is a form, still escaped. Clients send JSON and
// gzip as a form, too, because a browser asks nobody before it sends one.
func (r Request) formField(name string) ([]byte, bool) {
	switch start := (&scanner{text: r.Raw}).peek(); {
	case start == '{', start == '[', bytes.HasPrefix(r.Raw, gzipMagic):
		return nil, false
	case !bytes.HasPrefix(r.Raw, []byte("data=")) && !isForm(r.Header):
		return nil, false
	}
	for field := range bytes.SplitSeq(r.Raw, []byte("&")) {
		if key, value, _ := bytes.Cut(field, []byte("=")); string(key) == name {
			return value, true
		}
	}
	return nil, false
}

func isForm(h http.Header) bool {
	media, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded")
}

// unbase64 decodes base64 of either alphabet, padded or not. A space was a plus sign that
// its sender did not escape.
func unbase64(text []byte) ([]byte, error) {
	text = bytes.Map(func(r rune) rune {
		switch r {
		case ' ', '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, bytes.TrimRight(text, "=\r\n"))
	plain, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil {
		return nil, bad("reading base64: %v", err)
	}
	return plain, nil
}
