package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// uncaptured reports events that nobody can capture any more: their value is dropped, or
// is in a variable that nothing reads.
var uncaptured = newCheck("PHV001", "find events that are built and never captured", func(c *check) {
	u := &builders{check: c, unsent: map[*types.Func]int{}}
	u.learn()
	done := map[*types.Var]bool{}
	c.each(func(cur inspector.Cursor) {
		call := cur.Node().(*ast.CallExpr)
		e, i := u.builds(call)
		if e == nil {
			return
		}
		switch parent := above(cur); parent.Node().(type) {
		case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
			c.reportDropped(call, e)
		case *ast.AssignStmt, *ast.ValueSpec:
			v, name := target(c.TypesInfo, parent.Node(), call, i)
			if v == nil || done[v] || v.Kind() != types.LocalVar {
				return
			}
			done[v] = true
			if u.lifeOf(cur, v) == neverRead {
				c.report(name, "%s is built and never captured: nothing but its own setters uses %s", e.what(), v.Name())
			}
		}
	}, (*ast.CallExpr)(nil))
}, new(unsentFact))

func (c *check) reportDropped(call *ast.CallExpr, e *event) {
	if fn := calleeOf(c.TypesInfo, call); c.setter(fn) {
		c.report(call, "%s is built and never captured: %s returns a copy, which is dropped", e.what(), fn.Name())
		return
	}
	c.report(call, "%s is built and never captured: the value is dropped", e.what())
}

// An unsentFact says that a function returns an event that it has not sent, so that its
// caller has to.
type unsentFact struct{ Result int }

func (*unsentFact) AFact() {}

// builders know which calls build events.
type builders struct {
	*check
	unsent map[*types.Func]int // functions of this package with an unsentFact
}

// learn finds the functions of the package that return events unsent.
func (u *builders) learn() {
	var candidates []inspector.Cursor
	u.each(func(cur inspector.Cursor) {
		fn, ok := u.TypesInfo.Defs[cur.Node().(*ast.FuncDecl).Name].(*types.Func)
		if ok && u.eventResult(fn) >= 0 && cur.Node().(*ast.FuncDecl).Body != nil {
			candidates = append(candidates, cur)
		}
	}, (*ast.FuncDecl)(nil))
	for again := true; again; { // one may return what another returns
		again = false
		for _, cur := range candidates {
			fn := u.TypesInfo.Defs[cur.Node().(*ast.FuncDecl).Name].(*types.Func)
			if _, known := u.unsent[fn]; known || !u.returnsUnsent(cur, u.eventResult(fn)) {
				continue
			}
			u.unsent[fn], again = u.eventResult(fn), true
			u.ExportObjectFact(fn, &unsentFact{u.eventResult(fn)})
		}
	}
}

// eventResult is the index of the first result of fn that is an event; -1: none.
func (u *builders) eventResult(fn *types.Func) int {
	results := fn.Signature().Results()
	for i := range results.Len() {
		if u.event(results.At(i).Type()) != nil {
			return i
		}
	}
	return -1
}

// returnsUnsent reports whether each return of a function has an event as its result i
// that nobody has sent, or a zero value.
func (u *builders) returnsUnsent(decl inspector.Cursor, i int) bool {
	built := false
	for cur := range decl.Preorder((*ast.ReturnStmt)(nil)) {
		if around, _ := function(cur); around.Node() != decl.Node() {
			continue
		}
		ret := cur.Node().(*ast.ReturnStmt)
		if i >= len(ret.Results) {
			return false // named results, or those of a call
		}
		result, _ := cur.FindNode(ret.Results[i])
		switch {
		case isZero(ret.Results[i]):
		case u.fresh(result):
			built = true
		default:
			return false
		}
	}
	return built
}

// fresh reports whether the expression at cur is an event that was built here and that
// nobody but its setters has seen.
func (u *builders) fresh(cur inspector.Cursor) bool {
	switch e := ast.Unparen(cur.Node().(ast.Expr)).(type) {
	case *ast.CallExpr:
		fn := calleeOf(u.TypesInfo, e)
		if !u.setter(fn) {
			built, _ := u.builds(e)
			return built != nil
		}
		recv, _ := u.receiver(e)
		if recv == nil {
			return false
		}
		at, ok := cur.FindNode(recv)
		return ok && u.fresh(at)
	case *ast.Ident:
		v, ok := u.TypesInfo.Uses[e].(*types.Var)
		return ok && v.Kind() == types.LocalVar && u.lifeOf(cur, v) == onlyReturned
	}
	return false
}

// builds returns the event that call builds and which result of the call it is; nil:
// call may have sent it, or builds none.
func (u *builders) builds(call *ast.CallExpr) (*event, int) {
	fn := calleeOf(u.TypesInfo, call)
	if fn == nil {
		return nil, 0
	}
	if e := u.constructor(fn); e != nil {
		return e, 0
	}
	results := fn.Signature().Results()
	if u.setter(fn) {
		return u.event(results.At(0).Type()), 0
	}
	if i, ok := u.unsent[fn]; ok {
		return u.event(results.At(i).Type()), i
	}
	var fact unsentFact
	if fn.Pkg() != u.Pkg && u.ImportObjectFact(fn, &fact) && fact.Result < results.Len() {
		return u.event(results.At(fact.Result).Type()), fact.Result
	}
	return nil, 0
}

// A life says what becomes of the events in a variable.
type life uint8

const (
	unclear      life = iota
	neverRead         // nothing but setters whose results are put back
	onlyReturned      // that, and a return
)

// lifeOf looks at every use of v, a variable of the function around cur.
func (u *builders) lifeOf(cur inspector.Cursor, v *types.Var) life {
	decl, ok := outermost(cur)
	if !ok {
		return unclear
	}
	l := neverRead
	for use := range decl.Preorder((*ast.Ident)(nil)) {
		id := use.Node().(*ast.Ident)
		if u.TypesInfo.Defs[id] != v && u.TypesInfo.Uses[id] != v {
			continue
		}
		switch u.useOf(use, v) {
		case returned:
			l = onlyReturned
		case otherUse:
			return unclear
		}
	}
	return l
}

type use uint8

const (
	otherUse use = iota
	ownUse       // the variable gets an event, or its own one with a property more
	returned
)

// useOf says what the identifier at cur does with v.
func (u *builders) useOf(cur inspector.Cursor, v *types.Var) use {
	parent := above(cur)
	if kind, _ := cur.ParentEdge(); kind == edge.AssignStmt_Lhs || kind == edge.ValueSpec_Names {
		if value := valueOf(parent.Node(), cur.Node()); value == nil || u.event(v.Type()) == nil || !u.sets(value, v) {
			return otherUse
		}
		return ownUse
	}
	if _, ok := parent.Node().(*ast.ReturnStmt); ok {
		return returned
	}
	// Up the chain of setters: v.WithMembers(3).WithName("x").
	top := cur
	for {
		sel, ok := above(top).Node().(*ast.SelectorExpr)
		if !ok || sel.Sel == top.Node() {
			break
		}
		callAt := above(above(top))
		call, ok := callAt.Node().(*ast.CallExpr)
		if !ok || ast.Unparen(call.Fun) != sel || !u.setter(calleeOf(u.TypesInfo, call)) {
			return otherUse
		}
		top = callAt
	}
	if top == cur {
		return otherUse
	}
	call := top.Node().(*ast.CallExpr)
	switch parent := above(top).Node().(type) {
	case *ast.AssignStmt, *ast.ValueSpec:
		if to, _ := target(u.TypesInfo, parent, call, 0); to == v {
			return ownUse
		}
	case *ast.ReturnStmt:
		return returned
	}
	return otherUse // also a copy that is dropped: that is reported at its own place
}

// sets reports whether value is an event, new or that of v with a property more.
func (u *builders) sets(value ast.Expr, v *types.Var) bool {
	switch e := ast.Unparen(value).(type) {
	case *ast.Ident:
		return u.TypesInfo.Uses[e] == v
	case *ast.CallExpr:
		if fn := calleeOf(u.TypesInfo, e); u.setter(fn) {
			recv, _ := u.receiver(e)
			return recv != nil && u.sets(recv, v)
		}
		built, _ := u.builds(e)
		return built != nil
	}
	return false
}

// target is the variable that an assignment or declaration puts result i of call in; nil:
// it is no variable, or the blank one.
func target(info *types.Info, stmt ast.Node, call *ast.CallExpr, i int) (*types.Var, *ast.Ident) {
	var left []ast.Expr
	var right []ast.Expr
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
			return nil, nil
		}
		left, right = s.Lhs, s.Rhs
	case *ast.ValueSpec:
		for _, name := range s.Names {
			left = append(left, name)
		}
		right = s.Values
	}
	for at, e := range right {
		if ast.Unparen(e) != call {
			continue
		}
		if len(left) == len(right) {
			i = at
		}
		if i < len(left) {
			if id, ok := left[i].(*ast.Ident); ok {
				v, _ := info.ObjectOf(id).(*types.Var)
				return v, id
			}
		}
	}
	return nil, nil
}

// valueOf is what an assignment or declaration gives to the name on its left; nil: one
// result of many, or nothing.
func valueOf(stmt ast.Node, name ast.Node) ast.Expr {
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		for i, e := range s.Lhs {
			if e != name {
				continue
			}
			if len(s.Lhs) == len(s.Rhs) {
				return s.Rhs[i]
			}
			return s.Rhs[0]
		}
	case *ast.ValueSpec:
		for i, id := range s.Names {
			switch {
			case id != name || len(s.Values) == 0:
			case len(s.Names) == len(s.Values):
				return s.Values[i]
			default:
				return s.Values[0]
			}
		}
	}
	return nil
}

// isZero reports whether e is an empty literal.
func isZero(e ast.Expr) bool {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	return ok && len(lit.Elts) == 0
}
