package generator

import (
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// A visitor prints the statements of one PhgenVisit and, beside each, the row of
// the spec that it refers to.
type visitor struct {
	table
	body []jen.Code
}

func (v *visitor) stmt(code ...jen.Code) { v.body = append(v.body, jen.Add(code...)) }

// properties visits the fields of r and the consts among list, in the order of
// list, which r was made of.
func (v *visitor) properties(r record, list []*schema.Property, row func(*schema.Property) row) {
	next := 0
	for _, p := range list {
		if p.Type.Kind == schema.Const {
			v.stmt(expr("w.Const(", v.ref(v.add(row(p))), ")"))
			continue
		}
		v.field(r, r.fields[next], row(p))
		next++
	}
}

// field visits one field if it is set.
func (v *visitor) field(r record, f field, row row) {
	if !f.optional() {
		v.value(f.Type, f.named, r.path+f.name, row, 0)
		return
	}
	first := len(v.rows)
	body := v.nested(func(inner *visitor) { inner.value(f.Type, f.named, r.path+f.name, row, 0) })
	present := jen.If(expr(r.path, "has.", f.name)).Block(body...)
	if f.Nullable && r.nulls {
		null := jen.Block(expr("w.Null(", v.ref(first), ")"))
		present = jen.If(expr(r.path, "null.", f.name)).Add(null).Else().Add(present)
	}
	v.stmt(present)
}

// nested are the statements that print makes, for a block of their own. Their
// rows are v's.
func (v *visitor) nested(print func(*visitor)) []jen.Code {
	inner := visitor{table: v.table}
	print(&inner)
	v.table = inner.table
	return inner.body
}

// bucket visits fields inside $set or $set_once, which open opens, if any is set.
func (v *visitor) bucket(r record, open string, fields []field) {
	if len(fields) == 0 {
		return
	}
	var set []string
	for _, f := range fields {
		set = append(set, r.path+"has."+f.name)
		if f.Nullable && r.nulls {
			set = append(set, r.path+"null."+f.name)
		}
	}
	body := v.nested(func(inner *visitor) {
		inner.stmt(expr("w.", open, "()"))
		for _, f := range fields {
			row := rowOf(f.Property)
			row.nested = true
			if len(set) == 1 {
				inner.value(f.Type, f.named, r.path+f.name, row, 0)
			} else {
				inner.field(r, f, row)
			}
		}
		inner.stmt(expr("w.EndObject()"))
	})
	v.stmt(jen.If(expr(strings.Join(set, " || "))).Block(body...))
}

// buckets visits the fields of r in the buckets that the plan wants them in.
func (v *visitor) buckets(r record) {
	var set, once []field
	for _, f := range r.fields {
		switch f.Write {
		case schema.WriteUnset:
		case schema.WriteSetOnce:
			once = append(once, f)
		default:
			set = append(set, f)
		}
	}
	v.bucket(r, "Set", set)
	v.bucket(r, "SetOnce", once)
}

// ref is the address of a row.
func (v *visitor) ref(i int) string { return rowRef(i) }

// rowRef is the address of row i in the statements beside a table.
func rowRef(i int) string { return "&p[" + strconv.Itoa(i) + "]" }

// value visits the value x of type t. Loops within loops number their variables.
func (v *visitor) value(t *schema.Type, named, x string, r row, depth int) {
	at := v.add(containerRow(r))
	switch t.Kind {
	case schema.Array:
		v.array(t, x, r, at, depth)
	case schema.Map:
		v.mapping(t, x, r, at, depth)
	case schema.Object, schema.Union:
		v.stmt(expr(x, ".", v.g.visitMethod(), "(w, ", v.ref(at), ")"))
	case schema.Enum:
		v.stmt(expr("w.Enum(", v.ref(at), ", uint8(", x, "))"))
	default:
		v.stmt(expr("w.", kinds[t.Kind].write, "(", v.ref(at), ", "), converted(t, named, x), expr(")"))
	}
}

// containerRow is r for the row of an array or map itself: what pii does to
// values it does to their items, except that a dropped property is dropped whole.
func containerRow(r row) row {
	if r.pii != nil && (r.typ.Kind == schema.Array || r.typ.Kind == schema.Map) && r.pii.Action != "drop" {
		r.pii = nil
	}
	return r
}

// itemRow is the row of the items or values of r.
func itemRow(r row) row {
	item := row{typ: r.typ.Elem, pii: r.pii, nested: true}
	if item.pii == nil || item.pii.Action == "drop" {
		item.pii = r.typ.Elem.PII
	}
	return item
}

// converted is x as the type that the writer takes.
func converted(t *schema.Type, named, x string) jen.Code {
	switch {
	case named == "":
		return expr(x)
	case t.Kind == schema.UUID:
		return jen.Add(goUUID).Parens(expr(x))
	}
	return expr(kinds[t.Kind].base, "(", x, ")")
}

func (v *visitor) array(t *schema.Type, x string, r row, at, depth int) {
	item := itemRow(r)
	named := v.g.typeOf(nil, t.Elem)
	if kinds[t.Elem.Kind].base == "string" && named == "" {
		v.stmt(expr("w.Strings(", v.ref(at), ", ", v.ref(v.add(item)), ", ", x, ")"))
		return
	}
	i := numbered("i", depth)
	body := v.nested(func(inner *visitor) { inner.value(t.Elem, named, x+"["+i+"]", item, depth+1) })
	v.stmt(jen.For(expr(i, " := range w.Array(", v.ref(at), ", len(", x, "))")).Block(body...))
	v.stmt(expr("w.EndArray()"))
}

func (v *visitor) mapping(t *schema.Type, x string, r row, at, depth int) {
	k, entry := numbered("k", depth), numbered("v", depth)
	body := v.nested(func(inner *visitor) {
		element := x + "[" + k + "]"
		inner.stmt(expr("w.MapKey(", k, ")"))
		if t.Elem.Kind == schema.Object || t.Elem.Kind == schema.Union {
			inner.stmt(expr(entry, " := ", element)) // addressable
			element = entry
		}
		inner.value(t.Elem, v.g.typeOf(nil, t.Elem), element, itemRow(r), depth+1)
	})
	v.stmt(jen.For(jen.Id("_, "+k+" := range").Add(phMap).Call(expr("w"), expr(v.ref(at)), expr(x))).Block(body...))
	v.stmt(expr("w.EndMap()"))
}

func numbered(name string, depth int) string {
	if depth == 0 {
		return name
	}
	return name + strconv.Itoa(depth+1)
}

// visitMethod is the method by which an object or union visits itself as a part
// of something else. Packages of split: owner and package ai call it from outside.
func (g *generator) visitMethod() string {
	if g.plan.Go.SplitOwner || g.partsOutside {
		return "PhgenVisitAt"
	}
	return "phgenVisit"
}

// visitParams are the parameters of PhgenVisit.
var visitParams = jen.Params(jen.Id("w").Op("*").Add(phWriter))

// propsStmt begins a visitor: it finds the rows, if anything refers to one.
func (v *visitor) propsStmt(spec string) jen.Code {
	if len(v.rows) == 0 {
		return expr("w.Props(&", spec, ")")
	}
	return expr("p := w.Props(&", spec, ")")
}
