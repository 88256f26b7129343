package media

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
)

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special returns the index of the first quote, backslash or control character in s from i on;
// len(s) if there is none. It looks at eight bytes at a time: a borrow may mark a byte behind the
// first that is found, never one before it.
func special(s []byte, i int) int {
	for ; i+8 <= len(s); i += 8 {
		x := binary.LittleEndian.Uint64(s[i:])
		control := x - lowBits*' '
		quote := (x ^ lowBits*'"') - lowBits
		backslash := (x ^ lowBits*'\\') - lowBits
		if m := (control | quote | backslash) & ^x & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			break
		}
	}
	return i
}

// not64 holds 0 for the characters of base64, in both its alphabets, and 1 for all others.
var not64 = func() (t [256]byte) {
	for i := range t {
		t[i] = 1
	}
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_") {
		t[c] = 0
	}
	return t
}()

// minBase64 is how long a text must be to be taken for a file.
const minBase64 = 200

// isBase64 reports whether text is long and nothing but base64.
func isBase64[T string | []byte](text T) bool {
	if len(text) < minBase64 {
		return false
	}
	body := text
	for range 2 {
		if last := len(body) - 1; body[last] == '=' {
			body = body[:last]
		}
	}
	for ; len(body) >= 8; body = body[8:] {
		if not64[body[0]]|not64[body[1]]|not64[body[2]]|not64[body[3]]|
			not64[body[4]]|not64[body[5]]|not64[body[6]]|not64[body[7]] != 0 {
			return false
		}
	}
	return run64(body) == len(body)
}

// run64 returns how many characters text begins with that are base64.
func run64[T string | []byte](text T) int {
	n := 0
	for n < len(text) && not64[text[n]] == 0 {
		n++
	}
	return n
}

// minLine is how long a line must be that goes on with the base64 before it.
const minLine = 40

// dataEnd returns where the data of a data URL ends that text begins with. The text is that of a
// JSON string: lines end with \n or \r\n.
func dataEnd(text []byte) int {
	n := 0
	for {
		for n < len(text) && (not64[text[n]] == 0 || text[n] == '=' || text[n] == '%') {
			n++
		}
		next := n
		for bytes.HasPrefix(text[next:], lineFeed) || bytes.HasPrefix(text[next:], carriageReturn) {
			next += 2
		}
		if next == n || run64(text[next:]) < minLine {
			return n
		}
		n = next
	}
}

var (
	lineFeed       = []byte(`\n`)
	carriageReturn = []byte(`\r`)
	scheme         = []byte("data:")
	encoding       = []byte(";base64,")
)

// wholeURL reports whether text is one data URL in base64 without a space behind it, and what it is.
func wholeURL(text []byte) (kind, bool) {
	if !bytes.HasPrefix(text, scheme) {
		return unknown, false
	}
	i := bytes.Index(text, encoding)
	if i < 0 || bytes.ContainsAny(text[:i], notInURL) || bytes.IndexByte(text[i:], ' ') >= 0 {
		return unknown, false
	}
	return ofURL(text[:i]), true
}

// notInURL are the characters that end what may be the head of a data URL.
const notInURL = " ,[]\"\\<>"

// ofURL is the kind of the file of a data URL that begins with head.
func ofURL(head []byte) kind {
	t, _, _ := bytes.Cut(head[len(scheme):], []byte{';'})
	return ofMime(string(t))
}

// DataURL returns what takes the place of text if that is one data URL in base64 and nothing else.
func DataURL(text string) (replacement string, ok bool) {
	if !strings.HasPrefix(text, string(scheme)) {
		return "", false
	}
	i := strings.Index(text, string(encoding))
	if i < 0 || strings.ContainsAny(text[:i], notInURL) || strings.IndexByte(text[i:], ' ') >= 0 {
		return "", false
	}
	return replacements[ofURL([]byte(text[:i]))], true
}

// dataURL returns where in text, that of a JSON string, the first data URL in base64 stands from
// index from on, and what it is. It returns false if there is none.
func dataURL(text []byte, from int) (start, end int, k kind, ok bool) {
	for from < len(text) {
		i := bytes.Index(text[from:], encoding)
		if i < 0 {
			return 0, 0, unknown, false
		}
		head := text[from : from+i]
		data := from + i + len(encoding)
		if at := bytes.LastIndex(head, scheme); at >= 0 && !bytes.ContainsAny(head[at:], notInURL) {
			return from + at, data + dataEnd(text[data:]), ofURL(head[at:]), true
		}
		from = data
	}
	return 0, 0, unknown, false
}

// skipText returns the index behind the JSON string that begins at src[i]; len(src) if it does
// not end.
func skipText(src []byte, i int) int {
	for i = special(src, i+1); i < len(src); i = special(src, i) {
		switch src[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
		i++
	}
	return len(src)
}

// textAt returns the text of the JSON string that begins at src[i], and the index behind it. ok is
// false if there is none.
func textAt(src []byte, i int) (text []byte, end int, ok bool) {
	if i >= len(src) || src[i] != '"' {
		return nil, i, false
	}
	if end = skipText(src, i); end < i+2 || src[end-1] != '"' {
		return nil, end, false
	}
	return src[i+1 : end-1], end, true
}

// skipSpace returns the index of the first character from src[i] on that is no white space.
func skipSpace(src []byte, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\t' || src[i] == '\n' || src[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index of the comma or bracket behind the value that begins at src[i].
func skipValue(src []byte, i int) int {
	depth := 0
	for i < len(src) {
		switch src[i] {
		case '"':
			i = skipText(src, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

// Short returns a text that stands under key, or the beginning of one that is long and that Append
// will take for a file: enough for that, and not worth a large buffer.
func Short(key, text string) string {
	if len(text) < large {
		return text
	}
	if role := classes[key].role; (role == encoded || role == holder) && isBase64(text) {
		return text[:minBase64]
	}
	return text
}

// Text returns text with "[base64 file redacted]" for every long run of base64 in it, with or
// without escaped slashes. It is for broken JSON, in which nothing says what is a file.
func Text(text string) string {
	var b strings.Builder
	kept := 0 // up to where text is in b
	for i := 0; i < len(text); i++ {
		start := i
		for i < len(text) && (not64[text[i]] == 0 || text[i] == '\\') {
			i++
		}
		if i-start >= minBase64 {
			b.WriteString(text[kept:start])
			b.WriteString(replacements[file])
			kept = i
		}
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}
