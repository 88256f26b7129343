package flags

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A patternScanner walks over a pattern and finds what Go's RE2 does not read as Rust's
// fancy_regex does.
type patternScanner struct {
	src    string
	at     int
	ascii  bool // the pattern means the same for ASCII only
	space  bool // it has \s, which has one ASCII character more in Rust
	lines  bool // it has anchors of lines, where engines differ at the end of the text
	heavy  bool // it has classes that are large in Unicode
	last   token
	groups []bool // of each open group whether anything in it takes a character
}

// A token is what was read last, as far as a repetition after it is concerned.
type token uint8

const (
	branchStart token = iota // of the pattern, a group or an alternative
	atom                     // what takes a character
	zeroWidth                // an anchor, flags, or a group of nothing else
	repeated                 // an atom and its repetition
	lazy                     // the same, as few times as possible
)

// scan returns why the meaning of src is not certain, "" if it is, or if src is invalid.
func (p *patternScanner) scan(src string) (why string) {
	if len(src) > maxPattern {
		return "a pattern that is too long"
	}
	p.src, p.groups = src, []bool{false}
	for p.at < len(src) && why == "" {
		c := src[p.at]
		p.at++
		switch c {
		case '\\':
			why = p.escape(false)
		case '[':
			why = p.class()
			p.take()
		case '(':
			why = p.open()
		case ')':
			if !p.close() {
				return ""
			}
		case '|':
			p.last = branchStart
		case '^', '$':
			p.last = zeroWidth
		case '*', '+', '?', '{':
			why = p.repeat(c)
		default:
			p.take()
		}
	}
	if why == "" && p.ascii && strings.IndexFunc(src, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return "a pattern with classes and other letters than ASCII"
	}
	return why
}

// take notes that an atom was read.
func (p *patternScanner) take() {
	p.last = atom
	p.groups[len(p.groups)-1] = true
}

func (p *patternScanner) rest() string { return p.src[p.at:] }

// escape reads what follows a backslash, inClass inside of brackets.
func (p *patternScanner) escape(inClass bool) (why string) {
	if p.at == len(p.src) {
		return "" // invalid everywhere
	}
	c := p.src[p.at]
	p.at++
	p.take()
	if end := strings.IndexByte(p.rest(), '}'); end > 0 && p.src[p.at] == '{' && strings.IndexByte("pPx", c) >= 0 {
		p.at += end + 1 // \p{Greek}, \x{41}
	}
	switch {
	case c == 's' || c == 'S':
		p.ascii, p.space = true, true
	case c == 'd' || c == 'D':
		p.ascii = true
	case c == 'w' || c == 'W':
		p.ascii, p.heavy = true, true
	case c == 'p' || c == 'P':
		p.heavy = true
	case strings.IndexByte("afnrtvx", c) >= 0:
	case (c == 'A' || c == 'z') && !inClass:
		p.last = zeroWidth
	case c < ' ', c > '~', isWord(c) && c != '_', c == '<', c == '>':
		return fmt.Sprintf("the escape %q in a pattern", p.src[p.at-2:p.at])
	}
	return ""
}

// isWord reports whether c is an ASCII letter, digit or underscore.
func isWord(c byte) bool {
	return c >= '0' && c <= '9' || lowerASCII[c] >= 'a' && lowerASCII[c] <= 'z' || c == '_'
}

// open reads what follows an opening parenthesis.
func (p *patternScanner) open() (why string) {
	rest := p.rest()
	if strings.HasPrefix(rest, "?") {
		switch end := strings.IndexAny(rest, ":)>"); {
		case strings.HasPrefix(rest, "?P<") || strings.HasPrefix(rest, "?<"):
			name := strings.TrimPrefix(strings.TrimPrefix(rest[1:], "P"), "<")
			length := strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf || !isWord(byte(r)) })
			if length < 1 || name[length] != '>' {
				return "a lookbehind or an odd group in a pattern"
			}
			p.at += strings.IndexByte(rest, '>') + 1
		case end < 0 || rest[end] == '>' || rest[:end+1] == "?)" || strings.Trim(rest[1:end], "imsU-") != "":
			return "a lookaround, a special group or special flags in a pattern"
		default:
			p.ascii = p.ascii || strings.Contains(rest[:end], "i")
			p.lines = p.lines || strings.Contains(rest[:end], "m")
			if rest[end] == ')' {
				p.at += end + 1
				p.last = zeroWidth
				return ""
			}
			p.at += end + 1
		}
	}
	p.groups = append(p.groups, false)
	p.last = branchStart
	return ""
}

// close reads a closing parenthesis and reports whether one was open.
func (p *patternScanner) close() bool {
	last := len(p.groups) - 1
	if last == 0 {
		return false
	}
	takes := p.groups[last]
	p.groups = p.groups[:last]
	if p.last = zeroWidth; takes {
		p.take()
	}
	return true
}

// repeat reads a repetition that begins with c.
func (p *patternScanner) repeat(c byte) (why string) {
	if c == '{' {
		end := strings.IndexByte(p.rest(), '}')
		if end < 0 || !isCount(p.rest()[:end]) {
			return "a brace that is no repetition in a pattern"
		}
		p.at += end + 1
	}
	switch {
	case p.last == atom:
		p.last = repeated
	case p.last == repeated && c == '?':
		p.last = lazy
	default:
		return "a repetition of a repetition, an anchor or nothing in a pattern"
	}
	return ""
}

// isCount reports whether s is what may stand in the braces of a repetition.
func isCount(s string) bool {
	low, high, _ := strings.Cut(s, ",")
	return low != "" && digits(low) == len(low) && digits(high) == len(high)
}

// class reads what follows an opening bracket, up to the closing one.
func (p *patternScanner) class() (why string) {
	if strings.HasPrefix(p.rest(), "^") {
		p.at++
	}
	const set = "a class in a class or a set operation in a pattern"
	wide := false // the last item was itself a class, which begins no range
	for start := p.at; p.at < len(p.src); {
		rest := p.rest()
		switch c := rest[0]; {
		case c == ']' && p.at > start:
			p.at++
			return ""
		case c == '[':
			name := posixClass(rest)
			if name == "" || p.at > start && p.src[p.at-1] == '-' {
				return set
			}
			p.at += len(name)
			p.ascii = p.ascii || name[2] == '^'
			wide = true
			continue
		case strings.HasPrefix(rest, "&&"), strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "~~"):
			return set
		case c == '-' && wide && !strings.HasPrefix(rest, "-]"):
			return set
		case c == '\\':
			p.at++
			if why := p.escape(true); why != "" {
				return why
			}
			wide = len(rest) > 1 && strings.IndexByte("dDsSwWpP", rest[1]) >= 0
			continue
		}
		p.at++
		wide = false
	}
	return "" // invalid everywhere
}

// posixClass returns the name like [:alpha:] that s begins with, if Rust has it too.
func posixClass(s string) string {
	end := strings.Index(s, ":]")
	if end < 2 || s[1] != ':' {
		return ""
	}
	switch strings.TrimPrefix(s[2:end], "^") {
	case "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower",
		"print", "punct", "space", "upper", "word", "xdigit":
		return s[:end+2]
	}
	return ""
}
