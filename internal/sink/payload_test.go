package sink

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const formType = "application/x-www-form-urlencoded"

// Every form in which an SDK of PostHog sends events.
func TestForms(t *testing.T) {
	// A question mark and a tilde of it are + and / in base64.
	plain := `{"api_key":"phc_x","batch":[{"event":"a>?~","distinct_id":"u"}]}`
	coded := base64.StdEncoding.EncodeToString([]byte(plain))
	zipped := string(zip(t, []byte(plain)))
	escape := url.QueryEscape
	tests := []struct {
		name, method, target, contentType, body string
		codec                                   string // empty: none
	}{
		{"JSON", "POST", "/e/", isJSON, plain, ""},
		{"JSON as text", "POST", "/e/", "text/plain", plain, ""},
		{"JSON that says to be a form", "POST", "/e/", formType, plain, ""},
		{"JSON in a form", "POST", "/e/", formType, "data=" + escape(plain), ""},
		{"JSON in a form behind another field", "POST", "/e/", formType, "ver=1&data=" + escape(plain), ""},
		{"a form that nobody announced", "POST", "/e/", "", "data=" + escape(plain), ""},
		{"base64 in a form", "POST", "/e/?compression=base64", formType + "; charset=UTF-8", "data=" + escape(coded), "base64"},
		{"base64 in a form, unescaped", "POST", "/e/?compression=base64", formType, "data=" + coded, "base64"},
		{"base64 in a form that names it", "POST", "/e/", formType, "data=" + escape(coded) + "&compression=b64", "base64"},
		{"base64 in a form that nobody announced", "POST", "/e/", formType, "data=" + escape(coded), "base64"},
		{"base64 without padding", "POST", "/e/?compression=base64", formType, "data=" + escape(strings.TrimRight(coded, "=")), "base64"},
		{"base64 for URLs", "POST", "/e/?compression=base64", formType, "data=" + base64.URLEncoding.EncodeToString([]byte(plain)), "base64"},
		{"base64 as the body", "POST", "/batch/?compression=base64", "text/plain", coded + "\n", "base64"},
		{"base64 as the body, by a header", "POST", "/batch/", "", coded, "base64"},
		{"gzip of a browser", "POST", "/e/?compression=gzip-js", "text/plain", zipped, "gzip"},
		{"gzip that says to be a form", "POST", "/i/v0/e/?compression=gzip-js", formType, zipped, "gzip"},
		{"gzip that nobody announced", "POST", "/i/v0/e/", "text/plain", zipped, "gzip"},
		{"gzip in a form", "POST", "/e/?compression=gzip-js", formType, "data=" + escape(base64.StdEncoding.EncodeToString([]byte(zipped))), "gzip"},
		{"gzip in a form, escaped only", "POST", "/e/", formType, "data=" + escape(zipped), "gzip"},
		{"base64 in a query", "GET", "/e/?ip=1&data=" + escape(coded) + "&compression=base64", "", "", "base64"},
		{"base64 in a query that nobody announced", "GET", "/capture?data=" + escape(coded), "", "", "base64"},
		{"JSON in a query", "GET", "/track/?data=" + escape(plain), "", "", ""},
		{"JSON in the query of a form", "POST", "/engage/?data=" + escape(plain), formType, "data=%7B", ""},
		{"identity", "POST", "/e/?compression=Identity", "", plain, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got Exchange
			s := New(Config{APIKey: "phc_x", Observe: func(x Exchange) { got = x }})
			r := httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.contentType)
			if tt.name == "base64 as the body, by a header" {
				r.Header.Set("Content-Encoding", "BASE64")
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 200 || w.Body.String() != `{"status":1}` {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			if len(got.Events) != 1 || got.Events[0].Name != "a>?~" || got.Codec != tt.codec || string(got.Raw) != tt.body {
				t.Errorf("got codec %q and %+v, want codec %q and one event", got.Codec, got.Events, tt.codec)
			}
			if body, err := got.Body(); err != nil || string(body) != plain {
				t.Errorf("Body() = %q, %v, want %q", body, err, plain)
			}
		})
	}
}

func TestBadForms(t *testing.T) {
	tests := []struct {
		name, target, contentType, body string
		status                          int
		reply                           string
	}{
		{"no data", "/e/", formType, "date=1", 400, "the body is no JSON"},
		{"nothing", "/e/", formType, "", 400, "the body is no JSON"},
		{"empty data", "/e/", formType, "data=", 400, "the body is no JSON"},
		{"a broken escape", "/e/", formType, "data=%zz", 400, `reading the form: invalid URL escape "%zz"`},
		{"no base64", "/e/?compression=base64", formType, "data=%00", 400, "reading base64: illegal base64 data at input byte 0"},
		{"base64 that nobody announced", "/e/", "text/plain", "eyJldmVudCI6ImEifQ==", 400, "the body is no JSON"},
		{"base64 of no JSON", "/e/", formType, "data=AAAA", 400, "the body is no JSON"},
		{"no gzip", "/e/?compression=gzip-js", formType, "data=AAAA", 400, "reading gzip: unexpected EOF"},
		{"base64 on v1's terms", "/batch/?compression=base64", "", `{"batch":[]}`, 400, "reading base64: illegal base64 data at input byte 0"},
		{"lz64", "/e/?compression=lz64", formType, "data=AAAA", 415, `compression "lz64" is not decoded here`},
		{"br", "/e/?compression=br", "", "AAAA", 415, `compression "br" is not decoded here`},
		{"a bomb in a form", "/e/", formType, "data=" + url.QueryEscape(string(zipBomb(t, 3<<20))), 413, "the body is larger than 2097152 bytes"},
	}
	for _, tt := range tests {
		w := post(New(Config{}), tt.target, []byte(tt.body), "Content-Type", tt.contentType)
		if w.Code != tt.status || w.Body.String() != tt.reply+"\n" {
			t.Errorf("%s: got %d %q, want %d %q", tt.name, w.Code, w.Body, tt.status, tt.reply)
		}
	}
	if w := get(New(Config{}), "/e/"); w.Code != 400 || w.Body.String() != "the body is no JSON\n" {
		t.Errorf("GET without data: got %d %q", w.Code, w.Body)
	}
}

// Whatever arrives is unpacked or refused, and what a browser packs comes out as it was.
func FuzzPayload(f *testing.F) {
	f.Add([]byte("data=eyJhIjoxfQ%3D%3D&compression=base64"), "", formType, "")
	f.Add([]byte("data=%7B%7D"), "compression=gzip-js", "", "br")
	f.Add([]byte{}, "data=e30&compression=base64", "", "identity")
	f.Add([]byte("\x1f\x8b\x08\x00"), "compression=b64&data=", formType+"; a", "gzip")
	f.Fuzz(func(t *testing.T, body []byte, query, contentType, encoding string) {
		r := Request{Path: "/e/", Query: query, Header: http.Header{"Content-Type": {contentType}, "Content-Encoding": {encoding}}, Raw: body}
		plain, err := r.Body()
		if re := refusalOf(err); err != nil && (re == nil || re.status/100 != 4) {
			t.Errorf("the error %v has no status", err)
		}
		if limit := max(singleLimit, len(body), len(query)); len(plain) > limit {
			t.Errorf("unpacked %d bytes, more than %d", len(plain), limit)
		}
		packed := "data=" + url.QueryEscape(base64.StdEncoding.EncodeToString(body))
		r = Request{Path: "/e/", Query: "compression=base64", Raw: []byte(packed), Header: http.Header{"Content-Type": {formType}}}
		if got, err := r.Body(); err != nil || !bytes.Equal(got, body) {
			t.Errorf("%q came out as %q, %v", body, got, err)
		}
	})
}
