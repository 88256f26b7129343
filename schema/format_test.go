package schema

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// Whatever a file looks like, formatting keeps what it says, its comments and its
// paragraphs, and formatting again changes nothing.
func TestFormatAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := anyFile(t)
		if _, err := readText("plan.yaml", src); err != nil {
			t.Fatalf("the scribe wrote no YAML: %v\n%s", err, src)
		}
		checkFormat(t, src)
	})
}

// Format takes what reads, and only what reads.
func FuzzFormat(f *testing.F) {
	texts := planTexts(f)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		f.Add(texts[name])
	}
	for _, src := range []string{
		"a: |+\n  x\n\n", "a: |+\n  x\n ", "a: |\n  x", "a: >2-  # c\n   x\n  y", "- |\n x\n# c\n", "a:\n- b\n# c\n- - d\n  - e\nf:\n",
		"a: \"x\\  \n  \\\n y\"", "a: 'x''\n\n y'", "--- {a: b,\n c: [d,\n#e\n f]}\n...\n#g", "? a\n: b", "a: [x ,y: z,]#c", "a:\t|\r\n\tb\r",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := Format("plan.yaml", src)
		var syntax *SyntaxError
		if errors.As(err, &syntax) {
			if len(syntax.Diagnostics) == 0 || out != nil {
				t.Errorf("refused without a finding, or with %q", out)
			}
			return
		}
		checkFormat(t, src)
	})
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func checkFormat(t fataler, src []byte) {
	t.Helper()
	once, err := Format("plan.yaml", src)
	if err != nil {
		t.Fatalf("%v\n%q", err, src)
	}
	twice, err := Format("plan.yaml", once)
	if err != nil || !bytes.Equal(once, twice) {
		t.Fatalf("formatted twice: %v\n%s\nsource %q", err, cmp.Diff(string(once), string(twice)), src)
	}
	if got, want := comments(once), comments(src); !slices.Equal(got, want) {
		t.Fatalf("comments %q, want %q\n%q", got, want, src)
	}
	if got, want := paragraphs(once), paragraphs(src); got != want {
		t.Fatalf("%d empty lines between tokens, want %d\n%q\n%q", got, want, src, once)
	}
	checkLayout(t, once)
}

// checkLayout looks for what no formatted file has.
func checkLayout(t fataler, out []byte) {
	t.Helper()
	tokens, _ := tokenize(out)
	for i, tok := range tokens {
		gap := string(out[:tok.start])
		if i > 0 {
			gap = string(out[tokens[i-1].end:tok.start])
		}
		lines := strings.Split(gap, "\n")
		if len(lines) > 3 || i == 0 && gap != "" && tok.kind != scalarToken {
			t.Fatalf("%q before %q in %q", gap, out[tok.start:tok.end], out)
		}
		for _, line := range lines[:len(lines)-1] {
			if line != "" {
				t.Fatalf("spaces at the end of a line before %q in %q", out[tok.start:tok.end], out)
			}
		}
	}
	if !bytes.HasSuffix(out, []byte("\n")) || bytes.ContainsRune(out, '\r') {
		t.Fatalf("line ends: %q", out)
	}
}

// comments are those of a text, in order.
func comments(src []byte) []string {
	src = unixLines(bytes.TrimPrefix(src, []byte(byteOrderMark)))
	tokens, _ := tokenize(src)
	var found []string
	for _, t := range tokens {
		text := src[t.start:t.end]
		if t.kind == textToken {
			_, text, _ = bytes.Cut(bytes.SplitN(text, []byte("\n"), 2)[0], []byte("#"))
			if len(text) == 0 {
				continue
			}
			text = append([]byte("#"), bytes.TrimRight(text, " \t")...)
		} else if t.kind != commentToken {
			continue
		}
		found = append(found, string(text))
	}
	return found
}

// paragraphs counts the places between tokens that hold empty lines.
func paragraphs(src []byte) int {
	src = unixLines(bytes.TrimPrefix(src, []byte(byteOrderMark)))
	tokens, _ := tokenize(src)
	n := 0
	for i := 1; i < len(tokens); i++ {
		if bytes.Count(src[tokens[i-1].end:tokens[i].start], []byte("\n")) > 1 {
			n++
		}
	}
	return n
}

// planTexts are the plans that other tests are about, good and bad ones.
func planTexts(t interface{ Fatal(...any) }) map[string][]byte {
	texts := map[string][]byte{}
	for _, pattern := range []string{
		"../examples/tracking-plan.yaml", "../cmd/phgen/starter-plan.yaml", "../testdata/wire/plan.yaml",
		"../generator/testdata/golden/*/plan.yaml", "../testdata/plans/*.txtar",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(file) != ".txtar" {
				texts[file] = text
				continue
			}
			for _, f := range txtar.Parse(text).Files {
				texts[file+"/"+f.Name] = f.Data
			}
		}
	}
	return texts
}

func TestFormat(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"indentation", "a:\n    b:\n        c: 1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n"},
		{"list in its key's column", "a:\n- b\n-   c: 1\n    d:\n    - e\n", "a:\n  - b\n  - c: 1\n    d:\n      - e\n"},
		{"list in a list", "-   - a\n    - b\n-\n - c\n", "- - a\n  - b\n-\n  - c\n"},
		{"spaces", "a :   {b :  c,d:   [ e ,f ], }\t\n", "a: {b: c, d: [e, f],}\n"},
		{"quoted key without a space", `a: {"b":c}`, "a: {\"b\": c}\n"},
		{"key without a value in brackets", "a: [b: ]\n", "a: [b: ]\n"},
		{"lines in brackets", "a: {\nb: [\nc,\nd\n],\n   e: f}\ng:\n      [h,\n   i]\n", "a: {\n  b: [\n    c,\n    d\n  ],\n  e: f}\ng:\n  [h,\n    i]\n"},
		{"bracket that closes on a line of its own", "a:\n    b: [\n    c,\n    ]\n", "a:\n  b: [\n    c,\n    ]\n"},
		{"empty lines", "\n\na: 1\n \n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"},
		{"line ends and a byte order mark", "\ufeffa: 1\r\nb: 2\rc: 3", "a: 1\nb: 2\nc: 3\n"},
		{"text", "a:\n    b: |\n          c\n            d\n\n          e\n    f: 1\n", "a:\n  b: |\n    c\n      d\n\n    e\n  f: 1\n"},
		{"text with its indentation written down", "a:\n    b: |3-  # c\n         d\n        e\n", "a:\n  b: |3-  # c\n       d\n      e\n"},
		{"spaces that belong to a text", "a: |\n     b  \n       \n", "a: |\n  b  \n    \n"}, // seven spaces: two of the text
		{"empty lines that belong to a text", "a: |+\n   b\n\n\nc: 1\n", "a: |+\n  b\n\n\nc: 1\n"},
		{"text without a line end", "a: |\n   b", "a: |-\n  b\n"},
		{"text without a line end that keeps all", "a: |+2 # c\n    b", "a: |2- # c\n    b\n"},
		{"scalar of several lines", "a:\n    b: c d\n          e\n\n          f\n    g: \"h \\\n       i\\  \n\n   j\"\n", "a:\n  b: c d\n    e\n\n    f\n  g: \"h \\\n    i\\ \n\n    j\"\n"},
		{"words of older YAML", "on: [yes, 'no', no, nothing]\n", "\"on\": [\"yes\", 'no', \"no\", nothing]\n"},
		{"comments", "#a\na:\n    # b\n    b: 1   # beside\n           # more\n    # c\n  # d\n# e\nc: 2 #f\n#g", "#a\na:\n  # b\n  b: 1   # beside\n         # more\n  # c\n# d\n# e\nc: 2 #f\n#g\n"},
		{"comment in place of a value", "a:\n    b:\n        # c\n    d: 1\n", "a:\n  b:\n    # c\n  d: 1\n"},
		{"comments in brackets", "a: [ # b\n    # c\n  d, # e\n     # f\n  ]\n", "a: [ # b\n  # c\n  d, # e\n     # f\n  ]\n"},
		{"markers", "---   # a\n\n\nb: 1\n...\n#c\n", "---   # a\n\nb: 1\n...\n#c\n"},
		{"wide characters", "événement:   1   # é\n                 # è\n", "événement: 1   # é\n               # è\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Format("plan.yaml", []byte(tt.src))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, string(got)); d != "" {
				t.Errorf("of %q (-want +got):\n%s", tt.src, d)
			}
			checkFormat(t, []byte(tt.src))
		})
	}
}

func TestFormatRefuses(t *testing.T) {
	tests := []struct{ src, want string }{
		{"a:\n\tb: 1\n", "plan.yaml:2:1: PH102: a tab indents this line; indent with spaces"},
		{"a: {b\n", "plan.yaml:2:1: PH102: did not find expected ',' or '}'"},
		{"a: &b 1\n", `plan.yaml:1:4: PH104: the anchor "&b"; write the value out, or share it with types and property_sets`},
		{"é: 1\n? b\n: 2\n", `plan.yaml:2:1: PH102: an explicit key, which begins with "?"; write "key: value"`},
		{"a: 1\na: 2\n1: 3\n", "plan.yaml:2:1: PH105: the key \"a\" is already at plan.yaml:1:1; remove one\n" +
			"plan.yaml:3:1: PH106: the key 1 is no string but a number; quote it: \"1\""},
		{"# nothing\n", `plan.yaml:1:1: PH101: the file holds no plan; a plan begins with "phgen: 1"`},
		{"phgen: 2\n", "plan.yaml:1:8: PH111: the plan is of version 2; this phgen reads version 1"},
	}
	for _, tt := range tests {
		out, err := Format("plan.yaml", []byte(tt.src))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || out != nil {
			t.Fatalf("%q: got %q and error %v, want a SyntaxError", tt.src, out, err)
		}
		if d := cmp.Diff(tt.want, err.Error()); d != "" {
			t.Errorf("of %q (-want +got):\n%s", tt.src, d)
		}
	}
}

// Laid out anew a plan compiles to the same, except for positions.
func TestFormatKeepsPlan(t *testing.T) {
	for name, src := range planTexts(t) {
		want, found := Parse("plan.yaml", src)
		if found.HasErrors() {
			continue
		}
		out, err := Format("plan.yaml", src)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, found := Parse("plan.yaml", out)
		if found.HasErrors() {
			t.Fatalf("%s: %v", name, found)
		}
		if d := cmp.Diff(want, got, cmpopts.IgnoreTypes(Pos{})); d != "" {
			t.Errorf("%s (-source +formatted):\n%s", name, d)
		}
	}
}

func TestFormatScribbledPlan(t *testing.T) {
	type sound struct {
		root *node
		plan *Plan
	}
	var names []string
	plans := map[string]sound{}
	for name, src := range planTexts(t) {
		s, err := readText("plan.yaml", src)
		plan, found := Parse("plan.yaml", src)
		if err == nil && !found.HasErrors() && len(src) < 2_000 {
			names, plans[name] = append(names, name), sound{s.root, plan}
		}
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "plan")
		src := scribble(t, plans[name].root)
		checkFormat(t, src)
		out, err := Format("plan.yaml", src)
		if err != nil {
			t.Fatal(err)
		}
		got, found := Parse("plan.yaml", out)
		if found.HasErrors() {
			t.Fatalf("%v\n%s", found, out)
		}
		if d := cmp.Diff(plans[name].plan, got, cmpopts.IgnoreTypes(Pos{})); d != "" {
			t.Fatalf("%s: %s\n%s", name, d, out)
		}
	})
}

// The plans that people start from are as fmt would have them.
func TestFormatted(t *testing.T) {
	for _, name := range []string{"../examples/tracking-plan.yaml", "../cmd/phgen/starter-plan.yaml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Format(name, src)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(src), string(got)); d != "" {
			t.Errorf("%s (-file +formatted):\n%s", name, d)
		}
	}
}

// No text that may be a plan makes the formatter slow: each of these would take
// minutes if its work grew with the square of the size.
func TestFormatHostile(t *testing.T) {
	const n = 100_000
	tests := []struct{ name, src string }{
		{"comments", "a: 1\n" + strings.Repeat("#\n", n) + "b: 2\n"},
		{"comments beside something", "a: 1 #\n" + strings.Repeat("     #\n", n)},
		{"one long line", "a: [" + strings.Repeat("b,", n) + "]\n"},
		{"spaces", "a: 1" + strings.Repeat(" ", n) + "\nb: \"" + strings.Repeat(" ", 60_000) + "\"\n"},
		{"empty lines", "a: 1\n" + strings.Repeat("\n", n) + "b: 2\n"},
		{"a text of empty lines", "a: |+\n" + strings.Repeat("\n", 60_000) + "b: 2\n"},
		{"texts without any", strings.Repeat("- |\n", 30_000)},
		{"lists in a list", strings.Repeat("- - a\n", 30_000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			out, err := Format("plan.yaml", []byte(tt.src))
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			again, err := Format("plan.yaml", out)
			if err != nil || !bytes.Equal(out, again) {
				t.Errorf("formatting again changes it, error %v", err)
			}
		})
	}
}
