package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// zeroEvent reports empty literals of events that have required properties, where they
// are used as events. The zero value beside an error, in a comparison, or as an example
// of its type is fine.
var zeroEvent = newCheck("PHV011", "find events made without their required properties", func(c *check) {
	c.each(func(cur inspector.Cursor) {
		n := cur.Node().(ast.Expr)
		var t types.Type
		switch n := n.(type) {
		case *ast.CompositeLit:
			t = c.TypesInfo.TypeOf(n)
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && c.TypesInfo.Uses[id] == types.Universe.Lookup("new") && len(n.Args) == 1 {
				t = c.TypesInfo.TypeOf(n.Args[0])
			}
		}
		e := c.event(t)
		if e == nil || e.Required == 0 || e.Func == "" || c.harmless(cur) {
			return
		}
		c.report(n, "a zero %s has none of the properties that the plan requires: make it with %s", e.Type, e.Func)
	}, (*ast.CompositeLit)(nil), (*ast.CallExpr)(nil))
})

// harmless reports whether the empty literal at cur is a stand-in and not an event to send.
func (c *check) harmless(cur inspector.Cursor) bool {
	kind, _ := cur.ParentEdge()
	switch parent := above(cur).Node().(type) {
	case *ast.ReturnStmt:
		return len(parent.Results) > 1
	case *ast.CallExpr:
		return kind != edge.CallExpr_Fun && c.exampleOnly(parent, cur.Node().(ast.Expr))
	case *ast.BinaryExpr:
		return true
	case *ast.AssignStmt, *ast.ValueSpec:
		return c.placeholder(cur, parent)
	case *ast.UnaryExpr:
		return parent.Op == token.AND && c.harmless(above(cur))
	}
	return false
}

// exampleOnly reports whether a call takes the value only for its type, or to compare it.
func (c *check) exampleOnly(call *ast.CallExpr, arg ast.Expr) bool {
	if c.TypesInfo.Types[call.Fun].IsType() {
		return true
	}
	fn := calleeOf(c.TypesInfo, call)
	if fn == nil {
		return false
	}
	if fn.Name() == "Equal" {
		return true
	}
	for i, a := range call.Args {
		if ast.Unparen(a) != arg {
			continue
		}
		params := fn.Signature().Params()
		t := params.At(min(i, params.Len()-1)).Type()
		if s, ok := t.(*types.Slice); ok && fn.Signature().Variadic() && i >= params.Len()-1 {
			t = s.Elem()
		}
		if _, generic := t.(*types.TypeParam); generic {
			return true
		}
		iface, ok := t.Underlying().(*types.Interface)
		return ok && iface.Empty()
	}
	return false
}

// placeholder reports whether the literal is assigned to nothing, or to a variable that
// gets another value elsewhere.
func (c *check) placeholder(cur inspector.Cursor, stmt ast.Node) bool {
	var names []ast.Expr
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		names = s.Lhs
	case *ast.ValueSpec:
		for _, name := range s.Names {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if valueOf(stmt, name) != cur.Node() {
			continue
		}
		id, ok := name.(*ast.Ident)
		if !ok {
			return false
		}
		v, ok := c.TypesInfo.ObjectOf(id).(*types.Var)
		return id.Name == "_" || ok && c.assignedTwice(cur, v)
	}
	return false
}

func (c *check) assignedTwice(cur inspector.Cursor, v *types.Var) bool {
	decl, ok := outermost(cur)
	if !ok || v.Kind() != types.LocalVar {
		return true // somebody else may assign it
	}
	n := 0
	for at := range decl.Preorder((*ast.Ident)(nil)) {
		if c.TypesInfo.ObjectOf(at.Node().(*ast.Ident)) != v {
			continue
		}
		kind, _ := at.ParentEdge()
		if unary, ok := at.Parent().Node().(*ast.UnaryExpr); ok && unary.Op == token.AND {
			return true
		}
		if kind == edge.AssignStmt_Lhs {
			if call, ok := ast.Unparen(valueOf(at.Parent().Node(), at.Node())).(*ast.CallExpr); ok && c.setter(calleeOf(c.TypesInfo, call)) {
				continue // its own value with a property more
			}
		}
		if kind == edge.AssignStmt_Lhs || kind == edge.ValueSpec_Names {
			n++
		}
	}
	return n > 1
}
