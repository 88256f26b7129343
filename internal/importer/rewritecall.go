package importer

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/phgen/phgen/internal/gosource"
	"github.com/phgen/phgen/schema"
)

// runtimePath is what people import as ph.
const runtimePath = "github.com/phgen/phgen/runtime"

// calls rewrites every call of Enqueue that it can.
func (r *fileRewriter) calls() {
	for c := range r.root.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Enqueue" || len(call.Args) != 1 {
			continue
		}
		fn, _ := r.info.Uses[sel.Sel].(*types.Func)
		if fn == nil || !enqueues(fn) {
			continue
		}
		what, err := r.enqueue(c, call)
		if err != nil {
			r.leave(call, what, err.Error())
		}
	}
}

// enqueues reports whether a method is posthog-go's, or the same one of an interface that
// somebody made for it.
func enqueues(fn *types.Func) bool {
	if fn.Pkg() != nil && isPostHogGo(fn.Pkg().Path()) {
		return true
	}
	sig := fn.Type().(*types.Signature)
	return sig.Recv() != nil && types.IsInterface(sig.Recv().Type()) && sig.Params().Len() == 1 && message(sig.Params().At(0).Type()) == "Message"
}

// enqueue rewrites one call.
func (r *fileRewriter) enqueue(c inspector.Cursor, call *ast.CallExpr) (what string, err error) {
	what = "call of Enqueue"
	arg := ast.Unparen(call.Args[0])
	if u, ok := arg.(*ast.UnaryExpr); ok && u.Op == token.AND {
		arg = u.X
	}
	lit, ok := arg.(*ast.CompositeLit)
	if !ok {
		return what, errors.New("what it sends is not written here")
	}
	for p := range c.Enclosing((*ast.FuncDecl)(nil)) {
		if why, ok := r.kept[r.name+" "+gosource.FunctionName(p.Node().(*ast.FuncDecl))]; ok {
			return what, errors.New("rewritten, it would not compile: " + why)
		}
	}
	for _, group := range r.syntax.Comments {
		if group.Pos() > call.Pos() && group.End() < call.End() {
			return what, errors.New("it holds comments")
		}
	}
	target, try, err := statement(c)
	if err != nil {
		return what, err
	}
	n := &newCall{fileRewriter: r, c: c, lit: lit, at: call.Pos(), try: try}
	var text string
	switch message(r.info.TypeOf(lit)) {
	case "Capture":
		if name, ok := r.constantText(field(lit, "Event")); ok {
			what = "event " + strconv.Quote(clip(name))
		}
		text, err = n.capture()
	case "Identify":
		what = "identify"
		err = errors.New("write tracking.Person() with its properties, and Identify")
	case "GroupIdentify":
		what = "group"
		err = errors.New("write the group's function of package tracking with its properties, and Identify")
	case "Alias":
		what = "alias"
		text, err = n.alias()
	default:
		err = errors.New("the plan has no such message")
	}
	if err != nil {
		return what, err
	}
	r.edits = append(r.edits, schema.Edit{Start: r.offset(target.Pos()), End: r.offset(target.End()), Text: text})
	for path, name := range n.imports {
		r.need[path] = name
	}
	return what, nil
}

// statement is what the call at c is the whole of. Try is the variable of its error, with the
// operator behind it, such as "err :=".
func statement(c inspector.Cursor) (target ast.Node, try string, err error) {
	switch s := c.Parent().Node().(type) {
	case *ast.ExprStmt:
		return s, "", nil
	case *ast.AssignStmt:
		if len(s.Lhs) != 1 || len(s.Rhs) != 1 {
			break
		}
		id, ok := s.Lhs[0].(*ast.Ident)
		if ok && id.Name == "_" {
			return s, "", nil
		}
		if ok {
			return s, id.Name + " " + s.Tok.String(), nil
		}
	}
	return nil, "", errors.New("it is a part of another statement")
}

// A newCall is the call that replaces one.
type newCall struct {
	*fileRewriter
	c       inspector.Cursor
	lit     *ast.CompositeLit
	at      token.Pos
	try     string
	imports map[string]string
}

// pkgName is what the file calls a package.
func (n *newCall) pkgName(path, usual string) (string, error) {
	before := len(n.need)
	name := n.packageName(path, usual, n.at)
	if name == "" {
		return "", fmt.Errorf("the name %s means something else here", usual)
	}
	if len(n.need) > before { // only if the call is rewritten in the end
		delete(n.need, path)
		if n.imports == nil {
			n.imports = map[string]string{}
		}
		n.imports[path] = name
	}
	return name, nil
}

// context is the expression of a context in reach.
func (n *newCall) context() (string, error) {
	for s := n.pkgScope(n.at); s != nil && s != n.goFile.pkg.Scope(); s = s.Parent() {
		for _, name := range s.Names() {
			_, obj := n.pkgScope(n.at).LookupParent(name, n.at)
			v, ok := obj.(*types.Var)
			if !ok || name == "_" {
				continue
			}
			switch types.TypeString(v.Type(), nil) {
			case "context.Context":
				return name, nil
			case "*net/http.Request":
				return name + ".Context()", nil
			}
		}
	}
	pkg, err := n.pkgName("context", "context")
	return pkg + ".Background()", err
}

func (n *newCall) capture() (string, error) {
	name, ok := n.constantText(field(n.lit, "Event"))
	if !ok {
		return "", errors.New("the name of the event is no constant")
	}
	i := slices.IndexFunc(n.plan.Events, func(e *schema.Event) bool { return e.Name == name })
	constructor := n.names["event "+schema.JoinPath(name)]
	fn, ok := n.rewriter.pkg.Scope().Lookup(constructor).(*types.Func)
	if i < 0 || !ok {
		return "", errors.New("the plan, or the code generated from it, has no such event")
	}
	props := field(n.lit, "Properties")
	if !written(props) {
		return "", errors.New("its properties are put together elsewhere")
	}
	list, complete := n.reader.expr(n.goFile, n.c, props, 0)
	if !complete {
		return "", errors.New("not all keys of its properties are constants")
	}
	b := &builder{newCall: n, event: n.plan.Events[i], list: list, sig: fn.Type().(*types.Signature)}
	pkg, err := n.pkgName(n.tracking, "tracking")
	if err != nil {
		return "", err
	}
	b.pkgName = pkg
	expr, err := b.expression(pkg + "." + constructor)
	if err != nil {
		return "", err
	}
	options, err := n.options(pkg)
	if err != nil {
		return "", err
	}
	ctx, err := n.context()
	if err != nil {
		return "", err
	}
	args := strings.Join(append([]string{ctx}, options...), ", ")
	if n.try != "" {
		return "_, " + n.try + " " + expr + ".TryCapture(" + args + ")", nil
	}
	return expr + ".Capture(" + args + ")", nil
}

// written reports whether properties are all in one expression.
func written(e ast.Expr) bool {
	switch e := e.(type) {
	case nil:
		return true
	case *ast.CompositeLit:
		return true
	case *ast.Ident:
		return e.Name == "nil"
	case *ast.CallExpr:
		if sel, ok := e.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Set" || sel.Sel.Name == "Merge") {
			return sel.Sel.Name == "Set" && written(sel.X)
		}
		return len(e.Args) == 0 || len(e.Args) == 1 && written(e.Args[0])
	}
	return false
}

// options are those of one call: whose it is, when it was, and the groups.
func (n *newCall) options(tracking string) ([]string, error) {
	ph, err := n.pkgName(runtimePath, "ph")
	if err != nil {
		return nil, err
	}
	var options []string
	for _, elt := range n.lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			return nil, errors.New("its fields have no names")
		}
		switch name := kv.Key.(*ast.Ident).Name; name {
		case "Event", "Properties":
		case "DistinctId":
			options = append(options, ph+".As("+n.text(kv.Value)+")")
		case "Timestamp":
			options = append(options, ph+".At("+n.text(kv.Value)+")")
		case "Groups":
			more, err := n.groups(kv.Value, tracking, ph)
			if err != nil {
				return nil, err
			}
			options = append(options, more...)
		default:
			return nil, fmt.Errorf("it sets the field %s", name)
		}
	}
	if field(n.lit, "DistinctId") == nil {
		return nil, errors.New("it has no distinct id")
	}
	return options, nil
}

func (n *newCall) groups(e ast.Expr, tracking, ph string) ([]string, error) {
	list, complete := n.reader.expr(n.goFile, n.c, e, 0)
	if !written(e) || !complete {
		return nil, errors.New("its groups are put together elsewhere")
	}
	var options []string
	for _, g := range list {
		if in, ok := n.rewriter.pkg.Scope().Lookup(n.names["group "+schema.JoinPath(g.key)]).(*types.Func); ok {
			if arg, err := n.convert(g.value, in.Type().(*types.Signature).Params().At(0).Type(), nil, tracking); err == nil {
				options = append(options, tracking+"."+in.Name()+"("+arg+")")
				continue
			}
		}
		if b, ok := n.info.TypeOf(g.value).Underlying().(*types.Basic); !ok || b.Info()&types.IsString == 0 {
			return nil, fmt.Errorf("the key of group %q is no string", g.key)
		}
		options = append(options, fmt.Sprintf("%s.InGroup(%q, %s)", ph, g.key, n.text(g.value)))
	}
	return options, nil
}

func (n *newCall) alias() (string, error) {
	id, alias := field(n.lit, "DistinctId"), field(n.lit, "Alias")
	if n.try != "" || id == nil || alias == nil || len(n.lit.Elts) != 2 {
		return "", errors.New("it has more than a distinct id and an alias, or its error is used")
	}
	ph, err := n.pkgName(runtimePath, "ph")
	if err != nil {
		return "", err
	}
	ctx, err := n.context()
	return fmt.Sprintf("%s.Alias(%s, %s, %s)", ph, ctx, n.text(id), n.text(alias)), err
}
