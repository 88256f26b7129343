package schema

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Compact writes each long form in a plan file that holds nothing but what a short
// form can say as that: {type: string, required: true} becomes string!. It does so
// with properties wherever they stand, with what arrays and maps hold, and with the
// keys of groups. A long form with a comment inside stays. Nothing else changes; the
// layout is for [Format]. Name stands for the file in positions.
//
// A text that Format refuses is a [*SyntaxError] here, too.
func Compact(name string, src []byte) ([]byte, error) {
	return reform(name, src, func(v *node, at formPlace) (func(bool) string, bool) {
		f, ok := longFormOf(v)
		return f.short, ok && (at == propertyForm || f.plain())
	})
}

// Expand writes each short form in a plan file as the long form that says the
// same: string! becomes {type: string, required: true}. It does so with properties
// wherever they stand and with the keys of groups, but not with what arrays and maps
// hold: the long form names that by its name alone. A short form with a comment inside
// stays. Nothing else changes; the layout is for [Format]. Name stands for the file
// in positions.
//
// A text that Format refuses is a [*SyntaxError] here, too, and so is one that would
// be too large for a plan, or nested too deeply.
func Expand(name string, src []byte) ([]byte, error) {
	return reform(name, src, func(v *node, at formPlace) (func(bool) string, bool) {
		f, ok := shortFormOf(v)
		return f.long, ok && (at == propertyForm || at == groupKeyForm && f.plain())
	})
}

// reform replaces the forms that write has another text for.
func reform(name string, src []byte, write func(*node, formPlace) (text func(flow bool) string, ok bool)) ([]byte, error) {
	before, err := readText(name, src)
	if err != nil {
		return nil, err
	}
	tokens, explicit := tokenize(before.src)
	if explicit >= 0 {
		return nil, explicitKey(name, before.src, explicit)
	}
	r := reformer{source: before, tokens: tokens}
	visit := formVisitor(func(k, v *node, at formPlace) bool {
		text, ok := write(v, at)
		return ok && r.replace(k, text)
	})
	visit.file(before.root)
	if len(r.edits) == 0 {
		return src, nil
	}
	out, err := Apply(before.src, r.edits)
	if err == nil {
		out, err = alignComments(before.src, out)
	}
	if err != nil {
		return nil, fmt.Errorf("writing other forms into %s: %w", name, err)
	}
	if err := sameForms(before, out); err != nil {
		return nil, err
	}
	mark := len(src) - len(before.src)
	return append(src[:mark:mark], out...), nil
}

// sameForms checks that a text says what a file said, in any forms.
func sameForms(before *source, out []byte) error {
	after, err := readText(before.name, out)
	var syntax *SyntaxError
	if errors.As(err, &syntax) && syntax.Diagnostics[0].Code == "PH112" {
		found := &findings{}
		found.add(Pos{before.name, 1, 1}, "PH112", "keep the short forms", "in long forms the file exceeds a limit: %s", syntax.Diagnostics[0].Message)
		return &SyntaxError{found.list}
	}
	if err == nil {
		oneForm(before.root)
		oneForm(after.root)
	}
	if err != nil || !sameNode(before.root, after.root) {
		return fmt.Errorf("writing other forms into %s: this would have changed what it says; please report the file as a bug of phgen", before.name)
	}
	return nil
}

// oneForm writes whatever has a short form in it, so that files can be compared.
func oneForm(root *node) {
	visit := formVisitor(func(_, v *node, _ formPlace) bool {
		f, ok := shortFormOf(v)
		if !ok {
			f, ok = longFormOf(v)
		}
		if ok {
			*v = node{text: f.short(false)}
		}
		return ok
	})
	visit.file(root)
}

// A reformer finds out which bytes a form takes.
type reformer struct {
	source *source
	tokens []token
	at     cursor
	edits  []Edit
}

// replace replaces the value of a key. It reports false, and leaves the value, if
// that would take a comment away.
func (r *reformer) replace(k *node, write func(flow bool) string) bool {
	src := r.source.src
	offset := r.at.seek(r.source, int(k.line), int(k.col))
	key, ok := slices.BinarySearchFunc(r.tokens, offset, func(t token, at int) int { return cmp.Compare(t.start, at) })
	if !ok {
		return false
	}
	start, end, ok := r.value(key)
	if !ok {
		return false
	}
	text := write(r.tokens[key].flow > 0)
	// Brackets and quotes may touch what a bare name must not.
	if src[start-1] == ':' {
		text = " " + text
	}
	if end < len(src) && src[end] == '#' {
		text += " "
	}
	r.edits = append(r.edits, Edit{start, end, text})
	return true
}

// value is where the value of a key stands.
func (r *reformer) value(key int) (start, end int, ok bool) {
	first := key + 1
	if first == len(r.tokens) || r.tokens[first].kind != colonToken {
		return 0, 0, false
	}
	for first++; first < len(r.tokens) && r.tokens[first].kind == commentToken; first++ {
	}
	if first == len(r.tokens) {
		return 0, 0, false
	}
	t := &r.tokens[first]
	last := first
	switch {
	case t.kind == dashToken || t.key:
		last, ok = r.blockEnd(key, first)
		return r.tokens[key+1].end, r.tokens[last].end, ok && r.bare(key+2, last)
	case t.kind == openToken:
		for last++; r.tokens[last].kind != closeToken || r.tokens[last].flow != t.flow; last++ {
		}
	}
	return t.start, r.tokens[last].end, r.bare(first, last)
}

// bare tells that some tokens hold neither a comment nor a text, whose first line may
// end with one.
func (r *reformer) bare(first, last int) bool {
	return !slices.ContainsFunc(r.tokens[first:last+1], func(t token) bool {
		return t.kind == commentToken || t.kind == textToken
	})
}

// blockEnd is the last token of a value without brackets. It reports false if a
// comment behind that belongs to the value: one that Format keeps inside, or one
// beside a single key of a mapping.
func (r *reformer) blockEnd(key, first int) (last int, ok bool) {
	outer, b := r.tokens[key].block, r.tokens[first].block
	end := first
	for ; end < len(r.tokens) && (r.tokens[end].kind == commentToken || r.tokens[end].block.lies(b)); end++ {
	}
	for last = end - 1; r.tokens[last].kind == commentToken; last-- {
	}
	for i := last + 1; i < end; i++ {
		start := lineStart(r.source.src, r.tokens[i].start)
		beside, col := start < r.tokens[last].end, r.tokens[i].start-start
		if beside && !b.list || !beside && col >= b.col && col > outer.col {
			return last, false
		}
	}
	return last, true
}
