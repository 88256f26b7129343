package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// byString reports planned events that are sent, and planned flags that are read, by a
// string.
var byString = newCheck("PHV002", "find planned events and flags that are used by their name as a string", func(c *check) {
	w := &stringUses{Info: c.TypesInfo, param: map[*types.Func]namedBy{}}
	w.imported = func(fn *types.Func) (namedBy, bool) {
		var fact namedBy
		return fact, fn.Pkg() != c.Pkg && c.ImportObjectFact(fn, &fact)
	}
	for fn, by := range w.learn(c.files()) {
		c.ExportObjectFact(fn, &by)
	}
	c.each(func(cur inspector.Cursor) {
		call := cur.Node().(*ast.CallExpr)
		arg, isFlag := w.name(call)
		name, ok := stringConstant(c.TypesInfo, arg)
		if !ok {
			return
		}
		if isFlag {
			if f, path := c.plannedFlag(name); f != nil {
				c.report(arg, flagByString, name, qualified(path, f.Func))
			}
		} else if e, path := c.planned(name); e != nil {
			c.report(arg, eventByString, name, qualified(path, e.Func))
		}
	}, (*ast.CallExpr)(nil))
}, new(namedBy))

const (
	eventByString = "event %q is in the plan: send it with %s, whose properties the compiler checks"
	flagByString  = "flag %q is in the plan: read it with %s, which cannot be misspelt"
)

// A namedBy is the fact that a function hands the parameter of that index to the runtime
// as the name of an event, or the key of a flag.
type namedBy struct {
	Param int
	Flag  bool
}

func (*namedBy) AFact() {}

// stringUses finds the strings that name events and flags.
type stringUses struct {
	*types.Info
	param    map[*types.Func]namedBy // functions of this package
	imported func(*types.Func) (namedBy, bool)
}

// name is the argument of call that names an event or flag; nil: none does.
func (w *stringUses) name(call *ast.CallExpr) (arg ast.Expr, isFlag bool) {
	by, ok := w.namedBy(calleeOf(w.Info, call))
	if !ok || by.Param >= len(call.Args) {
		return nil, false
	}
	return call.Args[by.Param], by.Flag
}

func (w *stringUses) namedBy(fn *types.Func) (namedBy, bool) {
	switch {
	case fn == nil:
		return namedBy{}, false
	case isRuntimeFunc(fn, "Capture", "TryCapture", "CaptureAttrs", "CaptureAI"):
		return namedBy{Param: 1}, true
	case isRuntimeMethod(fn, "Client", "Flag", "FlagDetail", "FlagPayload", "RemoteConfig"):
		return namedBy{Param: 1, Flag: true}, true
	case isRuntimeMethod(fn, "FlagSnapshot", "Enabled", "Variant", "Value", "Detail", "Payload"):
		return namedBy{Param: 0, Flag: true}, true
	case w.param == nil:
		return namedBy{}, false
	}
	if by, ok := w.param[fn]; ok {
		return by, true
	}
	return w.imported(fn)
}

// learn finds the functions that hand on a parameter unchanged.
func (w *stringUses) learn(files []inspector.Cursor) map[*types.Func]namedBy {
	for again := true; again; { // one may call another
		again = false
		for _, file := range files {
			for cur := range file.Preorder((*ast.FuncDecl)(nil)) {
				decl := cur.Node().(*ast.FuncDecl)
				fn, ok := w.Defs[decl.Name].(*types.Func)
				if _, known := w.param[fn]; !ok || known || decl.Body == nil {
					continue
				}
				if by, ok := w.hands(decl, fn); ok {
					w.param[fn], again = by, true
				}
			}
		}
	}
	return w.param
}

// hands looks for a call in decl whose name is a parameter of decl.
func (w *stringUses) hands(decl *ast.FuncDecl, fn *types.Func) (by namedBy, ok bool) {
	params := map[types.Object]int{}
	for i := range fn.Signature().Params().Len() {
		params[fn.Signature().Params().At(i)] = i
	}
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			arg, isFlag := w.name(n)
			if id, isIdent := arg.(*ast.Ident); isIdent && !ok {
				var i int
				if i, ok = params[w.Uses[id]]; ok {
					by = namedBy{i, isFlag}
				}
			}
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok {
					delete(params, w.Uses[id]) // it is no longer what the caller gave
				}
			}
		}
		return true
	})
	return by, ok
}
