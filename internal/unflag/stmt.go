package unflag

import (
	"bytes"
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/phgen/phgen/internal/gosource"
	"github.com/phgen/phgen/schema"
)

// foldIf finds the edits for an if whose condition is a constant. It reports false if
// only the condition can be replaced.
func (d *folder) foldIf(cur inspector.Cursor, s *ast.IfStmt, v value) bool {
	if s.Init != nil && !d.definesConst(s.Init) {
		return false
	}
	var kept ast.Stmt = s.Body
	if !v.on {
		kept = s.Else
	}
	if outer, ok := cur.Parent().Node().(*ast.IfStmt); ok && outer.Else == s {
		if kept == nil {
			d.edits = append(d.edits, d.cut(outer.Body.End(), s.End()))
		} else {
			d.edits = append(d.edits, d.cut(s.Pos(), kept.Pos()), d.cut(kept.End(), s.End()))
		}
		return true
	}
	if _, ok := d.list(cur); !ok {
		return false
	}
	switch kept := kept.(type) {
	case nil:
		d.drop(cur)
	case *ast.IfStmt:
		d.edits = append(d.edits, d.cut(s.Pos(), kept.Pos()))
	case *ast.BlockStmt:
		d.unwrap(cur, d.offset(kept.Lbrace)+1, d.offset(kept.Rbrace), kept.List)
	}
	return true
}

func (d *folder) definesConst(init ast.Stmt) bool {
	s, ok := init.(*ast.AssignStmt)
	if !ok || s.Tok != token.DEFINE || len(s.Lhs) != 1 {
		return false
	}
	id, ok := s.Lhs[0].(*ast.Ident)
	return ok && d.consts[d.info.Defs[id]].flagged
}

// foldSwitch keeps the one clause of a switch that a constant tag leads to.
func (d *folder) foldSwitch(cur inspector.Cursor, s *ast.SwitchStmt, v value) bool {
	if _, ok := d.list(cur); !ok || s.Init != nil && !d.definesConst(s.Init) {
		return false
	}
	var chosen, fallback *ast.CaseClause
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List == nil {
			fallback = clause
		}
		for _, e := range clause.List {
			c := d.eval(e)
			if c.kind != v.kind {
				return false
			}
			if chosen == nil && c.variant == v.variant && c.on == v.on {
				chosen = clause
			}
		}
	}
	if chosen == nil {
		chosen = fallback
	}
	if chosen == nil {
		d.drop(cur)
		return true
	}
	return d.keepClause(cur, chosen)
}

// foldCase folds a condition of a switch without a tag.
func (d *folder) foldCase(cur inspector.Cursor, clause *ast.CaseClause, v value) bool {
	s, ok := cur.Parent().Parent().Node().(*ast.SwitchStmt)
	if !ok || s.Tag != nil || v.kind != boolean || len(clause.List) != 1 {
		return false
	}
	at := 0
	for i, stmt := range s.Body.List {
		if stmt == clause {
			at = i
		}
		if endsIn(stmt.(*ast.CaseClause).Body, token.FALLTHROUGH) {
			return false
		}
	}
	if !v.on {
		end := s.Body.Rbrace
		if at+1 < len(s.Body.List) {
			end = s.Body.List[at+1].Pos()
		}
		d.edits = append(d.edits, d.cut(clause.Pos(), end))
		return true
	}
	outer := cur.Parent().Parent()
	if _, ok := d.list(outer); ok && at == 0 && s.Init == nil {
		return d.keepClause(outer, clause)
	}
	// It is the default now: what stands behind it is never reached.
	d.edits = append(d.edits, schema.Edit{Start: d.offset(clause.Case), End: d.offset(clause.Colon), Text: "default"})
	for i, stmt := range s.Body.List {
		if i > at || stmt.(*ast.CaseClause).List == nil {
			end := s.Body.Rbrace
			if i+1 < len(s.Body.List) {
				end = s.Body.List[i+1].Pos()
			}
			d.edits = append(d.edits, d.cut(stmt.Pos(), end))
		}
	}
	return true
}

// keepClause replaces a switch by the statements of one clause.
func (d *folder) keepClause(cur inspector.Cursor, clause *ast.CaseClause) bool {
	if breaks(clause.Body) || endsIn(clause.Body, token.FALLTHROUGH) {
		return false
	}
	if len(clause.Body) == 0 {
		d.drop(cur)
		return true
	}
	end := d.offset(clause.Body[len(clause.Body)-1].End())
	d.unwrap(cur, d.offset(clause.Colon)+1, end+d.comment(end), clause.Body)
	return true
}

// breaks reports whether a break in one of the statements leaves the statement around
// them.
func breaks(list []ast.Stmt) bool {
	found := false
	for _, s := range list {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.FuncLit:
				return false
			case *ast.BranchStmt:
				found = found || n.Tok == token.BREAK && n.Label == nil
			}
			return true
		})
	}
	return found
}

func endsIn(list []ast.Stmt, tok token.Token) bool {
	if len(list) == 0 {
		return false
	}
	s, ok := list[len(list)-1].(*ast.BranchStmt)
	return ok && s.Tok == tok
}

// list is the statement list that the statement at cur is in.
func (d *folder) list(cur inspector.Cursor) ([]ast.Stmt, bool) {
	kind, _ := cur.ParentEdge()
	switch kind {
	case edge.BlockStmt_List:
		return cur.Parent().Node().(*ast.BlockStmt).List, true
	case edge.CaseClause_Body:
		return cur.Parent().Node().(*ast.CaseClause).Body, true
	case edge.CommClause_Body:
		return cur.Parent().Node().(*ast.CommClause).Body, true
	}
	return nil, false
}

// behind are the statements that follow the one at cur.
func (d *folder) behind(cur inspector.Cursor) []ast.Stmt {
	list, _ := d.list(cur)
	for i, s := range list {
		if s == cur.Node() {
			return list[i+1:]
		}
	}
	return nil
}

// unwrap replaces the statement at cur by the part of it between two offsets, which holds
// body. The braces stay if names of the body would get in somebody's way.
func (d *folder) unwrap(cur inspector.Cursor, from, to int, body []ast.Stmt) {
	inner := bytes.TrimSpace(d.src[from:to])
	if len(inner) == 0 {
		d.drop(cur)
		return
	}
	from += bytes.Index(d.src[from:to], inner)
	to = from + len(inner)
	open, closing := "", ""
	if !d.fits(cur, body) {
		open, closing = "{\n", "\n}"
	}
	start, end := d.offset(cur.Node().Pos()), d.offset(cur.Node().End())
	d.edits = append(d.edits, schema.Edit{Start: start, End: from, Text: open}, schema.Edit{Start: to, End: end, Text: closing})
	if rest := d.behind(cur); leaves(body) && len(rest) > 0 && !labelled(rest) {
		d.edits = append(d.edits, schema.Edit{Start: end, End: d.offset(rest[len(rest)-1].End())})
	}
}

// leaves reports whether nothing behind a list of statements is reached.
func leaves(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch s := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok != token.FALLTHROUGH
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "panic"
	}
	return false
}

func labelled(list []ast.Stmt) bool {
	found := false
	for _, s := range list {
		ast.Inspect(s, func(n ast.Node) bool {
			_, ok := n.(*ast.LabeledStmt)
			found = found || ok
			return !found
		})
	}
	return found
}

// fits reports whether the names that body declares can be declared beside the statement
// at cur.
func (d *folder) fits(cur inspector.Cursor, body []ast.Stmt) bool {
	names := map[string]bool{}
	for _, s := range body {
		switch s := s.(type) {
		case *ast.DeclStmt:
			for _, spec := range s.Decl.(*ast.GenDecl).Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names[name.Name] = true
					}
				case *ast.TypeSpec:
					names[spec.Name.Name] = true
				}
			}
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				continue
			}
			for _, left := range s.Lhs {
				if id, ok := left.(*ast.Ident); ok && d.info.Defs[id] != nil {
					names[id.Name] = true
				}
			}
		}
	}
	if len(names) == 0 {
		return true
	}
	scope := d.info.Scopes[cur.Node()]
	if scope == nil {
		return false
	}
	for name := range names {
		if scope.Parent().Lookup(name) != nil {
			return false
		}
	}
	clash := false
	for _, s := range d.behind(cur) {
		ast.Inspect(s, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			clash = clash || ok && names[id.Name]
			return !clash
		})
	}
	return !clash
}

// drop removes the statement at cur, with its line if it stands there alone.
func (d *folder) drop(cur inspector.Cursor) {
	n := cur.Node()
	if ifStmt, ok := cur.Parent().Node().(*ast.IfStmt); ok && ifStmt.Init == n {
		d.edits = append(d.edits, d.cut(n.Pos(), ifStmt.Cond.Pos()))
		return
	}
	if s, ok := cur.Parent().Node().(*ast.SwitchStmt); ok && s.Init == n && s.Tag != nil {
		d.edits = append(d.edits, d.cut(n.Pos(), s.Tag.Pos()))
		return
	}
	start, end := d.offset(n.Pos()), d.offset(n.End())
	line := bytes.LastIndexByte(d.src[:start], '\n') + 1
	if len(bytes.TrimSpace(d.src[line:start])) > 0 {
		d.edits = append(d.edits, schema.Edit{Start: start, End: end})
		return
	}
	end += d.comment(end)
	if end < len(d.src) && d.src[end] == '\n' {
		end++
	}
	d.edits = append(d.edits, schema.Edit{Start: line, End: end})
}

// comment is the length of the comment that ends the line of an offset, and of the space
// before it.
func (d *folder) comment(at int) int {
	rest := d.src[at:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	if text := bytes.TrimSpace(rest); len(text) == 0 || bytes.HasPrefix(text, []byte("//")) {
		return len(bytes.TrimRight(rest, "\r"))
	}
	return 0
}

// clean removes the imports and variables that a former round found useless.
func (d *folder) clean(c *cleanup) {
	if c == nil {
		return
	}
	for cur := range d.root.Preorder((*ast.ImportSpec)(nil), (*ast.AssignStmt)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.ImportSpec:
			for _, path := range c.imports {
				if n.Path.Value != `"`+path+`"` {
					continue
				}
				if decl := cur.Parent(); !decl.Node().(*ast.GenDecl).Lparen.IsValid() {
					d.drop(decl)
				} else {
					d.drop(cur)
				}
			}
		case *ast.AssignStmt:
			if d.useless(cur, n, c.vars) {
				d.drop(cur)
			}
		}
	}
}

// useless reports whether an assignment defines a variable that nothing needs, and does
// nothing else.
func (d *folder) useless(cur inspector.Cursor, s *ast.AssignStmt, vars []string) bool {
	if s.Tok != token.DEFINE || len(s.Lhs) != 1 || len(s.Rhs) != 1 || !d.pure(s.Rhs[0]) {
		return false
	}
	id, ok := s.Lhs[0].(*ast.Ident)
	if !ok {
		return false
	}
	for decl := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		for _, v := range vars {
			if v == gosource.FunctionName(decl.Node().(*ast.FuncDecl))+" "+id.Name {
				return true
			}
		}
	}
	return false
}
