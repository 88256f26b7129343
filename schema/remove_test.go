package schema

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestRemoveKey(t *testing.T) {
	tests := []struct{ name, src, path, want string }{
		{"block", "a:\n  b: 1\n  c: 2\n", "a b", "a:\n  c: 2\n"},
		{"a whole section", "a: 1\n\nb:\n  c:\n    - d\n  e: |\n    f\n\ng: 1\n", "b", "a: 1\n\ng: 1\n"},
		{"last of the file", "a: 1\n\n# b\nb: 2 # two\n# end\n", "b", "a: 1\n\n# end\n"},
		{"last of the file, nothing behind it", "a: 1\n\n# b\nb: 2\n\n", "b", "a: 1\n"},
		{"first of a block", "a:\n  b: 1\n\n  c: 2\n", "a b", "a:\n  c: 2\n"},
		{"list in its key's column", "a:\n- b\n# of c\nc: 1\n", "a", "# of c\nc: 1\n"},
		{"its comments", "# head\n\n# about a\n# and more\na: 1 # beside\n  # inside\n# about b\nb: 2\n", "a", "# head\n\n# about b\nb: 2\n"},
		{"comments of others", "x:\n  y: 1\n  # end of x\n\n# section\n\na: 1\nb: 2\n", "a", "x:\n  y: 1\n  # end of x\n\n# section\n\nb: 2\n"},
		{"the only key", "a: # what\n  # about b\n  b: 1\nc: 2\n", "a b", "a: {} # what\nc: 2\n"},
		{"the only key, deep", "a:\n  b:\n    c: {d: 1}\n", "a b c", "a:\n  b: {}\n"},
		{"text", "a: |+\n  x\n\nb: 1\n", "a", "b: 1\n"},
		{"below a text", "a: |+\n x\nb: 1\n   \nc: 2\n", "b", "a: |+\n x\nc: 2\n"},
		{"last, below a text", "a: |+\n x\n\nb: 1\n", "b", "a: |+\n x\n\n"},
		{"CRLF", "\ufeffa: 1\r\n# b\r\nb: 2\r\nc: 3\r\n", "b", "\ufeffa: 1\r\nc: 3\r\n"},
		{"flow", "a: {b: 1, c: [2, 3], d: 4}\n", "a c", "a: {b: 1, d: 4}\n"},
		{"first in flow", "a: {b: 1, c: 2}\n", "a b", "a: {c: 2}\n"},
		{"last in flow", "a: {b: 1, c: {d: 2} } # e\n", "a c", "a: {b: 1 } # e\n"},
		{"only one in flow", "a: { b: {c: 2} } # e\n", "a b", "a: {} # e\n"},
		{"only one in flow, with a comma", "a: { # c\n  b: 1, # d\n  }\n", "a b", "a: {}\n"},
		{"pair in a list", "a: {b: [c, d: 1 , e]}\nf: [{g: 1}]\n", "a b", "a: {}\nf: [{g: 1}]\n"},
		{"lines in flow", "a: {\n  b: 1, # one\n  # about c\n  c: 2, # two\n  # about d\n  d: 3\n}\n", "a c", "a: {\n  b: 1, # one\n  # about d\n  d: 3\n}\n"},
		{"last of lines in flow", "a: {\n  b: 1, # one\n  # about c\n  c: 2 # two\n}\n", "a c", "a: {\n  b: 1 # one\n}\n"},
		{"shared line in flow", "a: {b: 1, c: 2, # two\n  d: 3}\n", "a c", "a: {b: 1,\n  d: 3}\n"},
		{"trailing comma", "a: {b: 1, c: 2,}\n", "a c", "a: {b: 1, }\n"},
		{"without a value", "a: {b, c}\nd:\n", "a b", "a: {c}\nd:\n"},
		{"quoted key", "a: {\"b c\": 1, 'd': 2}\n", "a b\u00a0c", "a: {'d': 2}\n"},
		{"wide characters", "é:\n  ü: {é: 1, è: 2}\n", "é ü é", "é:\n  ü: {è: 2}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := strings.Fields(strings.ReplaceAll(tt.path, "\u00a0", "_"))
			for i := range path {
				path[i] = strings.ReplaceAll(path[i], "_", " ")
			}
			got, err := RemoveKey("plan.yaml", []byte(tt.src), path...)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, string(got)); d != "" {
				t.Errorf("%q without %q (-want +got):\n%s", tt.src, path, d)
			}
		})
	}
}

func TestRemoveKeyRefuses(t *testing.T) {
	tests := []struct{ src, path, want string }{
		{"a: {b: 1}\n", "a c", `removing ["a" "c"] from plan.yaml: no such key`},
		{"a: [b]\n", "a b", `removing ["a" "b"] from plan.yaml: no such key`},
		{"a: 1\n", "a b", `removing ["a" "b"] from plan.yaml: no such key`},
		{"a: 1\n", "a", `removing ["a"] from plan.yaml: it is all that the file holds`},
		{"a: 1\n", "", `removing [] from plan.yaml: it is all that the file holds`},
		{"? a\n: 1\nb: 2\n", "b", `removing ["b"] from plan.yaml: a key that begins with "?"; write "key: value"`},
		{"a: [\n", "a", "plan.yaml:1:1: PH102: did not find expected node content"},
	}
	for _, tt := range tests {
		got, err := RemoveKey("plan.yaml", []byte(tt.src), strings.Fields(tt.path)...)
		if err == nil || err.Error() != tt.want || got != nil {
			t.Errorf("%q without %q: got %q, error %v, want error %s", tt.src, tt.path, got, err, tt.want)
		}
		if missing := strings.HasSuffix(tt.want, "no such key"); errors.Is(err, ErrNoKey) != missing {
			t.Errorf("%q without %q: error is ErrNoKey: %t, want %t", tt.src, tt.path, !missing, missing)
		}
	}
}

// Any key of any file can be removed, and nothing else changes. Every line that
// stays is one that was there, but for the comma or the braces of its neighbours.
func TestRemoveKeyAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := anyFile(t)
		s, err := readText("plan.yaml", src)
		if err != nil {
			t.Fatal(err)
		}
		checkKeyRemoved(t, src, anyPath(t, s.root))
	})
}

func FuzzRemoveKey(f *testing.F) {
	texts := planTexts(f)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		f.Add(texts[name], uint(7))
	}
	f.Fuzz(func(t *testing.T, src []byte, choice uint) {
		s, err := readText("plan.yaml", src)
		if err != nil {
			return
		}
		var path []string
		for n := s.root; len(n.keys) > 0; choice /= 3 {
			at := int(choice % uint(len(n.keys)))
			path = append(path, n.keys[at].text)
			if n = n.items[at]; choice%3 == 0 {
				break
			}
		}
		checkKeyRemoved(t, src, path)
	})
}

func anyPath(t *rapid.T, n *node) []string {
	var path []string
	for len(n.keys) > 0 {
		at := rapid.IntRange(0, len(n.keys)-1).Draw(t, "key")
		path = append(path, n.keys[at].text)
		if n = n.items[at]; rapid.Bool().Draw(t, "stop") {
			break
		}
	}
	return path
}

func checkKeyRemoved(t fataler, src []byte, path []string) {
	t.Helper()
	was := slices.Clone(src)
	out, err := RemoveKey("plan.yaml", src, path...)
	if !bytes.Equal(src, was) {
		t.Fatalf("the source was changed: %q, was %q", src, was)
	}
	if err != nil {
		if strings.HasSuffix(err.Error(), "all that the file holds") || strings.Contains(err.Error(), `begins with "?"`) {
			return
		}
		t.Fatalf("%q without %q: %v", src, path, err)
	}
	if _, err := RemoveKey("plan.yaml", out, path...); !errors.Is(err, ErrNoKey) && !strings.HasSuffix(err.Error(), "all that the file holds") {
		t.Fatalf("%q without %q, twice: error %v, want ErrNoKey", src, path, err)
	}
	kept := comments(src)
	for _, c := range comments(out) {
		if !slices.Contains(kept, c) {
			t.Fatalf("%q without %q has a comment that it had not: %q", src, path, c)
		}
	}
}
