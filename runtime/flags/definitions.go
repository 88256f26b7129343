package flags

import (
	"maps"
	"sync"
)

// Definitions are the flags of a project, compiled. They never change, and any
// number of goroutines may use them. A nil *Definitions has no flags.
type Definitions struct {
	flags    []*flag // in the document's order
	table    table   // the same
	groups   map[int]string
	minimal  bool
	problems []Problem

	memories sync.Pool // of *memory
}

// A Problem is one thing in the document that is malformed. It makes a flag, or the
// filters for a cohort, undecided and harms nothing else.
type Problem struct {
	Key   string // of the flag; "" if it could not be read
	Index int    // of the flag in the document's list; −1 for a cohort
	Err   error  // what is wrong, and where
}

// Error says which flag is malformed, and how.
func (p Problem) Error() string { return p.Err.Error() }

// Len returns the number of flags. A flag without a readable key is not counted, and
// of several with the same key only the last.
func (d *Definitions) Len() int {
	if d == nil {
		return 0
	}
	return len(d.flags)
}

// At returns flag i, in the document's order. It panics unless 0 ≤ i < Len.
func (d *Definitions) At(i int) Flag { return Flag{d.flags[i]} }

// Lookup returns the flag with a key. Keys are case-sensitive.
func (d *Definitions) Lookup(key string) (f Flag, ok bool) {
	if d == nil {
		return Flag{}, false
	}
	def := d.table.find(key)
	return Flag{def}, def != nil
}

// Minimal reports whether the document asks for small $feature_flag_called events.
func (d *Definitions) Minimal() bool { return d != nil && d.minimal }

// GroupTypes returns the names of the project's group types by their index.
func (d *Definitions) GroupTypes() map[int]string {
	if d == nil {
		return nil
	}
	return maps.Clone(d.groups)
}

// Problems returns what is malformed in the document.
func (d *Definitions) Problems() []Problem {
	if d == nil {
		return nil
	}
	return d.problems
}
