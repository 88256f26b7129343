package main

import (
	"fmt"
	"strings"
	"testing"
)

// However much is out of date, what check shows stays readable.
func TestStaleFilesBounded(t *testing.T) {
	var todo []fileChange
	for i := range 100 {
		todo = append(todo, fileChange{path: fmt.Sprintf("tracking/events_%d.go", i), new: []byte(strings.Repeat("x\n", 1000))})
	}
	lines := 0
	for _, f := range staleFiles("gen", todo) {
		lines += strings.Count(f.Diff, "\n")
	}
	// Each file keeps its two names and the line that counts the rest.
	if want := diffLinesTotal + 3*len(todo); lines > want {
		t.Errorf("%d lines of diff for %d files, want at most %d", lines, len(todo), want)
	}
}
