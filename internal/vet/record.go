package vet

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// A Kind says what a [Record] found.
type Kind string

// The kinds. The first two are found in generated packages, the others in packages that
// people write.
const (
	EventDeclared Kind = "event" // the function that builds an event
	FlagDeclared  Kind = "flag"  // the function that reads a flag
	EventUsed     Kind = "use"   // a reference to an EventDeclared
	FlagRead      Kind = "read"  // a reference to a function that reads a flag
	EventSent     Kind = "sent"  // an event that is sent by its name as a string
	FlagAsked     Kind = "asked" // a flag that is read by its key as a string
)

// A Record says where an event or flag is declared or used.
type Record struct {
	Kind       Kind   `json:"kind"`
	Name       string `json:"name"`              // of the event, or the flag's key
	Func       string `json:"func,omitempty"`    // the Go function
	Package    string `json:"package,omitempty"` // the generated package; empty in EventSent and FlagAsked
	Plan       string `json:"plan,omitempty"`    // base name of the plan's file
	Deprecated bool   `json:"deprecated,omitempty"`
	Ignored    bool   `json:"ignored,omitempty"` // a comment asks to ignore PHV002 here

	File string `json:"-"` // relative to the folder that the go command ran in, or absolute
	Line int    `json:"-"`
	Col  int    `json:"-"`
}

// Test reports whether the record is of a test.
func (r *Record) Test() bool { return strings.HasSuffix(r.File, "_test.go") }

// recording reports each record as a diagnostic, so that the go command keeps them in its
// cache. It is silent without its flag.
var recording = &analysis.Analyzer{
	Name:     "phgenrecords",
	Doc:      "record where events and flags are used, for phgen itself",
	Requires: []*analysis.Analyzer{inspect.Analyzer, known, ignoring},
	Run:      runRecording,
}

var recordingOn bool

func init() {
	recording.Flags.BoolVar(&recordingOn, "on", false, "record")
}

func runRecording(pass *analysis.Pass) (any, error) {
	if !recordingOn {
		return nil, nil
	}
	r := &recorder{Pass: pass, knowledge: pass.ResultOf[known].(*knowledge)}
	if g := r.packages[pass.Pkg.Path()]; g != nil {
		r.declared(g)
	}
	ignores := pass.ResultOf[ignoring].(*ignores)
	strs := &stringUses{Info: pass.TypesInfo}
	for cur := range pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root().Children() {
		file := cur.Node().(*ast.File)
		if _, ok := generatedFrom(file); ok {
			continue // one generated package refers to another
		}
		for at := range cur.Preorder((*ast.Ident)(nil), (*ast.CallExpr)(nil)) {
			switch n := at.Node().(type) {
			case *ast.Ident:
				r.reference(n)
			case *ast.CallExpr:
				arg, isFlag := strs.name(n)
				if name, ok := stringConstant(pass.TypesInfo, arg); ok {
					rec := Record{Kind: EventSent, Name: name, Ignored: ignores.at(pass.Fset.Position(arg.Pos()), "PHV002") == ignored}
					if isFlag {
						rec.Kind = FlagAsked
					}
					r.report(arg.Pos(), rec)
				}
			}
		}
	}
	return nil, nil
}

type recorder struct {
	*analysis.Pass
	*knowledge
}

func (r *recorder) report(pos token.Pos, rec Record) {
	text, err := json.Marshal(rec)
	if err != nil {
		return // strings and booleans can be encoded
	}
	r.Report(analysis.Diagnostic{Pos: pos, Message: string(text)})
}

// declared reports what a generated package declares.
func (r *recorder) declared(g *generated) {
	for _, e := range g.Events {
		if obj := r.Pkg.Scope().Lookup(e.Func); obj != nil && !e.Update {
			r.report(obj.Pos(), Record{Kind: EventDeclared, Name: e.Name, Func: e.Func, Package: r.Pkg.Path(), Plan: g.Plan, Deprecated: r.deprecated(obj) != ""})
		}
	}
	for _, f := range g.Flags {
		if obj := r.Pkg.Scope().Lookup(f.Func); obj != nil {
			r.report(obj.Pos(), Record{Kind: FlagDeclared, Name: f.Key, Func: f.Func, Package: r.Pkg.Path(), Plan: g.Plan, Deprecated: r.deprecated(obj) != ""})
		}
	}
}

// reference reports an identifier that refers to the constructor of an event or to a
// reader of a flag.
func (r *recorder) reference(id *ast.Ident) {
	fn, ok := r.TypesInfo.Uses[id].(*types.Func)
	if !ok {
		return
	}
	rec := Record{Func: fn.Name(), Package: packagePath(fn)}
	if e := r.constructor(fn); e != nil && !e.Update {
		rec.Kind, rec.Name = EventUsed, e.Name
	} else if key, ok := r.reads(fn); ok {
		rec.Kind, rec.Name = FlagRead, key
	} else {
		return
	}
	r.report(id.Pos(), rec)
}

func packagePath(obj types.Object) string {
	if obj.Pkg() == nil {
		return ""
	}
	return obj.Pkg().Path()
}

// Below reports whether the record is about a package that is generated into the folder
// with that import path.
func (r *Record) Below(importPath string) bool {
	return r.Package == importPath || strings.HasPrefix(r.Package, importPath+"/")
}

// out is the import path of the folder that the record's package was generated into.
func (r *Record) out() string {
	words := strings.Split(r.Package, "/")
	for i := len(words) - 1; i >= 0; i-- {
		if slices.Contains(generatedFolders, words[i]) {
			return strings.Join(words[:i], "/")
		}
	}
	return r.Package
}

// generatedFolders are the packages of a plan that declare events and flags.
var generatedFolders = []string{"tracking", "flags", "experiments"}
