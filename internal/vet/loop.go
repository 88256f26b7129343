package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// loopRead reports flags that a loop over a known number of things reads each time round
// for the same context. A loop that waits is another matter: meanwhile the flag may change.
var loopRead = newCheck("PHV008", "find flags that are read in a loop for the same context", func(c *check) {
	c.each(func(cur inspector.Cursor) {
		call := cur.Node().(*ast.CallExpr)
		fn := calleeOf(c.TypesInfo, call)
		key, ok := c.reads(fn)
		if !ok || len(call.Args) == 0 || strings.HasSuffix(c.Fset.Position(call.Pos()).Filename, "_test.go") {
			return
		}
		loop := c.loopAround(cur)
		if loop == nil || c.waits(loop) || !c.sameThroughout(call.Args[0], loop) || c.loaded(cur, call.Args[0]) {
			return
		}
		c.report(call, "flag %q is read each time round the loop, for the same context: read it once before", key)
	}, (*ast.CallExpr)(nil))
})

// loopAround is the innermost loop around cur within its function, if that is one over a
// known number of things; nil otherwise.
func (c *check) loopAround(cur inspector.Cursor) ast.Node {
	for around := range cur.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		switch loop := around.Node().(type) {
		case *ast.ForStmt:
			if loop.Post == nil || loop.Cond == nil || within(loop.Init, cur.Node()) || c.countsBenchmark(loop.Cond) {
				return nil
			}
			return loop
		case *ast.RangeStmt:
			switch c.TypesInfo.TypeOf(loop.X).Underlying().(type) {
			case *types.Chan, *types.Signature:
				return nil
			}
			if within(loop.X, cur.Node()) || c.countsBenchmark(loop.X) {
				return nil
			}
			return loop
		default:
			return nil
		}
	}
	return nil
}

func within(outer, inner ast.Node) bool {
	return outer != nil && outer != ast.Stmt(nil) && outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

// countsBenchmark reports whether e mentions b.N.
func (c *check) countsBenchmark(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "N" {
			t := c.TypesInfo.TypeOf(sel.X)
			found = found || t != nil && t.String() == "*testing.B"
		}
		return true
	})
	return found
}

// waits reports whether a loop may take long, or changes whose flags are read.
func (c *check) waits(loop ast.Node) bool {
	found := false
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectStmt:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			fn := calleeOf(c.TypesInfo, n)
			found = found || isRuntimeFunc(fn, "SetUser", "SetTag", "SetSession") || isRuntimeMethod(fn, "Client", "ReloadFlags", "FlagsReady") ||
				fn != nil && fn.FullName() == "time.Sleep"
		}
		return !found
	})
	return found
}

// sameThroughout reports whether the context e is a variable that is made outside of the
// loop, and that the loop does not change.
func (c *check) sameThroughout(e ast.Expr, loop ast.Node) bool {
	root := ast.Unparen(e)
	for {
		sel, ok := root.(*ast.SelectorExpr)
		if !ok {
			break
		}
		root = ast.Unparen(sel.X)
	}
	id, ok := root.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := c.TypesInfo.Uses[id].(*types.Var)
	return ok && (v.Pos() < loop.Pos() || loop.End() <= v.Pos()) && !c.assigns(loop, v)
}

// assigns reports whether something in n may change v.
func (c *check) assigns(n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				for sel, ok := left.(*ast.SelectorExpr); ok; sel, ok = left.(*ast.SelectorExpr) {
					left = sel.X
				}
				id, ok := left.(*ast.Ident)
				found = found || ok && c.TypesInfo.Uses[id] == v
			}
		case *ast.UnaryExpr:
			id, ok := ast.Unparen(n.X).(*ast.Ident)
			found = found || n.Op == token.AND && ok && c.TypesInfo.Uses[id] == v
		}
		return !found
	})
	return found
}

// loaded reports whether the function has evaluated the flags of the context already, by
// flags.Load: reading one again costs nothing then.
func (c *check) loaded(cur inspector.Cursor, ctx ast.Expr) bool {
	decl, ok := outermost(cur)
	v := objectOf(c.TypesInfo, ctx)
	if !ok || v == nil {
		return false
	}
	for at := range decl.Preorder((*ast.Ident)(nil)) {
		if kind, _ := at.ParentEdge(); kind != edge.AssignStmt_Lhs || c.TypesInfo.ObjectOf(at.Node().(*ast.Ident)) != v {
			continue
		}
		_, fn := c.call(valueOf(at.Parent().Node(), at.Node()))
		if c.function(fn) != nil && fn.Name() == "Load" {
			return true
		}
	}
	return false
}
