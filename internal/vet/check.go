package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzers returns the checks that look at one package, in the order of their codes.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		uncaptured, byString, swapped, deprecatedUse, missingGroup, loopRead, bothTwins, zeroEvent, enumConstant,
	}
}

// A check is one run of an analyzer over a package that may use generated code.
type check struct {
	*analysis.Pass
	*knowledge
	code   string
	ignore *ignores
}

// newCheck makes an analyzer of run, which is only called for packages that see a
// generated package.
func newCheck(code, doc string, run func(*check), facts ...analysis.Fact) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:      strings.ToLower(code),
		Doc:       doc,
		URL:       "https://github.com/phgen/phgen/blob/main/docs/rules.md#" + strings.ToLower(code),
		Requires:  []*analysis.Analyzer{inspect.Analyzer, known, ignoring},
		FactTypes: facts,
		Run: func(pass *analysis.Pass) (any, error) {
			k := pass.ResultOf[known].(*knowledge)
			if len(k.packages) == 0 {
				return nil, nil
			}
			run(&check{pass, k, code, pass.ResultOf[ignoring].(*ignores)})
			return nil, nil
		},
	}
}

// files are the cursors of the files that people write.
func (c *check) files() []inspector.Cursor {
	var files []inspector.Cursor
	for cur := range c.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root().Children() {
		if f, ok := cur.Node().(*ast.File); ok && !ast.IsGenerated(f) {
			files = append(files, cur)
		}
	}
	return files
}

// each calls visit for each node of those types that people write.
func (c *check) each(visit func(inspector.Cursor), types ...ast.Node) {
	for _, file := range c.files() {
		for cur := range file.Preorder(types...) {
			visit(cur)
		}
	}
}

// report reports a finding at n, unless a comment asks to ignore it.
func (c *check) report(n ast.Node, format string, args ...any) {
	message := c.code + ": " + fmt.Sprintf(format, args...)
	switch why := c.ignore.at(c.Fset.Position(n.Pos()), c.code); why {
	case ignored:
		return
	case ignoredWithoutReason:
		message += " (the comment that ignores it gives no reason)"
	}
	c.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Category: c.code, Message: message})
}

// call is the function that a call calls; nil: it is not known.
func (c *check) call(e ast.Expr) (*ast.CallExpr, *types.Func) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	return call, calleeOf(c.TypesInfo, call)
}

// receiver is what a method is called on, and the event that it is; nil: no event.
func (c *check) receiver(call *ast.CallExpr) (ast.Expr, *event) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil, nil
	}
	s := c.TypesInfo.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return nil, nil
	}
	recv := s.Obj().(*types.Func).Signature().Recv().Type() // of an embedded event, the event
	return sel.X, c.event(recv)
}

// capture returns the event that call sends, and nil if it sends none.
func (c *check) capture(call *ast.CallExpr) *event {
	fn := calleeOf(c.TypesInfo, call)
	if fn == nil || fn.Name() != "Capture" && fn.Name() != "TryCapture" {
		return nil
	}
	_, e := c.receiver(call)
	return e
}

// setter reports whether fn sets a property: it is a method of an event and returns one.
func (c *check) setter(fn *types.Func) bool {
	if fn == nil {
		return false
	}
	recv, results := fn.Signature().Recv(), fn.Signature().Results()
	return recv != nil && results.Len() == 1 && c.event(recv.Type()) != nil && types.Identical(recv.Type(), results.At(0).Type())
}

// above is the cursor of the node around cur, parentheses aside.
func above(cur inspector.Cursor) inspector.Cursor {
	for cur = cur.Parent(); ; cur = cur.Parent() {
		if _, ok := cur.Node().(*ast.ParenExpr); !ok {
			return cur
		}
	}
}

// function is the cursor of the innermost function around cur, and its body; nil: none.
func function(cur inspector.Cursor) (inspector.Cursor, *ast.BlockStmt) {
	for around := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		switch f := around.Node().(type) {
		case *ast.FuncDecl:
			return around, f.Body
		case *ast.FuncLit:
			return around, f.Body
		}
	}
	return cur, nil
}

// outermost is the cursor of the declaration around cur; false: cur is in no function.
func outermost(cur inspector.Cursor) (inspector.Cursor, bool) {
	for around := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		return around, true
	}
	return cur, false
}

func quote(s string) string { return strconv.Quote(s) }

// qualified is how people write a name of a package: with the last word of its path.
func qualified(path, name string) string { return path[strings.LastIndex(path, "/")+1:] + "." + name }
