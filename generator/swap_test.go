package generator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/lock"
	"github.com/phgen/phgen/schema"
)

// A required property, and what a caller writes for it: a variable of its Go type
// and a constant. What has no constant has the variable alone.
type required struct{ key, form, variable, constant string }

var forms = []required{
	{form: "type: string", variable: "text", constant: `"x"`},
	{form: "type: email, pii: {kind: email, action: mask}", variable: "text", constant: `"a@b.c"`},
	{form: "type: int", variable: "whole", constant: "1"},
	{form: "type: float", variable: "fraction", constant: "1"},
	{form: "type: bool", variable: "yes", constant: "true"},
	{form: "type: duration", variable: "span", constant: "span"},
	{form: "type: string, go: {named: Ref}", variable: "tracking.Ref(text)", constant: `"x"`},
	{form: "type: string, go: {named: Code}", variable: "tracking.Code(text)", constant: `"x"`},
	{form: "enum: [a, b], go: {name: Tier}", variable: "tracking.EventTierA", constant: "tracking.EventTierA"},
	{form: "type: array, of: string", variable: "[]string{text}", constant: "[]string{}"},
}

// What PH701 is about: calls that go on compiling, while an argument gets another
// key. The compiler is asked about plans as they come.
func TestSwapsAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := drawRequired(t, rapid.IntRange(1, 4).Draw(t, "properties"))
		after := slices.Clone(before)
		for range rapid.IntRange(1, 3).Draw(t, "edits") {
			i := rapid.IntRange(0, len(after)-1).Draw(t, "place")
			switch rapid.SampledFrom([]string{"swap", "swap", "retype", "replace", "add"}).Draw(t, "edit") {
			case "swap":
				j := rapid.IntRange(0, len(after)-1).Draw(t, "other place")
				after[i], after[j] = after[j], after[i]
			case "retype":
				key := after[i].key
				after[i] = rapid.SampledFrom(forms).Draw(t, "form")
				after[i].key = key
			case "replace":
				if after[i].key[0] == 'p' {
					after[i].key = "new" + after[i].key
				}
			case "add":
				x := rapid.SampledFrom(forms).Draw(t, "form")
				x.key = fmt.Sprintf("more%d", len(after))
				after = slices.Insert(after, i, x)
			}
		}
		oldPlan, newPlan := swapPlan(t, before), swapPlan(t, after)
		found := lock.Compare(lock.Of(generator.NewPrinter(oldPlan)), lock.Of(generator.NewPrinter(newPlan)))
		reported := slices.ContainsFunc(found, func(d schema.Diagnostic) bool { return d.Code == "PH701" })

		moved := false
		for i := range min(len(before), len(after)) {
			moved = moved || before[i].key != after[i].key
		}
		variables := compiles(t, newPlan, before, func(x required) string { return x.variable })
		constants := compiles(t, newPlan, before, func(x required) string { return x.constant })
		if variables && moved && !reported {
			t.Fatalf("a call with variables compiles and changes its meaning, but nothing is reported\nbefore: %+v\nafter:  %+v", before, after)
		}
		if reported && (!constants || !moved) {
			t.Fatalf("reported, although no call compiles (%t) or none changes its meaning (%t): %v\nbefore: %+v\nafter:  %+v", constants, moved, found, before, after)
		}
	})
}

func drawRequired(t *rapid.T, n int) []required {
	var list []required
	for i := range n {
		x := rapid.SampledFrom(forms).Draw(t, "form")
		x.key = fmt.Sprintf("p%d", i)
		list = append(list, x)
	}
	return list
}

func swapPlan(t *rapid.T, list []required) *schema.Plan {
	var src strings.Builder
	src.WriteString("phgen: 1\nplan: {name: p}\nevents:\n  event:\n    properties:\n")
	for _, x := range list {
		fmt.Fprintf(&src, "      %s: {%s, required: true}\n", x.key, x.form)
	}
	src.WriteString("  declares: {properties: {ref: {type: string, go: {named: Ref}}, code: {type: string, go: {named: Code}}}}\n")
	p, found := schema.Parse("plan.yaml", []byte(src.String()))
	if found.HasErrors() || len(generator.Check(p)) > 0 {
		t.SkipNow() // two enums of one Go name, say
	}
	return p
}

// compiles reports whether a call written for the properties of before compiles
// against p.
func compiles(t *rapid.T, p *schema.Plan, before []required, argument func(required) string) bool {
	var args []string
	for _, x := range before {
		args = append(args, argument(x))
	}
	src := fmt.Sprintf(`package caller
import (
	"time"
	tracking %q
)
func call(text string, whole int64, fraction float64, yes bool, span time.Duration) tracking.EventEvent {
	return tracking.Event(%s)
}
`, p.Go.ImportPath+"/tracking", strings.Join(args, ", "))
	ok, err := generator.CompileCall(p, src)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}
