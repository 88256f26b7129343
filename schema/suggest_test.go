package schema

import "testing"

func TestCompareVersions(t *testing.T) {
	ordered := []string{"0.9.9", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.2.0", "1.10.0", "2.0.0"}
	for i, a := range ordered {
		for j, b := range ordered {
			got := compareVersions(a, b)
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("compareVersions(%q, %q) = %d", a, b, got)
			}
		}
	}
}

func TestWireNameFault(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"movie played", ""},
		{"Заказ №5 ✓", ""},
		{"e\u0301", ""}, // a combining mark
		{"", "is empty"},
		{" a", "begins or ends with a space"},
		{"a  b", "holds two spaces in a row"},
		{"a\u00a0b", "holds U+00A0, which is no letter, mark, digit, symbol or punctuation"},
		{"a\u202eb", "holds U+202E, which is no letter, mark, digit, symbol or punctuation"},
		{"a\ue000b", "holds U+E000, which is no letter, mark, digit, symbol or punctuation"},
	} {
		if got := wireNameFault(test.name); got != test.want {
			t.Errorf("wireNameFault(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}
