package schema

import "bytes"

// text adds a literal or folded scalar. It ends with its last line that is not
// empty; where it keeps the empty ones behind that, with the last of those.
func (t *tokenizer) text() {
	header := t.endOfLine(t.at)
	head := textHeader(t.src[t.at:header])
	parent := -1
	if t.top != nil {
		parent = t.top.col
	}
	indent := max(parent, 0) + head.digit
	if head.digit == 0 {
		indent = t.detect(header, parent)
	}
	end := t.lineEnd(t.at)
	for at := t.nextLine(header); at < len(t.src); {
		stop := t.endOfLine(at)
		line := t.src[at:stop]
		blank := len(bytes.TrimLeft(line, " ")) == 0 && len(line) <= indent
		if !blank && leadingSpaces(line) < indent {
			break
		}
		if !blank || head.chomp == '+' && stop < len(t.src) {
			end = stop
		}
		at = t.nextLine(stop)
	}
	t.add(textToken, end-t.at)
	t.tokens[len(t.tokens)-1].indent = indent
}

// nextLine is the offset of the line behind the break at an offset.
func (t *tokenizer) nextLine(at int) int {
	if at+1 < len(t.src) && t.src[at] == '\r' && t.src[at+1] == '\n' {
		return at + 2
	}
	return at + 1
}

// detect is the column in which the text below a header begins. As in yaml.v3
// lines of nothing but spaces count.
func (t *tokenizer) detect(header, parent int) int {
	indent := max(parent+1, 1)
	for at := t.nextLine(header); at < len(t.src); {
		stop := t.endOfLine(at)
		n := leadingSpaces(t.src[at:stop])
		indent = max(indent, n)
		if at+n < stop {
			break
		}
		at = t.nextLine(stop)
	}
	return indent
}

func leadingSpaces(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// A header is what stands behind "|" or ">".
type header struct {
	chomp byte // '+', '-' or 0
	digit int  // how far the text is indented; 0: as its first line
	size  int  // bytes, the indicator included
}

func textHeader(line []byte) header {
	h := header{size: 1}
	for ; h.size < len(line); h.size++ {
		switch c := line[h.size]; {
		case (c == '+' || c == '-') && h.chomp == 0:
			h.chomp = c
		case '1' <= c && c <= '9' && h.digit == 0:
			h.digit = int(c - '0')
		default:
			return h
		}
	}
	return h
}
