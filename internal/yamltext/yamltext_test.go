package yamltext

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/phgen/phgen/schema"
)

// Any text is written as YAML and read back.
func TestQuote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[-?:,\[\]{}#&*!|>'"%@\x60 a-z0-9~.\\\n\t=<]{0,20}`),
			rapid.SampledFrom([]string{"", "yes", "NULL", "~", "1e3", "0x1F", "2024-01-01", "<<", "- a", "a: b", "a #b", "a, b", "\ufeff", "\u0085", "\u2028", "\x00", "\U0001F600", "true ", "---", "..."}),
		).Draw(t, "text")
		f, found := schema.DecodeYAML("x.yaml", []byte(Quote(want)+":\n  - "+Quote(want)+"\n  - {"+QuoteInside(want)+": "+QuoteInside(want)+"}\n"))
		if len(found) > 0 {
			t.Fatalf("%q: %v", want, found)
		}
		want = strings.ToValidUTF8(want, "\ufffd")
		for what, got := range map[string]string{"key": f.Keys[0], "item": f.Items[0].Items[0].Text, "key in braces": f.Items[0].Items[1].Keys[0], "value in braces": f.Items[0].Items[1].Items[0].Text} {
			if got != want {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
	})
}

func TestQuotesOnlyWhatNeedsIt(t *testing.T) {
	for text, want := range map[string][2]string{
		"order_id":    {"order_id", "order_id"},
		"Order, paid": {"Order, paid", `"Order, paid"`},
		"A?":          {"A?", `"A?"`},
		"yes":         {`"yes"`, `"yes"`},
		"a: b":        {`"a: b"`, `"a: b"`},
		"":            {`""`, `""`},
	} {
		if got := [2]string{Quote(text), QuoteInside(text)}; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
