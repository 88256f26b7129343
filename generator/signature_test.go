package generator

import (
	"fmt"
	"testing"

	"github.com/phgen/phgen/schema"
)

// What GoType says is what is printed, for every property of the example.
func TestGoType(t *testing.T) {
	p := load(t, "../examples/tracking-plan.yaml")
	x := NewPrinter(p)
	g := newGenerator(p, x.names)
	for _, e := range p.Events {
		for _, prop := range e.Properties {
			if prop.Type.Kind == schema.Const {
				continue
			}
			got := x.GoType(prop)
			printed := fmt.Sprintf("%#v", g.goType(prop.Type, x.names.typeOf(prop, prop.Type)))
			if want := unqualified(printed); unqualified(got) != want {
				t.Errorf("GoType(%q of %q) = %s, printed as %s", prop.Key, e.Name, got, printed)
			}
		}
	}
}

// unqualified drops the packages of a type: jennifer names some by their path.
func unqualified(typ string) string {
	out := []byte{}
	start := 0
	for i := range len(typ) {
		switch typ[i] {
		case '.':
			out = out[:start]
			continue
		case '[', ']':
			out = append(out, typ[i])
			start = len(out)
			continue
		}
		out = append(out, typ[i])
	}
	return string(out)
}

func TestIdent(t *testing.T) {
	p, found := schema.Parse("plan.yaml", []byte("phgen: 1\nplan: {name: a}\ngo: {initialisms: [SKU]}\nevents: {a: {}}\n"))
	x := NewPrinter(checked(t, p, found))
	for _, tt := range []struct {
		say        schema.GoName
		name, want string
	}{
		{schema.GoName{}, "sku_id", "SKUID"},
		{schema.GoName{Name: "Article"}, "sku_id", "Article"},
		{schema.GoName{}, "größe", "GrE"},
		{schema.GoName{}, "…", ""},
	} {
		if got := x.Ident(tt.say, tt.name); got != tt.want {
			t.Errorf("Ident(%v, %q) = %q, want %q", tt.say, tt.name, got, tt.want)
		}
	}
}
