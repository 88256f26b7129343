package flags

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/phgen/phgen/runtime/value"
)

// An operand is a property as the server would read it from a request that the runtime
// sent.
type operand struct {
	kind    kind
	vague   bool   // the server may spell a number in it otherwise
	truthy  bool   // what it means to exact; of a string see isTrue
	plain   bool   // str is ASCII
	number  number // of kind numeric
	unspelt bool   // buf is still to be written: the digits of whole
	whole   int64
	str     string // its text, if that is a string already
	buf     []byte // its text otherwise
}

// Bounds on what is looked at. No request holds a longer text; lists and objects cost many
// times their length to read.
const (
	maxText      = value.MaxBytes
	maxContainer = 64 << 10
)

// read returns v as an operand; its text may lie in s.buf.
func read(v any, s *scratch) operand {
	switch v := v.(type) {
	case nil:
		return operand{kind: null, str: "null", plain: true}
	case string:
		return readString(v)
	case *string:
		if v != nil {
			return readString(*v)
		}
	case bool:
		if v {
			return operand{kind: boolean, str: "true", plain: true, truthy: true}
		}
		return operand{kind: boolean, str: "false", plain: true}
	case int:
		return readInt(int64(v))
	case int8:
		return readInt(int64(v))
	case int16:
		return readInt(int64(v))
	case int32:
		return readInt(int64(v))
	case int64:
		return readInt(v)
	case uint:
		return readUint(uint64(v), s)
	case uint8:
		return readUint(uint64(v), s)
	case uint16:
		return readUint(uint64(v), s)
	case uint32:
		return readUint(uint64(v), s)
	case uint64:
		return readUint(v, s)
	case float64:
		return readFloat(v, s)
	case json.Number:
		if isJSONNumber(string(v)) && len(v) <= maxNumber {
			// One that is beyond float64 is sent as text.
			if o := readNumber(string(v), s); !math.IsInf(o.number.value, 0) {
				return o
			}
		}
	case time.Time:
		return readTime(v, s)
	}
	return readAny(v, s)
}

// textOf returns the text of a string, or of one that v points to.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case *string:
		if v != nil {
			return *v, true
		}
	}
	return "", false
}

// maxNumber is the length of the longest number that is read without encoding it: value
// looks closer at longer ones.
const maxNumber = 300

func readString(str string) operand {
	if len(str) > maxText {
		return operand{kind: unknown}
	}
	plain := value.Plain(str)
	if !plain {
		if !utf8.ValidString(str) || strings.IndexByte(str, 0) >= 0 {
			str = value.Clean(str)
		}
		plain = isASCII(str)
	}
	return operand{kind: textual, str: str, plain: plain}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// readInt leaves the text to spell: few predicates need it.
func readInt(v int64) operand {
	return operand{kind: numeric, plain: true, number: number{value: float64(v)}, whole: v, unspelt: true}
}

func readUint(v uint64, s *scratch) operand {
	if v <= math.MaxInt64 {
		return readInt(int64(v))
	}
	s.buf = strconv.AppendUint(s.empty(), v, 10)
	return operand{kind: numeric, buf: s.buf, plain: true, number: number{value: float64(v)}}
}

// spell writes the text of an integer into s.buf.
func (o *operand) spell(s *scratch) {
	if o.unspelt {
		s.buf = strconv.AppendInt(s.empty(), o.whole, 10)
		o.buf, o.unspelt = s.buf, false
	}
}

// readFloat reads v as encoding/json prints it, so that 5.0 is the integer 5.
func readFloat(v float64, s *scratch) operand {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 && v != 0 {
		return readInt(int64(v))
	}
	if v-v != 0 { // NaN or infinite
		return operand{kind: unknown}
	}
	s.buf = value.AppendFloat(s.empty(), v)
	return readNumber(string(s.buf), s)
}

func readNumber(src string, s *scratch) operand {
	var n number
	s.buf, n = appendNumber(s.empty(), src)
	return operand{kind: numeric, buf: s.buf, plain: true, number: n, vague: n.vague}
}

func readTime(t time.Time, s *scratch) operand {
	var ok bool
	if s.buf, ok = value.AppendTime(s.empty(), t); !ok {
		return operand{kind: unknown}
	}
	return operand{kind: textual, buf: s.buf[1 : len(s.buf)-1], plain: true}
}

// readAny encodes v as the runtime would send it and reads that as the server would.
func readAny(v any, s *scratch) operand {
	encoded, problems := value.AppendBounded(s.empty(), v, maxContainer)
	s.buf = encoded
	if len(problems) > 0 {
		return operand{kind: unknown}
	}
	n, ok := parseNode(string(encoded))
	if !ok {
		return operand{kind: unknown}
	}
	if n.kind == textual {
		return readString(n.scalar)
	}
	text := n.text()
	return operand{kind: n.kind, vague: n.vague, truthy: n.truthy(), plain: isASCII(text), number: n.number, str: text}
}

// isTrue reports which bool o means to exact.
func (o *operand) isTrue() bool {
	if o.kind == textual {
		return foldsTo(o.str, "true")
	}
	return o.truthy
}

// lower returns o's text in lower case; see folded.
func (o *operand) lower(few []byte, s *scratch) []byte {
	if o.plain {
		return o.folded(few, s)
	}
	s.buf = appendLower(s.empty(), o.str)
	return s.buf
}

// folded returns o's text with its ASCII letters in lower case; it lies in few, or in s.buf
// if it is longer.
func (o *operand) folded(few []byte, s *scratch) []byte {
	if len(o.buf)+len(o.str) <= cap(few) {
		return o.appendFolded(few)
	}
	if o.buf == nil {
		s.buf = s.empty()
	}
	start := len(s.buf)
	s.buf = o.appendFolded(s.buf)
	return s.buf[start:]
}

func (o *operand) appendFolded(dst []byte) []byte {
	start := len(dst)
	dst = append(append(dst, o.buf...), o.str...)
	foldInPlace(dst[start:])
	return dst
}

// appendQuoted appends s as serde_json prints a string: it escapes only what it must.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			if c < ' ' {
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
				continue
			}
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
