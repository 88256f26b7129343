package schema

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// checkForms checks what holds of any file: comments and meaning stay, a second run
// changes nothing, and expanding undoes what compacting did.
func checkForms(t fataler, src []byte) (compact, expand []byte) {
	t.Helper()
	compact, expand = formatAs(t, Compact, src), formatAs(t, Expand, src)
	for _, out := range [][]byte{compact, expand} {
		if got, want := comments(out), comments(src); !slices.Equal(got, want) {
			t.Fatalf("comments %q, want %q\n%q", got, want, src)
		}
		checkLayout(t, out)
	}
	if again := formatAs(t, Compact, compact); !bytes.Equal(again, compact) {
		t.Fatalf("compacted twice: %s\nsource %q", cmp.Diff(string(compact), string(again)), src)
	}
	if again := formatAs(t, Expand, expand); !bytes.Equal(again, expand) {
		t.Fatalf("expanded twice: %s\nsource %q", cmp.Diff(string(expand), string(again)), src)
	}
	if len(comments(src)) == 0 && !bytes.ContainsAny(src, "|>") {
		checkAll(t, compact, longFormOf)
		checkAll(t, expand, shortFormOf)
	}
	back := formatAs(t, Expand, formatAs(t, Compact, expand))
	if !sameNode(usual(t, expand), usual(t, back)) {
		t.Fatalf("expanded, compacted, expanded: %s\nsource %q", cmp.Diff(string(expand), string(back)), src)
	}
	return compact, expand
}

// checkAll looks for properties that kept the form that they should have lost.
func checkAll(t fataler, src []byte, lost func(*node) (form, bool)) {
	t.Helper()
	s, err := readText("plan.yaml", src)
	if err != nil {
		t.Fatalf("%v\n%q", err, src)
	}
	visit := formVisitor(func(k, v *node, at formPlace) bool {
		if f, ok := lost(v); ok && (at == propertyForm || at == groupKeyForm && f.plain()) {
			t.Fatalf("%v: %q has kept its form\n%s", k.pos(), k.text, src)
		}
		return false
	})
	visit.file(s.root)
}

// tooLarge tells that a file is no plan any more when it is expanded.
func tooLarge(err error) bool {
	var syntax *SyntaxError
	return errors.As(err, &syntax) && !slices.ContainsFunc(syntax.Diagnostics, func(d Diagnostic) bool { return d.Code != "PH112" })
}

func formatAs(t fataler, write func(string, []byte) ([]byte, error), src []byte) []byte {
	t.Helper()
	out, err := write("plan.yaml", src)
	if err == nil {
		out, err = Format("plan.yaml", out)
	}
	if err != nil {
		t.Fatalf("%v\n%q", err, src)
	}
	return out
}

// usual is a file with long forms as Expand writes them: the type first, no false,
// items by their name.
func usual(t fataler, src []byte) *node {
	s, err := readText("plan.yaml", src)
	if err != nil {
		t.Fatalf("%v\n%q", err, src)
	}
	visit := formVisitor(func(_, v *node, at formPlace) bool {
		f, ok := longFormOf(v)
		if !ok {
			return false
		}
		v.keys, v.items = nil, nil
		add := func(key string, value *node) {
			v.keys, v.items = append(v.keys, &node{text: key}), append(v.items, value)
		}
		switch {
		case at == itemForm && f.plain():
			*v = node{text: f.name}
		case f.array:
			add("type", &node{text: "array"})
			add("of", &node{text: f.name})
		default:
			add("type", &node{text: f.name})
		}
		if f.required {
			add("required", &node{text: "true"})
		}
		if f.nullable {
			add("nullable", &node{text: "true"})
		}
		return true
	})
	visit.file(s.root)
	return s.root
}

// In whatever form a plan is written, it is the same plan.
func TestReformKeepsPlan(t *testing.T) {
	reformed := 0
	for name, src := range planTexts(t) {
		want, found := Parse("plan.yaml", src)
		if found.HasErrors() {
			continue
		}
		compact, expand := checkForms(t, src)
		if !bytes.Equal(compact, expand) {
			reformed++
		}
		checkSamePlan(t, name, want, compact, expand)
	}
	if reformed < 50 {
		t.Errorf("only %d plans have another form", reformed)
	}
}

func checkSamePlan(t fataler, name string, want *Plan, texts ...[]byte) {
	t.Helper()
	for _, text := range texts {
		got, found := Parse("plan.yaml", text)
		if found.HasErrors() {
			t.Fatalf("%s: %v\n%s", name, found, text)
		}
		if d := cmp.Diff(want, got, cmpopts.IgnoreTypes(Pos{})); d != "" {
			t.Fatalf("%s (-source +reformed):\n%s", name, d)
		}
	}
}

// Nor does the layout matter, or which forms are mixed.
func TestReformScribbledPlan(t *testing.T) {
	texts := planTexts(t)
	maps.DeleteFunc(texts, func(_ string, src []byte) bool {
		_, err := readText("plan.yaml", src)
		_, found := Parse("plan.yaml", src)
		return err != nil || found.HasErrors() || len(src) >= 2_000
	})
	names := slices.Sorted(maps.Keys(texts))
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "plan")
		s, err := readText("plan.yaml", texts[name])
		if err != nil {
			t.Fatal(err)
		}
		anyForms(t, s.root)
		src := scribble(t, s.root)
		want, found := Parse("plan.yaml", src)
		if found.HasErrors() {
			t.Fatalf("%v\n%s", found, src)
		}
		compact, expand := checkForms(t, src)
		checkSamePlan(t, name, want, compact, expand)
	})
}

// anyForms writes each property of a file in any form that it can have.
func anyForms(t *rapid.T, root *node) {
	visit := formVisitor(func(_, v *node, at formPlace) bool {
		f, ok := shortFormOf(v)
		if !ok {
			f, ok = longFormOf(v)
		}
		if !ok || at != propertyForm && !f.plain() {
			return false
		}
		if rapid.Bool().Draw(t, "short") {
			*v = shortNode(f)
			return true
		}
		*v = longNode(t, f, at)
		return true
	})
	visit.file(root)
}

func shortNode(f form) node {
	if f.array {
		return node{kind: listNode, items: []*node{nameNode(f.name)}}
	}
	if f.plain() {
		return *nameNode(f.name)
	}
	return node{text: f.short(false)}
}

func nameNode(name string) *node { return &node{text: name, quoted: plainName(name) != name} }

func longNode(t *rapid.T, f form, at formPlace) node {
	var pairs [][2]*node
	add := func(key string, value *node) { pairs = append(pairs, [2]*node{{text: key}, value}) }
	boolean := func(key string, v bool) {
		switch {
		case v:
			add(key, &node{text: "true", tag: boolTag})
		case at == propertyForm && rapid.Bool().Draw(t, key):
			add(key, &node{text: "false", tag: boolTag})
		}
	}
	name := nameNode(f.name)
	if f.array {
		if rapid.Bool().Draw(t, "item") {
			name = &node{kind: mappingNode, keys: []*node{{text: "type"}}, items: []*node{name}}
		}
		add("of", name)
		name = nameNode("array")
	}
	add("type", name)
	boolean("required", f.required)
	boolean("nullable", f.nullable)
	n := node{kind: mappingNode}
	for _, p := range rapid.Permutation(pairs).Draw(t, "order") {
		n.keys, n.items = append(n.keys, p[0]), append(n.items, p[1])
	}
	return n
}

// A file that is no plan is left whole, too.
func TestReformAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkForms(t, anyFile(t)) })
}

func FuzzForms(f *testing.F) {
	texts := planTexts(f)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		f.Add(texts[name])
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		_, laid := Format("plan.yaml", src)
		_, err := Compact("plan.yaml", src)
		if (err == nil) != (laid == nil) {
			t.Fatalf("Compact says %v, Format says %v", err, laid)
		}
		if laid != nil {
			return
		}
		if _, err := Expand("plan.yaml", src); tooLarge(err) {
			return
		}
		compact, expand := checkForms(t, src)
		if want, found := Parse("plan.yaml", src); !found.HasErrors() {
			checkSamePlan(t, "plan", want, compact, expand)
		}
	})
}

// The work grows with the size of a file, not with its square.
func TestReformHostile(t *testing.T) {
	const n = 20_000
	tests := []struct{ name, src string }{
		{"one line", "property_sets: {s: {" + manyKeys(n, "{type: int}, ") + "}}\n"},
		{"lines", "property_sets:\n  s:\n" + manyKeys(n, "\n      type: int\n      # c\n")},
		{"comments behind one", "property_sets:\n  s:\n    x:\n      type: int\n" + strings.Repeat("    # c\n", n)},
		{"groups in one line", "groups: {" + manyKeys(n, "{properties: {x: int}, key: int}, ") + "}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			for _, write := range []func(string, []byte) ([]byte, error){Compact, Expand} {
				if _, err := write("plan.yaml", []byte(tt.src)); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func manyKeys(n int, value string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    k%d: %s", i, value)
	}
	return b.String()
}
