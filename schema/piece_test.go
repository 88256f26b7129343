package schema

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// parsed is src parsed whole and in pieces, each with what its parser counted.
func parsed(src string, most int) (whole, apart string) {
	show := func(parse func(p *parser, s *source) *node) string {
		s, found := &source{name: "p"}, new(findings)
		if s.split([]byte(src), found); found.seen > 0 {
			return ""
		}
		p := parser{src: s, found: found}
		root := parse(&p, s)
		if root == nil || found.seen > 0 {
			return ""
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%d nodes\n", p.nodes)
		for _, n := range p.bare {
			fmt.Fprintf(&b, "bare %v\n", n.pos())
		}
		root.dump(&b)
		return b.String()
	}
	whole = show(func(p *parser, s *source) *node { p.parse(s); return s.root })
	return whole, show(func(p *parser, s *source) *node { return p.apart(s, most) })
}

func (n *node) dump(b *strings.Builder) {
	fmt.Fprintf(b, "%v %d %d %d %t %q\n", n.pos(), n.size, n.kind, n.tag, n.quoted, n.text)
	for i, item := range n.items {
		if n.kind == mappingNode {
			n.keys[i].dump(b)
		}
		item.dump(b)
	}
}

// What can be cut is, and what only looks so is parsed whole.
func TestApart(t *testing.T) {
	const entries = "\n  a: {x: yes}\n  b:\n  - 1\n  # a comment\n\n  c: 'on'\n  d: |\n    c: no\n  e: \"f\n    g\"\nlast: {a: 1}\n"
	for _, test := range []struct {
		name, src string
		cut       bool
	}{
		{"a section", "events:" + entries, true},
		{"behind others", "phgen: 1\nplan: {name: p}\nevents: # all" + entries, true},
		{"lines that end in other ways", strings.ReplaceAll("x: 1\revents:"+entries, "\n", "\r\n"), true},
		{"a deeper section", "x: 1\nevents:\n     a: {x: 1}\n     b: 2\n     c: 3\n     d: 4\n", true},
		{"names with spaces", "x: 1\nevents:\n  Order-1 Made: {x: 1}\n  b c: 2\n  d: 3\n  E: 4\n", true},
		{"a list", "events:\n  - a: 1\n  - b: 2\n  - c: 3\n  - d: 4\n", false},
		{"a section that is a boolean to others", "on:\n  a: 1\n  b: 2\n  c: 3\n  d: 4\n", false},
		{"no section", "a: 1\nb: 2\nc: 3\nd: 4\n", false},
		{"flow", "events: {\n  a: 1,\n  b: 2,\n  c: 3,\n  d: 4}\n", false},
		{"flow that looks like a block", "{\nevents:\n  a: 1,\n  b: 2,\n  c: 3}\n", false},
		{"block text", "events: |\n  a: 1\n  b: 2\n  c: 3\n", false},
		{"text on lines of its own", "x:\n  a: \"b\n  c: d\n  e: f\n  g: h\"\n", false},
		{"quotes at the margin", "x: \"\nevents:\n  a: 1\n  b: 2\n  c: 3\n  \"\n", false},
		{"an alias", "events:\n  a: &x 1\n  b: 2\n  c: *x\n  d: 3\n", false},
		{"an anchor", "events:\n  a: 1\n  b: 2\n  c: 3\n  d: &x 3\n", false},
		{"a tag", "events:\n  a: 1\n  b: 2\n  c: 3\n  d: !!str 3\n", false},
		{"a key twice", "events:\n  a: 1\n  b: 2\n  c: 3\n  a: 4\n", false},
		{"a section twice", "events:\n  a: 1\n  b: 2\n  c: 3\n  d: 4\nevents:\n  e: 1\n", false},
		{"a key of the file twice", "x: 1\nevents:\n  a: 1\n  b: 2\n  c: 3\n  d: 4\nx: 2\n", false},
		{"a value that is left out", "events:\n  a: 1\n  ? k\n  b: 2\n", false},
		{"two documents", "events:\n  a: 1\n  b: 2\n---\nevents:\n  c: 3\n  d: 4\n", false},
		{"a mistake at the end", "events:\n  a: 1\n  b: 2\n  c: 3\n  d: [\n", false},
		{"a key without a value", "events:\n  a: 1\n  b: 2\n  foo\n  c: 3\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for most := 2; most < 5; most++ {
				switch whole, apart := parsed(test.src, most); {
				case (apart != "") != test.cut:
					t.Errorf("%d pieces: it is cut: %t", most, apart != "")
				case apart != "" && apart != whole:
					t.Errorf("%d pieces: got\n%s\nwant\n%s", most, apart, whole)
				}
			}
		})
	}
}

// Each example is the same in pieces as whole.
func TestApartPlans(t *testing.T) {
	cut := 0
	for _, src := range somePlans(t) {
		whole, apart := parsed(src, 3)
		if apart != "" {
			cut++
			if apart != whole {
				t.Errorf("in pieces it is another:\n%s", src)
			}
		}
	}
	if cut < 50 {
		t.Errorf("only %d plans can be cut", cut)
	}
}

// So it is with lines that only together say what they are.
func TestApartLines(t *testing.T) {
	lines := []string{
		"events:", "x:", "on:", "'q':", "events: # c", "  a: 1", "  b:", "  c: |", "  d: >-", "    text: x", "  text: y", " one", "  - x", "- x", "# c", "  # c",
		"", "  e: 'q", "    q'", "q'", "  f: \"x", "  y: z\"", "---", "...", "{", "}", "  g: {", "  h: 1}", "  i: [1,", "  2]", "? k", ": v", "  ? k", "  : v",
		"  j: &a 1", "  k: *a", "  l: !!str 1", "<<: {a: 1}", "  <<: {a: 1}", "  m: n\r  o: p", "  r s: t", "   u: v", "\ufeff  w: 1", "  yes: no",
		"  ? {a: b}", "  : [", "]", "  - ? x", "  z: !", "  ? |", "    x", "  : >", "  \"k\": v", "  k v w", "  a: # c", "    b: 1", "  - b: 1", "    - c", "  e: ",
		"events: {", "events: [", "  e: 'a", "  f: b'", "x: |", "x: 'a", " ", "events:  ", "  ", "    ? ", "  B:", "  C: &a", "  D: *a",
	}
	for seed := range uint64(60_000) { // rapid's own hundred would be too few
		draw := rand.New(rand.NewPCG(seed, 1))
		text := make([]string, 2+draw.IntN(11))
		for i := range text {
			text[i] = lines[draw.IntN(len(lines))]
		}
		src := strings.Join(text, "\n")
		if whole, apart := parsed(src, 2+draw.IntN(4)); apart != "" && apart != whole {
			t.Fatalf("%q\nin pieces\n%s\nwhole\n%s", src, apart, whole)
		}
	}
}

// Whatever text is, in pieces it is what it is whole, or it has no pieces.
func FuzzApart(f *testing.F) {
	for _, src := range somePlans(f) {
		f.Add(src, uint8(2))
	}
	f.Fuzz(func(t *testing.T, src string, most uint8) {
		if whole, apart := parsed(src, int(most%8)); apart != "" && apart != whole {
			t.Errorf("in pieces\n%s\nwhole\n%s", apart, whole)
		}
	})
}

// somePlans are those of the other tests, and the project's example.
func somePlans(t testing.TB) []string {
	archives, err := filepath.Glob("../testdata/plans/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../examples/tracking-plan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plans := []string{string(example)}
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) == ".yaml" {
				plans = append(plans, string(file.Data))
			}
		}
	}
	return plans
}
