package schema

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// indentation is how far a block stands inside the one around it.
const indentation = 2

// A SyntaxError says why a text was left as it is.
type SyntaxError struct{ Diagnostics Diagnostics }

// Error is one line for each finding.
func (e *SyntaxError) Error() string {
	var lines []string
	for _, d := range e.Diagnostics {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

// Format lays out one plan file: two columns for each level, one space behind
// ":" and "-", none inside brackets, at most one empty line in a row, none of the
// spaces and line ends that differ between editors. Only white space changes, and
// words that older YAML takes for booleans get their quotes: every value and
// comment stays, and so does where lines break. Formatting twice changes nothing.
// Name stands for the file in positions.
//
// A text that is no YAML, or holds what no plan may, is a [*SyntaxError]. What
// the plan says is not looked at, so a file with other errors is laid out, too.
func Format(name string, src []byte) ([]byte, error) {
	before, err := readText(name, src)
	if err != nil {
		return nil, err
	}
	text := unixLines(before.src)
	tokens, explicit := tokenize(text)
	if explicit >= 0 {
		return nil, explicitKey(name, text, explicit)
	}
	f := &formatter{src: text, tokens: tokens}
	out := f.format()
	if bytes.Equal(out, src) {
		return out, nil
	}
	after, err := readText(name, out)
	if err != nil || !sameNode(before.root, after.root) {
		return nil, fmt.Errorf("laying out %s: this would have changed what it says; please report the file as a bug of phgen", name)
	}
	return out, nil
}

// explicitKey refuses the "?" at an offset of a text.
func explicitKey(name string, text []byte, at int) *SyntaxError {
	found := &findings{}
	s := &source{name: name}
	s.split(text, found)
	found.add(s.pos(at), "PH102", `write "key: value"`, `an explicit key, which begins with "?"`)
	return &SyntaxError{found.list}
}

// readText parses one file as far as YAML goes.
func readText(name string, src []byte) (*source, error) {
	l := newLoader("")
	s := l.parse(name, src)
	if l.found.seen > 0 {
		return nil, &SyntaxError{l.found.list.Sort(nil)}
	}
	return s, nil
}

// unixLines ends every line with a line feed.
func unixLines(src []byte) []byte {
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(src, []byte("\r"), []byte("\n"))
}

// sameNode tells whether two nodes hold the same, wherever they stand.
func sameNode(a, b *node) bool {
	return a.kind == b.kind && a.tag == b.tag && a.text == b.text &&
		slices.EqualFunc(a.keys, b.keys, sameNode) && slices.EqualFunc(a.items, b.items, sameNode)
}

// A formatter writes tokens with other white space between them.
type formatter struct {
	src    []byte
	tokens []token
	out    bytes.Buffer
	bol    int // offset of the last line in out

	last, next  int // the tokens around comments that are none; -1 before the first
	base, least int // column of the outermost open bracket, and of what lies inside at least
	beside      int // column in src of the last comment if it stood behind something; -1 otherwise
}

func (f *formatter) format() []byte {
	f.beside, f.last = -1, -1
	for i := range f.tokens {
		f.space(i)
		f.write(i)
		if f.tokens[i].kind != commentToken {
			f.last = i
		}
	}
	f.out.WriteByte('\n')
	return f.out.Bytes()
}

// space writes what stands between a token and the one before.
func (f *formatter) space(i int) {
	t := &f.tokens[i]
	first, lines, gap := i == 0, 0, ""
	if !first {
		gap = string(f.src[f.tokens[i-1].end:t.start])
		lines = strings.Count(gap, "\n")
	}
	col := 0
	switch {
	case first || lines > 0:
		col = f.column(i, lines)
	default:
		f.out.WriteString(f.between(&f.tokens[i-1], t, gap))
	}
	if t.kind == openToken && t.flow == 0 {
		f.base, f.least = 0, inside(t.block)
		if t.block != nil {
			f.base = t.block.new
		}
		if first || lines > 0 {
			f.base = col
		}
	}
	if first || lines > 0 {
		f.out.WriteString(strings.Repeat("\n", min(lines, 2)))
		f.bol = f.out.Len()
		f.out.WriteString(strings.Repeat(" ", col))
	}
	// Comments right below one that stands beside something, and in its column, are
	// its other lines.
	switch {
	case t.kind == commentToken && !first && lines == 0:
		f.beside = f.sourceColumn(t.start)
	case t.kind != commentToken || lines != 1 || f.beside != f.sourceColumn(t.start):
		f.beside = -1
	}
}

// sourceColumn is the column of an offset in characters.
func (f *formatter) sourceColumn(at int) int {
	return utf8.RuneCount(f.src[bytes.LastIndexByte(f.src[:at], '\n')+1 : at])
}

// between is the space between two tokens of one line.
func (f *formatter) between(a, b *token, gap string) string {
	switch {
	case b.kind == commentToken:
		if gap == "" || strings.Contains(gap, "\t") {
			return " "
		}
		return gap // comments below each other are often aligned
	case a.kind == colonToken: // also where no value follows: "[a:]" holds the scalar "a:"
		return " "
	case b.kind == colonToken, a.kind == openToken, b.kind == closeToken, b.kind == commaToken:
		return ""
	}
	return " "
}

// column is where a token goes that begins a line, the given number of lines
// below the token before it.
func (f *formatter) column(i, lines int) int {
	t := &f.tokens[i]
	switch {
	case t.kind == commentToken && lines == 1 && f.beside == f.sourceColumn(t.start):
		start := f.out.Len() - f.tokens[i-1].size()
		return utf8.RuneCount(f.out.Bytes()[f.bol:start])
	case t.flow > 0 || t.kind == closeToken:
		return max(f.base+t.flow*indentation, f.least)
	case t.kind == commentToken:
		return f.commentColumn(i)
	case t.kind == dashToken || t.key:
		return t.block.new
	case t.kind == markerToken:
		return 0
	}
	return inside(t.block)
}

// commentColumn is where a comment goes that has a line of its own: with what
// follows, or with the block above that it was aligned with.
func (f *formatter) commentColumn(i int) int {
	col := f.sourceColumn(f.tokens[i].start)
	next, nextCol := 0, 0 // column of what follows, and where it goes
	if i >= f.next {
		for f.next = i + 1; f.next < len(f.tokens) && f.tokens[f.next].kind == commentToken; f.next++ {
		}
	}
	if f.next < len(f.tokens) {
		next, nextCol = f.sourceColumn(f.tokens[f.next].start), f.column(f.next, 1)
	}
	if col <= next || f.last < 0 {
		return nextCol
	}
	p := &f.tokens[f.last]
	b := p.block
	if b != nil && col > b.col && (p.kind == colonToken || p.kind == dashToken) {
		return max(inside(b), nextCol) // in place of a value
	}
	for b != nil && b.col > col {
		b = b.outer
	}
	if b == nil {
		return nextCol
	}
	return max(b.new, nextCol)
}

func (t *token) size() int { return t.end - t.start }

// write writes a token.
func (f *formatter) write(i int) {
	t := &f.tokens[i]
	text := f.src[t.start:t.end]
	switch {
	case t.kind == textToken:
		f.writeText(t, text)
	case t.kind == scalarToken && bytes.IndexByte(text, '\n') >= 0:
		f.writeLines(t, text)
	case t.kind == scalarToken && bareWords[string(text)]:
		f.out.WriteString(`"` + string(text) + `"`)
	default:
		f.out.Write(text)
	}
}

// writeLines writes a scalar of several lines, whose spaces at both ends of a
// line mean nothing.
func (f *formatter) writeLines(t *token, text []byte) {
	col := max(inside(t.block), indentation)
	if t.flow > 0 {
		col = max(f.base+t.flow*indentation, f.least, indentation)
	}
	for i, line := range bytes.Split(text, []byte("\n")) {
		trimmed := bytes.TrimRight(line, " \t")
		if text[0] == '"' && escaped(trimmed) && len(trimmed) < len(line) {
			trimmed = line[:len(trimmed)+1] // the blank belongs to the backslash
		}
		if i > 0 {
			f.out.WriteByte('\n')
			f.bol = f.out.Len()
			if trimmed = bytes.TrimLeft(trimmed, " \t"); len(trimmed) > 0 {
				f.out.WriteString(strings.Repeat(" ", col))
			}
		}
		f.out.Write(trimmed)
	}
}

// escaped tells that a backslash at the end of line escapes what follows.
func escaped(line []byte) bool {
	return (len(line)-len(bytes.TrimRight(line, `\`)))%2 == 1
}

// writeText writes a literal or folded scalar.
func (f *formatter) writeText(t *token, text []byte) {
	head, body, _ := bytes.Cut(text, []byte("\n"))
	h := textHeader(head)
	head = bytes.TrimRight(head, " \t")
	// The line end that every file gets would become part of the text.
	if h.chomp != '-' && len(body) > 0 && t.end == len(f.src) {
		head = slices.Concat(bytes.ReplaceAll(head[:h.size], []byte("+"), nil), []byte("-"), head[h.size:])
	}
	f.out.Write(head)
	col := max(inside(t.block), indentation)
	if h.digit > 0 {
		col = h.digit
		if t.block != nil {
			col += t.block.new
		}
	}
	if len(body) == 0 && bytes.IndexByte(text, '\n') < 0 {
		return
	}
	for _, line := range bytes.Split(body, []byte("\n")) {
		f.out.WriteByte('\n')
		f.bol = f.out.Len()
		if rest := line[min(t.indent, leadingSpaces(line)):]; len(rest) > 0 {
			f.out.WriteString(strings.Repeat(" ", col))
			f.out.Write(rest)
		}
	}
}
