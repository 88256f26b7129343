package flagapi

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefinitions(t *testing.T) {
	const etag = `W/"abc"`
	for name, c := range map[string]struct {
		etag   string // sent
		status int
		tag    string // answered
		body   string
		want   Definitions
		err    string
	}{
		"first":           {"", 200, etag, " {\"flags\":[]}\n", Definitions{Body: []byte(" {\"flags\":[]}\n"), ETag: etag}, ""},
		"changed":         {`W/"old"`, 200, etag, `{"flags":[]}`, Definitions{Body: []byte(`{"flags":[]}`), ETag: etag}, ""},
		"no ETag":         {`W/"old"`, 200, "", `{"flags":[]}`, Definitions{Body: []byte(`{"flags":[]}`)}, ""},
		"current":         {etag, 304, etag, "", Definitions{ETag: etag, NotModified: true}, ""},
		"current, silent": {etag, 304, "", "", Definitions{NotModified: true}, ""},
		"current to none": {"", 304, etag, "", Definitions{}, "endpoint answered 304 Not Modified"},
		"list":            {"", 200, etag, `[]`, Definitions{}, "endpoint answered with success, but the body holds no definitions"},
		"nothing":         {"", 200, etag, ``, Definitions{}, "endpoint answered with success, but the body holds no definitions"},
		"204":             {"", 204, etag, ``, Definitions{}, "endpoint answered with success, but the body holds no definitions"},
		"revoked":         {etag, 401, etag, `{}`, Definitions{}, "endpoint answered 401 Unauthorized"},
	} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("If-None-Match"); got != c.etag {
				t.Errorf("%s: If-None-Match %q, want %q", name, got, c.etag)
			}
			if c.tag != "" {
				w.Header().Set("ETag", c.tag)
			}
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		got, err := client.Definitions(t.Context(), c.etag)
		if diff := cmp.Diff(got, c.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != c.err {
			t.Errorf("%s: error %q, want %q", name, text, c.err)
		}
	}
}

// An ETag that net/http would not send stops no later request.
func TestEntityTag(t *testing.T) {
	for tag, want := range map[string]string{
		"": "", `W/"a b"`: `W/"a b"`, "bare": "bare", "a\nb": "", "é": "", "\x00": "", strings.Repeat("x", maxETag+1): "",
	} {
		if got := entityTag(tag); got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}

// Keys are escaped as a part of a query.
func TestTokenIsEscaped(t *testing.T) {
	var got string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r.URL.Query().Get("token") })
	c.cfg.Token = "phc_&a=b#ü/?"
	_, _ = c.Definitions(t.Context(), "")
	if got != c.cfg.Token {
		t.Errorf("got %q, want %q", got, c.cfg.Token)
	}
}
