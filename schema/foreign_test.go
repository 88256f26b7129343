package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDecodeYAML reads files that are no plans.
func TestDecodeYAML(t *testing.T) {
	const text = "b: [1, 1.5, true, null, ~, x, \"2\", 2024-01-01]\na:\n  c: {}\n"
	got, found := DecodeYAML("x.yaml", []byte(text))
	if len(found) > 0 {
		t.Fatal(found)
	}
	at := func(line, col int) Pos { return Pos{"x.yaml", line, col} }
	item := func(kind ForeignKind, text string, col int) *Foreign {
		return &Foreign{Pos: at(1, col), Kind: kind, Text: text}
	}
	want := &Foreign{Pos: at(1, 1), Kind: ForeignMapping, Keys: []string{"b", "a"}, Items: []*Foreign{
		{Pos: at(1, 4), Kind: ForeignList, Items: []*Foreign{
			item(ForeignNumber, "1", 5), item(ForeignNumber, "1.5", 8), item(ForeignBool, "true", 13), item(ForeignNull, "null", 19),
			item(ForeignNull, "~", 25), item(ForeignString, "x", 28), item(ForeignString, "2", 31), item(ForeignString, "2024-01-01", 36),
		}},
		{Pos: at(3, 3), Kind: ForeignMapping, Keys: []string{"c"}, Items: []*Foreign{{Pos: at(3, 6), Kind: ForeignMapping}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDecodeYAMLRefuses names what no file may hold.
func TestDecodeYAMLRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "x.yaml:1:1: PH101: the file holds nothing",
		"# nothing":                  "x.yaml:1:1: PH101: the file holds nothing",
		"a: &x 1":                    `x.yaml:1:4: PH104: the anchor "&x"; write the value out, or share it with types and property_sets`,
		"a: 1\na: 2":                 `x.yaml:2:1: PH105: the key "a" is already at x.yaml:1:1; remove one`,
		"1: a":                       `x.yaml:1:1: PH106: the key 1 is no string but a number; quote it: "1"`,
		"a: 1\n---\nb: 2":            "x.yaml:2:1: PH103: a second YAML document begins here; keep one document; split a plan with include",
		strings.Repeat("x", 4<<20+1): "x.yaml:1:1: PH112: the file is larger than 4 MiB; split it",
		strings.Repeat("[", 1000001): "x.yaml:1:1: PH112: the file has more than 1000000 separators, brackets, hyphens and lines; split it",
	} {
		got, found := DecodeYAML("x.yaml", []byte(text))
		if got != nil || len(found) == 0 || found[0].String() != want {
			t.Errorf("%.20q: got %v, want %s", text, found, want)
		}
	}
}
