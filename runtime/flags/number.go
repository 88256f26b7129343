package flags

import (
	"math"
	"strconv"
	"strings"
)

// A number is a JSON number as the server reads it.
type number struct {
	value float64
	// rough says that the server's parser may have rounded otherwise in the last places,
	// since the digits do not fit the 53 bits of a float64.
	rough bool
	// vague says that the server's spelling is not known: it depends on the version of
	// its JSON library, or on digits that are rough.
	vague bool
}

// appendNumber appends the JSON number src as the server spells it: integers as they are
// while they fit 64 bits, anything else as the shortest float64 with a decimal point.
func appendNumber(dst []byte, src string) ([]byte, number) {
	if !strings.ContainsAny(src, ".eE") && src != "-0" {
		if n, err := strconv.ParseInt(src, 10, 64); err == nil {
			return append(dst, src...), number{value: float64(n)}
		}
		if n, err := strconv.ParseUint(src, 10, 64); err == nil {
			return append(dst, src...), number{value: float64(n)}
		}
	}
	f, err := strconv.ParseFloat(src, 64)
	n := number{value: f, rough: err != nil || !exactDecimal(src)}
	abs := math.Abs(f)
	if n.vague = n.rough || abs != 0 && (abs < 1e-5 || abs >= 1e16); n.vague {
		return append(dst, src...), n
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	for _, c := range dst[start:] {
		if c == '.' {
			return dst, n
		}
	}
	return append(dst, ".0"...), n
}

// exactDecimal reports whether the JSON number src is an integer below 2^53 times or over
// a power of ten that a float64 holds too. Every parser reads such a number alike.
func exactDecimal(src string) bool {
	mantissa, fraction := uint64(0), 0
	mark, rest, _ := strings.Cut(strings.ToLower(src), "e")
	point := false
	for _, c := range []byte(mark) {
		switch {
		case c == '.':
			point = true
		case c >= '0' && c <= '9':
			if mantissa = mantissa*10 + uint64(c-'0'); mantissa > 1<<53 {
				return false
			}
			if point {
				fraction++
			}
		}
	}
	exponent := 0
	if rest != "" {
		var err error
		if exponent, err = strconv.Atoi(rest); err != nil {
			return false
		}
	}
	exponent -= fraction
	return exponent >= -22 && exponent <= 22
}

// compare compares two numbers; ok is false if one of them is rough and they are too
// close to tell. Neither is NaN.
func (n number) compare(m number) (c int, ok bool) {
	if n.rough || m.rough {
		// A parser without care for the last places is off by two of them at most.
		if d := math.Abs(n.value - m.value); !(d > 0x1p-50*math.Abs(m.value)) {
			return 0, false
		}
	}
	switch {
	case n.value < m.value:
		return -1, true
	case n.value > m.value:
		return 1, true
	}
	return 0, true
}

// parseFloat reads s as Rust's f64::from_str does. strconv.ParseFloat alone would also
// take hexadecimals and underscores, and no sign before "nan".
func parseFloat(s string) (float64, bool) {
	if decimal(s) {
		f, _ := strconv.ParseFloat(s, 64) // out of range is an infinity, as in Rust
		return f, true
	}
	unsigned := s
	if s != "" && (s[0] == '+' || s[0] == '-') {
		unsigned = s[1:]
	}
	switch {
	case strings.EqualFold(unsigned, "nan"):
		return math.NaN(), true
	case strings.EqualFold(unsigned, "inf"), strings.EqualFold(unsigned, "infinity"):
		if s[0] == '-' {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	}
	return 0, false
}

// decimal reports whether s is a decimal number of Rust's: digits with at most one point
// anywhere, and an exponent.
func decimal(s string) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole := digits(s)
	s = s[whole:]
	fraction := 0
	if s != "" && s[0] == '.' {
		fraction = digits(s[1:])
		s = s[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	return s == "" || exponent(s)
}

// exponent reports whether s is an exponent and nothing more.
func exponent(s string) bool {
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digits(s) == len(s)
}

// isJSONNumber reports whether s is a number in JSON's grammar.
func isJSONNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	n := digits(s)
	if n == 0 || n > 1 && s[0] == '0' {
		return false
	}
	if s = s[n:]; s != "" && s[0] == '.' {
		if n = digits(s[1:]); n == 0 {
			return false
		}
		s = s[1+n:]
	}
	return s == "" || exponent(s)
}

// digits returns how many leading bytes of s are decimal digits.
func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}
