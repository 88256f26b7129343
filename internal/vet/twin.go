package vet

import (
	"go/ast"

	"golang.org/x/tools/go/ast/inspector"
)

// bothTwins reports captures of both events of a dual-write pair in one sequence of
// statements: either sends both, so that four events are sent.
var bothTwins = newCheck("PHV010", "find both halves of a dual-write pair captured together", func(c *check) {
	c.each(func(cur inspector.Cursor) {
		captured := map[string]bool{}
		for _, stmt := range statements(cur.Node()) {
			call := sentBy(stmt)
			if call == nil {
				if leaves(stmt) {
					return
				}
				continue
			}
			e := c.capture(call)
			if e == nil || e.Twin == "" {
				continue
			}
			if captured[e.Twin] {
				c.report(call, "%s and its twin %q are captured together, and either sends both: capture one of them", e.what(), e.Twin)
				continue
			}
			captured[e.Name] = true
		}
	}, (*ast.BlockStmt)(nil), (*ast.CaseClause)(nil), (*ast.CommClause)(nil))
})

// statements are those that n runs one after the other.
func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// sentBy is the call that a statement is made of; nil: none.
func sentBy(stmt ast.Stmt) *ast.CallExpr {
	var e ast.Expr
	switch s := stmt.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			e = s.Rhs[0]
		}
	case *ast.DeferStmt:
		return s.Call
	}
	call, _ := ast.Unparen(e).(*ast.CallExpr)
	return call
}

// leaves reports whether a statement, or one inside it, may end the sequence.
func leaves(stmt ast.Stmt) bool {
	found := false
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.BranchStmt:
			found = true
		}
		return !found
	})
	return found
}
