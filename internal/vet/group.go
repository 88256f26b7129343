package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/inspector"
)

// missingGroup reports captures of an event whose required group is provably not in
// scope: the function makes the context itself, and puts no group into it.
var missingGroup = newCheck("PHV005", "find captures without a group that the plan requires", func(c *check) {
	c.each(func(cur inspector.Cursor) {
		call := cur.Node().(*ast.CallExpr)
		e := c.capture(call)
		if e == nil || len(e.Groups) == 0 || len(call.Args) == 0 {
			return
		}
		s := &scopes{check: c, at: cur, seen: map[types.Object]bool{}}
		for _, group := range e.Groups {
			clear(s.seen)
			if s.lacks(call.Args[0], group) && s.noneIs(call, call.Args[1:], group) {
				c.report(call, "%s requires the group %q, which is not in scope: the context is made here without it", e.what(), group)
			}
		}
	}, (*ast.CallExpr)(nil))
})

// scopes follow a context to where it was made.
type scopes struct {
	*check
	at   inspector.Cursor
	seen map[types.Object]bool
}

// lacks reports whether the context e is provably not in the group.
func (s *scopes) lacks(e ast.Expr, group string) bool {
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok {
		return s.variableLacks(s.TypesInfo.Uses[id], group)
	}
	call, fn := s.call(e)
	switch {
	case fn == nil || fn.Pkg() == nil:
		return false
	case fn.Pkg().Path() == "context":
		switch fn.Name() {
		case "Background", "TODO":
			return true
		case "WithCancel", "WithCancelCause", "WithDeadline", "WithDeadlineCause", "WithTimeout", "WithTimeoutCause", "WithValue", "WithoutCancel":
			return s.lacks(call.Args[0], group)
		}
	case isRuntimeFunc(fn, "With"):
		return len(call.Args) > 0 && s.lacks(call.Args[0], group) && s.noneIs(call, call.Args[1:], group)
	case s.function(fn) != nil && len(call.Args) > 0: // flags.Load
		return s.lacks(call.Args[0], group)
	}
	return false
}

// variableLacks reports whether every value that a variable ever has lacks the group.
func (s *scopes) variableLacks(obj types.Object, group string) bool {
	v, ok := obj.(*types.Var)
	decl, inside := outermost(s.at)
	if !ok || !inside || v.Kind() != types.LocalVar {
		return false
	}
	if s.seen[v] {
		return true // ctx = ph.With(ctx, …): what matters is where it began
	}
	s.seen[v] = true
	found := false
	for cur := range decl.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if s.TypesInfo.ObjectOf(id) != v {
			continue
		}
		switch parent := cur.Parent().Node().(type) {
		case *ast.UnaryExpr:
			if parent.Op == token.AND {
				return false
			}
		case *ast.AssignStmt, *ast.ValueSpec:
			if value := valueOf(parent, id); value != nil {
				if !s.lacks(value, group) {
					return false
				}
				found = true
			} else if s.TypesInfo.Defs[id] == v {
				return false // var ctx context.Context
			}
		case *ast.RangeStmt:
			if parent.Key == id || parent.Value == id {
				return false
			}
		}
	}
	return found
}

// plainOptions are the options of the runtime that put nothing into a group.
var plainOptions = []string{
	"User", "Session", "Window", "Device", "Tag", "LazyTags", "Fresh", "UseClient", "CaptureExceptions", "OptOut", "OnlyLocally", "RemoteOnly",
	"NoExposure", "As", "At", "ID", "GeoIP", "Personless", "Anonymous", "WithFlags", "SendFlags", "PersonFlagProperties", "GroupFlagProperties",
}

// noneIs reports whether none of the options given to call puts events into the group.
func (s *scopes) noneIs(call *ast.CallExpr, options []ast.Expr, group string) bool {
	if call.Ellipsis.IsValid() {
		return false
	}
	return !slices.ContainsFunc(options, func(o ast.Expr) bool { return !s.isNot(o, group) })
}

// isNot reports whether option is provably not that group.
func (s *scopes) isNot(option ast.Expr, group string) bool {
	call, fn := s.call(option)
	switch {
	case isRuntimeFunc(fn, plainOptions...):
		return true
	case isRuntimeFunc(fn, "Group", "InGroup", "InGroupInt", "InGroupUUID") && len(call.Args) > 0:
		name, ok := stringConstant(s.TypesInfo, call.Args[0])
		return ok && name != group
	case s.function(fn) != nil:
		is, ok := s.group(fn)
		return !ok || is != group
	}
	return false
}
