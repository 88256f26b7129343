package value

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendString(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", `""`},
		{"plain text longer than a word", `"plain text longer than a word"`},
		{"quote \" and \\ and 8 more", `"quote \" and \\ and 8 more"`},
		{"\b\f\n\r\t\x01\x1f\x7f", `"\b\f\n\r\t\u0001\u001f` + "\x7f\""},
		{"a\x00b", `"ab"`},
		{"äöü\xff€", "\"äöü\uFFFD€\""},
		{"\xed\xa0\x80", "\"\uFFFD\uFFFD\uFFFD\""}, // a surrogate in UTF-8
		{"a\u2028b\u2029c", `"a\u2028b\u2029c"`},
		{"<&>", `"<&>"`},
		{"\uFFFD", "\"\uFFFD\""},
	} {
		if got := string(AppendString(nil, tt.in)); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.in, got, tt.want)
		}
		if got := string(AppendString(make([]byte, 0, 100), tt.in)); got != tt.want {
			t.Errorf("%q with room: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "12345678", "1234567\"", "\"2345678", "\x80\x00\u2028", strings.Repeat("a", 15) + "\\", "\u0080\xa0\xa1\xa2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := AppendString([]byte("x"), s)
		if got[0] != 'x' || !json.Valid(got[1:]) || !utf8.Valid(got) {
			t.Fatalf("%q: got %q", s, got)
		}
		var back, want string
		if err := json.Unmarshal(got[1:], &back); err != nil {
			t.Fatal(err)
		}
		std, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(std, &want); err != nil {
			t.Fatal(err)
		}
		if want = strings.ReplaceAll(want, "\x00", ""); back != want {
			t.Errorf("%q: reads back as %q, want %q", s, back, want)
		}
		if got := Clean(s); got != want {
			t.Errorf("Clean(%q): got %q, want %q", s, got, want)
		}
		if got, want := Plain(s), string(got[1:]) == `"`+s+`"` && isASCII(s); got != want {
			t.Errorf("Plain(%q): got %v, want %v", s, got, want)
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(s) && !strings.Contains(s, "\x00") && b.String() != string(got[1:])+"\n" {
			t.Errorf("%q: got %s, encoding/json has %s", s, got[1:], b.String())
		}
	})
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func BenchmarkAppendString(b *testing.B) {
	buf := make([]byte, 0, 256)
	for _, s := range []string{"web", "Acme Industries GmbH & Co. KG", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "Привет, мир и все остальные"} {
		b.Run(s, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				buf = AppendString(buf[:0], s)
			}
		})
	}
}
