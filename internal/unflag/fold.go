package unflag

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/phgen/phgen/internal/gosource"
	"github.com/phgen/phgen/schema"
)

// A folder finds the edits of one file.
type folder struct {
	*file
	*work
	consts map[types.Object]value // variables that hold the flag's value and nothing else

	edits []schema.Edit
	left  []Place
}

func (d *folder) fold() {
	d.variables()
	done := map[ast.Node]bool{}
	for cur := range d.root.Preorder((*ast.CallExpr)(nil), (*ast.Ident)(nil)) {
		if d.keeps(cur) != "" {
			continue
		}
		switch n := cur.Node().(type) {
		case *ast.CallExpr:
			d.override(n)
			if !d.reads(n) {
				continue
			}
		case *ast.Ident:
			if _, ok := d.consts[d.info.Uses[n]]; !ok {
				continue
			}
		}
		top, v := d.whole(cur)
		if done[top.Node()] {
			continue
		}
		done[top.Node()] = true
		if v.known() {
			d.use(top, v)
		} else {
			d.edits = append(d.edits, v.edits...)
		}
	}
	d.remains()
}

// whole climbs from a read of the flag to the largest expression that it has part in.
func (d *folder) whole(cur inspector.Cursor) (inspector.Cursor, value) {
	v := d.eval(cur.Node().(ast.Expr))
	for {
		parent := cur.Parent()
		switch e := parent.Node().(type) {
		case *ast.ParenExpr, *ast.UnaryExpr, *ast.BinaryExpr:
			up := d.eval(e.(ast.Expr))
			if !up.flagged {
				return cur, v
			}
			cur, v = parent, up
		default:
			return cur, v
		}
	}
}

// use finds the edits for an expression that is a constant now, by what it is for.
func (d *folder) use(cur inspector.Cursor, v value) {
	e := cur.Node().(ast.Expr)
	parent := cur.Parent()
	kind, _ := cur.ParentEdge()
	switch stmt := parent.Node().(type) {
	case *ast.IfStmt:
		if d.foldIf(parent, stmt, v) {
			return
		}
	case *ast.SwitchStmt:
		if kind == edge.SwitchStmt_Tag && d.foldSwitch(parent, stmt, v) {
			return
		}
	case *ast.CaseClause:
		if d.foldCase(parent, stmt, v) {
			return
		}
	case *ast.ExprStmt:
		d.drop(parent)
		return
	case *ast.AssignStmt:
		if d.onlyDefines(stmt) {
			d.drop(parent)
			return
		}
	case *ast.ValueSpec:
		if decl := parent.Parent(); d.onlyDeclares(decl, stmt) {
			d.drop(decl.Parent())
			return
		}
	}
	d.edits = append(d.edits, d.residue(e, v)...)
}

// onlyDefines reports whether an assignment has no use any more.
func (d *folder) onlyDefines(s *ast.AssignStmt) bool {
	if len(s.Lhs) != 1 || len(s.Rhs) != 1 {
		return false
	}
	id, ok := s.Lhs[0].(*ast.Ident)
	return ok && (id.Name == "_" && s.Tok == token.ASSIGN || d.consts[d.info.Defs[id]].flagged)
}

func (d *folder) onlyDeclares(decl inspector.Cursor, s *ast.ValueSpec) bool {
	g, ok := decl.Node().(*ast.GenDecl)
	if !ok || len(g.Specs) != 1 || len(s.Names) != 1 {
		return false
	}
	_, local := decl.Parent().Node().(*ast.DeclStmt)
	return local && d.consts[d.info.Defs[s.Names[0]]].flagged
}

// variables finds the local variables that get the flag's value and are never changed.
func (d *folder) variables() {
	for cur := range d.root.Preorder((*ast.CallExpr)(nil)) {
		if !d.reads(cur.Node().(*ast.CallExpr)) || d.keeps(cur) != "" {
			continue
		}
		top, v := d.whole(cur)
		var id *ast.Ident
		switch s := top.Parent().Node().(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE && len(s.Lhs) == 1 && len(s.Rhs) == 1 {
				id, _ = s.Lhs[0].(*ast.Ident)
			}
		case *ast.ValueSpec:
			if len(s.Names) == 1 && len(s.Values) == 1 && s.Type == nil {
				id = s.Names[0]
			}
		}
		if id == nil || !v.known() {
			continue
		}
		if obj, ok := d.info.Defs[id].(*types.Var); ok && obj.Kind() == types.LocalVar {
			d.consts[obj] = v
			if !d.stays(top, obj, v) {
				delete(d.consts, obj)
			}
		}
	}
}

// stays reports whether nothing changes a variable, and each of its uses can be folded.
func (d *folder) stays(cur inspector.Cursor, obj *types.Var, v value) bool {
	for decl := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		for use := range decl.Preorder((*ast.Ident)(nil)) {
			id := use.Node().(*ast.Ident)
			if d.info.Uses[id] != obj {
				continue
			}
			top, folded := d.whole(use)
			kind, _ := top.ParentEdge()
			switch parent := top.Parent().Node().(type) {
			case *ast.AssignStmt:
				if kind == edge.AssignStmt_Lhs {
					return false
				}
			case *ast.UnaryExpr:
				if parent.Op == token.AND {
					return false
				}
			case *ast.IncDecStmt, *ast.SelectorExpr:
				return false
			case *ast.RangeStmt:
				return false
			}
			// A boolean can be written as its word; a constant of the flag is going to vanish.
			if folded.kind == variant && kind != edge.SwitchStmt_Tag || !folded.known() && v.kind == variant {
				return false
			}
		}
		return true
	}
	return false
}

// override removes what sets the flag from a call of flags.Override.
func (d *folder) override(call *ast.CallExpr) {
	fn, ok := d.object(call.Fun).(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != d.flag.Package || fn.Name() != "Override" || fn.Signature().Recv() != nil {
		return
	}
	for i, arg := range call.Args {
		made, ok := ast.Unparen(arg).(*ast.CallExpr)
		if !ok || i == 0 || slices.ContainsFunc(made.Args, func(a ast.Expr) bool { return !d.pure(a) }) {
			continue
		}
		by := d.object(made.Fun)
		if sel, ok := ast.Unparen(made.Fun).(*ast.SelectorExpr); ok && by != nil && by.Name() == "Override" {
			by = d.object(sel.X) // a constant's method
		}
		if d.owns(by) && !d.overrides {
			d.edits = append(d.edits, d.cut(call.Args[i-1].End(), arg.End()))
		}
	}
}

// keeps says why the function around cur is to be left alone; empty: it is not.
func (d *folder) keeps(cur inspector.Cursor) string {
	for decl := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		return d.kept[d.file.name+" "+gosource.FunctionName(decl.Node().(*ast.FuncDecl))]
	}
	return d.kept[d.file.name+" "]
}

// remains lists what of the flag the edits leave standing.
func (d *folder) remains() {
	for cur := range d.root.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if !d.owns(d.info.Uses[id]) {
			continue
		}
		at := d.offset(id.Pos())
		if slices.ContainsFunc(d.edits, func(e schema.Edit) bool { return e.Start <= at && at < e.End }) {
			continue
		}
		why := fmt.Sprintf("%s can not be folded here", id.Name)
		if d.overrides && strings.HasSuffix(id.Name, "Override") {
			why = id.Name + " stays as long as something reads the flag"
		}
		if kept := d.keeps(cur); kept != "" {
			why = fmt.Sprintf("without %s it would not compile: %s", id.Name, kept)
		}
		d.left = append(d.left, Place{d.fset.PositionFor(id.Pos(), false), why})
	}
}
