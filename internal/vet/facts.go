package vet

import (
	"cmp"
	"go/types"
	"slices"
)

// A generated is the fact that phgen generated a package, and what of. Its lists are in
// the order of the source, so that the same package gives the same bytes of facts.
type generated struct {
	Plan       string // base name of the plan's root file
	Events     []event
	Enums      []string // names of the types of enums and variants
	Groups     []groupOption
	Flags      []flag
	Reads      []flagRead
	Deprecated []deprecation
}

func (*generated) AFact() {}

// An event is what generated code says of an event, or of an update of a person or group.
type event struct {
	Name     string   // the wire name
	Type     string   // the Go type
	Func     string   // the constructor
	Required int      // its parameters
	Groups   []string // without which it is a violation
	Twin     string   // the other half of a dual-write pair
	Update   bool     // of a person or group
}

// what is how messages name an event.
func (e *event) what() string {
	if e.Update {
		return "update " + e.Type
	}
	return "event " + quote(e.Name)
}

// A groupOption is a function that puts events into a group.
type groupOption struct{ Func, Group string }

// A flag is a key and the function that reads it.
type flag struct{ Key, Func string }

// A flagRead is a function that reads a flag, that of an experiment included.
type flagRead struct{ Func, Key string }

// A deprecation is the text behind "Deprecated:" in the comment of an object: "Name", or
// "Type.Name" for a method or field.
type deprecation struct{ Object, Text string }

// A knowledge is the generated packages that a package can see, directly or not.
type knowledge struct {
	packages map[string]*generated // by import path
	paths    []string              // sorted
}

func newKnowledge(packages map[string]*generated) *knowledge {
	k := &knowledge{packages: packages}
	for path := range packages {
		k.paths = append(k.paths, path)
	}
	slices.Sort(k.paths)
	return k
}

// home returns the fact of the package that obj is of; nil: phgen did not generate it.
func (k *knowledge) home(obj types.Object) *generated {
	if obj == nil || obj.Pkg() == nil {
		return nil
	}
	return k.packages[obj.Pkg().Path()]
}

// event returns the event that values of type t are; nil: none.
func (k *knowledge) event(t types.Type) *event {
	obj, g := k.named(t)
	if g == nil {
		return nil
	}
	return find(g.Events, func(e *event) bool { return e.Type == obj.Name() })
}

// enum reports whether t is an enum of a plan, or the variants of a flag.
func (k *knowledge) enum(t types.Type) bool {
	obj, g := k.named(t)
	return g != nil && slices.Contains(g.Enums, obj.Name())
}

func (k *knowledge) named(t types.Type) (*types.TypeName, *generated) {
	if t == nil {
		return nil, nil
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return nil, nil
	}
	return named.Obj(), k.home(named.Obj())
}

// constructor returns the event that fn builds; nil: none.
func (k *knowledge) constructor(fn types.Object) *event {
	g := k.function(fn)
	if g == nil {
		return nil
	}
	return find(g.Events, func(e *event) bool { return e.Func == fn.Name() })
}

// group returns the group type that fn makes an option of, if any.
func (k *knowledge) group(fn types.Object) (string, bool) {
	g := k.function(fn)
	if g == nil {
		return "", false
	}
	o := find(g.Groups, func(o *groupOption) bool { return o.Func == fn.Name() })
	if o == nil {
		return "", false
	}
	return o.Group, true
}

// reads returns the key of the flag that fn reads, if any.
func (k *knowledge) reads(fn types.Object) (string, bool) {
	g := k.function(fn)
	if g == nil {
		return "", false
	}
	r := find(g.Reads, func(r *flagRead) bool { return r.Func == fn.Name() })
	if r == nil {
		return "", false
	}
	return r.Key, true
}

// function returns the fact of the package of obj, if that is a function of its own.
func (k *knowledge) function(obj types.Object) *generated {
	fn, ok := obj.(*types.Func)
	if !ok || fn == nil || fn.Signature().Recv() != nil {
		return nil
	}
	return k.home(fn)
}

// deprecated returns why nobody should use obj; empty: everybody may.
func (k *knowledge) deprecated(obj types.Object) string {
	g := k.home(obj)
	if g == nil {
		return ""
	}
	d := find(g.Deprecated, func(d *deprecation) bool { return d.Object == objectName(obj) })
	if d == nil {
		return ""
	}
	return d.Text
}

// planned returns the event of that wire name and the package that holds it.
func (k *knowledge) planned(name string) (*event, string) {
	for _, path := range k.paths {
		if e := find(k.packages[path].Events, func(e *event) bool { return e.Name == name && !e.Update }); e != nil {
			return e, path
		}
	}
	return nil, ""
}

// plannedFlag returns the flag of that key and the package that holds it.
func (k *knowledge) plannedFlag(key string) (*flag, string) {
	for _, path := range k.paths {
		if f := find(k.packages[path].Flags, func(f *flag) bool { return f.Key == key }); f != nil {
			return f, path
		}
	}
	return nil, ""
}

// objectName is the name by which a deprecation knows obj.
func objectName(obj types.Object) string {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return obj.Name()
	}
	t := fn.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return named.Obj().Name() + "." + fn.Name()
	}
	return obj.Name()
}

// find returns the first element for which ok holds; nil: none.
func find[T any](list []T, ok func(*T) bool) *T {
	for i := range list {
		if ok(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// byName sorts flags, of which a package may read one in several functions.
func byName(a, b flagRead) int { return cmp.Compare(a.Func, b.Func) }
