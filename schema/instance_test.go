package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"pgregory.net/rapid"
)

// What goodForms takes for granted: each properties of the language is the same mapping of
// definitions, in which one more or less makes no difference, and its description is any text.
func TestGoodForms(t *testing.T) {
	defs := planShapes().root["$defs"].(map[string]any)
	keywords := func(def any) string {
		m := def.(map[string]any)
		var words []string
		for k, v := range m {
			if k != "description" {
				words = append(words, fmt.Sprint(k, "=", v))
			}
		}
		slices.Sort(words)
		return fmt.Sprint(words)
	}
	if got := keywords(defs["properties"]); got != "[additionalProperties=map[$ref:#/$defs/property] type=object]" {
		t.Errorf("properties is %s", got)
	}
	if got := keywords(defs["description"]); got != "[type=string]" {
		t.Errorf("a description is %s", got)
	}
	if got := keywords(defs["property"].(map[string]any)["properties"].(map[string]any)["description"]); got != "[$ref=#/$defs/description]" {
		t.Errorf("the description of a property is %s", got)
	}
	for name, def := range defs {
		keys, _ := def.(map[string]any)["properties"].(map[string]any)
		if name != "naming" && keys["properties"] != nil { // naming is in no entry
			if got := keywords(keys["properties"]); got != "[$ref=#/$defs/properties]" {
				t.Errorf("properties of %s is %s", name, got)
			}
		}
	}
}

// An entry is as good or bad behind others as alone, with the same words.
func TestGoodFormsAgree(t *testing.T) {
	keys := []string{"type", "required", "description", "enum", "min_length", "properties", "unit", "x"}
	values := []string{"uuid", "ms", "true", "'true'", "3", "-1", "null", "[a, b]", "[]", "{a: 1}", "{description: b}", "{a: {description: 3}}", "{}"}
	rapid.Check(t, func(rt *rapid.T) {
		draw := rapid.SampledFrom[[]string]
		var form func(depth int) string
		form = func(depth int) string {
			var b strings.Builder
			for _, k := range rapid.SliceOfNDistinct(draw(keys), 0, 2, rapid.ID).Draw(rt, "keys") {
				v := draw(values).Draw(rt, "value")
				if k == "properties" && depth < 2 {
					v = form(depth + 1)
				}
				fmt.Fprintf(&b, "%s: %s, ", k, v)
			}
			return "{" + b.String() + "}"
		}
		var src strings.Builder
		src.WriteString("events:\n")
		for i := range rapid.IntRange(2, 40).Draw(rt, "events") {
			fmt.Fprintf(&src, "  e%d: {properties: {a: %s, %s: %s}}\n", i, form(0), draw(keys).Draw(rt, "name"), form(0))
		}
		s, found := &source{name: "p"}, new(findings)
		s.split([]byte(src.String()), found)
		if (&parser{found: found}).parse(s); found.seen > 0 {
			rt.Fatalf("%v in\n%s", found.list, src.String())
		}
		known := new(goodForms)
		for i, n := range s.root.at("events").items {
			got, want := leaves(planShapes().validate("event", n, known)), leaves(planShapes().validate("event", n, nil))
			if !slices.Equal(got, want) {
				rt.Fatalf("event %d of\n%s\nbehind others: %q\nalone: %q", i, src.String(), got, want)
			}
		}
	})
}

// leaves is what is wrong according to the validator, in some order of its own.
func leaves(err error) []string {
	if err == nil {
		return nil
	}
	var all []string
	planShapes().leaves(err.(*jsonschema.ValidationError), func(leaf *jsonschema.ValidationError) {
		all = append(all, leaf.InstanceLocation+" "+leaf.KeywordLocation)
	})
	slices.Sort(all)
	return all
}
