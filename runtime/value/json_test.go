package value

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendJSON(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct{ in, want string }{
		{"null", "null"},
		{" {\n\t\"a\" : [1 , 2.50, -0, 1e3 ],\r\n\"b\":{}} ", `{"a":[1,2.50,-0,1e3],"b":{}}`},
		{`"\u00e4\n\/\u0000"`, `"\u00e4\n\/"`},
		{`"a\ud800b"`, `"a` + "\uFFFD" + `b"`},
		{`"\ud83d\ude00"`, `"\ud83d\ude00"`},
		{`"\ud83d\u0041"`, "\"\uFFFD\\u0041\""},
		{"\"\xff\"", "\"\uFFFD\""},
		{nested(32), nested(32)},
		{"", "!"},
		{"1 2", "!"},
		{"{", "!"},
		{`{"a"}`, "!"},
		{`{"a":1,}`, "!"},
		{`[1,]`, "!"},
		{`[,]`, "!"},
		{`{a:1}`, "!"},
		{"01", "!"},
		{"1.", "!"},
		{".5", "!"},
		{"+1", "!"},
		{"-", "!"},
		{"1e", "!"},
		{"1e400", "!"}, // beyond float64
		{"NaN", "!"},
		{"tru", "!"},
		{`"`, "!"},
		{`"\`, "!"},
		{`"\x"`, "!"},
		{`"\u12"`, "!"},
		{"\"\n\"", "!"},
		{nested(33), "!"},
		{nested(100000), "!"},
	} {
		got, ok := AppendJSON([]byte("x"), []byte(tt.in))
		want, wantOK := "x"+tt.want, true
		if tt.want == "!" {
			want, wantOK = "x", false
		}
		if string(got) != want || ok != wantOK {
			t.Errorf("%.40q: got %q, %v, want %q, %v", tt.in, got, ok, want, wantOK)
		}
	}
}

func FuzzAppendJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,true,null,"x\u2028"]}`, " 1 ", "[[[]]]", `"\ud800\udc00"`, "1e999", `{"":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		before := bytes.Clone(src)
		got, ok := AppendJSON(nil, src)
		if !bytes.Equal(src, before) {
			t.Fatal("the source was changed")
		}
		if !ok {
			return // encoding/json takes some that are too deep or too large
		}
		if !json.Valid(src) || !json.Valid(got) || !utf8.Valid(got) {
			t.Fatalf("%q: took it and wrote %q", src, got)
		}
		if again, ok := AppendJSON(nil, got); !ok || !bytes.Equal(again, got) {
			t.Errorf("%q: a second pass makes %q", got, again)
		}
		if strings.Contains(string(src), `\u`) || !utf8.Valid(src) {
			return
		}
		var a, b any
		if json.Unmarshal(src, &a) != nil || json.Unmarshal(got, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%q: reads back otherwise: %q", src, got)
		}
	})
}
