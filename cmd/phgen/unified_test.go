package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestUnifiedDiff(t *testing.T) {
	long := strings.Repeat("x\n", 300)
	tests := []struct {
		name, old, new, want string
		line                 int
	}{
		{"equal", "a\n", "a\n", "", 0},
		{"both empty", "", "", "", 0},
		{"added file", "", "a\nb\n", "--- o\n+++ n\n@@ -0,0 +1,2 @@\n+a\n+b\n", 1},
		{"removed file", "a\n", "", "--- o\n+++ n\n@@ -1 +0,0 @@\n-a\n", 1},
		{"one line", "a\nb\nc\n", "a\nB\nc\n", "--- o\n+++ n\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", 2},
		{"context is three lines", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
			"--- o\n+++ n\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n", 5},
		{"near changes share a hunk", "1\n2\n3\n4\n5\n6\n7\n8\n", "one\n2\n3\n4\n5\n6\n7\neight\n",
			"--- o\n+++ n\n@@ -1,8 +1,8 @@\n-1\n+one\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+eight\n", 1},
		{"far changes do not", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n",
			"--- o\n+++ n\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+nine\n", 1},
		{"no line feed at the end", "a", "a\n", "--- o\n+++ n\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", 1},
		{"long", "", long, "--- o\n+++ n\n@@ -0,0 +1,300 @@\n" + strings.Repeat("+x\n", 199) + "… 101 more lines\n", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, line := unifiedDiff("o", "n", []byte(tt.old), []byte(tt.new), 200)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("unifiedDiff (-want +got):\n%s", d)
			}
			if line != tt.line {
				t.Errorf("first difference in line %d, want %d", line, tt.line)
			}
		})
	}
}

// Whatever the texts, the edits keep every line of both, and no more of them
// than necessary are called different.
func TestEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n"}), 0, 12)
		a, b := lines.Draw(t, "a"), lines.Draw(t, "b")
		var old, new []string
		changed := 0
		for _, e := range edits(a, b) {
			if e.op != '+' {
				old = append(old, e.text)
			}
			if e.op != '-' {
				new = append(new, e.text)
			}
			if e.op != ' ' {
				changed++
			}
		}
		if strings.Join(old, "") != strings.Join(a, "") || strings.Join(new, "") != strings.Join(b, "") {
			t.Fatalf("edits(%q, %q) lead from %q to %q", a, b, old, new)
		}
		if want := len(a) + len(b) - 2*commonLines(a, b); changed != want {
			t.Fatalf("edits(%q, %q) change %d lines, want %d", a, b, changed, want)
		}
	})
}

// commonLines is the length of the longest common subsequence, by definition.
func commonLines(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	table := make([][]int, len(a)+1)
	table[0] = make([]int, len(b)+1)
	for i := range a {
		table[i+1] = make([]int, len(b)+1)
		for j := range b {
			table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			}
		}
	}
	return table[len(a)][len(b)]
}

// Texts too different to compare in reasonable time count as rewritten.
func TestEditsBounded(t *testing.T) {
	var a, b []string
	for range diffDistance {
		a, b = append(a, "a\n"), append(b, "b\n")
	}
	got := edits(a, b)
	if len(got) != 2*diffDistance || got[0].op != '-' || got[len(got)-1].op != '+' {
		t.Errorf("got %d edits from %q to %q, want all of a deleted, then all of b inserted", len(got), got[0], got[len(got)-1])
	}
}
