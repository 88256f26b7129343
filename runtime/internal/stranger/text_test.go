package stranger

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"u_1":                                "u_1",
		"  u 1\t":                            "u 1",
		"a\x00b\r\nc\u0085d":                 "abcd",
		"\u00a0é\u2003":                      "é",
		"\xff":                               "\ufffd",
		strings.Repeat("é", MaxText+1):       strings.Repeat("é", MaxText),
		" \x01 ":                             "",
		strings.Repeat(" ", MaxText+1) + "u": "u",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%.40q) = %.40q, want %.40q", in, got, want)
		}
	}
	if got := First([]string{"", "\x7f", "b", "c"}); got != "b" {
		t.Errorf("First returned %q, want b", got)
	}
}
