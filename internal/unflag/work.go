package unflag

import (
	"cmp"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/phgen/phgen/internal/gosource"
	"github.com/phgen/phgen/schema"
)

// A work is the removal of one flag. Each round rewrites the files as they were, with what
// was learnt from the round before.
type work struct {
	flag  Flag
	files []*file
	kept  map[string]string   // functions to leave alone, by file and name, and why
	extra map[string]*cleanup // by file

	left      []Place
	overrides bool // leave them: something goes on reading the flag
}

// A cleanup is what the removal made useless in one file.
type cleanup struct {
	imports []string // paths
	vars    []string // by function and name: "(T).f x"
}

// rewrite returns the files that change.
func (w *work) rewrite() (map[string][]byte, error) {
	w.overrides = false
	overlay, err := w.rewriteAll()
	if err == nil && len(w.left) > 0 {
		w.overrides = true
		overlay, err = w.rewriteAll()
	}
	return overlay, err
}

func (w *work) rewriteAll() (map[string][]byte, error) {
	w.left = nil
	overlay := map[string][]byte{}
	for _, f := range w.files {
		if f.ignored {
			if pos, ok := f.mentions(w.names()); ok {
				w.left = append(w.left, Place{pos, "the file is not built with these tags"})
			}
			continue
		}
		d := &folder{file: f, work: w, consts: map[types.Object]value{}}
		d.fold()
		w.left = append(w.left, d.left...)
		if len(d.edits) == 0 {
			continue
		}
		d.clean(w.extra[f.name])
		text, err := schema.Apply(f.src, outermost(d.edits))
		if err != nil {
			return nil, fmt.Errorf("editing %s: %w", f.name, err)
		}
		if text, err = format.Source(text); err != nil {
			return nil, fmt.Errorf("editing %s: %w", f.name, err)
		}
		overlay[f.name] = text
	}
	return overlay, nil
}

// names are the functions and constants of the flag.
func (w *work) names() []string {
	names := slices.Clone(w.flag.Consts)
	for _, suffix := range []string{"", "Detail", "Config", "Override", "ConfigOverride", "Variant", "VariantValues", "Payload", "PayloadDefaults"} {
		names = append(names, w.flag.Name+suffix)
	}
	return append(names, "Parse"+w.flag.Name+"Variant")
}

// owns reports whether obj is part of the flag: it vanishes with it.
func (w *work) owns(obj types.Object) bool {
	if obj == nil || obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
		return false
	}
	if w.reader(obj) {
		return true
	}
	return obj.Pkg().Path() == w.flag.Package && (slices.Contains(w.names(), obj.Name()) || strings.HasPrefix(obj.Name(), w.flag.Name+"Payload"))
}

// reader reports whether obj is a function that returns the flag's value.
func (w *work) reader(obj types.Object) bool {
	_, ok := obj.(*types.Func)
	return ok && obj.Pkg() != nil && w.flag.Readers[obj.Pkg().Path()+"."+obj.Name()] != ""
}

// mend looks at what does not compile, and says how the next round avoids it. It reports
// false if it does not know.
func (w *work) mend(errs []packages.Error, overlay map[string][]byte) bool {
	mended := false
	for _, e := range errs {
		name, line := placeOf(e.Pos)
		text, ok := overlay[name]
		if !ok {
			continue
		}
		c := w.extra[name]
		if c == nil {
			c = &cleanup{}
			w.extra[name] = c
		}
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		function := gosource.FunctionAt(fset, syntax, line)
		if path, ok := unusedImport(e.Msg); ok {
			mended = add(&c.imports, path) || mended
			continue
		}
		if v, ok := strings.CutPrefix(e.Msg, "declared and not used: "); ok && function != "" && add(&c.vars, function+" "+v) {
			mended = true
			continue
		}
		if _, known := w.kept[name+" "+function]; !known {
			w.kept[name+" "+function] = e.Msg
			c.vars = slices.DeleteFunc(c.vars, func(v string) bool { return strings.HasPrefix(v, function+" ") })
			mended = true
		}
	}
	return mended
}

func add(list *[]string, s string) bool {
	if slices.Contains(*list, s) {
		return false
	}
	*list = append(*list, s)
	return true
}

// unusedImport reads the path in: "a/b" imported and not used, or … imported as c and not used.
func unusedImport(msg string) (string, bool) {
	path, rest, ok := strings.Cut(strings.TrimPrefix(msg, `"`), `" imported`)
	return path, ok && strings.HasSuffix(rest, "and not used")
}

// placeOf reads "file:line:col".
func placeOf(pos string) (name string, line int) {
	rest := pos
	if i := strings.LastIndexByte(rest, ':'); i > 0 {
		rest = rest[:i]
	}
	i := strings.LastIndexByte(rest, ':')
	if i < 0 {
		return pos, 0
	}
	_, err := fmt.Sscanf(rest[i+1:], "%d", &line)
	if err != nil {
		return pos, 0
	}
	return rest[:i], line
}

// outermost joins edits: what lies inside what another edit replaces counts for nothing, and
// overlapping removals become one.
func outermost(edits []schema.Edit) []schema.Edit {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b schema.Edit) int { return cmp.Or(a.Start-b.Start, b.End-a.End) })
	var list []schema.Edit
	for _, e := range edits {
		if e.Start == e.End && e.Text == "" {
			continue
		}
		if len(list) == 0 || e.Start >= list[len(list)-1].End {
			list = append(list, e)
			continue
		}
		if last := &list[len(list)-1]; last.Text == "" && e.Text == "" {
			last.End = max(last.End, e.End)
		}
	}
	return list
}
