package importer

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/gosource"
	"github.com/phgen/phgen/schema"
)

// A Change is a file before and after.
type Change struct {
	File     string // absolute
	Old, New []byte
}

// A Rewriting is all that is to be written, and the calls that stay.
type Rewriting struct {
	Changes   []Change
	Left      []Loss
	Rewritten int // calls
}

// maxRewrites bounds how often the packages are loaded again: each time what does not
// compile is left alone.
const maxRewrites = 8

// Rewrite turns calls of posthog-go into calls of the code generated from a plan, which
// must be up to date. Only calls that are written out count: Enqueue of a literal whose
// properties are a literal, too. The result type-checks; nothing is written.
func Rewrite(ctx context.Context, source GoSource, p *generator.Printer) (*Rewriting, error) {
	tracking := p.Plan.Go.ImportPath + "/tracking"
	if len(source.Patterns) == 0 {
		source.Patterns = []string{"./..."}
	}
	source.Patterns = append(slices.Clone(source.Patterns), tracking)
	prog, err := loadGo(ctx, source, nil)
	if err != nil {
		return nil, err
	}
	w := &rewriter{source: source, plan: p.Plan, tracking: tracking, kept: map[string]string{}, names: map[string]string{}}
	for _, id := range p.Identifiers() {
		w.names[string(id.Kind)+" "+schema.JoinPath(id.Path[1:]...)] = id.Name
	}
	for _, pkg := range prog.packages {
		if pkg.PkgPath == tracking {
			w.pkg = pkg.Types
		}
	}
	if w.pkg == nil || w.pkg.Scope().Len() == 0 {
		return nil, fmt.Errorf(`package %s is not there; run "phgen generate" first`, tracking)
	}
	if errs := prog.errors(); len(errs) > 0 {
		return nil, fmt.Errorf("the packages do not type-check: %s: %s", errs[0].Pos, errs[0].Msg)
	}
	for range maxRewrites {
		overlay, err := w.all(prog)
		if err != nil {
			return nil, err
		}
		if len(overlay) == 0 {
			return w.result(prog, nil), nil
		}
		after, err := loadGo(ctx, source, overlay)
		if err != nil {
			return nil, err
		}
		errs := after.errors()
		if len(errs) == 0 {
			return w.result(prog, overlay), nil
		}
		if !w.mend(errs, overlay) {
			return nil, fmt.Errorf("the rewritten code would not compile: %s: %s; nothing was changed", errs[0].Pos, errs[0].Msg)
		}
	}
	return nil, fmt.Errorf("the rewritten code would not compile; nothing was changed")
}

// A rewriter rewrites the files of a program as they were, again and again, with what was
// learnt from the time before.
type rewriter struct {
	source   GoSource
	plan     *schema.Plan
	tracking string // import path
	pkg      *types.Package
	names    map[string]string // Go names, by kind and path without the section
	kept     map[string]string // functions to leave alone, by file and name, and why
	left     []Loss
	done     int
}

func (w *rewriter) all(prog *goProgram) (map[string][]byte, error) {
	w.left, w.done = nil, 0
	overlay := map[string][]byte{}
	for _, f := range prog.files {
		r := &fileRewriter{rewriter: w, goFile: f, reader: &goReader{d: newDraft(), source: w.source}, need: map[string]string{}}
		r.calls()
		if len(r.edits) == 0 {
			continue
		}
		w.done += len(r.edits)
		r.imports()
		text, err := schema.Apply(f.src, r.edits)
		if err == nil {
			text, err = format.Source(text)
		}
		if err != nil {
			return nil, fmt.Errorf("editing %s: %w", f.name, err)
		}
		overlay[f.name] = text
	}
	return overlay, nil
}

func (w *rewriter) result(prog *goProgram, overlay map[string][]byte) *Rewriting {
	r := &Rewriting{Left: w.left, Rewritten: w.done}
	for _, f := range prog.files {
		if text, ok := overlay[f.name]; ok {
			r.Changes = append(r.Changes, Change{f.name, f.src, text})
		}
	}
	return r
}

// mend leaves functions alone that do not compile any more. It reports false if none of
// the errors lies in one that was rewritten.
func (w *rewriter) mend(errs []packages.Error, overlay map[string][]byte) bool {
	mended := false
	for _, e := range errs {
		parts := strings.Split(e.Pos, ":")
		if len(parts) < 3 {
			continue
		}
		name := strings.Join(parts[:len(parts)-2], ":")
		line, err := strconv.Atoi(parts[len(parts)-2])
		text, ok := overlay[name]
		if err != nil || !ok {
			continue
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		key := name + " " + gosource.FunctionAt(fset, syntax, line)
		if _, known := w.kept[key]; !known {
			w.kept[key] = e.Msg
			mended = true
		}
	}
	return mended
}

// A fileRewriter rewrites one file.
type fileRewriter struct {
	*rewriter
	*goFile
	reader *goReader
	edits  []schema.Edit
	need   map[string]string // import path to the name that the file has for it
}

// leave lists a call that stays.
func (r *fileRewriter) leave(n ast.Node, what, why string) {
	r.left = append(r.left, Loss{r.reader.place(r.goFile, n.Pos()), what, why})
}

func (r *fileRewriter) offset(pos token.Pos) int { return r.fset.File(pos).Offset(pos) }

// text is the source of an expression.
func (r *fileRewriter) text(n ast.Node) string {
	return string(r.src[r.offset(n.Pos()):r.offset(n.End())])
}

// replaced are the places that no longer hold what they did.
func (r *fileRewriter) replaced(pos token.Pos) bool {
	at := r.offset(pos)
	return slices.ContainsFunc(r.edits, func(e schema.Edit) bool { return e.Start <= at && at < e.End })
}

// packageName is what the file calls a package at a place; "" if the name is taken there.
func (r *fileRewriter) packageName(path, usual string, at token.Pos) string {
	name := usual
	imported := false
	for _, spec := range r.syntax.Imports {
		if value, err := strconv.Unquote(spec.Path.Value); err == nil && value == path {
			if obj, ok := r.info.Implicits[spec].(*types.PkgName); ok {
				name = obj.Name()
			} else if spec.Name != nil {
				name = spec.Name.Name
			}
			imported = name != "_" && name != "."
		}
	}
	scope := r.pkgScope(at)
	_, obj := scope.LookupParent(name, at)
	if p, ok := obj.(*types.PkgName); ok && p.Imported().Path() == path {
		return name
	}
	if obj != nil || imported {
		return ""
	}
	r.need[path] = name
	return name
}

func (r *fileRewriter) pkgScope(at token.Pos) *types.Scope {
	if s := r.goFile.pkg.Scope().Innermost(at); s != nil {
		return s
	}
	return r.goFile.pkg.Scope()
}

// imports adds what the new calls need and removes posthog-go if nothing needs it.
func (r *fileRewriter) imports() {
	used := map[*types.PkgName]bool{}
	for id, obj := range r.info.Uses {
		if p, ok := obj.(*types.PkgName); ok && id.Pos() >= r.syntax.FileStart && id.Pos() < r.syntax.FileEnd && !r.replaced(id.Pos()) {
			used[p] = true
		}
	}
	var lines []string
	for path, name := range r.need {
		line := strconv.Quote(path)
		if filepath.Base(path) != name {
			line = name + " " + line
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	var block *ast.GenDecl
	for _, d := range r.syntax.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT && block == nil {
			block = g
		}
	}
	for _, spec := range r.syntax.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		obj, _ := r.info.Implicits[spec].(*types.PkgName)
		if spec.Name != nil {
			obj, _ = r.info.Defs[spec.Name].(*types.PkgName)
		}
		if err != nil || !isPostHogGo(path) || obj == nil || used[obj] {
			continue
		}
		if block.Lparen.IsValid() {
			start := r.offset(spec.Pos())
			lead := bytes.TrimRight(r.src[:start], " \t\r\n") // its line goes with it
			r.edits = append(r.edits, schema.Edit{Start: len(lead), End: r.offset(spec.End())})
		} else if len(lines) > 0 {
			r.edits = append(r.edits, schema.Edit{Start: r.offset(spec.Pos()), End: r.offset(spec.End()), Text: "(\n" + strings.Join(lines, "\n") + "\n)"})
			return
		}
	}
	if len(lines) == 0 {
		return
	}
	at, text := r.offset(block.End()), "\n\nimport (\n"+strings.Join(lines, "\n")+"\n)"
	if block.Lparen.IsValid() {
		at, text = r.offset(block.Rparen), "\n"+strings.Join(lines, "\n")+"\n"
	}
	r.edits = append(r.edits, schema.Edit{Start: at, End: at, Text: text})
}
