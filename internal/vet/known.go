package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/phgen/phgen/generator"
)

// runtimePath is the import path of the runtime.
const runtimePath = "github.com/phgen/phgen/runtime"

// known learns what phgen generated. Its result is the [knowledge] of the package.
var known = &analysis.Analyzer{
	Name:       "phgenplan",
	Doc:        "learn what is in the tracking plan from generated packages",
	Run:        runKnown,
	ResultType: reflect.TypeFor[*knowledge](),
	FactTypes:  []analysis.Fact{new(generated)},
}

func runKnown(pass *analysis.Pass) (any, error) {
	packages := map[string]*generated{}
	for _, f := range pass.AllPackageFacts() {
		packages[f.Package.Path()] = f.Fact.(*generated)
	}
	if plan := planOf(pass.Files); plan != "" {
		x := extractor{pass: pass, others: newKnowledge(packages), specs: map[types.Object]*event{}, keys: map[types.Object][]string{}}
		x.fact.Plan = plan
		x.extract()
		pass.ExportPackageFact(&x.fact)
		packages[pass.Pkg.Path()] = &x.fact
	}
	return newKnowledge(packages), nil
}

// planOf is the name of the plan that one of the files was generated from; empty: none.
func planOf(files []*ast.File) string {
	for _, f := range files {
		if plan, ok := generatedFrom(f); ok {
			return plan
		}
	}
	return ""
}

// generatedFrom returns the plan that phgen generated f from.
func generatedFrom(f *ast.File) (string, bool) {
	if len(f.Comments) == 0 || f.Comments[0].Pos() > f.Package {
		return "", false
	}
	line := f.Comments[0].List[0].Text
	if !generator.Generated([]byte(line)) {
		return "", false
	}
	line = strings.TrimSuffix(line, ". DO NOT EDIT.")
	return line[strings.LastIndex(line, " from ")+len(" from "):], true
}

// An extractor turns the syntax of a generated package into its fact.
type extractor struct {
	pass   *analysis.Pass
	others *knowledge // of the packages that this one imports
	fact   generated

	specs map[types.Object]*event   // by the variable that holds an ph.EventSpec
	keys  map[types.Object][]string // of a ph.FlagSet, by its variable
}

func (x *extractor) extract() {
	var decls []ast.Decl
	for _, f := range x.pass.Files {
		if _, ok := generatedFrom(f); ok {
			decls = append(decls, f.Decls...)
		}
	}
	var funcs []*ast.FuncDecl
	for _, d := range decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			x.declaration(d)
		case *ast.FuncDecl:
			funcs = append(funcs, d)
			if text := deprecatedText(d.Doc); text != "" {
				x.deprecate(objectName(x.pass.TypesInfo.Defs[d.Name]), text)
			}
		}
	}
	for _, d := range funcs {
		if d.Recv != nil && d.Name.Name == "PhgenVisit" {
			x.visitor(d)
		}
	}
	for _, d := range funcs {
		if d.Recv == nil && d.Name.IsExported() {
			x.function(d)
		}
	}
	slices.SortStableFunc(x.fact.Reads, byName)
}

// declaration looks for specs, flag sets, enums and what is deprecated.
func (x *extractor) declaration(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			x.typeSpec(d, s)
		case *ast.ValueSpec:
			if text := deprecatedText(s.Doc); text != "" {
				for _, name := range s.Names {
					x.deprecate(name.Name, text)
				}
			}
			if d.Tok == token.VAR && len(s.Names) == 1 && len(s.Values) == 1 {
				x.variable(x.pass.TypesInfo.Defs[s.Names[0]], s.Values[0])
			}
		}
	}
}

func (x *extractor) typeSpec(d *ast.GenDecl, s *ast.TypeSpec) {
	doc := s.Doc
	if doc == nil {
		doc = d.Doc
	}
	if text := deprecatedText(doc); text != "" {
		x.deprecate(s.Name.Name, text)
	}
	if structType, ok := s.Type.(*ast.StructType); ok {
		for _, f := range structType.Fields.List {
			if text := deprecatedText(f.Doc); text != "" {
				for _, name := range f.Names {
					x.deprecate(s.Name.Name+"."+name.Name, text)
				}
			}
		}
	}
	obj := x.pass.TypesInfo.Defs[s.Name]
	basic, ok := obj.Type().Underlying().(*types.Basic)
	if !ok || basic.Kind() != types.Uint8 {
		return
	}
	if valid, _, _ := types.LookupFieldOrMethod(obj.Type(), false, x.pass.Pkg, "Valid"); valid != nil {
		x.fact.Enums = append(x.fact.Enums, s.Name.Name)
	}
}

func (x *extractor) deprecate(object, text string) {
	x.fact.Deprecated = append(x.fact.Deprecated, deprecation{object, text})
}

// variable notes the literal of a ph.EventSpec or ph.FlagSet.
func (x *extractor) variable(obj types.Object, value ast.Expr) {
	lit, ok := value.(*ast.CompositeLit)
	if !ok {
		return
	}
	switch {
	case isRuntimeType(x.pass.TypesInfo.TypeOf(lit), "EventSpec"):
		e := &event{Name: x.text(field(lit, "Name")), Twin: x.text(field(lit, "Twin"))}
		if groups, ok := field(lit, "Groups").(*ast.CompositeLit); ok {
			for _, elt := range groups.Elts {
				e.Groups = append(e.Groups, x.text(elt))
			}
		}
		e.Update = field(lit, "Kind") != nil
		x.specs[obj] = e
	case isRuntimeType(x.pass.TypesInfo.TypeOf(lit), "FlagSet"):
		flags, ok := field(lit, "Flags").(*ast.CompositeLit)
		if !ok {
			return
		}
		for _, elt := range flags.Elts {
			if f, ok := elt.(*ast.CompositeLit); ok {
				x.keys[obj] = append(x.keys[obj], x.text(field(f, "Key")))
			}
		}
	}
}

// visitor finds the event whose values d visits: that of the spec it refers to.
func (x *extractor) visitor(d *ast.FuncDecl) {
	fn := x.pass.TypesInfo.Defs[d.Name].(*types.Func)
	recv := fn.Signature().Recv().Type()
	if !isSent(recv) {
		return // a value inside events
	}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if e := x.specs[x.pass.TypesInfo.Uses[id]]; e != nil && e.Type == "" {
			e.Type = types.Unalias(recv).(*types.Named).Obj().Name()
			x.fact.Events = append(x.fact.Events, *e)
		}
		return true
	})
}

// isSent reports whether values of type t can be sent.
func isSent(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.Named); !ok {
		return false
	}
	for _, name := range []string{"Capture", "Identify"} {
		if m, _, _ := types.LookupFieldOrMethod(t, false, nil, name); m != nil {
			return true
		}
	}
	return false
}

// function looks for constructors, options of groups and readers of flags.
func (x *extractor) function(d *ast.FuncDecl) {
	fn := x.pass.TypesInfo.Defs[d.Name].(*types.Func)
	results := fn.Signature().Results()
	if results.Len() == 1 {
		if named, ok := types.Unalias(results.At(0).Type()).(*types.Named); ok && named.Obj().Pkg() == x.pass.Pkg {
			if e := find(x.fact.Events, func(e *event) bool { return e.Type == named.Obj().Name() }); e != nil && e.Func == "" {
				e.Func, e.Required = d.Name.Name, fn.Signature().Params().Len()
				return
			}
		}
	}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			x.call(d.Name.Name, call)
		}
		return true
	})
}

// call notes what a call inside the function name says of that function.
func (x *extractor) call(name string, call *ast.CallExpr) {
	fn := calleeOf(x.pass.TypesInfo, call)
	if fn == nil {
		return
	}
	if key, ok := x.others.reads(fn); ok {
		x.fact.Reads = append(x.fact.Reads, flagRead{name, key})
		return
	}
	if isRuntimeFunc(fn, "InGroup", "InGroupInt", "InGroupUUID") && len(call.Args) > 0 {
		if results := x.signature(name).Results(); results.Len() == 1 && isRuntimeType(results.At(0).Type(), "Option") {
			x.fact.Groups = append(x.fact.Groups, groupOption{name, x.text(call.Args[0])})
		}
		return
	}
	if !isRuntimeMethod(fn, "FlagSet", "Bool", "BoolDetail", "Variant", "VariantDetail", "Config") || len(call.Args) < 2 {
		return
	}
	keys := x.keys[objectOf(x.pass.TypesInfo, call.Fun.(*ast.SelectorExpr).X)]
	i, ok := constant.Int64Val(constant.ToInt(x.constant(call.Args[1])))
	if !ok || i < 0 || i >= int64(len(keys)) {
		return
	}
	key := keys[i]
	x.fact.Reads = append(x.fact.Reads, flagRead{name, key})
	if find(x.fact.Flags, func(f *flag) bool { return f.Key == key }) == nil {
		x.fact.Flags = append(x.fact.Flags, flag{key, name})
	}
}

func (x *extractor) signature(name string) *types.Signature {
	return x.pass.Pkg.Scope().Lookup(name).(*types.Func).Signature()
}

func (x *extractor) constant(e ast.Expr) constant.Value {
	if v := x.pass.TypesInfo.Types[e].Value; v != nil {
		return v
	}
	return constant.MakeUnknown()
}

// text is the value of a string constant; empty: e is none.
func (x *extractor) text(e ast.Expr) string {
	text, _ := stringConstant(x.pass.TypesInfo, e)
	return text
}

// field returns the value of a field in a composite literal; nil: it is not set.
func field(lit *ast.CompositeLit, name string) ast.Expr {
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if id, ok := kv.Key.(*ast.Ident); ok && id.Name == name {
			return kv.Value
		}
	}
	return nil
}

// deprecatedText is what a comment says behind "Deprecated:", in one line.
func deprecatedText(doc *ast.CommentGroup) string {
	for _, paragraph := range strings.Split(doc.Text(), "\n\n") {
		if text, ok := strings.CutPrefix(paragraph, "Deprecated:"); ok {
			return strings.Join(strings.Fields(text), " ")
		}
	}
	return ""
}

// calleeOf is the function or method that call calls, without its type arguments; nil:
// it is not known before the program runs.
func calleeOf(info *types.Info, call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// objectOf is what an identifier, qualified or not, refers to; nil: e is none.
func objectOf(info *types.Info, e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return info.ObjectOf(e)
	case *ast.SelectorExpr:
		return info.ObjectOf(e.Sel)
	}
	return nil
}

// stringConstant returns the value of e if that is known to the compiler.
func stringConstant(info *types.Info, e ast.Expr) (string, bool) {
	if e == nil {
		return "", false
	}
	v := info.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

func isRuntimeType(t types.Type, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && isRuntime(named.Obj())
}

func isRuntime(obj types.Object) bool { return obj.Pkg() != nil && obj.Pkg().Path() == runtimePath }

// isRuntimeFunc reports whether fn is one of those functions of the runtime.
func isRuntimeFunc(fn *types.Func, names ...string) bool {
	return fn != nil && isRuntime(fn) && fn.Signature().Recv() == nil && slices.Contains(names, fn.Name())
}

// isRuntimeMethod reports whether fn is one of those methods of a type of the runtime.
func isRuntimeMethod(fn *types.Func, typ string, names ...string) bool {
	if fn == nil || !isRuntime(fn) || fn.Signature().Recv() == nil || !slices.Contains(names, fn.Name()) {
		return false
	}
	t := fn.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return isRuntimeType(t, typ)
}
