package flags

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestMatchPattern(t *testing.T) {
	testMatches(t, []matchCase{
		{"regex", `""`, "", yes},
		{"regex", `"a"`, "bab", yes},
		{"regex", `"A"`, "bab", no},
		{"regex", `5`, 151, yes},
		{"regex", `true`, true, yes},
		{"regex", `"^True$"`, true, no},
		{"regex", `["a"]`, "xax", yes}, // the class of its JSON
		{"regex", `"^\\d+$"`, "12", yes},
		{"regex", `"^\\d+$"`, "12\n", no},
		{"regex", `"."`, "\n", no},
		{"regex", `"(?s)."`, "\n", yes},
		{"regex", `"^.$"`, "ä", yes},
		{"regex", `"[^a]"`, "ä", yes},
		{"regex", `"^[ä-ö]$"`, "ä", yes},
		{"regex", `"\\pL"`, "ä", yes},
		{"regex", `"^\\x{e4}$"`, "ä", yes},
		{"regex", `"(?P<year>\\d{4})-(?<month>\\d\\d)"`, "2024-06", yes},
		{"regex", `"^[\\w.+-]+@acme\\.com$"`, "joe.x+y@acme.com", yes},
		{"regex", `"^[[:alpha:]]+$"`, "abc", yes},
		{"regex", `"[]x]"`, "]", yes},
		{"regex", `"^[a-z-9]+$"`, "a-9", yes},
		{"regex", `"a}"`, "a}", yes},
		{"regex", `"]"`, "]", yes},
		{"regex", `"(?:ab)+?$"`, "abab", yes},
		{"regex", `"(?i:JOE)"`, "xjoey", yes},
		{"regex", `"T12"`, testNow, yes},
		{"regex", `"^\\[1,\"a\"\\]$"`, []any{1, "a"}, yes},
		{"regex", `"^a"`, nil, no},

		// The same for ASCII only.
		{"regex", `"\\d"`, "٣", unsure},
		{"not_regex", `"\\w"`, "ä", unsure},
		{"regex", `"\\S"`, "ä", unsure},
		{"regex", `"(?i)k"`, "\u212a", unsure},
		{"regex", `"[[:^alpha:]]"`, "ä", unsure},
		{"regex", `"\\s"`, "\v", unsure}, // white space in Rust, not in Go
		{"regex", `"\\s"`, "\t", yes},
		{"regex", `"(?m)^b"`, "a\nb", unsure},
		{"regex", `"(?m)^b"`, "b", yes},
	})
}

// TestPatternUnsure has the patterns that Go and the server's engine do not read alike.
func TestPatternUnsure(t *testing.T) {
	for _, src := range []string{
		`a(?=b)`, `a(?!b)`, `(?<=a)b`, `(?<!a)b`, `(a)\1`, `(?P<n>a)\k<n>`, `(?P<n>a)(?P=n)`, `(?>a)`, `a\g1`, `(?(1)a)`, `(?#c)a`, `(?|a)`,
		`a*+`, `a++`, `a?+`, `a{2}+`, `a**`, `a{2}{3}`, `a*??`,
		`a\Kb`, `\Ga`, `\h`, `\Z`, `\bfoo`, `\B`, `[\b]`, `\Qa\E`, `\C`, `\R`, `\X`, `\N`, `\<a`, `a\>`, `\e`, `\0`, `\07`, `\u0041`, `\é`, "\\\n", "\\\x7f",
		`[a&&b]`, `[a--b]`, `[a~~b]`, `[a[b]]`, `[[:foo:]]`, `[a-[:digit:]]`, `[\w-z]`, `[[:digit:]-z]`, `[\A]`,
		`a{,3}`, `a{`, `{`, `a{x}`, `a{2`, `a{1001}`, `a{3,2}`, `{2}`, `*a`, `(*a)`, `a|*`,
		`^*`, `$+`, `\A?`, `\z{2}`, `(?:^)*`, `(^|$)+`, `(?:)*`, `()*`, `(?i)*`, `a(?i)*`,
		`(?x)a`, `(?u)a`, `(?)`, `(?R)a`, `(?i`, `(?P<é>a)`, `(?P<n>a)(?P<n>b)`, `(?'n'a)`,
		`\p{Foo}`, `\pQ`, `[^\s\S]`, `\x{110000}`, `\xg`,
		`(?i)ä`, `\dä`, `ä\s`,
		`\w{100}`, `(?:\w{10}){10}`, `(?:a{1000}){1000}`, strings.Repeat("a", 5000),
	} {
		testPattern(t, src, unsure, unsure)
	}
}

// TestPatternInvalid has the patterns that no engine reads: nothing matches them, and
// nothing matches their opposite.
func TestPatternInvalid(t *testing.T) {
	for _, src := range []string{`(`, `a(b`, `)`, `a)b(`, `[`, `[]`, `[^]`, `[a`, `[z-a]`, `\`, `a\`, `(?:a`, `(?P<n>a`, `[9-\x30]`} {
		testPattern(t, src, no, no)
	}
}

func testPattern(t *testing.T, src string, is, isNot verdict) {
	t.Helper()
	raw, err := json.Marshal(src)
	if err != nil {
		t.Fatal(err)
	}
	for op, want := range map[string]verdict{"regex": is, "not_regex": isNot} {
		p := newPredicate(op, raw, false)
		if got := p.match("abc", &scratch{}); got != want {
			t.Errorf("%s %.40q: got %s, want %s", op, src, got, want)
		}
		if got, want := p.unsupported() != "", want == unsure; got != want {
			t.Errorf("%s %.40q: unsupported %q", op, src, p.unsupported())
		}
	}
	for op, want := range map[string]verdict{"regex": no, "not_regex": isNot} {
		p := newPredicate(op, raw, false)
		if got := p.unset(); got != want {
			t.Errorf("%s %.40q, unset: got %s, want %s", op, src, got, want)
		}
	}
}

// TestPatternBounded: patterns that backtrack for ever elsewhere take linear time, and no
// pair of pattern and text more than about a tenth of a second.
func TestPatternBounded(t *testing.T) {
	start := time.Now()
	for _, src := range []string{`^(a+)+$`, `(a|a)*b`, `(?:a?){500}a{500}`, `(x+x+)+y`, `.*.*.*=.*`} {
		raw, err := json.Marshal(src)
		if err != nil {
			t.Fatal(err)
		}
		p := newPredicate("regex", raw, false)
		for n := 10; n <= 1<<20; n *= 8 {
			p.match(strings.Repeat("a", n)+"!", &scratch{})
		}
	}
	if got := time.Since(start); got > 30*time.Second {
		t.Errorf("took %v", got)
	}
}
