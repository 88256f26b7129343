package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// enumConstant reports numbers where a value of an enum, or a variant, has a name. Zero
// says unset, and is only reported as an argument of generated code.
var enumConstant = newCheck("PHV012", "find numbers where an enum value is wanted", func(c *check) {
	c.each(func(cur inspector.Cursor) {
		e := cur.Node().(ast.Expr)
		v := c.TypesInfo.Types[e]
		if v.Value == nil || !c.enum(v.Type) || c.isNamed(e) {
			return
		}
		if _, ok := cur.Parent().Node().(ast.Expr); ok && c.constantEnum(cur.Parent()) {
			return // reported as a whole
		}
		if constant.Sign(v.Value) == 0 && !c.isArgument(cur) {
			return
		}
		c.report(e, "%s is a number where a value of %s is wanted: use one of its constants", types.ExprString(e), typeName(v.Type))
	}, (*ast.BasicLit)(nil), (*ast.Ident)(nil), (*ast.SelectorExpr)(nil), (*ast.CallExpr)(nil), (*ast.BinaryExpr)(nil), (*ast.UnaryExpr)(nil), (*ast.ParenExpr)(nil))
})

// constantEnum reports whether the expression at cur is a constant of an enum, too.
func (c *check) constantEnum(cur inspector.Cursor) bool {
	e, ok := cur.Node().(ast.Expr)
	if !ok {
		return false
	}
	v := c.TypesInfo.Types[e]
	return v.Value != nil && c.enum(v.Type)
}

// isNamed reports whether e is a constant that was declared with the type of an enum.
func (c *check) isNamed(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		obj, ok := objectOf(c.TypesInfo, e).(*types.Const)
		return !ok || c.enum(obj.Type())
	case *ast.BinaryExpr:
		return e.Op != token.ADD && e.Op != token.SUB && e.Op != token.MUL && e.Op != token.QUO
	}
	return false
}

// isArgument reports whether generated code gets the value at cur.
func (c *check) isArgument(cur inspector.Cursor) bool {
	call, ok := above(cur).Node().(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := calleeOf(c.TypesInfo, call)
	return fn != nil && c.home(fn) != nil
}

func typeName(t types.Type) string { return types.Unalias(t).(*types.Named).Obj().Name() }
