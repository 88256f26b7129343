package verify

import "regexp"

const (
	// MaxAlike is how many findings that differ in nothing but their place are worth
	// a reader's time.
	MaxAlike = 10

	maxKinds = 10_000
)

// Repeats tells which findings are worth showing: a log of a million events makes the
// same mistake as often. The zero value has seen none. Its memory is bounded.
type Repeats struct {
	Hidden int // how many were not worth it
	seen   map[kind]int
}

type kind struct{ event, path, rule string }

var index = regexp.MustCompile(`\[\d+\]`)

// Show reports whether to show f: it is one of the first of its kind, and its kind one of
// the first ones.
func (r *Repeats) Show(f Finding) bool {
	if r.seen == nil {
		r.seen = map[kind]int{}
	}
	k := kind{f.Event, index.ReplaceAllString(f.Path, "[]"), f.Rule}
	n, known := r.seen[k]
	if n == MaxAlike || !known && len(r.seen) == maxKinds {
		r.Hidden++
		return false
	}
	r.seen[k] = n + 1
	return true
}
