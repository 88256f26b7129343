package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/phgen/phgen/runtime/flags"
)

// appendExplanation appends how the answer to a query came about, for people:
//
//	new-checkout for user-7: "one-page"
//	  reason condition_match, condition 0
//	  condition 0                           yes  "one-page"
//	    person property "plan" exact "pro"  yes  it is "pro"
func (e *evaluation) appendExplanation(dst []byte, q *flagQuery) []byte {
	x := e.defs.Explain(q.flag, &q.about)
	answer := "undecided"
	if x.Result.Decided() {
		answer = string(appendFlagValue(nil, x.Result.Value))
	}
	dst = fmt.Appendf(dst, "%s for %s: %s\n", printable(q.flag), printable(nameOf(q)), printable(answer))
	dst = fmt.Appendf(dst, "  reason %s", x.Result.Reason)
	if x.Result.Condition >= 0 {
		dst = fmt.Appendf(dst, ", condition %d", x.Result.Condition)
	}
	dst = append(dst, '\n')
	if payload, ok := e.payload(q.flag, x.Result); ok {
		dst = fmt.Appendf(dst, "  payload %s\n", printable(string(payload)))
	}
	for _, need := range x.Missing {
		dst = fmt.Appendf(dst, "  missing %s\n", printable(need.String()))
	}
	if err := e.problems[q.flag]; err != nil && !x.Result.Decided() {
		dst = fmt.Appendf(dst, "  error %s\n", printable(err.Error()))
	}
	rows := appendRows(nil, "  ", x.Steps)
	width := 0
	for _, r := range rows {
		width = max(width, r.width())
	}
	for _, r := range rows {
		padding := strings.Repeat(" ", width-r.width())
		dst = append(dst, strings.TrimRight(fmt.Sprintf("%s%s  %-6s  %s", r.text, padding, r.verdict, r.note), " ")...)
		dst = append(dst, '\n')
	}
	return append(dst, '\n')
}

// nameOf tells whom a query is about.
func nameOf(q *flagQuery) string {
	if q.about.DistinctID == "" {
		return "nobody"
	}
	return q.about.DistinctID
}

// A row is a line of an explanation.
type row struct{ text, verdict, note string }

func (r row) width() int { return utf8.RuneCountInString(r.text) }

// appendRows appends a row for each step, those that it is made of below it.
func appendRows(rows []row, indent string, steps []flags.Step) []row {
	for _, s := range steps {
		rows = append(rows, row{indent + printable(s.Text), s.Verdict, printable(s.Note)})
		rows = appendRows(rows, indent+"  ", s.Steps)
	}
	return rows
}
