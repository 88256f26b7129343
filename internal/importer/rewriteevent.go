package importer

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"github.com/phgen/phgen/schema"
)

// A builder writes the expression of an event.
type builder struct {
	*newCall
	pkgName string
	event   *schema.Event
	list    []goProperty
	sig     *types.Signature // of the constructor
}

// expression is the constructor with its parameters, and the setters.
func (b *builder) expression(constructor string) (string, error) {
	given := map[string]goProperty{}
	for _, p := range b.list {
		if _, twice := given[p.key]; twice {
			return "", fmt.Errorf("property %q is set twice", p.key)
		}
		given[p.key] = p
	}
	var args, setters []string
	for _, p := range b.event.Properties {
		value, ok := given[p.Key]
		delete(given, p.Key)
		switch {
		case p.Type.Kind == schema.Const:
			continue
		case p.Required && !ok:
			return "", fmt.Errorf("required property %q is not given", p.Key)
		case !ok:
			continue
		case p.Required:
			if len(args) >= b.sig.Params().Len() {
				return "", errors.New(`the generated code is out of date; run "phgen generate"`)
			}
			arg, err := b.convert(value.value, b.sig.Params().At(len(args)).Type(), p.Type, b.pkgName)
			if err != nil {
				return "", fmt.Errorf("property %q: %w", p.Key, err)
			}
			args = append(args, arg)
			continue
		}
		setter, err := b.setter(p, value.value)
		if err != nil {
			return "", fmt.Errorf("property %q: %w", p.Key, err)
		}
		setters = append(setters, setter)
	}
	for _, p := range b.list {
		if _, left := given[p.key]; !left {
			continue
		}
		if !b.event.ExtraProperties || strings.HasPrefix(p.key, "$") {
			return "", fmt.Errorf("property %q is not in the plan", p.key)
		}
		setters = append(setters, fmt.Sprintf("WithExtra(%q, %s)", p.key, b.text(p.value)))
	}
	text := constructor + "(" + strings.Join(args, ", ") + ")"
	for _, s := range setters {
		text += "." + s
	}
	return text, nil
}

// setter is the call that sets an optional property.
func (b *builder) setter(p *schema.Property, value ast.Expr) (string, error) {
	_, method, _ := strings.Cut(b.names["setter "+schema.JoinPath(b.event.Name, p.Key)], ".")
	obj, _, _ := types.LookupFieldOrMethod(b.sig.Results().At(0).Type(), true, b.rewriter.pkg, method)
	fn, ok := obj.(*types.Func)
	if !ok {
		return "", errors.New(`the generated code is out of date; run "phgen generate"`)
	}
	sig := fn.Type().(*types.Signature)
	t := sig.Params().At(0).Type()
	arg, err := b.convert(value, t, p.Type, b.pkgName)
	if sig.Variadic() {
		arg += "..."
	}
	return method + "(" + arg + ")", err
}

// convert is an expression of type t that has the value of another. Plan is what the plan
// says of the type, if it says something.
func (n *newCall) convert(e ast.Expr, t types.Type, plan *schema.Type, tracking string) (string, error) {
	tv := n.info.Types[e]
	text := n.text(e)
	if named, ok := t.(*types.Named); ok && named.Obj().Pkg() == n.rewriter.pkg {
		if plan != nil && plan.Kind == schema.Enum {
			return n.enumValue(tv, named, plan, tracking)
		}
		if alike(tv.Type, t) {
			return tracking + "." + named.Obj().Name() + "(" + text + ")", nil
		}
	}
	if b, basic := t.(*types.Basic); basic {
		if _, literal := e.(*ast.BasicLit); literal && alike(tv.Type, t) {
			return text, nil
		}
		if !types.Identical(tv.Type, t) && alike(tv.Type, t) {
			return b.Name() + "(" + text + ")", nil
		}
	}
	if !types.AssignableTo(tv.Type, t) {
		return "", fmt.Errorf("it is of type %s, not %s", types.TypeString(tv.Type, (*types.Package).Name), types.TypeString(t, (*types.Package).Name))
	}
	return text, nil
}

// alike reports whether a conversion keeps the value: between integers, to a float, and
// between strings.
func alike(from, to types.Type) bool {
	a, okA := from.Underlying().(*types.Basic)
	b, okB := to.Underlying().(*types.Basic)
	if !okA || !okB {
		return false
	}
	switch {
	case b.Info()&types.IsInteger != 0:
		return a.Info()&types.IsInteger != 0 && a.Kind() != types.Uint64 && a.Kind() != types.Uint && a.Kind() != types.Uintptr
	case b.Info()&types.IsFloat != 0:
		return a.Info()&(types.IsFloat|types.IsInteger) != 0
	case b.Info()&types.IsString != 0:
		return a.Info()&types.IsString != 0
	}
	return b.Info()&types.IsBoolean != 0 && a.Info()&types.IsBoolean != 0
}

// enumValue is the constant of an enum that stands for a constant string.
func (n *newCall) enumValue(tv types.TypeAndValue, enum *types.Named, plan *schema.Type, tracking string) (string, error) {
	if tv.Value == nil || tv.Value.Kind() != constant.String {
		return "", fmt.Errorf("its value is no constant; use %s.Parse%s", tracking, enum.Obj().Name())
	}
	want := constant.StringVal(tv.Value)
	i := slices.IndexFunc(plan.Values, func(v *schema.EnumValue) bool { return v.Value == want })
	scope := n.rewriter.pkg.Scope()
	for _, name := range scope.Names() {
		c, ok := scope.Lookup(name).(*types.Const)
		if !ok || i < 0 || !types.Identical(c.Type(), enum) {
			continue
		}
		if ordinal, exact := constant.Int64Val(c.Val()); exact && ordinal == int64(i)+1 {
			return tracking + "." + name, nil
		}
	}
	return "", fmt.Errorf("the plan has no value %q", clip(want))
}
