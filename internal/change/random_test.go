package change

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

// drawPlan is some plan, made of few names, so that two of them have much in common.
func drawPlan(t *rapid.T, label string) string {
	var b strings.Builder
	some := func(pool ...string) []string {
		return rapid.Permutation(pool).Draw(t, label)[:rapid.IntRange(0, len(pool)).Draw(t, label)]
	}
	one := func(pool ...string) string { return rapid.SampledFrom(pool).Draw(t, label) }
	property := func() string {
		return one("string", "string!", "int", "int!", "float", "bool", `"url?"`, "Tier", "Tier!", "[string]", "[Tier]", "Item", "{enum: [a, b]}", "{enum: [b, c]}",
			"{const: x}", "{type: duration, unit: s}", "{type: string, required: true, go: {named: ID}}", "{type: int, pii: {kind: user_id, action: hash}}",
			"{type: object, properties: {in: string!, of: int}}", "{type: string, max_length: 7, description: Words}", "{type: string, deprecated: old}")
	}
	properties := func(pool ...string) string {
		var all []string
		for _, key := range some(pool...) {
			all = append(all, key+": "+property())
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	fmt.Fprintf(&b, "types: {Tier: {enum: [%s]}, Item: {type: object, properties: %s}}\n", one("free, pro", "pro", "pro, free, max"), one("{n: int!}", "{n: int!, m: string}", "{n: float!}"))
	fmt.Fprintf(&b, "property_sets: {set: %s}\n", properties("p", "q"))
	fmt.Fprintf(&b, "groups: {%s}\n", strings.Join(slices.DeleteFunc([]string{one("", "org: {}", "org: {key: uuid}")}, func(s string) bool { return s == "" }), ", "))
	b.WriteString("events:\n  always: {}\n")
	for _, name := range some("a", "b", "c", "d") {
		fmt.Fprintf(&b, "  %s: {%sproperties: %s, tags: [%s]}\n", name, one("", "use: [set], ", "description: Words, ", "on_invalid: drop_event, ", "person_profile: never, "), properties("x", "y", "z"), one("", "t", "t, u"))
	}
	b.WriteString("flags:\n  always: {kind: boolean}\n")
	for _, key := range some("f", "g") {
		fmt.Fprintf(&b, "  %s: %s\n", key, one("{kind: boolean}", "{kind: multivariate, variants: [a, b]}", "{kind: multivariate, variants: [b, c], default: b}", "{kind: boolean, payload: {type: object, properties: {n: int}}}"))
	}
	return b.String()
}

// parse makes a printer of a drawn plan, or says that no plan can be like that.
func parse(t *rapid.T, name, body string) *generator.Printer {
	p, found := schema.Parse(name, []byte("phgen: 1\nplan: {name: acme, version: 2.0.0}\n"+body))
	if found.HasErrors() {
		t.Skip(found)
	}
	x := generator.NewPrinter(p)
	if found := x.Check(); found.HasErrors() {
		t.Skip(found)
	}
	return x
}

// A plan does not differ from itself.
func TestEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := drawPlan(t, "plan")
		if got := Compare(parse(t, "a.yaml", body), parse(t, "b.yaml", body)); len(got) > 0 {
			t.Fatalf("the plan differs from itself:\n%s\n%s", text(got), body)
		}
	})
}

// What comes on the way there goes on the way back, and each change has a cell.
func TestMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := parse(t, "a.yaml", drawPlan(t, "a")), parse(t, "b.yaml", drawPlan(t, "b"))
		there, back := Compare(a, b), Compare(b, a)
		for _, x := range there {
			if _, ok := CellOf(x.Code); !ok || x.Message == "" || x.Path == "" || x.Pos.File != "b.yaml" || x.Removed && x.OldPos.File != "a.yaml" {
				t.Fatalf("incomplete: %+v", x)
			}
		}
		if d := cmp.Diff(came(there), gone(back)); d != "" {
			t.Fatalf("came there, gone back (-there +back):\n%s", d)
		}
		if d := cmp.Diff(gone(there), came(back)); d != "" {
			t.Fatalf("gone there, come back (-there +back):\n%s", d)
		}
		if (len(there) == 0) != (len(back) == 0) {
			t.Fatalf("there:\n%s\nback:\n%s", text(there), text(back))
		}
	})
}

func came(changes []Change) []string {
	return paths(changes, func(x Change) bool { return !x.Removed && x.OldPos == schema.Pos{} })
}

func gone(changes []Change) []string {
	return paths(changes, func(x Change) bool { return x.Removed })
}

func paths(changes []Change, is func(Change) bool) []string {
	all := map[string]bool{}
	for _, x := range changes {
		if is(x) {
			all[x.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Words for people, and the order of what is no parameter, break nothing.
func TestHarmless(t *testing.T) {
	keys := []string{"a", "b", "c", "d", "e"}
	plan := func(t *rapid.T, label string) string {
		var list []string
		for _, key := range rapid.Permutation(keys).Draw(t, label) {
			list = append(list, fmt.Sprintf("      %s: {type: string, description: %s}\n", key, rapid.StringMatching("[a-z]{1,8}").Draw(t, label)))
		}
		tags := strings.Join(rapid.Permutation(keys).Draw(t, label)[:rapid.IntRange(0, 5).Draw(t, label)], ", ")
		return "owners: {a: {}, b: {}}\nevents:\n  last: {}\n  e:\n    owner: " + rapid.SampledFrom(keys[:2]).Draw(t, label) +
			"\n    tags: [" + tags + "]\n    properties:\n      first: int!\n      second: int!\n" + strings.Join(list, "")
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, x := range Compare(parse(t, "a.yaml", plan(t, "a")), parse(t, "b.yaml", plan(t, "b"))) {
			if level := x.Cell().Level(Axes); level != Safe {
				t.Fatalf("%s is %s: %s", x.Code, level, x)
			}
		}
	})
}
