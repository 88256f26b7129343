package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// deprecatedUse reports uses of what the plan deprecates, outside of functions that are
// deprecated themselves.
var deprecatedUse = newCheck("PHV004", "find uses of deprecated events, properties, enum values, flags and variants", func(c *check) {
	c.each(func(cur inspector.Cursor) {
		id := cur.Node().(*ast.Ident)
		obj := c.TypesInfo.Uses[id]
		if obj == nil || obj.Pkg() == c.Pkg {
			return
		}
		text := c.deprecated(obj)
		if v, ok := obj.(*types.Var); ok && v.IsField() {
			text = c.deprecatedField(cur, v)
		}
		if text == "" || insideDeprecated(cur) {
			return
		}
		c.report(id, "%s is deprecated: %s", objectName(obj), text)
	}, (*ast.Ident)(nil))
})

// deprecatedField is why nobody should use the field that the identifier at cur selects.
func (c *check) deprecatedField(cur inspector.Cursor, v *types.Var) string {
	sel, ok := cur.Parent().Node().(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	t := c.TypesInfo.TypeOf(sel.X)
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	obj, g := c.named(t)
	if g == nil {
		return ""
	}
	d := find(g.Deprecated, func(d *deprecation) bool { return d.Object == obj.Name()+"."+v.Name() })
	if d == nil {
		return ""
	}
	return d.Text
}

func insideDeprecated(cur inspector.Cursor) bool {
	decl, ok := outermost(cur)
	return ok && deprecatedText(decl.Node().(*ast.FuncDecl).Doc) != ""
}
