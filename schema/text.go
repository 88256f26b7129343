package schema

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of the language. They bound memory and time, so each is checked before
// the work that it bounds.
const (
	maxFileBytes    = 4 << 20
	maxTotalBytes   = 16 << 20
	maxStructure    = 1_000_000 // bytes that can begin a node, over all files
	maxNodes        = 1_000_000 // over all files
	maxFiles        = 1_000
	maxDepth        = 64
	maxScalarBytes  = 64 << 10
	maxEntryNodes   = 100_000 // of one entry: the validator needs far more memory than the text
	maxMembers      = 1_000   // properties in one mapping
	maxPatternBytes = 1_000
	maxProperties   = 300 // on an event, those of use included
	maxChoices      = 255 // enum values, variants
	maxGroups       = 5
)

// byteOrderMark may begin a file, once.
const byteOrderMark = "\ufeff"

// planBegins is the cure for a file without content.
const planBegins = `a plan begins with "phgen: 1"`

// A source is one plan file: its text and, once parsed, its root node.
type source struct {
	name  string // as positions name it
	src   []byte // without its byte order mark
	lines []int  // offset of each line's first byte
	root  *node
}

// pos is the place of the byte at offset.
func (s *source) pos(offset int) Pos {
	line, hi := 0, len(s.lines)
	for hi-line > 1 {
		if mid := (line + hi) / 2; s.lines[mid] <= offset {
			line = mid
		} else {
			hi = mid
		}
	}
	return Pos{s.name, line + 1, utf8.RuneCount(s.src[s.lines[line]:offset]) + 1}
}

// line is the text of a line, counted from 1, without its end; empty beyond the
// last line.
func (s *source) line(n int) []byte {
	if n < 1 || n > len(s.lines) {
		return nil
	}
	end := len(s.src)
	if n < len(s.lines) {
		end = s.lines[n]
	}
	return bytes.TrimRight(s.src[s.lines[n-1]:end], "\r\n")
}

// structure counts the bytes that can begin a node. Every node costs the parser
// some hundred bytes, so this bounds its memory before it runs.
func structure(src []byte) int {
	n := 0
	var open []byte // brackets and braces, as far as text can tell
	alone := false  // no colon stands behind the last comma
	for i, b := range src {
		if !structural[b] {
			continue
		}
		switch b {
		case ',':
			n++
			if alone && len(open) > 0 && open[len(open)-1] == '{' {
				n++ // a key without a value has one all the same
			}
			alone = true
		case ':':
			n++
			alone = false
		case '[', '{':
			n++
			open, alone = append(open, b), true
		case ']', '}':
			n++
			open, alone = open[:max(0, len(open)-1)], false
		case '-', '\n', '\r':
			n++
		case '?': // begins a key unless it ends a word, as in string?
			if i == 0 || strings.IndexByte(" \t\n\r,[{-?", src[i-1]) >= 0 {
				n++
			}
		}
	}
	return n - bytes.Count(src, []byte("\r\n")) // which ends one line
}

// structural are the bytes that structure looks at: few are.
var structural = func() (is [256]bool) {
	for _, b := range []byte(",:[]{}-\n\r?") {
		is[b] = true
	}
	return is
}()

// split takes src apart into lines and checks what concerns text alone.
func (s *source) split(src []byte, found *findings) {
	s.src = bytes.TrimPrefix(src, []byte(byteOrderMark))
	s.lines = lineStarts(s.src)
	if s.checkEncoding(found) {
		s.checkLines(found)
	}
}

// lineStarts are the offsets of the lines of src, each of which ends with LF, CR LF or CR.
func lineStarts(src []byte) []int {
	starts := make([]int, 1, bytes.Count(src, []byte("\n"))+1)
	if bytes.IndexByte(src, '\r') < 0 {
		for at := bytes.IndexByte(src, '\n'); at >= 0; at = bytes.IndexByte(src[starts[len(starts)-1]:], '\n') {
			starts = append(starts, starts[len(starts)-1]+at+1)
		}
		return starts
	}
	for i, b := range src {
		if b == '\n' || b == '\r' && (i+1 == len(src) || src[i+1] != '\n') {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// checkEncoding reports whether the text can be read at all.
func (s *source) checkEncoding(found *findings) bool {
	file := Pos{s.name, 1, 1}
	if bytes.HasPrefix(s.src, []byte("\xff\xfe")) || bytes.HasPrefix(s.src, []byte("\xfe\xff")) {
		found.add(file, "PH101", "save it as UTF-8", "the file is UTF-16")
		return false
	}
	if len(bytes.TrimSpace(s.src)) == 0 {
		found.add(file, "PH101", planBegins, "the file is empty")
		return false
	}
	if i := invalidUTF8(s.src); i >= 0 {
		found.add(s.pos(i), "PH101", "save the file as UTF-8", "the byte %#02x is no valid UTF-8", s.src[i])
		return false
	}
	if bytes.HasPrefix(s.src, []byte(byteOrderMark)) { // the parser would skip it
		found.add(file, "PH101", "remove it", "a second byte order mark")
		return false
	}
	return true
}

// checkLines reports what yaml.v3 takes and this language does not.
func (s *source) checkLines(found *findings) {
	// Looking at each line is slow, and nearly every plan has no line to look at.
	tabs := bytes.IndexByte(s.src, '\t') >= 0
	separators := bytes.Contains(s.src, []byte("\u0085")) || bytes.Contains(s.src, []byte("\u2028")) || bytes.Contains(s.src, []byte("\u2029"))
	for n, start := range s.lines {
		if !tabs && !separators && (start == len(s.src) || s.src[start] != '%') {
			continue
		}
		text := s.line(n + 1)
		blank := len(text) - len(bytes.TrimLeft(text, " \t"))
		if tab := bytes.IndexByte(text[:blank], '\t'); tab >= 0 && blank < len(text) {
			found.add(s.pos(start+tab), "PH102", "indent with spaces", "a tab indents this line")
		}
		if len(text) > 0 && text[0] == '%' {
			found.add(s.pos(start), "PH102", "remove it, or indent the line", "a YAML directive, or a line that begins with %q", "%")
		}
		if i := bytes.IndexAny(text, "\u0085\u2028\u2029"); i >= 0 {
			r, _ := utf8.DecodeRune(text[i:])
			found.add(s.pos(start+i), "PH102", fmt.Sprintf("write the escape \\u%04X in double quotes", r), "the invisible line separator %U", r)
		}
	}
}

func invalidUTF8(src []byte) int {
	if utf8.Valid(src) {
		return -1
	}
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
