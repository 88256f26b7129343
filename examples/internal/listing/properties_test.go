package listing

import (
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/sink"
)

func TestProperties(t *testing.T) {
	for raw, want := range map[string]string{
		`{"properties":{"b":1,"$lib":"x","a":{"k": [2]},"":"s"}}`: `b=1 a={"k": [2]} ="s"`,
		`{"properties":{"$lib":"x"}}`:                             "",
		`{"properties":{}}`:                                       "",
		`{"properties":null}`:                                     "",
		`{"properties":["a","b"]}`:                                "",
		`{}`:                                                      "",
		`not JSON`:                                                "",
		"":                                                        "",
	} {
		got := Properties(sink.Event{Raw: []byte(raw)}, func(name string) bool { return !strings.HasPrefix(name, "$") })
		if got != want {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for s, want := range map[string]string{"": "", "äöüß": "äöüß", "äöüßé": "äöü…"} {
		if got := Shorten(s, 4); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}
