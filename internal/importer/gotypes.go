package importer

import (
	"go/constant"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// property is a property of a plan for a key and a value of Go.
func (g *goReader) property(f *goFile, p goProperty) *property {
	q := &property{entity: entity{noun: "property", name: p.key, from: p.at}}
	t := f.info.TypeOf(p.value)
	q.typ, q.nullable = g.goType(t, q)
	if tv := f.info.Types[p.value]; tv.Value != nil && tv.Value.Kind() == constant.String && q.typ.name == "string" {
		q.note("a constant at " + p.at.String() + ": make it an enum if there are few")
	}
	return q
}

// goType is the type of the JSON that encoding/json makes of t.
func (g *goReader) goType(t types.Type, q *property) (*typ, bool) {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		inner, _ := g.goType(p.Elem(), q)
		return inner, true
	}
	if n, ok := t.(*types.Named); ok {
		if known := wellKnown(n); known != nil {
			return known, false
		}
		if e := g.enum(n, q.from); e != nil {
			return e, false
		}
		if s, ok := n.Underlying().(*types.Struct); ok {
			return g.structure(n, s, q), false
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch info := u.Info(); {
		case info&types.IsBoolean != 0:
			return plain("bool"), false
		case info&types.IsInteger != 0:
			return plain("int"), false
		case info&types.IsFloat != 0:
			return plain("float"), false
		case info&types.IsString != 0:
			return plain("string"), false
		}
	case *types.Slice:
		return g.elements("array", u.Elem(), q), false
	case *types.Array:
		return g.elements("array", u.Elem(), q), false
	case *types.Map:
		if key, ok := u.Key().Underlying().(*types.Basic); ok && key.Info()&types.IsString != 0 {
			return g.elements("map", u.Elem(), q), false
		}
	case *types.Struct:
		return &typ{name: "object", fields: g.fields(u, q.from)}, false
	}
	g.d.lose(q.from, q.what(), "values of type "+clip(types.TypeString(t, (*types.Package).Name))+" can be anything, so it takes any JSON")
	q.note("say what its values are")
	return plain("json"), false
}

func (g *goReader) elements(name string, elem types.Type, q *property) *typ {
	if b, ok := elem.Underlying().(*types.Basic); ok && b.Kind() == types.Byte && name == "array" {
		g.d.lose(q.from, q.what(), "bytes are sent as base64: a string")
		return plain("string")
	}
	if _, empty := elem.Underlying().(*types.Interface); empty {
		return &typ{name: name, elem: plain("json")}
	}
	inner, _ := g.goType(elem, q)
	if inner.name == "array" {
		inner = plain("json")
	}
	return &typ{name: name, elem: inner}
}

// wellKnown is what the plan has its own type for.
func wellKnown(n *types.Named) *typ {
	if n.Obj().Pkg() == nil {
		return nil
	}
	switch n.Obj().Pkg().Path() + "." + n.Obj().Name() {
	case "time.Time":
		return plain("timestamp")
	case "time.Duration":
		t := plain("duration")
		t.limit("unit", "ns", Place{}) // as encoding/json writes it
		return t
	case "net/netip.Addr", "net.IP":
		return plain("ip")
	case "encoding/json.RawMessage":
		return plain("json")
	case "encoding/json.Number":
		return plain("float")
	case "github.com/google/uuid.UUID", "github.com/gofrs/uuid.UUID", "github.com/gofrs/uuid/v5.UUID":
		return plain("uuid")
	}
	return nil
}

// enum is the enum of a named string type that has constants in its package.
func (g *goReader) enum(n *types.Named, from Place) *typ {
	b, ok := n.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsString == 0 || n.Obj().Pkg() == nil {
		return nil
	}
	if known := g.named[n.Obj()]; known != nil {
		return &typ{ref: known}
	}
	var constants []*types.Const
	scope := n.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && types.Identical(c.Type(), n) {
			constants = append(constants, c)
		}
	}
	slices.SortFunc(constants, func(a, b *types.Const) int { return int(a.Pos() - b.Pos()) })
	t := &typ{name: "enum"}
	for _, c := range constants {
		if value := constant.StringVal(c.Val()); value != "" && !slices.ContainsFunc(t.choices, func(c *choice) bool { return c.name == value }) {
			t.choices = append(t.choices, &choice{entity: entity{noun: "value", name: value, from: from}})
		}
	}
	if len(t.choices) == 0 {
		return nil
	}
	return &typ{ref: g.name(n, t, from)}
}

func (g *goReader) name(n *types.Named, t *typ, from Place) *namedType {
	base := identifier(n.Obj().Name())
	name := base
	for i := 0; slices.ContainsFunc(g.d.types, func(t *namedType) bool { return t.name == name }); i++ {
		name = identifier(n.Obj().Pkg().Name()) + base + strings.Repeat("X", i)
	}
	named := &namedType{entity: entity{noun: "type", name: name, from: from}, typ: t}
	g.named[n.Obj()] = named
	g.d.types = append(g.d.types, named)
	return named
}

// structure is the named type of a struct.
func (g *goReader) structure(n *types.Named, s *types.Struct, q *property) *typ {
	if known := g.named[n.Obj()]; known != nil {
		return &typ{ref: known}
	}
	for i := range n.NumMethods() {
		if name := n.Method(i).Name(); name == "MarshalJSON" || name == "MarshalText" {
			g.d.lose(q.from, q.what(), "type "+n.Obj().Name()+" encodes itself, so it takes any JSON")
			return plain("json")
		}
	}
	if slices.Contains(g.busy, n.Obj()) || len(g.busy) > maxSchemaDepth {
		g.d.lose(q.from, q.what(), "type "+n.Obj().Name()+" contains itself, so it takes any JSON")
		return plain("json")
	}
	g.busy = append(g.busy, n.Obj())
	t := &typ{name: "object", fields: g.fields(s, q.from)}
	g.busy = g.busy[:len(g.busy)-1]
	return &typ{ref: g.name(n, t, q.from)}
}

// fields are those of a struct that encoding/json writes.
func (g *goReader) fields(s *types.Struct, from Place) []*property {
	var list []*property
	for i := range s.NumFields() {
		v := s.Field(i)
		name, options, _ := strings.Cut(reflect.StructTag(s.Tag(i)).Get("json"), ",")
		if name == "-" || !v.Exported() {
			continue
		}
		if name == "" {
			name = v.Name()
		}
		q := &property{entity: entity{noun: "property", name: name, from: from}}
		q.typ, q.nullable = g.goType(v.Type(), q)
		omit := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		q.required = !omit && !q.nullable
		q.nullable = q.nullable && !omit
		list = g.d.join(list, []*property{q})
	}
	return list
}
