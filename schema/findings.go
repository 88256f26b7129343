package schema

import "fmt"

// maxFindings ends the search for mistakes: nobody reads more, and a hostile
// plan could hold a million.
const maxFindings = 10_000

// findings collects what is wrong with one plan, in any order.
type findings struct {
	list Diagnostics
	seen int // findings added, those left out included
}

func (f *findings) add(pos Pos, code, fix, format string, args ...any) {
	f.seen++
	switch {
	case f.seen <= maxFindings:
		f.list = append(f.list, Diagnostic{Pos: pos, Code: code, Severity: Error, Message: fmt.Sprintf(format, args...), Fix: fix})
	case f.seen == maxFindings+1:
		f.list = append(f.list, Diagnostic{Pos: pos, Code: "PH112", Severity: Error, Message: fmt.Sprintf("more than %d findings", maxFindings), Fix: "mend the others first"})
	}
}

// full tells that nothing more will be kept.
func (f *findings) full() bool { return f.seen > maxFindings }
