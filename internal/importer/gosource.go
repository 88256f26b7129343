package importer

import (
	"context"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/packages"

	"github.com/phgen/phgen/internal/gosource"
	"github.com/phgen/phgen/internal/yamltext"
)

// postHogGo is the import path of the module whose calls are read.
const postHogGo = "github.com/posthog/posthog-go"

// A GoSource says which packages to read.
type GoSource struct {
	Dir      string // where to run the go command; empty: here
	Patterns []string
	Tags     string
}

// Go drafts a plan from Go code that calls posthog-go. Events and keys of properties must
// be constants; types are those of the values.
func Go(ctx context.Context, source GoSource, o Options) (*Result, error) {
	prog, err := loadGo(ctx, source, nil)
	if err != nil {
		return nil, err
	}
	if errs := prog.errors(); len(errs) > 0 {
		return nil, fmt.Errorf("the packages do not type-check: %s: %s", errs[0].Pos, errs[0].Msg)
	}
	g := &goReader{d: newDraft(), source: source, named: map[*types.TypeName]*namedType{}, sites: map[string][]*site{}}
	for _, f := range prog.files {
		g.file(f)
	}
	g.events()
	return g.d.finish("go", o)
}

// A goFile is a file that people write, with the types of its package.
type goFile struct {
	name   string // absolute
	src    []byte
	syntax *ast.File
	root   inspector.Cursor
	fset   *token.FileSet
	info   *types.Info
	pkg    *types.Package
}

type goProgram struct {
	packages []*packages.Package
	files    []*goFile
}

func loadGo(ctx context.Context, source GoSource, overlay map[string][]byte) (*goProgram, error) {
	pkgs, err := gosource.Load(ctx, gosource.Query{Dir: source.Dir, Tags: source.Tags, Patterns: source.Patterns}, overlay)
	if err != nil {
		return nil, err
	}
	p := &goProgram{packages: pkgs}
	for _, pkg := range pkgs {
		for i, syntax := range pkg.Syntax {
			name := pkg.CompiledGoFiles[i]
			if ast.IsGenerated(syntax) || filepath.Ext(name) != ".go" {
				continue
			}
			src, err := gosource.Read(name, overlay)
			if err != nil {
				return nil, err
			}
			p.files = append(p.files, &goFile{name, src, syntax, inspector.New([]*ast.File{syntax}).Root(), pkg.Fset, pkg.TypesInfo, pkg.Types})
		}
	}
	slices.SortFunc(p.files, func(a, b *goFile) int { return strings.Compare(a.name, b.name) })
	return p, nil
}

func (p *goProgram) errors() []packages.Error {
	var errs []packages.Error
	for _, pkg := range p.packages {
		errs = append(errs, pkg.Errors...)
	}
	return errs
}

// constantText is the text of a constant string.
func (f *goFile) constantText(e ast.Expr) (string, bool) {
	v := f.info.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// message is the name of a type of posthog-go, such as Capture, and "" for others.
func message(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || !isPostHogGo(n.Obj().Pkg().Path()) {
		return ""
	}
	return n.Obj().Name()
}

func isPostHogGo(path string) bool {
	return path == postHogGo || strings.HasPrefix(path, postHogGo+"/v")
}

// field is what a composite literal sets a field to, or nil.
func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == name {
				return kv.Value
			}
		}
	}
	return nil
}

// A site is one place that captures an event.
type site struct {
	at       Place
	props    []goProperty
	complete bool // all properties are known
	groups   []string
}

// A goReader makes a draft of calls.
type goReader struct {
	d      *draft
	source GoSource
	named  map[*types.TypeName]*namedType
	busy   []*types.TypeName
	order  []string
	sites  map[string][]*site
}

// place is where something of a file stands, seen from where the packages were loaded.
func (g *goReader) place(f *goFile, pos token.Pos) Place {
	p := f.fset.Position(pos)
	name := p.Filename
	if dir, err := filepath.Abs(g.source.Dir); err == nil {
		if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
			name = filepath.ToSlash(rel)
		}
	}
	line := f.src[f.fset.File(pos).Offset(pos)-(p.Column-1) : f.fset.File(pos).Offset(pos)]
	return Place{File: name, Line: p.Line, Col: len([]rune(string(line))) + 1}
}

func (g *goReader) file(f *goFile) {
	for c := range f.root.Preorder((*ast.CompositeLit)(nil)) {
		lit := c.Node().(*ast.CompositeLit)
		switch message(f.info.TypeOf(lit)) {
		case "Capture":
			g.capture(f, c, lit)
		case "Identify":
			for _, p := range g.properties(f, c, field(lit, "Properties"), g.place(f, lit.Pos()), "identify") {
				g.person(f, p, "")
			}
		case "GroupIdentify":
			g.groupIdentify(f, c, lit)
		case "Alias":
			g.d.lose(g.place(f, lit.Pos()), "alias", "an alias is no part of a plan: call ph.Alias")
		case "FeatureFlagPayload":
			g.flag(f, lit)
		}
	}
}

func (g *goReader) capture(f *goFile, c inspector.Cursor, lit *ast.CompositeLit) {
	at := g.place(f, lit.Pos())
	e := field(lit, "Event")
	if e == nil {
		if len(lit.Elts) > 0 {
			g.d.lose(at, "capture", "the literal does not set the event")
		}
		return
	}
	name, ok := f.constantText(e)
	if !ok {
		g.d.lose(at, "capture", "the name of the event, "+types.ExprString(e)+", is no constant")
		return
	}
	s := &site{at: at}
	s.props, s.complete = g.expr(f, c, field(lit, "Properties"), 0)
	if !s.complete {
		g.d.lose(at, "properties of event "+yamltext.Quote(clip(name)), "they are not all written here, so the event takes others, too")
	}
	if groups := field(lit, "Groups"); groups != nil {
		list, complete := g.expr(f, c, groups, 0)
		for _, p := range list {
			s.groups = append(s.groups, p.key)
			g.d.group(p.key, p.at)
		}
		if !complete {
			g.d.lose(at, "groups of event "+yamltext.Quote(clip(name)), "they are not all written here")
		}
	}
	if flags := field(lit, "SendFeatureFlags"); flags != nil {
		g.d.lose(g.place(f, flags.Pos()), "feature flags of event "+yamltext.Quote(clip(name)), "a plan does not say it: give ph.SendFlags to the call, or list experiments")
	}
	if g.sites[name] == nil {
		g.order = append(g.order, name)
	}
	g.sites[name] = append(g.sites[name], s)
}

// properties are those of a call, and an entry in the list if they are not all known.
func (g *goReader) properties(f *goFile, c inspector.Cursor, e ast.Expr, at Place, what string) []goProperty {
	list, complete := g.expr(f, c, e, 0)
	if !complete {
		g.d.lose(at, "properties of "+what, "they are not all written here")
	}
	return list
}

func (g *goReader) groupIdentify(f *goFile, c inspector.Cursor, lit *ast.CompositeLit) {
	at := g.place(f, lit.Pos())
	e := field(lit, "Type")
	if e == nil {
		return
	}
	name, ok := f.constantText(e)
	if !ok {
		g.d.lose(at, "group", "its type, "+types.ExprString(e)+", is no constant")
		return
	}
	group := g.d.group(name, at)
	for _, p := range g.properties(f, c, field(lit, "Properties"), at, "group "+yamltext.Quote(clip(name))) {
		group.properties = g.d.join(group.properties, []*property{g.property(f, p)})
	}
}

// person adds a property of the person. Write is set_once or empty.
func (g *goReader) person(f *goFile, p goProperty, write string) *property {
	q := g.property(f, p)
	q.write = write
	if q.name == "" || q.name[0] == '$' {
		g.d.lose(q.from, "person property "+yamltext.Quote(clip(q.name)), "names with $ are PostHog's own")
		return nil
	}
	g.d.person = g.d.join(g.d.person, []*property{q})
	for _, known := range g.d.person {
		if known.name == q.name {
			if known.write != write {
				g.d.lose(q.from, "person property "+yamltext.Quote(clip(q.name)), "it is written by $set and by $set_once; the first stays")
			}
			return known
		}
	}
	return nil
}

// flag adds a flag that the code asks for.
func (g *goReader) flag(f *goFile, lit *ast.CompositeLit) {
	e := field(lit, "Key")
	if e == nil {
		return
	}
	at := g.place(f, lit.Pos())
	key, ok := f.constantText(e)
	if !ok {
		g.d.lose(at, "flag", "its key, "+types.ExprString(e)+", is no constant")
		return
	}
	if slices.ContainsFunc(g.d.flags, func(f *flag) bool { return f.name == key }) {
		return
	}
	g.d.flags = append(g.d.flags, &flag{
		entity: entity{noun: "flag", name: key, from: at, notes: []string{"a boolean, or with variants? The code does not tell"}},
		kind:   "boolean",
	})
}

// events makes the events of all sites.
func (g *goReader) events() {
	for _, name := range g.order {
		sites := g.sites[name]
		e, _ := g.d.event(name, sites[0].at)
		seen := map[string]int{}
		for _, s := range sites {
			e.extra = e.extra || !s.complete
			for _, key := range s.groups {
				if group := g.d.group(key, s.at); !slices.Contains(e.groups, group) {
					e.groups = append(e.groups, group)
				}
			}
			g.site(e, s, seen)
		}
		for _, p := range e.properties {
			p.required = seen[p.name] == len(sites) && !p.nullable && p.typ.name != "const"
		}
	}
}

// site adds the properties of one site and counts those that are always there.
func (g *goReader) site(e *event, s *site, seen map[string]int) {
	here := map[string]bool{}
	for _, p := range s.props {
		switch p.key {
		case "$set", "$set_once":
			g.nestedPerson(e, p)
		case "$groups":
			for _, inner := range p.nested {
				if group := g.d.group(inner.key, inner.at); !slices.Contains(e.groups, group) {
					e.groups = append(e.groups, group)
				}
			}
		default:
			q := g.property(p.file, p)
			if !p.sometimes && !here[p.key] {
				here[p.key] = true
				seen[p.key]++
			}
			e.properties = g.merge(e.properties, q)
		}
	}
}

// merge adds a property that other sites may have, too.
func (g *goReader) merge(list []*property, p *property) []*property {
	i := slices.IndexFunc(list, func(q *property) bool { return q.name == p.name })
	if i < 0 {
		return append(list, p)
	}
	q := list[i]
	q.nullable = q.nullable || p.nullable
	a, b := q.typ.name, p.typ.name
	switch {
	case sameShape(q.typ, p.typ):
	case a == "int" && b == "float":
		q.typ = p.typ
	case a == "float" && b == "int":
	default:
		g.d.lose(p.from, p.what(), "it has another type than at "+q.from.String()+", so it takes any JSON")
		q.typ = plain("json")
	}
	return list
}

func (g *goReader) nestedPerson(e *event, p goProperty) {
	if p.nested == nil {
		g.d.lose(p.at, p.key+" of event "+yamltext.Quote(clip(e.name)), "its properties are not written here")
	}
	for _, inner := range p.nested {
		write := strings.TrimPrefix(strings.TrimPrefix(p.key, "$set"), "_")
		if write != "" {
			write = "set_" + write
		}
		if q := g.person(p.file, inner, write); q != nil && !slices.Contains(e.person, q) {
			e.person = append(e.person, q)
		}
	}
}
