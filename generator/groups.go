package generator

import (
	"github.com/dave/jennifer/jen"

	"github.com/phgen/phgen/schema"
)

// group prints the update of one group type, and its scope option.
func (g *generator) group(f *jen.File, x *schema.Group) {
	name := g.of(x)
	keyField := newScope().claim("key")
	r := record{
		g: g, name: name + "Group", recv: "g", path: "g.", prefix: "With", nulls: true,
		fields: g.fieldsOf(x.Properties, append([]string{keyField}, ownFields...)...),
	}
	key := kinds[x.Key.Kind]

	in := doc("In"+name+" says that what a context captures belongs to the "+quoted(x.Name)+" with that key.", x.Description)
	in.text(bounds(x.Key)...)
	f.Add(in.decl(jen.Func().Id("In" + name).Params(jen.Id("key").Add(key.typ)).Add(phOption).Block(
		jen.Return(groupOptions[x.Key.Kind].Clone().Call(expr(quoted(x.Name)), expr("key"))))))

	c := doc(r.name+" changes properties of one group of type "+quoted(x.Name)+".", x.Description)
	if x.Owner != "" {
		c.text("Owner: " + x.Owner + ".")
	}
	members := append([]jen.Code{equalField, jen.Id(keyField).Add(key.typ)}, r.structFields()...)
	f.Add(c.decl(jen.Type().Id(r.name).Struct(members...)))

	values := append([]jen.Code{expr("key: key")}, r.values()...)
	f.Add(r.constructorDoc(name + " makes an update of the " + quoted(x.Name) + " with that key.").decl(
		jen.Func().Id(name).Add(r.params(param{keyField, key.typ})).Id(r.name).Block(jen.Return(literal(r.name, values)))))
	r.setters(f)

	spec := g.vars[x]
	r.send(f, "Identify", phBegin, spec, "Identify sends the update and returns the UUID of its event. The zero UUID says that it was refused.")
	r.compare(f, "the update")

	v := visitor{table: table{g: g}}
	v.stmt(jen.Id("w.Group").Call(expr(quoted(x.Name)), keyText(x.Key.Kind)))
	v.properties(r, x.Properties, rowOf)
	v.stmt(expr("w.EndObject()"))
	f.Add(v.visitDecl(r, spec))
	f.Add(v.spec(spec, expr("Name: ", quoted("$groupidentify")), jen.Id("Kind:").Add(phKindGroup)))
}

// keyText is the key of a group as text, which it always is on the wire.
func keyText(k schema.Kind) jen.Code {
	switch k {
	case schema.Int:
		return jen.Qual("strconv", "FormatInt").Call(expr("g.key"), expr("10"))
	case schema.UUID:
		return expr("g.key.String()")
	}
	return expr("g.key")
}
