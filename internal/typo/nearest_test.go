package typo

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	legal := []string{"string", "int", "uuid", "url", "PlanTier", "organization", "größe"}
	for _, test := range []struct{ word, want string }{
		{"strng", "string"},
		{"STRING", "string"},
		{"uid", "uuid"},
		{"Plan", "PlanTier"}, // cut short
		{"organisation", "organization"},
		{"grösse", "größe"}, // two edits of six characters, not of bytes
		{"itn", "int"},      // neighbours swapped
		{"id", ""},
		{"x", ""},
		{"", ""},
		{"float", ""},
		{strings.Repeat("a", 1000), ""},
	} {
		if got := Nearest(test.word, legal); got != test.want {
			t.Errorf("Nearest(%.20q) = %q, want %q", test.word, got, test.want)
		}
	}
}
