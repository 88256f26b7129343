package judge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/phgen/phgen/schema"
)

// value compares a value that is not null with its type. cut says that the
// property's on_invalid is truncate.
func (r *report) value(path string, t *schema.Type, pii *schema.PII, v any, cut bool) {
	if pii != nil && pii.Action != "allow" && t.Kind != schema.Array && t.Kind != schema.Map {
		if message := afterPII(t.Kind, pii, v); message != "" {
			r.add(path, "pii", message)
		}
		return // what is left of the value has no constraints
	}
	switch t.Kind {
	case schema.Array:
		r.array(path, t, pii, v)
	case schema.Map:
		r.mapping(path, t, pii, v)
	case schema.Object:
		r.object(path, t.Properties, v)
	case schema.Union:
		r.union(path, t, v)
	case schema.JSON:
		if depth(v) > maxJSONDepth {
			r.add(path, "type", fmt.Sprintf("nested more than %d levels deep", maxJSONDepth))
		}
	case schema.Int:
		r.integer(path, t, v)
	case schema.Float, schema.Duration:
		r.number(path, t, v)
	case schema.Bool:
		if _, ok := v.(bool); !ok {
			r.add(path, "type", "no boolean")
		}
	case schema.Const:
		if !isConst(t.Const, v) {
			r.add(path, "const", "another value")
		}
	default:
		r.text(path, t, v, cut)
	}
	if t.MaxBytes != nil && encodedLen(v) > *t.MaxBytes {
		r.add(path, "max_bytes", fmt.Sprintf("longer than %d bytes of JSON", *t.MaxBytes))
	}
}

func (r *report) integer(path string, t *schema.Type, v any) {
	n, ok := v.(json.Number)
	i, err := strconv.ParseInt(n.String(), 10, 64)
	switch {
	case !ok || err != nil:
		r.add(path, "type", "no integer of 64 bits")
	case t.MinInt != nil && i < *t.MinInt:
		r.add(path, "min", fmt.Sprintf("below %d", *t.MinInt))
	case t.MaxInt != nil && i > *t.MaxInt:
		r.add(path, "max", fmt.Sprintf("above %d", *t.MaxInt))
	}
}

func (r *report) number(path string, t *schema.Type, v any) {
	f, ok := float(v)
	switch {
	case !ok:
		r.add(path, "type", "no finite number")
	case t.Min != nil && f < *t.Min:
		r.add(path, "min", "below "+strconv.FormatFloat(*t.Min, 'g', -1, 64))
	case t.Max != nil && f > *t.Max:
		r.add(path, "max", "above "+strconv.FormatFloat(*t.Max, 'g', -1, 64))
	}
}

// float reads a number; it reports false for anything else and for one that no
// float64 can hold.
func float(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil && !math.IsInf(f, 0)
}

// text compares everything that is a string on the wire.
func (r *report) text(path string, t *schema.Type, v any, cut bool) {
	s, ok := v.(string)
	if !ok {
		r.add(path, "type", "no string")
		return
	}
	if t.Kind == schema.Enum {
		if !slices.ContainsFunc(t.Values, func(v *schema.EnumValue) bool { return v.Value == s }) {
			r.add(path, "enum", "not one of the values")
		}
		return
	}
	if form := formats[t.Kind]; form != nil && !form(s) {
		r.add(path, "type", "no "+string(t.Kind))
	}
	if t.StripQuery && strings.ContainsAny(s, "?#") {
		r.add(path, "strip_query", "holds a query or fragment")
	}
	n := utf8.RuneCountInString(s)
	if t.MaxLength != nil && n > *t.MaxLength {
		r.add(path, "max_length", fmt.Sprintf("longer than %d characters", *t.MaxLength))
	}
	// The sender checked what it was given; a cut may have broken these since.
	cut = cut && t.MaxLength != nil && n == *t.MaxLength || t.StripQuery
	if t.MinLength != nil && n < *t.MinLength && !cut {
		r.add(path, "min_length", fmt.Sprintf("shorter than %d characters", *t.MinLength))
	}
	if t.Pattern != "" && !cut && !r.patterns[t.Pattern].MatchString(s) {
		r.add(path, "pattern", "does not match "+t.Pattern)
	}
}

func isConst(want *schema.Value, v any) bool {
	switch want.Kind {
	case schema.String:
		return v == want.Text
	case schema.Bool:
		return v == want.Bool
	case schema.Int:
		n, ok := v.(json.Number)
		return ok && n.String() == strconv.FormatInt(want.Int, 10)
	}
	f, ok := float(v)
	return ok && f == want.Float
}

// amount compares both keys of an amount of money that are there.
func (r *report) amount(amountPath, currencyPath string, amount, currency any) {
	code, ok := currency.(string)
	if !ok || !upper(code, 3) {
		r.add(currencyPath, "type", "no currency")
		return
	}
	n, ok := amount.(json.Number)
	if !ok || strings.ContainsAny(n.String(), "eE") {
		r.add(amountPath, "type", "no decimal amount")
		return
	}
	_, fraction, _ := strings.Cut(n.String(), ".")
	if digits := minorDigits(code); len(fraction) > digits {
		r.add(amountPath, "type", fmt.Sprintf("more than the %d decimals of its currency", digits))
	}
}

// minorDigits is the number of decimals that ISO 4217 gives a currency.
func minorDigits(code string) int {
	switch code {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

const maxJSONDepth = 32

func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, field := range v {
			deepest = max(deepest, depth(field))
		}
	case []any:
		for _, item := range v {
			deepest = max(deepest, depth(item))
		}
	default:
		return 0
	}
	return deepest + 1
}

// encodedLen is the length of v as phgen's runtime writes it: without white
// space and without HTML escapes.
func encodedLen(v any) int {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return 0 // decoded JSON always encodes
	}
	return b.Len() - 1 // the encoder ends with a newline
}
