package schema

import (
	"bytes"
	"unicode/utf8"
)

// tokenKind tells what a token is.
type tokenKind uint8

const (
	scalarToken  tokenKind = iota // plain or quoted, perhaps of several lines
	textToken                     // literal or folded, its header and a comment in that included
	dashToken                     // of a block list
	colonToken                    //
	commaToken                    //
	openToken                     // bracket or brace
	closeToken                    //
	markerToken                   // --- and ...
	commentToken                  //
)

// A token is a piece of YAML that is written as it is. Between two tokens there is
// nothing but white space, so a file can be laid out anew without touching one.
type token struct {
	kind       tokenKind
	key        bool   // scalar: the key of a block mapping
	flow       int    // brackets and braces around it
	start, end int    // offsets
	block      *block // the list or mapping around it that is written without brackets; nil outside all
	indent     int    // text: the column in which its lines begin
}

// A block is a list or a mapping in block style, and where it stands.
type block struct {
	outer    *block
	list     bool
	col, new int // column before and after formatting
}

// A tokenizer cuts YAML that yaml.v3 takes, and that is free of what plan files
// may not hold, into tokens. It follows the scanner of yaml.v3, which keeps no
// ends of nodes and no comments where they stood.
type tokenizer struct {
	src    []byte
	at     int // offset of the next byte
	bol    int // offset of its line
	flow   int
	top    *block
	tokens []token
}

// tokenize returns the tokens of src. It returns the offset of a "?" that marks a
// key, and -1 if there is none: such keys have no place in a plan.
func tokenize(src []byte) (tokens []token, explicit int) {
	t := &tokenizer{src: src}
	for t.skipSpace(); t.at < len(src); t.skipSpace() {
		if src[t.at] == '?' && (t.flow > 0 || t.blank(t.at+1)) {
			return nil, t.at
		}
		t.next()
	}
	return t.tokens, -1
}

// blank tells that white space, or nothing, is at an offset.
func (t *tokenizer) blank(at int) bool {
	return at >= len(t.src) || t.src[at] == ' ' || t.src[at] == '\t' || t.broken(at)
}

// broken tells that a line ends at an offset.
func (t *tokenizer) broken(at int) bool {
	return at < len(t.src) && (t.src[at] == '\n' || t.src[at] == '\r')
}

func (t *tokenizer) skipSpace() {
	for t.at < len(t.src) && t.blank(t.at) {
		t.at++
		if t.broken(t.at - 1) {
			t.bol = t.at
		}
	}
}

// lineEnd is the offset behind the last byte of a line, white space left out.
func (t *tokenizer) lineEnd(at int) int {
	end := t.endOfLine(at)
	return at + len(bytes.TrimRight(t.src[at:end], " \t"))
}

// endOfLine is the offset of the break that ends a line.
func (t *tokenizer) endOfLine(at int) int {
	if n := bytes.IndexAny(t.src[at:], "\r\n"); n >= 0 {
		return at + n
	}
	return len(t.src)
}

// add appends a token of n bytes.
func (t *tokenizer) add(kind tokenKind, n int) {
	start := t.at
	t.at += n
	t.tokens = append(t.tokens, token{kind: kind, flow: t.flow, start: start, end: t.at, block: t.top})
	if last := bytes.LastIndexAny(t.src[start:t.at], "\r\n"); last >= 0 {
		t.bol = start + last + 1
	}
}

func (t *tokenizer) next() {
	c, col := t.src[t.at], t.at-t.bol
	if c == '#' {
		t.add(commentToken, t.lineEnd(t.at)-t.at)
		return
	}
	dash := t.flow == 0 && c == '-' && t.blank(t.at+1)
	if t.flow == 0 {
		t.leave(col, dash)
	}
	switch {
	case col == 0 && t.marker(t.at):
		t.top = nil
		t.add(markerToken, 3)
	case c == '[' || c == '{':
		t.add(openToken, 1)
		t.flow++
	case c == ']' || c == '}':
		t.flow = max(0, t.flow-1)
		t.add(closeToken, 1)
	case c == ',' && t.flow > 0:
		t.add(commaToken, 1)
	case dash:
		t.enter(col, true)
		t.add(dashToken, 1)
	case c == ':' && (t.flow > 0 || t.blank(t.at+1)):
		t.add(colonToken, 1)
	case (c == '|' || c == '>') && t.flow == 0:
		t.text()
	default:
		t.scalar(c, col)
	}
}

// marker tells that "---" or "..." stands alone at an offset.
func (t *tokenizer) marker(at int) bool {
	rest := t.src[at:]
	return (bytes.HasPrefix(rest, []byte("---")) || bytes.HasPrefix(rest, []byte("..."))) && t.blank(at+3)
}

// leave ends the blocks that a token in column col is no longer part of.
func (t *tokenizer) leave(col int, dash bool) {
	for t.top != nil && t.top.col > col {
		t.top = t.top.outer
	}
	// The list below a key may stand in the key's own column.
	if t.top != nil && t.top.list && t.top.col == col && !dash {
		t.top = t.top.outer
	}
}

// enter begins a block unless the token is one more entry of the innermost one.
func (t *tokenizer) enter(col int, list bool) {
	if t.top != nil && t.top.col == col && t.top.list == list {
		return
	}
	t.top = &block{outer: t.top, list: list, col: col, new: inside(t.top)}
}

// inside is the column of what lies in a block, after formatting.
func inside(b *block) int {
	if b == nil {
		return 0
	}
	return b.new + indentation
}

func (t *tokenizer) scalar(c byte, col int) {
	end := 0
	switch c {
	case '"', '\'':
		end = t.quoted(c)
	default:
		end = t.plain()
	}
	key := false
	if t.flow == 0 && !bytes.ContainsAny(t.src[t.at:end], "\r\n") {
		colon := end + len(t.src[end:]) - len(bytes.TrimLeft(t.src[end:], " \t"))
		key = colon < len(t.src) && t.src[colon] == ':' && t.blank(colon+1)
	}
	if key {
		t.enter(col, false)
	}
	t.add(scalarToken, end-t.at)
	t.tokens[len(t.tokens)-1].key = key
}

// quoted is the offset behind the closing quote.
func (t *tokenizer) quoted(quote byte) int {
	for at := t.at + 1; at < len(t.src); at++ {
		switch {
		case quote == '"' && t.src[at] == '\\':
			at++
		case t.src[at] != quote:
		case quote == '\'' && at+1 < len(t.src) && t.src[at+1] == quote:
			at++
		default:
			return at + 1
		}
	}
	return len(t.src)
}

// plain is the offset behind a scalar without quotes.
func (t *tokenizer) plain() int {
	margin := 0 // what stands left of it ends the scalar
	if t.top != nil {
		margin = t.top.col + 1
	}
	end, at, bol := t.at, t.at, t.bol
	for at < len(t.src) {
		if at == bol && t.marker(at) || t.src[at] == '#' {
			break
		}
		for at < len(t.src) && !t.blank(at) && !t.endsPlain(at) {
			_, size := utf8.DecodeRune(t.src[at:])
			at += size
			end = at
		}
		if at < len(t.src) && !t.blank(at) {
			break
		}
		below := false
		for at < len(t.src) && t.blank(at) {
			at++
			if t.broken(at - 1) {
				bol, below = at, true
			}
		}
		if below && t.flow == 0 && at-bol < margin {
			break
		}
		if at < len(t.src) && t.endsPlain(at) {
			break
		}
	}
	return max(end, t.at+1)
}

// endsPlain tells that the indicator at an offset ends a plain scalar.
func (t *tokenizer) endsPlain(at int) bool {
	switch t.src[at] {
	case ':':
		return t.blank(at + 1)
	case ',', '?', '[', ']', '{', '}':
		return t.flow > 0
	}
	return false
}
