// Package unflag takes a feature flag out of Go code, as if it had the same answer for
// ever: conditions fold, branches that can not be reached go, and so do imports and
// variables that nothing needs any more. It edits bytes at the positions of syntax, so
// that comments and formatting stay. Where it is not certain it changes nothing and says
// where.
package unflag

import (
	"context"
	"fmt"
	"go/token"
	"slices"
)

// A Flag is a flag as generated code names it, and the answer it is to have.
type Flag struct {
	Key     string
	Package string            // import path of package flags
	Name    string            // the identifier that the flag's others are made of
	Readers map[string]string // functions that return the value, by import path and name, of experiments as well
	On      bool              // of a boolean flag
	Variant string            // the constant of a flag with variants; empty: a boolean one
	Consts  []string          // all constants
}

// Options say where the code is.
type Options struct {
	Dir      string // where to run the go command; empty: here
	Patterns []string
	Tags     string
}

// A Change is a file before and after.
type Change struct {
	File     string // absolute
	Old, New []byte
}

// A Place is where the flag could not be taken out.
type Place struct {
	token.Position
	Why string
}

// A Result is all that is to be written, and what is left to do by hand.
type Result struct {
	Changes []Change
	Left    []Place // sorted
}

// maxRounds bounds how often the packages are loaded again: each round removes imports or
// variables that the one before made useless, or gives up a function.
const maxRounds = 12

// Remove takes a flag out of packages. The result type-checks; nothing is written. An
// error says that the packages as they are can not be loaded.
func Remove(ctx context.Context, flag Flag, o Options) (*Result, error) {
	before, err := load(ctx, o, nil)
	if err != nil {
		return nil, err
	}
	if errs := before.errors(); len(errs) > 0 {
		return nil, fmt.Errorf("the packages do not type-check: %s: %s", errs[0].Pos, errs[0].Msg)
	}
	w := &work{flag: flag, files: before.files, kept: map[string]string{}, extra: map[string]*cleanup{}}
	for range maxRounds {
		overlay, err := w.rewrite()
		if err != nil {
			return nil, err
		}
		if len(overlay) == 0 {
			break
		}
		after, err := load(ctx, o, overlay)
		if err != nil {
			return nil, err
		}
		errs := after.errors()
		if len(errs) == 0 {
			return w.result(overlay), nil
		}
		if !w.mend(errs, overlay) {
			return nil, fmt.Errorf("taking flag %q out would not compile: %s: %s; nothing was changed", flag.Key, errs[0].Pos, errs[0].Msg)
		}
	}
	overlay, err := w.rewrite()
	if err != nil || len(overlay) > 0 {
		return nil, fmt.Errorf("taking flag %q out does not come to an end; nothing was changed", flag.Key)
	}
	return w.result(nil), nil
}

func (w *work) result(overlay map[string][]byte) *Result {
	r := &Result{Left: w.left}
	for _, f := range w.files {
		if text, ok := overlay[f.name]; ok {
			r.Changes = append(r.Changes, Change{f.name, f.src, text})
		}
	}
	slices.SortFunc(r.Left, func(a, b Place) int {
		if a.Filename != b.Filename {
			if a.Filename < b.Filename {
				return -1
			}
			return 1
		}
		return a.Offset - b.Offset
	})
	return r
}
