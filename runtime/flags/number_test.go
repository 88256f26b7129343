package flags

import (
	"encoding/json"
	"math"
	"testing"
)

func TestParseFloat(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		s    string
		want float64
		ok   bool
	}{
		{"5", 5, true},
		{"-5.5", -5.5, true},
		{"+5", 5, true},
		{".5", .5, true},
		{"5.", 5, true},
		{"1e3", 1000, true},
		{"1E+3", 1000, true},
		{"1.e-1", .1, true},
		{"007", 7, true},
		{"1e999", inf, true},
		{"-1e999", -inf, true},
		{"1e-999", 0, true},
		{"inf", inf, true},
		{"+Infinity", inf, true},
		{"-INF", -inf, true},
		{"nan", math.NaN(), true},
		{"-NaN", math.NaN(), true},
		{"", 0, false},
		{".", 0, false},
		{"+", 0, false},
		{"-.", 0, false},
		{"e5", 0, false},
		{"1e", 0, false},
		{"1e+", 0, false},
		{" 5", 0, false},
		{"5 ", 0, false},
		{"5\n", 0, false},
		{"1_000", 0, false},
		{"1,5", 0, false},
		{"0x10", 0, false},
		{"0x1p-2", 0, false},
		{"4abc", 0, false},
		{"infinit", 0, false},
		{"++5", 0, false},
		{"٣", 0, false},
	} {
		got, ok := parseFloat(c.s)
		if ok != c.ok || got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%q: got %v, %t; want %v, %t", c.s, got, ok, c.want, c.ok)
		}
	}
}

func TestAppendNumber(t *testing.T) {
	for _, c := range []struct {
		src, want string
		vague     bool
	}{
		{"5", "5", false},
		{"-5", "-5", false},
		{"0", "0", false},
		{"-0", "-0.0", false},
		{"0.0", "0.0", false},
		{"5.0", "5.0", false},
		{"5.10", "5.1", false},
		{"1e2", "100.0", false},
		{"1E-2", "0.01", false},
		{"0.00001", "0.00001", false},
		{"0.000009", "0.000009", true},
		{"1e15", "1000000000000000.0", false},
		{"1e16", "1e16", true},
		{"9007199254740993", "9007199254740993", false},
		{"18446744073709551615", "18446744073709551615", false},
		{"18446744073709551616", "18446744073709551616", true},
		{"-9223372036854775808", "-9223372036854775808", false},
		{"-9223372036854775809", "-9223372036854775809", true},
		{"0.1234567890123456", "0.1234567890123456", false},
		{"0.12345678901234567", "0.12345678901234567", true},
	} {
		got, n := appendNumber(nil, c.src)
		if string(got) != c.want || n.vague != c.vague {
			t.Errorf("%s: got %s, vague %t; want %s, vague %t", c.src, got, n.vague, c.want, c.vague)
		}
	}
}

func TestIsJSONNumber(t *testing.T) {
	for _, s := range []string{"0", "-0", "10", "0.5", "-1.5e+9", "1E5", "1e-05", "", "-", "+1", "01", ".5", "5.", "1e", "1e+", "0x1", "1 ", "Inf", "1.e5", "--1"} {
		if got, want := isJSONNumber(s), json.Valid([]byte(s)) && s != "1 "; got != want {
			t.Errorf("%q: got %t, want %t", s, got, want)
		}
	}
}

func TestMatchNumber(t *testing.T) {
	testMatches(t, []matchCase{
		{"gt", `"5"`, "1e3", yes},
		{"gt", `"5"`, "5.", no},
		{"gte", `"5"`, "5.", yes},
		{"gt", `-1`, ".5", yes},
		{"lt", `1`, "-inf", yes},
		{"lt", `1`, "nan", no},
		{"gte", `1`, "nan", no},
		{"gte", `"inf"`, "infinity", yes},
		{"gte", `"-inf"`, "", no},
		{"gt", `1`, []any{2}, no},
		{"gt", `1`, map[string]any{}, no},
		{"gt", `1`, testNow, no},
		{"gt", `1`, uint8(2), yes},
		{"gt", `1`, int8(-2), no},
		{"gt", `1`, float32(1.5), yes},
		{"gt", `1`, json.Number("1.0000001"), yes},
		{"gt", `1`, json.Number("0x5"), no}, // sent as text
		{"gt", `-1`, json.Number(""), yes},  // sent as 0
		{"gt", `18446744073709551614`, uint64(math.MaxUint64), no},
		{"gte", `9007199254740993`, int64(9007199254740992), yes}, // equal as float64
		{"between", `["-inf","inf"]`, 0, yes},
		{"between", `[1,1]`, "1.0", yes},
		{"between", `[1,2]`, "abc", no},
		{"not_between", `[1,2]`, "abc", unsure},
		{"not_between", `[1,2]`, true, unsure},
		{"between", `[1,2]`, "nan", no},
		{"not_between", `[1,2]`, "nan", no},
		{"not_between", `[1,2]`, "inf", yes},
		{"not_between", `[2,1]`, 5, no},
	})
}
