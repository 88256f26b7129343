package schema

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// leastPiece is how many bytes of a text are worth a goroutine.
const leastPiece = 64 << 10

// A piece is a part of a text that is parsed on its own. But for the first it begins with
// an entry of a section, and stands behind the section's key then.
type piece struct {
	section   string // empty: the text begins with it
	line, col int    // of that entry, counted from 1
	text      []byte
}

// reader has the lines of a piece where they are in the whole.
func (c *piece) reader() io.Reader {
	if c.section == "" {
		return bytes.NewReader(c.text)
	}
	return io.MultiReader(strings.NewReader(c.section+":"+strings.Repeat("\n", c.line-1)), bytes.NewReader(c.text))
}

// cut takes a text apart into as many pieces at most, of one size if it can. It goes by
// what lines look like: whether a piece is one only parsing it shows.
func (s *source) cut(most int) []piece {
	pieces := []piece{{line: 1, text: s.src}}
	section, col := "", 0
	for i, start := range s.lines {
		last := &pieces[len(pieces)-1]
		begin := len(s.src) - len(last.text)
		due := start-begin >= len(last.text)/(most-len(pieces)+1)
		if start == len(s.src) || s.src[start] == ' ' && col > 0 && !due {
			continue
		}
		text := s.line(i + 1)
		indent := len(text) - len(bytes.TrimLeft(text, " "))
		text = text[indent:]
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		key, rest := plainKey(text)
		switch {
		case indent == 0:
			section, col = key, 0
			if len(rest) > 0 && rest[0] != '#' || bareWords[key] { // of which each piece would warn
				section = ""
			}
		case section == "":
		case key == "":
			if col == 0 {
				section = ""
			}
		case col == 0:
			col = indent + 1
		case col == indent+1 && due:
			last.text = s.src[begin:start]
			pieces = append(pieces, piece{section, i + 1, col, s.src[start:]})
			if len(pieces) == most {
				return pieces
			}
		}
	}
	return pieces
}

// plainKey splits a line of a block mapping into its key and what follows, without spaces.
// The key is empty if the line is none, or if its key takes more than one look.
func plainKey(text []byte) (key string, rest []byte) {
	i := bytes.IndexByte(text, ':')
	if i < 1 || i+1 < len(text) && text[i+1] != ' ' || text[0] == '-' || text[0] == ' ' {
		return "", nil
	}
	for _, b := range text[:i] {
		if b != '_' && b != ' ' && b != '-' && (b < '0' || '9' < b) && (b < 'A' || 'Z' < b) && (b < 'a' || 'z' < b) {
			return "", nil
		}
	}
	return string(text[:i]), bytes.TrimLeft(text[i+1:], " ")
}

// apart parses a text in as many pieces at most, on all cores. It returns nil for one that
// cannot be cut, and for one with a mistake, of which it says nothing: its place in the
// whole is what its author needs. Else its nodes are those of the whole (FuzzApart).
func (p *parser) apart(s *source, most int) *node {
	if most < 2 {
		return nil
	}
	pieces := s.cut(most)
	if len(pieces) < 2 {
		return nil
	}
	parsers := make([]parser, len(pieces))
	roots := make([]*node, len(pieces))
	var workers sync.WaitGroup
	for i := range pieces {
		parsers[i] = parser{src: s, found: new(findings)}
		workers.Go(func() {
			doc, err := decode(pieces[i].reader(), &parsers[i])
			if err == nil && doc != nil && len(doc.Content) > 0 {
				roots[i] = parsers[i].convert(doc.Content[0], 1)
			}
		})
	}
	workers.Wait()
	nodes, bare := p.nodes, p.bare
	for i := range parsers {
		if parsers[i].found.seen > 0 || roots[i] == nil || i > 0 && !roots[0].join(roots[i], &pieces[i]) {
			return nil
		}
		nodes += parsers[i].nodes
		bare = append(bare, parsers[i].bare...)
	}
	nodes -= joints * (len(pieces) - 1)
	if nodes > maxNodes {
		return nil
	}
	p.nodes, p.bare = nodes, bare
	return roots[0]
}

// pieceCount is in how many pieces a text of so many bytes is parsed at most.
func pieceCount(bytes int) int { return min(runtime.GOMAXPROCS(0), bytes/leastPiece) }

// joints are the nodes of a piece that the whole has already: the root, the section's key
// and its mapping.
const joints = 3

// join adds the nodes of the piece that follows. It reports false, with n in any state, if
// they are not what cut took them for.
func (n *node) join(next *node, at *piece) bool {
	if !n.block(1) || !next.block(1) {
		return false
	}
	into, from := n.items[len(n.items)-1], next.items[0]
	if n.keys[len(n.keys)-1].text != at.section || !into.block(at.col) || !from.block(at.col) || int(from.line) != at.line {
		return false
	}
	if into.endsEmpty() || haveCommon(into.keys, from.keys) || haveCommon(n.keys, next.keys[1:]) {
		return false
	}
	into.keys, into.items = append(into.keys, from.keys...), append(into.items, from.items...)
	into.size += from.size - 1
	n.keys, n.items = append(n.keys, next.keys[1:]...), append(n.items, next.items[1:]...)
	n.size += next.size - joints
	return true
}

// endsEmpty reports whether the last value in n is none: where that is depends on what
// follows.
func (n *node) endsEmpty() bool {
	for len(n.items) > 0 {
		n = n.items[len(n.items)-1]
	}
	return n.tag == nullTag && n.text == ""
}

// block reports whether n is a mapping that begins with its first key, in a column.
func (n *node) block(col int) bool {
	return n.kind == mappingNode && len(n.keys) > 0 && n.line == n.keys[0].line && n.col == n.keys[0].col && int(n.col) == col
}

// haveCommon reports whether two mappings, neither of which has a key twice, share one.
func haveCommon(a, b []*node) bool {
	var all keys
	for _, k := range a {
		all.add(k)
	}
	return slices.ContainsFunc(b, func(k *node) bool { return all.add(k) != k })
}
