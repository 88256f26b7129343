package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

const (
	diffContext  = 3    // equal lines shown around a difference
	diffDistance = 1000 // edits looked for; beyond them the middle counts as rewritten
)

// unifiedDiff returns what makes new of old in the unified format, and the
// number of the first differing line. It is "" for equal texts. Behind limit
// lines the diff is cut off, and says so.
func unifiedDiff(oldName, newName string, old, new []byte, limit int) (diff string, line int) {
	script := edits(splitLines(old), splitLines(new))
	var body []string
	for _, h := range hunks(script) {
		if line == 0 {
			line = h.line
		}
		body = append(body, h.head)
		for _, e := range h.edits {
			body = append(body, e.String())
		}
	}
	if len(body) == 0 {
		return "", 0
	}
	if more := len(body) - limit; more > 0 {
		body = append(body[:limit], fmt.Sprintf("… %s\n", plural(more, "more line")))
	}
	return fmt.Sprintf("--- %s\n+++ %s\n", oldName, newName) + strings.Join(body, ""), line
}

// splitLines cuts data behind each line feed.
func splitLines(data []byte) []string {
	if len(data) == 0 {
		return nil
	}
	var lines []string
	for part := range bytes.Lines(data) {
		lines = append(lines, string(part))
	}
	return lines
}

// An edit is one line of a diff: kept ' ', deleted '-' or inserted '+'.
type edit struct {
	op   byte
	text string
}

func (e edit) String() string {
	s := string(e.op) + e.text
	if !strings.HasSuffix(s, "\n") {
		s += "\n\\ No newline at end of file\n"
	}
	return s
}

// edits returns a shortest list of edits that makes b of a, where one of at most
// diffDistance insertions and deletions exists.
func edits(a, b []string) []edit {
	var head, tail []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	end := 0
	for end < len(a) && end < len(b) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	for _, line := range a[len(a)-end:] {
		tail = append(tail, edit{' ', line})
	}
	return append(append(head, middle(a[:len(a)-end], b[:len(b)-end])...), tail...)
}

// middle is the greedy algorithm of Myers, "An O(ND) Difference Algorithm"
// (1986). far[k] is how far down a the best path on diagonal k has come; a copy
// of it is kept for every distance, to walk the path back.
func middle(a, b []string) []edit {
	limit := min(len(a)+len(b), diffDistance)
	if len(a) == 0 || len(b) == 0 {
		limit = 0 // nothing to look for
	}
	far := make([]int, 2*limit+3) // diagonal k stands at limit+1+k
	var trace [][]int
	for d := 0; d <= limit; d++ {
		trace = append(trace, append([]int(nil), far[limit+1-d:limit+2+d]...))
		for k := -d; k <= d; k += 2 {
			at := limit + 1 + k
			x := far[at-1] + 1 // delete a line of a
			if k == -d || k != d && far[at-1] < far[at+1] {
				x = far[at+1] // insert a line of b
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			far[at] = x
			if x >= len(a) && x-k >= len(b) {
				return walkBack(a, b, trace)
			}
		}
	}
	var all []edit
	for _, line := range a {
		all = append(all, edit{'-', line})
	}
	for _, line := range b {
		all = append(all, edit{'+', line})
	}
	return all
}

// walkBack reads the edits off the trace of middle, the last one first.
func walkBack(a, b []string, trace [][]int) []edit {
	var script []edit
	x, y := len(a), len(b)
	for d := len(trace) - 1; d >= 0; d-- {
		k := x - y
		from := func(k int) int { return trace[d][d+k] } // far, as distance d found it
		prev := k - 1                                    // reached by deleting
		if k == -d || k != d && from(k-1) < from(k+1) {
			prev = k + 1 // by inserting
		}
		fromX, fromY := 0, 0
		if d > 0 {
			fromX = from(prev)
			fromY = fromX - prev
		}
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			script = append(script, edit{' ', a[x]})
		}
		switch {
		case d == 0: // the start
		case prev == k+1:
			y--
			script = append(script, edit{'+', b[y]})
		default:
			x--
			script = append(script, edit{'-', a[x]})
		}
	}
	slices.Reverse(script)
	return script
}

// A hunk is a run of edits with the equal lines around it.
type hunk struct {
	head  string // "@@ -1,4 +1,5 @@\n"
	line  int    // of the first difference, in the old text
	edits []edit
}

// hunks groups the differences of script that lie close to each other.
func hunks(script []edit) []hunk {
	var out []hunk
	oldLine, newLine := 1, 1 // of script[i]
	for i := 0; i < len(script); {
		if script[i].op == ' ' {
			i, oldLine, newLine = i+1, oldLine+1, newLine+1
			continue
		}
		start := max(0, i-diffContext)
		last := i // the last difference of this hunk
		for j := i; j < len(script) && j <= last+2*diffContext+1; j++ {
			if script[j].op != ' ' {
				last = j
			}
		}
		end := min(len(script), last+1+diffContext)
		olds, news := 0, 0
		for _, e := range script[start:end] {
			if e.op != '+' {
				olds++
			}
			if e.op != '-' {
				news++
			}
		}
		lead := i - start
		head := fmt.Sprintf("@@ -%s +%s @@\n", span(oldLine-lead, olds), span(newLine-lead, news))
		out = append(out, hunk{head: head, line: oldLine, edits: script[start:end]})
		oldLine, newLine, i = oldLine-lead+olds, newLine-lead+news, end
	}
	return out
}

// span is a range of lines as unified diffs write it: an empty one names the
// line before it.
func span(first, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", first-1)
	case 1:
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d,%d", first, n)
}
