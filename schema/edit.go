package schema

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// An Edit replaces the bytes from Start up to End with Text. It inserts where
// both are equal.
type Edit struct {
	Start, End int
	Text       string
}

// errEdits says that edits cannot be applied together, or not to this text.
var errEdits = errors.New("edits that overlap or lie outside the text")

// Apply carries out edits, in any order, and returns the new text; src stays as
// it is. Edits that overlap, two insertions in one place among them, are an error.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	edits = slices.SortedStableFunc(slices.Values(edits), func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	var out []byte
	at := 0
	for i, e := range edits {
		twice := i > 0 && e.Start == edits[i-1].Start && e.End == edits[i-1].End
		if e.Start < at || e.End < e.Start || e.End > len(src) || twice {
			return nil, fmt.Errorf("%w: bytes %d to %d of %d", errEdits, e.Start, e.End, len(src))
		}
		out = append(append(out, src[at:e.Start]...), e.Text...)
		at = e.End
	}
	return append(out, src[at:]...), nil
}
