package schema

import (
	"fmt"
	"strings"

	"github.com/phgen/phgen/internal/typo"
)

// maxMisspelt bounds the keys of one mapping that may be meant for others.
const maxMisspelt = 1_000

// didYouMean is the cure for a misspelt word: the nearest legal one. If none is
// near it is what introduces and the list, or nothing without an introduction.
func didYouMean(word string, legal []string, introduction string) string {
	if near := typo.Nearest(word, legal); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if introduction == "" || len(legal) == 0 || len(legal) > 40 {
		return ""
	}
	return introduction + strings.Join(legal, ", ")
}
