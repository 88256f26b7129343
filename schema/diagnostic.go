package schema

import (
	"cmp"
	"fmt"
	"slices"
)

// Pos is a place in a plan file: line and column count from 1, the column in
// characters. The zero Line means the file as a whole.
type Pos struct {
	File string
	Line int
	Col  int
}

// String says it as compilers do: file:line:col.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Severity tells whether a finding stops the commands that need the plan.
type Severity uint8

// The severities. An Error stops every command; a Warning is shown by lint and
// check and never stops generate.
const (
	Error Severity = iota
	Warning
)

// String is "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// A Diagnostic is one problem at one place. Its code never changes meaning and
// is never reused, so people may search for it and scripts may match on it.
type Diagnostic struct {
	Pos      Pos      // where an editor should put the cursor
	Code     string   // "PH302"; each is described by Explain
	Severity Severity //
	Message  string   // what is wrong, the culprit in quotes, no full stop
	Fix      string   // how to mend it, as an imperative; may be empty
	Path     string   // the plan's keys on the way to the place, as JoinPath writes them; empty if nobody told
}

// String says it as a compiler would, the cure behind a semicolon:
// "plan.yaml:14:7: PH201: unknown type \"Plan\"; did you mean \"PlanTier\"?".
func (d Diagnostic) String() string {
	s := fmt.Sprintf("%s: %s: %s", d.Pos, d.Code, d.Message)
	if d.Fix != "" {
		s += "; " + d.Fix
	}
	return s
}

// Diagnostics are findings about one plan.
type Diagnostics []Diagnostic

// HasErrors reports whether one of them is an Error.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders them by file (in the order of files, the root first), line,
// column, code and message, and removes exact repetitions.
func (ds Diagnostics) Sort(files []string) Diagnostics {
	rank := make(map[string]int, len(files))
	for i, f := range files {
		rank[f] = i + 1
	}
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(rank[a.Pos.File], rank[b.Pos.File]),
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(ds)
}
