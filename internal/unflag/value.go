package unflag

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/phgen/phgen/schema"
)

// A value is what an expression becomes without the flag.
type value struct {
	kind    valueKind
	on      bool          // of a boolean
	variant string        // of a variant
	edits   []schema.Edit // that make a residue of the expression
	rest    ast.Expr      // what a residue is, if it is one operand of the expression
	flagged bool          // the flag has part in it
}

type valueKind uint8

const (
	opaque  valueKind = iota // it is left alone, edits aside
	boolean                  // it is true or false
	variant                  // it is that constant
)

func (v value) known() bool { return v.kind != opaque }

// eval returns what e becomes.
func (d *folder) eval(e ast.Expr) value {
	switch e := e.(type) {
	case *ast.ParenExpr:
		v := d.eval(e.X)
		if _, ok := v.rest.(*ast.BinaryExpr); v.rest != nil && !ok { // (a) is a
			v.edits = append(v.edits, d.cut(e.Lparen, e.Lparen+1), d.cut(e.Rparen, e.Rparen+1))
		}
		return v
	case *ast.CallExpr:
		if d.reads(e) {
			return d.answer()
		}
	case *ast.Ident:
		return d.name(d.info.Uses[e])
	case *ast.SelectorExpr:
		return d.name(d.info.Uses[e.Sel])
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			v := d.eval(e.X)
			v.on = !v.on
			return v
		}
	case *ast.BinaryExpr:
		return d.binary(e)
	}
	return value{}
}

// answer is the value of the flag.
func (d *folder) answer() value {
	if d.flag.Variant == "" {
		return value{kind: boolean, on: d.flag.On, flagged: true}
	}
	return value{kind: variant, variant: d.flag.Variant, flagged: true}
}

// name is the value of an identifier: a variable that holds the flag's value, one of its
// constants, true or false.
func (d *folder) name(obj types.Object) value {
	switch {
	case obj == nil:
		return value{}
	case d.consts[obj].flagged:
		return d.consts[obj]
	case obj == types.Universe.Lookup("true"), obj == types.Universe.Lookup("false"):
		return value{kind: boolean, on: obj.Name() == "true"}
	}
	if _, ok := obj.(*types.Const); ok && d.owns(obj) {
		return value{kind: variant, variant: obj.Name()}
	}
	return value{}
}

// reads reports whether call reads the flag, and does nothing else.
func (d *folder) reads(call *ast.CallExpr) bool {
	return d.reader(d.object(call.Fun)) && len(call.Args) == 1 && d.pure(call.Args[0])
}

// pure reports whether an expression does nothing but look: a context in a variable or
// field, or what r.Context() returns.
func (d *folder) pure(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		return d.pure(e.X)
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && d.pure(e.X)
	case *ast.BinaryExpr:
		return e.Op != token.QUO && e.Op != token.REM && e.Op != token.SHL && e.Op != token.SHR && d.pure(e.X) && d.pure(e.Y)
	case *ast.CallExpr:
		fn, ok := d.object(e.Fun).(*types.Func)
		if !ok {
			return false
		}
		switch fn.FullName() {
		case "context.Background", "context.TODO", "(*net/http.Request).Context", "(*testing.common).Context", "(testing.TB).Context":
			if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok {
				return len(e.Args) == 0 && d.pure(sel.X)
			}
		}
		return d.reads(e)
	}
	return false
}

func (d *folder) object(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return d.info.Uses[e]
	case *ast.SelectorExpr:
		return d.info.Uses[e.Sel]
	}
	return nil
}

func (d *folder) binary(e *ast.BinaryExpr) value {
	x, y := d.eval(e.X), d.eval(e.Y)
	v := value{flagged: x.flagged || y.flagged}
	if !v.flagged {
		return value{}
	}
	switch e.Op {
	case token.EQL, token.NEQ:
		if x.kind == y.kind && x.known() {
			v.kind, v.on = boolean, (x.on == y.on && x.variant == y.variant) == (e.Op == token.EQL)
		} else {
			v.edits = append(d.residue(e.X, x), d.residue(e.Y, y)...)
		}
		return v
	case token.LAND, token.LOR:
	default:
		return v
	}
	decides := e.Op == token.LOR // the value that settles the matter
	switch {
	case x.kind == boolean && x.on == decides:
		v.kind, v.on = boolean, decides
	case x.kind == boolean && y.kind == boolean:
		v.kind, v.on = boolean, y.on
	case x.kind == boolean: // true && y
		v.edits, v.rest = append(d.residue(e.Y, y), d.cut(e.X.Pos(), e.Y.Pos())), restOf(e.Y, y)
	case y.kind == boolean && y.on == decides && d.pure(e.X):
		v.kind, v.on = boolean, decides
	case y.kind == boolean && y.on != decides: // x && true
		v.edits, v.rest = append(d.residue(e.X, x), d.cut(e.X.End(), e.Y.End())), restOf(e.X, x)
	default:
		v.edits = append(d.residue(e.X, x), d.residue(e.Y, y)...)
	}
	return v
}

// restOf is what is left of the operand e.
func restOf(e ast.Expr, v value) ast.Expr {
	if v.rest != nil {
		return v.rest
	}
	return e
}

// residue are the edits that make what v says of e: of a boolean its word. A variant has
// none.
func (d *folder) residue(e ast.Expr, v value) []schema.Edit {
	if v.kind == boolean && v.flagged {
		word := "false"
		if v.on {
			word = "true"
		}
		return []schema.Edit{{Start: d.offset(e.Pos()), End: d.offset(e.End()), Text: word}}
	}
	return v.edits
}

func (d *folder) offset(p token.Pos) int { return d.fset.PositionFor(p, false).Offset }

func (d *folder) cut(from, to token.Pos) schema.Edit {
	return schema.Edit{Start: d.offset(from), End: d.offset(to)}
}
