package vet

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// ignoring finds the comments that ask to ignore findings:
//
//	//phgen:ignore PHV003 the old endpoint takes them in this order
//	//nolint:phgen // the old endpoint takes them in this order
//
// Either stands on the line of the finding, or alone on the line above. Without a reason
// it ignores nothing.
var ignoring = &analysis.Analyzer{
	Name:       "phgenignore",
	Doc:        "find comments that ask to ignore findings",
	Run:        runIgnoring,
	ResultType: reflect.TypeFor[*ignores](),
}

// An ignores holds those comments by the lines that they are about.
type ignores struct{ lines map[line][]ignoreComment }

type line struct {
	file string
	n    int
}

type ignoreComment struct {
	codes  []string // nil: all of them
	reason string
}

type ignorance uint8

const (
	noticed ignorance = iota
	ignored
	ignoredWithoutReason
)

// at says whether a finding of that code at pos is to be ignored.
func (i *ignores) at(pos token.Position, code string) ignorance {
	best := noticed
	for _, c := range i.lines[line{pos.Filename, pos.Line}] {
		if c.codes != nil && !slices.Contains(c.codes, code) {
			continue
		}
		if c.reason != "" {
			return ignored
		}
		best = ignoredWithoutReason
	}
	return best
}

func runIgnoring(pass *analysis.Pass) (any, error) {
	found := &ignores{lines: map[line][]ignoreComment{}}
	for _, f := range pass.Files {
		var code map[int]bool // made when needed
		for _, group := range f.Comments {
			for _, c := range group.List {
				comment, ok := parseIgnore(c.Text)
				if !ok {
					continue
				}
				if code == nil {
					code = codeLines(pass.Fset, f)
				}
				pos := pass.Fset.Position(c.Pos())
				at := line{pos.Filename, pos.Line}
				if !code[pos.Line] {
					at.n = pass.Fset.Position(group.End()).Line + 1
				}
				found.lines[at] = append(found.lines[at], comment)
			}
		}
	}
	return found, nil
}

// codeLines are the lines on which a node of f begins or ends.
func codeLines(fset *token.FileSet, f *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup:
			return false
		case *ast.File:
			return true
		}
		lines[fset.Position(n.Pos()).Line] = true
		lines[fset.Position(n.End()-1).Line] = true
		return true
	})
	return lines
}

// parseIgnore reads a comment.
func parseIgnore(text string) (ignoreComment, bool) {
	if rest, ok := strings.CutPrefix(text, "//phgen:ignore"); ok {
		codes, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if codes == "" {
			return ignoreComment{}, false
		}
		return ignoreComment{strings.Split(codes, ","), strings.TrimSpace(reason)}, true
	}
	if rest, ok := strings.CutPrefix(text, "//nolint:"); ok {
		linters, reason, _ := strings.Cut(rest, "//")
		for _, l := range strings.Split(linters, ",") {
			if strings.TrimSpace(l) == "phgen" {
				return ignoreComment{reason: strings.TrimSpace(reason)}, true
			}
		}
	}
	return ignoreComment{}, false
}
