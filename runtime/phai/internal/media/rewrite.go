package media

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/phgen/phgen/runtime/value"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 80

// Append appends the JSON value src to dst without the files in it. It returns dst unchanged and
// false unless src is exactly one JSON value that PostHog accepts. Texts of more than most
// characters are cut, if most is not 0. src must not overlap dst; it is not changed.
func Append(dst, src []byte, most int) ([]byte, bool) {
	r := rewriter{dst: dst, src: src, base: apart, most: most}
	if !r.all() {
		return dst, false
	}
	return r.dst, true
}

// InPlace is Append for a value that stands in buf itself, from src to the end: what it becomes
// is moved to dst, which is not behind src. Room between the two saves a copy if texts grow.
func InPlace(buf []byte, dst, src, most int) ([]byte, bool) {
	r := rewriter{dst: buf[:dst], src: buf[src:], base: src, most: most}
	if !r.all() {
		return buf[:dst], false
	}
	return r.dst, true
}

// apart is the base of a rewriter whose src is no part of dst.
const apart = -1

// A rewriter copies one JSON value from src to dst.
type rewriter struct {
	dst, src []byte
	base     int // where src begins in the array of dst; what is written stays before what is not read
	at       int // what of src is read
	depth    int
	most     int // characters of a text; 0: any number
}

func (r *rewriter) all() bool {
	if !r.value(class{}, nil) {
		return false
	}
	r.at = skipSpace(r.src, r.at)
	return r.at == len(r.src)
}

// emit appends what was read of src, or what takes its place.
func (r *rewriter) emit(b []byte) {
	r.room(len(b))
	r.dst = append(r.dst, b...)
}

// room makes sure that n bytes can be appended without overwriting what is not read yet.
func (r *rewriter) room(n int) {
	if r.base != apart && len(r.dst)+n > r.base+r.at {
		r.src, r.base, r.at = bytes.Clone(r.src[r.at:]), apart, 0
	}
}

func (r *rewriter) copyByte() {
	r.at++
	r.dst = append(r.dst, r.src[r.at-1])
}

// peek returns the next character that is no white space; 0 at the end.
func (r *rewriter) peek() byte {
	r.at = skipSpace(r.src, r.at)
	if r.at == len(r.src) {
		return 0
	}
	return r.src[r.at]
}

// value copies a value that stands in the object in, or in an array in it, under a key of class
// c.
func (r *rewriter) value(c class, in *object) bool {
	switch r.peek() {
	case '{':
		return r.object(c)
	case '[':
		return r.array(c, in)
	case '"':
		return r.text(c, in)
	case 't':
		return r.literal("true")
	case 'f':
		return r.literal("false")
	case 'n':
		return r.literal("null")
	default:
		return r.number()
	}
}

func (r *rewriter) literal(word string) bool {
	if !bytes.HasPrefix(r.src[r.at:], []byte(word)) {
		return false
	}
	r.at += len(word)
	r.dst = append(r.dst, word...)
	return true
}

func (r *rewriter) number() bool {
	start := r.at
	for r.at < len(r.src) && isNumeric[r.src[r.at]] {
		r.at++
	}
	dst, ok := value.AppendJSON(r.dst, r.src[start:r.at])
	r.dst = dst
	return ok
}

var isNumeric = [256]bool{
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'+': true, '-': true, '.': true, 'e': true, 'E': true,
}

// more reads what stands behind an item or member: a comma, or the end of what it is in.
func (r *rewriter) more(end byte) (more, ok bool) {
	switch r.peek() {
	case ',':
		r.copyByte()
		return true, true
	case end:
		r.copyByte()
		r.depth--
		return false, true
	}
	return false, false
}

// begin reads an opening bracket. It reports whether there is anything before the closing one.
func (r *rewriter) begin(end byte) (more, ok bool) {
	if r.depth++; r.depth > MaxDepth {
		return false, false
	}
	r.copyByte()
	if r.peek() == end {
		r.copyByte()
		r.depth--
		return false, true
	}
	return true, true
}

func (r *rewriter) array(c class, in *object) bool {
	more, ok := r.begin(']')
	for more {
		if !r.value(c, in) {
			return false
		}
		more, ok = r.more(']')
	}
	return ok
}

// quoted appends text, of a JSON string, as it is.
func (r *rewriter) quoted(text []byte) {
	if len(text) >= large {
		r.dst = slices.Grow(r.dst, len(text)+2)
	}
	r.dst = append(r.dst, '"')
	r.dst = append(r.dst, text...)
	r.dst = append(r.dst, '"')
}

var quote = []byte{'"'}

const cutMark = "... [truncated]"

// text copies a string, or writes what takes its place.
func (r *rewriter) text(c class, in *object) bool {
	start := len(r.dst)
	text, written, ok := r.read()
	if !ok {
		return false
	}
	if k, ok := wholeURL(text); ok {
		r.replace(start, k)
		return true
	}
	if c.role != plain && isBase64(text) && r.isFile(c, in) {
		r.replace(start, r.fileKind(c, in))
		return true
	}
	if from, end, k, found := dataURL(text, 0); found {
		if !written {
			r.dst = append(append(r.dst, '"'), text...)
			text, written = r.dst[start+1:], true
		}
		text = r.withoutURLs(text, from, end, k)
		r.dst = r.dst[:start+1+len(text)]
	}
	if n := cutAt(text, r.most); n < len(text) {
		if !written {
			r.dst = append(append(r.dst, '"'), text[:n]...)
		} else {
			r.dst = r.dst[:start+1+n]
		}
		r.emit([]byte(cutMark))
		r.emit(quote)
		return true
	}
	if !written {
		r.quoted(text)
		return true
	}
	r.emit(quote)
	return true
}

// replace writes what stands for a file as the string that begins at start.
func (r *rewriter) replace(start int, k kind) {
	r.dst = r.dst[:start]
	r.room(len(replacements[k]) + 2)
	r.dst = append(append(append(r.dst, '"'), replacements[k]...), '"')
}

// withoutURLs returns text, the end of dst, without the data URLs in it, of which the first
// stands at from. It changes text.
func (r *rewriter) withoutURLs(text []byte, from, end int, k kind) []byte {
	at := len(r.dst) - len(text)
	rest := text
	out := text[:0]
	for ok := true; ok; from, end, k, ok = dataURL(rest, 0) {
		word := replacements[k]
		if len(out)+from+len(word) > len(text)-len(rest)+end {
			// A short URL becomes longer: what follows must get out of its way.
			rest = bytes.Clone(rest)
			r.room(len(text) + len(rest))
			r.dst = append(r.dst[:at], out...)
			return r.appendWithout(at, rest)
		}
		out = append(append(out, rest[:from]...), word...)
		rest = rest[end:]
	}
	return append(out, rest...)
}

// appendWithout appends rest to dst without the data URLs in it, and returns what dst then holds
// from at on.
func (r *rewriter) appendWithout(at int, rest []byte) []byte {
	for {
		from, end, k, ok := dataURL(rest, 0)
		if !ok {
			break
		}
		r.emit(rest[:from])
		r.emit([]byte(replacements[k]))
		rest = rest[end:]
	}
	r.emit(rest)
	return r.dst[at:]
}

// cutAt returns where the text of a JSON string must end to have at most most characters.
func cutAt(text []byte, most int) int {
	if most == 0 || len(text) <= most {
		return len(text)
	}
	i := 0
	for n := 0; i < len(text) && n < most; n++ {
		i += charSize(text[i:])
	}
	return i
}

// charSize is how many bytes the first character of a JSON string's text has.
func charSize(text []byte) int {
	switch {
	case text[0] >= utf8.RuneSelf:
		_, size := utf8.DecodeRune(text)
		return size
	case text[0] != '\\':
		return 1
	case text[1] != 'u':
		return 2
	case isSurrogate(text):
		return 12
	}
	return 6
}
