package importer

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// A goProperty is a key and the value that code gives it.
type goProperty struct {
	key       string
	value     ast.Expr
	file      *goFile
	at        Place
	sometimes bool         // only on some ways through the code
	nested    []goProperty // of a literal of a map
}

const maxExprDepth = 20

// expr follows an expression to the keys it sets. Complete says that there are no others.
func (g *goReader) expr(f *goFile, c inspector.Cursor, e ast.Expr, depth int) (list []goProperty, complete bool) {
	if e == nil || depth > maxExprDepth {
		return nil, e == nil
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if e.Name == "nil" {
			return nil, true
		}
		return g.variable(f, c, e, depth)
	case *ast.CompositeLit:
		return g.literal(f, c, e, depth)
	case *ast.CallExpr:
		return g.call(f, c, e, depth)
	}
	return nil, false
}

func (g *goReader) literal(f *goFile, c inspector.Cursor, lit *ast.CompositeLit, depth int) (list []goProperty, complete bool) {
	complete = true
	if _, ok := f.info.TypeOf(lit).Underlying().(*types.Map); !ok {
		return nil, false
	}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		key, known := "", false
		if ok {
			key, known = f.constantText(kv.Key)
		}
		if !known {
			complete = false
			continue
		}
		list = append(list, g.pair(f, c, key, kv.Value, depth))
	}
	return list, complete
}

func (g *goReader) pair(f *goFile, c inspector.Cursor, key string, value ast.Expr, depth int) goProperty {
	p := goProperty{key: key, value: value, file: f, at: g.place(f, value.Pos())}
	if key == "$set" || key == "$set_once" || key == "$groups" {
		p.nested, _ = g.expr(f, c, value, depth+1)
	}
	return p
}

// call reads NewProperties(), NewGroups(), Set and Merge in a chain, and conversions.
func (g *goReader) call(f *goFile, c inspector.Cursor, call *ast.CallExpr, depth int) (list []goProperty, complete bool) {
	if f.info.Types[call.Fun].IsType() && len(call.Args) == 1 {
		return g.expr(f, c, call.Args[0], depth+1)
	}
	if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "make" {
		return nil, true
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	fn, _ := f.info.Uses[sel.Sel].(*types.Func)
	if fn == nil || fn.Pkg() == nil || !isPostHogGo(fn.Pkg().Path()) {
		return nil, false
	}
	switch fn.Name() {
	case "NewProperties", "NewGroups":
		return nil, true
	case "Set":
		list, complete = g.expr(f, c, sel.X, depth+1)
		if len(call.Args) != 2 {
			return list, false
		}
		key, known := f.constantText(call.Args[0])
		if !known {
			return list, false
		}
		return append(list, g.pair(f, c, key, call.Args[1], depth)), complete
	case "Merge":
		list, complete = g.expr(f, c, sel.X, depth+1)
		if len(call.Args) != 1 {
			return list, false
		}
		more, all := g.expr(f, c, call.Args[0], depth+1)
		return append(list, more...), complete && all
	}
	return nil, false
}

// variable follows a local variable: what it begins as, and what is set in it later. What
// stands deeper in blocks than its beginning happens only sometimes.
func (g *goReader) variable(f *goFile, c inspector.Cursor, id *ast.Ident, depth int) (list []goProperty, complete bool) {
	v, ok := f.info.Uses[id].(*types.Var)
	var body ast.Node
	for p := range c.Enclosing((*ast.FuncDecl)(nil)) {
		body = p.Node()
	}
	if !ok || body == nil || v.Parent() == nil || v.Parent() == f.pkg.Scope() {
		return nil, false
	}
	root := inspectorAt(f, body)
	var home ast.Node // the block in which it begins
	for at := range root.Preorder((*ast.AssignStmt)(nil), (*ast.ExprStmt)(nil), (*ast.ValueSpec)(nil)) {
		before := len(list)
		switch s := at.Node().(type) {
		case *ast.ValueSpec:
			for i, name := range s.Names {
				if f.info.Defs[name] == v && i < len(s.Values) {
					list, complete = g.expr(f, c, s.Values[i], depth+1)
					home = blockOf(at)
				}
			}
			continue
		case *ast.AssignStmt:
			if s.Pos() > id.Pos() || len(s.Lhs) != len(s.Rhs) {
				continue
			}
			for i, lhs := range s.Lhs {
				if target, ok := lhs.(*ast.Ident); ok && (f.info.Defs[target] == v || f.info.Uses[target] == v) {
					list, complete = g.assigned(f, c, v, s, i, list, complete, depth)
					if s.Tok == token.DEFINE {
						home, before = blockOf(at), len(list)
					}
				}
				if index, ok := lhs.(*ast.IndexExpr); ok && uses(f, index.X, v) {
					key, known := f.constantText(index.Index)
					complete = complete && known
					if known {
						list = append(list, g.pair(f, c, key, s.Rhs[i], depth))
					}
				}
			}
		case *ast.ExprStmt:
			call, ok := s.X.(*ast.CallExpr)
			if !ok || s.Pos() > id.Pos() || !uses(f, receiver(call), v) {
				continue
			}
			more, all := g.call(f, c, cut(call), depth+1)
			list, complete = append(list, more...), complete && all
		}
		if blockOf(at) != home {
			for i := before; i < len(list); i++ {
				list[i].sometimes = true
			}
		}
	}
	return list, complete
}

// assigned reads an assignment to the variable v.
func (g *goReader) assigned(f *goFile, c inspector.Cursor, v *types.Var, s *ast.AssignStmt, i int, list []goProperty, complete bool, depth int) ([]goProperty, bool) {
	if s.Tok == token.DEFINE {
		return g.expr(f, c, s.Rhs[i], depth+1)
	}
	if call, ok := s.Rhs[i].(*ast.CallExpr); ok && uses(f, receiver(call), v) {
		more, all := g.call(f, c, cut(call), depth+1)
		return append(list, more...), complete && all
	}
	return list, false
}

// receiver is what a chain of method calls begins with.
func receiver(call *ast.CallExpr) ast.Expr {
	for {
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		inner, ok := sel.X.(*ast.CallExpr)
		if !ok {
			return sel.X
		}
		call = inner
	}
}

// cut is a chain of method calls with nil for what it begins with.
func cut(call *ast.CallExpr) *ast.CallExpr {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return call
	}
	short, method := *call, *sel
	if inner, ok := sel.X.(*ast.CallExpr); ok {
		method.X = cut(inner)
	} else {
		method.X = ast.NewIdent("nil")
	}
	short.Fun = &method
	return &short
}

func uses(f *goFile, e ast.Expr, v *types.Var) bool {
	id, ok := e.(*ast.Ident)
	return ok && f.info.Uses[id] == v
}

func inspectorAt(f *goFile, n ast.Node) inspector.Cursor {
	c, _ := f.root.FindNode(n)
	return c
}

// blockOf is the block that a statement stands in.
func blockOf(c inspector.Cursor) ast.Node {
	for p := range c.Enclosing((*ast.BlockStmt)(nil), (*ast.CaseClause)(nil), (*ast.CommClause)(nil)) {
		return p.Node()
	}
	return nil
}
