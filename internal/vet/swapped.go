package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/tools/go/ast/inspector"
)

// swapped reports two arguments of one type, each of which is named like the other's
// parameter.
var swapped = newCheck("PHV003", "find arguments of generated functions that are likely swapped", func(c *check) {
	c.each(func(cur inspector.Cursor) {
		call := cur.Node().(*ast.CallExpr)
		fn := calleeOf(c.TypesInfo, call)
		if fn == nil || c.function(fn) == nil || call.Ellipsis.IsValid() {
			return
		}
		params := fn.Signature().Params()
		n := min(params.Len(), len(call.Args))
		if fn.Signature().Variadic() {
			n = min(n, params.Len()-1)
		}
		for i := range n {
			for j := i + 1; j < n; j++ {
				if types.Identical(params.At(i).Type(), params.At(j).Type()) && c.changedPlaces(call.Args[i], call.Args[j], params.At(i), params.At(j)) {
					c.report(call.Args[i], "%s and %s are likely swapped: %s takes %s before %s", types.ExprString(call.Args[i]), types.ExprString(call.Args[j]),
						fn.Name(), params.At(i).Name(), params.At(j).Name())
				}
			}
		}
	}, (*ast.CallExpr)(nil))
})

// changedPlaces reports whether each of two arguments is named more like the other's
// parameter than like its own.
func (c *check) changedPlaces(a, b ast.Expr, p, q *types.Var) bool {
	return c.likeness(a, q) > c.likeness(a, p) && c.likeness(b, p) > c.likeness(b, q)
}

// likeness is how much the argument e is named like the parameter p, by the whole of it or
// by its last name: "c.FirstName" is like firstName, and "from.ID" like fromID.
func (c *check) likeness(e ast.Expr, p *types.Var) int {
	path, last := c.words(e)
	param := wordsOf(p.Name())
	return max(likeness(path, param), likeness(last, param))
}

// words are the words of the identifiers that e is made of, and those of the last one.
// There are none for a literal or an operation.
func (c *check) words(e ast.Expr) (path, last []string) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		path = wordsOf(e.Name)
		return path, path
	case *ast.SelectorExpr:
		path, _ = c.words(e.X)
		last = wordsOf(e.Sel.Name)
		return slices.Concat(path, last), last
	case *ast.StarExpr:
		return c.words(e.X)
	case *ast.UnaryExpr:
		return c.words(e.X)
	case *ast.CallExpr:
		if c.TypesInfo.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return c.words(e.Args[0]) // a conversion
		}
		if len(e.Args) == 0 {
			return c.words(e.Fun) // u.Name()
		}
	}
	return nil, nil
}

// likeness is how much an argument is named like a parameter: 3 for the same words, 2 if
// it ends with all of the parameter's, 1 if it is one end of them, 0 for anything else.
func likeness(arg, param []string) int {
	a, p := " "+strings.Join(arg, " ")+" ", " "+strings.Join(param, " ")+" "
	switch {
	case len(arg) == 0 || len(param) == 0:
		return 0
	case a == p:
		return 3
	case strings.HasSuffix(a, p):
		return 2
	case strings.HasSuffix(p, a), strings.HasPrefix(p, a):
		return 1
	}
	return 0
}

// wordsOf splits an identifier into words in lower case.
func wordsOf(name string) []string {
	var words []string
	var word []rune
	runes := []rune(name)
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		ends := r == '_' || upper && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if ends && len(word) > 0 {
			words, word = append(words, string(word)), nil
		}
		if r != '_' {
			word = append(word, unicode.ToLower(r))
		}
	}
	if len(word) > 0 {
		words = append(words, string(word))
	}
	return words
}
