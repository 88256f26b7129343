package schema

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestApply(t *testing.T) {
	tests := []struct {
		name  string
		edits []Edit
		want  string // empty for an error
	}{
		{"none", nil, "0123456789"},
		{"in any order", []Edit{{8, 10, "z"}, {0, 1, ""}, {4, 4, "ab"}}, "123ab4567z"},
		{"next to each other", []Edit{{0, 2, "a"}, {2, 4, "b"}}, "ab456789"},
		{"insertion before a deletion", []Edit{{2, 4, ""}, {2, 2, "x"}}, "01x456789"},
		{"insertion behind a deletion", []Edit{{2, 4, ""}, {4, 4, "x"}}, "01x456789"},
		{"at the end", []Edit{{10, 10, "x"}}, "0123456789x"},
		{"overlap", []Edit{{0, 3, ""}, {2, 4, ""}}, ""},
		{"insertion into a deletion", []Edit{{0, 3, ""}, {2, 2, "x"}}, ""},
		{"two insertions in one place", []Edit{{2, 2, "x"}, {2, 2, "y"}}, ""},
		{"twice the same", []Edit{{2, 3, ""}, {2, 3, ""}}, ""},
		{"outside", []Edit{{9, 11, ""}}, ""},
		{"before the start", []Edit{{-1, 1, ""}}, ""},
		{"backwards", []Edit{{3, 2, ""}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Apply([]byte("0123456789"), tt.edits)
			if string(got) != tt.want || (tt.want == "") != errors.Is(err, errEdits) {
				t.Errorf("got %q, error %v, want %q", got, err, tt.want)
			}
		})
	}
}

// Edits in any order give what the pieces between them and their texts make up.
func TestApplyAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var src, want string
		var edits []Edit
		for range rapid.IntRange(0, 5).Draw(t, "edits") {
			keep := rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "keep")
			cut := rapid.StringMatching(`[A-Z]{0,3}`).Draw(t, "cut")
			text := rapid.StringMatching(`[0-9]{0,3}`).Draw(t, "text")
			src, want = src+keep, want+keep+text
			edits = append(edits, Edit{len(src), len(src) + len(cut), text})
			src += cut
		}
		got, err := Apply([]byte(src), rapid.Permutation(edits).Draw(t, "order"))
		if err != nil || string(got) != want {
			t.Errorf("Apply(%q, %v) = %q, %v, want %q", src, edits, got, err, want)
		}
	})
}
