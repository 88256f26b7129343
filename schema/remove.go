package schema

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// ErrNoKey says that a file does not hold the key to be removed.
var ErrNoKey = errors.New("no such key")

// RemoveKey takes one key of a mapping out of a plan file, with its value and
// the comments that belong to it: those beside it, inside it, and right above it
// in its column. Path names the key from the root of the file, as in "flags",
// "new-checkout"; it does not lead into lists. A mapping that loses its last key
// stays, as {}. Nothing else changes. Name stands for the file in positions.
//
// The error is [ErrNoKey] if there is no such key in this file, and a
// [*SyntaxError] if the text is no YAML.
func RemoveKey(name string, src []byte, path ...string) ([]byte, error) {
	s, err := readText(name, src)
	if err != nil {
		return nil, err
	}
	mapping, at := s.root, -1
	for i, key := range path {
		if i > 0 {
			mapping = mapping.items[at]
		}
		at = slices.IndexFunc(mapping.keys, func(k *node) bool { return k.text == key })
		if at < 0 {
			return nil, fmt.Errorf("removing %q from %s: %w", path, name, ErrNoKey)
		}
	}
	if at < 0 || mapping == s.root && len(mapping.keys) == 1 {
		return nil, fmt.Errorf("removing %q from %s: it is all that the file holds", path, name)
	}
	tokens, explicit := tokenize(s.src)
	key := slices.IndexFunc(tokens, func(t token) bool { return t.start == s.offset(mapping.keys[at]) })
	if explicit >= 0 || key < 0 {
		return nil, fmt.Errorf("removing %q from %s: a key that begins with \"?\"; write \"key: value\"", path, name)
	}
	r := remover{src: s.src, tokens: tokens, key: key, only: len(mapping.keys) == 1}
	out, err := Apply(s.src, r.edits())
	if err != nil {
		return nil, fmt.Errorf("removing %q from %s: %w", path, name, err)
	}
	after, err := readText(name, out)
	mapping.keys = slices.Delete(mapping.keys, at, at+1)
	mapping.items = slices.Delete(mapping.items, at, at+1)
	if err != nil || !sameNode(s.root, after.root) {
		return nil, fmt.Errorf("removing %q from %s: this would have changed something else; please report the file as a bug of phgen", path, name)
	}
	return append(src[:len(src)-len(s.src):len(src)-len(s.src)], out...), nil
}

// offset is where a node begins.
func (s *source) offset(n *node) int {
	at := s.lines[n.line-1]
	for range n.col - 1 {
		_, size := utf8.DecodeRune(s.src[at:])
		at += size
	}
	return at
}

// A remover finds out which bytes one key of a mapping takes.
type remover struct {
	src    []byte
	tokens []token
	key    int  // the token of the key
	only   bool // the mapping has no other
}

func (r *remover) edits() []Edit {
	if r.tokens[r.key].flow > 0 {
		return r.flowEdits()
	}
	return r.blockEdits()
}

// startsLine tells that nothing but space stands before a token in its line.
func (r *remover) startsLine(i int) bool {
	return len(bytes.TrimLeft(r.src[r.lineStart(i):r.tokens[i].start], " \t")) == 0
}

// lineStart is the offset of the line in which a token begins.
func (r *remover) lineStart(i int) int { return lineStart(r.src, r.tokens[i].start) }

// below is how many lines a token stands below the one before it.
func (r *remover) below(i int) int {
	return bytes.Count(unixLines(r.src[r.tokens[i-1].end:r.tokens[i].start]), []byte("\n"))
}

func (r *remover) col(i int) int { return r.tokens[i].start - r.lineStart(i) }

// own is the first of the comments right above the key, in its column, or the
// key.
func (r *remover) own() int {
	first := r.key
	for first > 0 && r.tokens[first-1].kind == commentToken && r.startsLine(first) && r.startsLine(first-1) &&
		r.below(first) == 1 && r.col(first-1) == r.col(r.key) {
		first--
	}
	return first
}

// behind is the offset of the line behind the one that holds an offset.
func (r *remover) behind(at int) int {
	n := bytes.IndexAny(r.src[at:], "\r\n")
	switch {
	case n < 0:
		return len(r.src)
	case bytes.HasPrefix(r.src[at+n:], []byte("\r\n")):
		return at + n + 2
	}
	return at + n + 1
}

// blockEdits remove an entry of a mapping in block style.
func (r *remover) blockEdits() []Edit {
	next := r.blockEnd()
	last := r.tokens[next-1].end
	first := r.own()
	start, end := r.lineStart(first), r.behind(last)
	if !r.only {
		return []Edit{r.tidy(first, start, end)}
	}
	colon := first - 1 // of the key that the mapping belongs to
	for r.tokens[colon].kind == commentToken {
		colon--
	}
	at := r.tokens[colon].end
	return []Edit{{at, at, " {}"}, r.tidy(first, start, end)}
}

// blockEnd is the token behind the entry and its comments.
func (r *remover) blockEnd() int {
	b := r.tokens[r.key].block
	end := r.key + 1
	for ; end < len(r.tokens); end++ {
		t := &r.tokens[end]
		if t.kind == markerToken || t.kind != commentToken && (t.key && t.block == b || !t.block.lies(b)) {
			break
		}
	}
	last := end - 1
	for r.tokens[last].kind == commentToken {
		last--
	}
	for i := last + 1; i < end; i++ {
		if r.startsLine(i) && r.col(i) <= b.col {
			return i // it belongs to what follows
		}
	}
	return end
}

// lies tells whether b is outer or lies inside it.
func (b *block) lies(outer *block) bool {
	for ; b != nil; b = b.outer {
		if b == outer {
			return true
		}
	}
	return false
}

// tidy removes lines, of which first is the first token, together with empty
// ones that would stand alone or beside others.
func (r *remover) tidy(first, start, end int) Edit {
	before := r.src[:start]
	heads := first == 0 || r.tokens[first-1].kind == colonToken && r.below(first) == 1
	joins := first > 0 && r.tokens[first-1].kind == textToken // which would take empty lines for its own
	if heads || joins || endsBlank(before) {
		for end < len(r.src) && isBlank(r.src[end:r.behind(end)]) {
			end = r.behind(end)
		}
	}
	if end == len(r.src) && first > 0 {
		start = r.behind(r.tokens[first-1].end)
	}
	return Edit{start, end, ""}
}

// endsBlank tells whether the last line of text is empty.
func endsBlank(text []byte) bool {
	text = unixLines(text)
	cut := bytes.TrimRight(text, " \t\n")
	return bytes.Count(text[len(cut):], []byte("\n")) > 1
}

func isBlank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

// flowEdits remove an entry of a mapping in flow style.
func (r *remover) flowEdits() []Edit {
	level := r.tokens[r.key].flow
	end := r.key + 1 // the comma or the bracket behind the entry
	for t := &r.tokens[end]; ; t = &r.tokens[end] {
		if t.kind == commaToken && t.flow == level || t.kind == closeToken && t.flow == level-1 {
			break
		}
		end++
	}
	if r.only {
		return []Edit{r.emptyFlow(end)}
	}
	first := r.own()
	if r.tokens[end].kind == closeToken {
		return r.lastInFlow(first, end)
	}
	last := end
	if next := end + 1; r.tokens[next].kind == commentToken && r.below(next) == 0 {
		last = next // the comment beside the entry
	}
	switch alone := r.below(last+1) > 0; {
	case alone && first > 0 && r.startsLine(first):
		return []Edit{{r.lineStart(first), r.behind(r.tokens[last].end), ""}}
	case alone:
		return []Edit{{r.tokens[first-1].end, r.tokens[last].end, ""}}
	}
	return []Edit{{r.tokens[first].start, r.tokens[last+1].start, ""}}
}

// emptyFlow removes the only entry of a mapping, with all that stands in its
// braces.
func (r *remover) emptyFlow(end int) Edit {
	before := r.key - 1
	for r.tokens[before].kind == commentToken {
		before--
	}
	for r.tokens[end].kind != closeToken {
		end++
	}
	return Edit{r.tokens[before].end, r.tokens[end].start, ""}
}

// lastInFlow removes the last entry of a mapping in braces, and the comma before
// it.
func (r *remover) lastInFlow(first, end int) []Edit {
	comma := first - 1
	for r.tokens[comma].kind == commentToken {
		comma--
	}
	last := end - 1
	edits := []Edit{{r.tokens[comma].start, r.tokens[comma].end, ""}}
	switch {
	case r.startsLine(first) && r.below(end) > 0:
		return append(edits, Edit{r.lineStart(first), r.behind(r.tokens[last].end), ""})
	case comma == first-1:
		return append(edits, Edit{r.tokens[comma].end, r.tokens[last].end, ""})
	}
	return append(edits, Edit{r.tokens[first].start, r.tokens[last].end, ""})
}
