package flags

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"
)

type namedText string

type plan struct {
	Name string `json:"name"`
	Seat int    `json:"seat,omitempty"`
}

func TestRead(t *testing.T) {
	text, none := "a", (*string)(nil)
	var s scratch
	for _, c := range []struct {
		v    any
		kind kind
		want string
	}{
		{nil, null, "null"},
		{none, null, "null"},
		{"", textual, ""},
		{"a\x00b\xffc", textual, "ab\ufffdc"},
		{&text, textual, "a"},
		{namedText("x<y"), textual, "x<y"},
		{errors.New("oh"), textual, "oh"},
		{[]byte("ab"), textual, "ab"},
		{true, boolean, "true"},
		{false, boolean, "false"},
		{5, numeric, "5"},
		{int8(-5), numeric, "-5"},
		{int16(-5), numeric, "-5"},
		{int32(-5), numeric, "-5"},
		{int64(math.MinInt64), numeric, "-9223372036854775808"},
		{uint(5), numeric, "5"},
		{uint8(5), numeric, "5"},
		{uint16(5), numeric, "5"},
		{uint32(5), numeric, "5"},
		{uint64(math.MaxUint64), numeric, "18446744073709551615"},
		{5.0, numeric, "5"},
		{5.5, numeric, "5.5"},
		{-0.25, numeric, "-0.25"},
		{0.0, numeric, "0"},
		{math.Copysign(0, -1), numeric, "-0.0"},
		{float32(0.1), numeric, "0.1"},
		{1e15, numeric, "1000000000000000"},
		{1e17, numeric, "100000000000000000"},
		{json.Number("5.0"), numeric, "5.0"},
		{json.Number("1e2"), numeric, "100.0"},
		{json.Number("9007199254740993"), numeric, "9007199254740993"},
		{json.Number(""), numeric, "0"},
		{json.Number("five"), textual, "five"},
		{json.Number("1e999"), textual, "1e999"},
		{json.RawMessage(` [ 1.50 , "\u00e4" ] `), list, `[1.5,"ä"]`},
		{time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600)), textual, "2026-01-02T02:04:05.0000006Z"},
		{time.Second, numeric, "1000000000"},
		{[]string{}, list, "[]"},
		{[]any{nil, "a\"b\\c/<>&\u2028\u007f\x01\n", "\b\f\r\t"}, list, `[null,"a\"b\\c/<>&` + "\u2028\u007f" + `\u0001\n","\b\f\r\t"]`},
		{map[string]any{"b": 1, "B": 2.5, "é": nil, "a": []any{}}, object, `{"B":2.5,"a":[],"b":1,"é":null}`},
		{plan{Name: "pro"}, object, `{"name":"pro"}`},
		{&plan{Name: "pro", Seat: 3}, object, `{"name":"pro","seat":3}`},
		{math.NaN(), unknown, ""},
		{math.Inf(-1), unknown, ""},
		{float32(math.Inf(1)), unknown, ""},
		{make(chan int), unknown, ""},
		{[]any{func() {}}, unknown, ""},
		{time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC), unknown, ""},
	} {
		o := read(c.v, &s)
		o.spell(&s)
		if got := string(o.buf) + o.str; o.kind != c.kind || got != c.want {
			t.Errorf("%T %v: got kind %d, %q; want kind %d, %q", c.v, c.v, o.kind, got, c.kind, c.want)
		}
	}
}

func TestReadAllocs(t *testing.T) {
	var s scratch
	plain, text, number := "pro", any("prö"), any(json.Number("5.25"))
	for _, v := range []any{nil, &plain, text, true, 5, int64(math.MaxInt64), uint64(math.MaxUint64), 5.0, 5.25, 1e-9, number, testNow} {
		if got := testing.AllocsPerRun(100, func() { read(v, &s) }); got != 0 {
			t.Errorf("%T %v: got %v allocations, want 0", v, v, got)
		}
	}
}

func TestParseNode(t *testing.T) {
	for _, c := range []struct {
		text, want string
		ok         bool
	}{
		{` "a\u00e4\ud83d\ude00" `, `"aä😀"`, true},
		{`"\ud83d"`, `"` + "\ufffd" + `"`, true},
		{"\"\xff\"", `"` + "\ufffd" + `"`, true},
		{`{"b":1,"a":{"y":[],"x":{}},"b":2.50}`, `{"a":{"x":{},"y":[]},"b":2.5}`, true},
		{`[ true , false , null , -1e1 ]`, `[true,false,null,-10.0]`, true},
		{``, ``, false},
		{`1 2`, ``, false},
		{`[1,]`, ``, false},
		{`{"a"}`, ``, false},
		{`nul`, ``, false},
		{`01`, ``, false},
		{`"a`, ``, false},
	} {
		n, ok := parseNode(c.text)
		if ok != c.ok {
			t.Errorf("%q: got %t, want %t", c.text, ok, c.ok)
		}
		if got := string(n.appendJSON(nil)); got != c.want {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
}
