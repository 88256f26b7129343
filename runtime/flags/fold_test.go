package flags

import (
	"strings"
	"testing"
	"unicode"
)

func TestAppendLower(t *testing.T) {
	for _, c := range []struct{ s, want string }{
		{"", ""},
		{"Pro 9_Z@[`{", "pro 9_z@[`{"},
		{"ÄÖÜ", "äöü"},
		{"ẞß", "ßß"},
		{"İI", "i\u0307i"},
		{"\u212a", "k"},
		{"Σ", "σ"},
		{"ΑΣ", "ας"},
		{"ΑΣΑ", "ασα"},
		{"ΑΣ Α", "ας α"},
		{"ΣΑ", "σα"},
		{"ΣΣ", "σς"},
		{"Α.Σ", "α.ς"},
		{"ΑΣ'Α", "ασ'α"},
		{"ΑΣ\u0301", "ας\u0301"},
		{"\u0301Σ", "\u0301σ"},
		{"1Σ", "1σ"},
		{"ªΣ", "ªς"},
		{"ǅΣ", "ǆς"},
		{"AΣ:", "aς:"},
	} {
		if got := string(appendLower([]byte("x:"), c.s)); got != "x:"+c.want {
			t.Errorf("%+q: got %+q, want %+q", c.s, got, "x:"+c.want)
		}
	}
}

// TestAppendLowerRunes: all but the two letters of appendLower's own are as in package
// unicode.
func TestAppendLowerRunes(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r == 'İ' || r >= 0xd800 && r < 0xe000 {
			continue
		}
		if got, want := string(appendLower(nil, string(r))), strings.ToLower(string(r)); got != want {
			t.Errorf("%U: got %+q, want %+q", r, got, want)
		}
	}
}

func TestAppendFold(t *testing.T) {
	if got, want := string(appendFold(nil, "AZ[äÄ\u212a\xff")), "az[äÄ\u212a\xff"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
