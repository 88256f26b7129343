package flags

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// now is when the tests of predicates take place.
var testNow = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// predicateFor compiles a filter; its value is absent if it is "".
func predicateFor(op, value string) predicate {
	if value == "" {
		return newPredicate(op, nil, false)
	}
	return newPredicate(op, json.RawMessage(value), false)
}

type matchCase struct {
	op, value string
	property  any
	want      verdict
}

func testMatches(t *testing.T, cases []matchCase) {
	t.Helper()
	var s scratch
	for _, c := range cases {
		s.now = testNow
		p := predicateFor(c.op, c.value)
		if got := p.match(c.property, &s); got != c.want {
			t.Errorf("%s %s, %T %v: got %s, want %s", c.op, c.value, c.property, c.property, got, c.want)
		}
	}
}

// TestMatchPresent has a property that matches and one that does not for every operator.
func TestMatchPresent(t *testing.T) {
	testMatches(t, []matchCase{
		{"exact", `"pro"`, "Pro", yes},
		{"exact", `"pro"`, "prop", no},
		{"exact", `["free","pro"]`, "PRO", yes},
		{"exact", `["free","pro"]`, "team", no},
		{"", `"pro"`, "pro", yes},
		{"is_not", `"pro"`, "pro", no},
		{"is_not", `"pro"`, "free", yes},
		{"is_not", `["free","pro"]`, "team", yes},
		{"is_set", `"is_set"`, "", yes},
		{"is_set", ``, nil, yes},
		{"is_not_set", ``, "x", no},
		{"is_not_set", ``, nil, no},
		{"icontains", `"@ACME."`, "joe@acme.com", yes},
		{"icontains", `"acme"`, "acm", no},
		{"not_icontains", `"acme"`, "joe@ACME.com", no},
		{"not_icontains", `"acme"`, "", yes},
		{"starts_with", `"Jo"`, "joe", yes},
		{"starts_with", `"oe"`, "joe", no},
		{"not_starts_with", `"jo"`, "JOE", no},
		{"not_starts_with", `"oe"`, "joe", yes},
		{"ends_with", `"OE"`, "joe", yes},
		{"ends_with", `"jo"`, "joe", no},
		{"not_ends_with", `"oe"`, "joe", no},
		{"not_ends_with", `"jo"`, "joe", yes},
		{"icontains_multi", `["x","OE"]`, "joe", yes},
		{"icontains_multi", `["x","y"]`, "joe", no},
		{"icontains_multi", `"oe"`, "joe", yes},
		{"not_icontains_multi", `["x","OE"]`, "joe", no},
		{"not_icontains_multi", `["x","y"]`, "joe", yes},
		{"regex", `"^j.e$"`, "joe", yes},
		{"regex", `"^j.e$"`, "JOE", no},
		{"not_regex", `"^j.e$"`, "joe", no},
		{"not_regex", `"^j.e$"`, "JOE", yes},
		{"gt", `5`, 5.5, yes},
		{"gt", `5`, 5, no},
		{"gte", `5`, 5, yes},
		{"gte", `5`, 4, no},
		{"lt", `5`, 4, yes},
		{"lt", `5`, 5, no},
		{"lte", `5`, 5, yes},
		{"lte", `5`, 6, no},
		{"min", `5`, 5, yes},
		{"min", `5`, 4, no},
		{"max", `5`, 5, yes},
		{"max", `5`, 6, no},
		{"between", `[1,"3"]`, 3, yes},
		{"between", `[1,3]`, 0, no},
		{"not_between", `[1,3]`, 1, no},
		{"not_between", `[1,3]`, 4, yes},
		{"is_date_before", `"2026-01-01T00:00:00Z"`, "2025-12-31T23:59:59Z", yes},
		{"is_date_before", `"2026-01-01T00:00:00Z"`, "2026-01-01T00:00:00Z", no},
		{"is_date_after", `"2026-01-01T00:00:00Z"`, "2026-01-01T00:00:00.001Z", yes},
		{"is_date_after", `"2026-01-01T00:00:00Z"`, "2026-01-01T00:00:00Z", no},
		{"is_date_exact", `"2026-01-01T00:00:00Z"`, "2026-01-01T02:00:00+02:00", yes},
		{"is_date_exact", `"2026-01-01T00:00:00Z"`, "2026-01-01T00:00:01Z", no},
		{"semver_eq", `"1.2.0"`, "1.2", yes},
		{"semver_eq", `"1.2.0"`, "1.2.1", no},
		{"semver_neq", `"1.2.0"`, "1.2.1", yes},
		{"semver_neq", `"1.2.0"`, "v1.2.0", no},
		{"semver_gt", `"1.2.9"`, "1.2.10", yes},
		{"semver_gt", `"1.2.9"`, "1.2.9", no},
		{"semver_gte", `"1.2.9"`, "1.2.9", yes},
		{"semver_gte", `"1.2.9"`, "1.2.8", no},
		{"semver_lt", `"1.2.9"`, "1.2.8", yes},
		{"semver_lt", `"1.2.9"`, "1.2.9", no},
		{"semver_lte", `"1.2.9"`, "1.2.9", yes},
		{"semver_lte", `"1.2.9"`, "1.2.10", no},
		{"semver_tilde", `"1.2.3"`, "1.2.9", yes},
		{"semver_tilde", `"1.2.3"`, "1.3.0", no},
		{"semver_caret", `"1.2.3"`, "1.9.0", yes},
		{"semver_caret", `"1.2.3"`, "2.0.0", no},
		{"semver_wildcard", `"1.2.*"`, "1.2.9", yes},
		{"semver_wildcard", `"1.2.*"`, "1.3.0", no},
	})
}

// TestMatchNull: the server looks at the text of a property that is null.
func TestMatchNull(t *testing.T) {
	testMatches(t, []matchCase{
		{"exact", `"null"`, nil, yes},
		{"exact", `"NULL"`, nil, yes},
		{"exact", `"pro"`, nil, no},
		{"exact", `"false"`, nil, yes},
		{"exact", `"true"`, nil, no},
		{"is_not", `"null"`, nil, no},
		{"is_not", `"pro"`, nil, yes},
		{"is_not", `"false"`, nil, no},
		{"icontains", `"ul"`, nil, yes},
		{"icontains", `"foo"`, nil, no},
		{"not_icontains", `"ul"`, nil, no},
		{"not_icontains", `"foo"`, nil, yes},
		{"starts_with", `"nu"`, nil, yes},
		{"not_starts_with", `"ll"`, nil, yes},
		{"ends_with", `"ll"`, nil, yes},
		{"not_ends_with", `"ll"`, nil, no},
		{"icontains_multi", `["x","ul"]`, nil, yes},
		{"regex", `"^null$"`, nil, yes},
		{"not_regex", `"^null$"`, nil, no},
		{"gt", `0`, nil, no},
		{"gte", `0`, nil, no},
		{"lt", `0`, nil, no},
		{"lte", `0`, nil, no},
		{"between", `[0,1]`, nil, no},
		{"not_between", `[0,1]`, nil, unsure},
		{"is_date_before", `"-1d"`, nil, no},
		{"is_date_after", `"-1d"`, nil, no},
		{"is_date_exact", `"-1d"`, nil, no},
		{"semver_eq", `"1.2.3"`, nil, no},
		{"semver_neq", `"1.2.3"`, nil, no},
		{"semver_tilde", `"1.2.3"`, nil, no},
		{"semver_wildcard", `"*"`, nil, no},
	})
}

// valued holds every operator with a value that some property matches and some does not.
var valued = map[string]string{
	"exact": `"a"`, "is_not": `"a"`, "icontains": `"a"`, "not_icontains": `"a"`,
	"starts_with": `"a"`, "not_starts_with": `"a"`, "ends_with": `"a"`, "not_ends_with": `"a"`,
	"icontains_multi": `["a"]`, "not_icontains_multi": `["a"]`, "regex": `"a"`, "not_regex": `"a"`,
	"gt": `1`, "gte": `1`, "lt": `1`, "lte": `1`, "min": `1`, "max": `1`, "between": `[1,2]`, "not_between": `[1,2]`,
	"is_date_before": `"-1d"`, "is_date_after": `"-1d"`, "is_date_exact": `"-1d"`,
	"semver_eq": `"1"`, "semver_neq": `"1"`, "semver_gt": `"1"`, "semver_gte": `"1"`, "semver_lt": `"1"`, "semver_lte": `"1"`,
	"semver_tilde": `"1"`, "semver_caret": `"1"`, "semver_wildcard": `"1.*"`,
}

// opposites holds the operators that a property absent on the server matches.
var opposites = map[string]bool{
	"is_not": true, "not_icontains": true, "not_starts_with": true, "not_ends_with": true,
	"not_icontains_multi": true, "not_regex": true, "not_between": true, "is_not_set": true,
}

func TestAbsent(t *testing.T) {
	if got, want := len(valued)+len([]string{"", "is_set", "is_not_set"}), len(operators); got != want {
		t.Fatalf("the test knows %d operators, want %d", got, want)
	}
	for op, value := range valued {
		p := predicateFor(op, value)
		if got := p.absent(); got != unsure {
			t.Errorf("%s %s, not known: got %s, want unsure", op, value, got)
		}
		if got, want := p.unset(), verdictOf(opposites[op]); got != want {
			t.Errorf("%s %s, unset: got %s, want %s", op, value, got, want)
		}
		if got := p.unsupported(); got != "" {
			t.Errorf("%s %s: unsupported: %s", op, value, got)
		}
	}
}

func TestAbsentSet(t *testing.T) {
	for _, op := range []string{"is_set", "is_not_set"} {
		for _, value := range []string{``, `null`, `"is_set"`, `[1]`} {
			p := predicateFor(op, value)
			if got := p.absent(); got != unsure {
				t.Errorf("%s %s, not known: got %s, want unsure", op, value, got)
			}
			if got, want := p.unset(), verdictOf(op == "is_not_set"); got != want {
				t.Errorf("%s %s, unset: got %s, want %s", op, value, got, want)
			}
		}
	}
}

// TestNullValue: a filter without a value matches nothing, not even where its opposite
// does not match either.
func TestNullValue(t *testing.T) {
	for op := range valued {
		for _, value := range []string{``, `null`, ` null `} {
			p := predicateFor(op, value)
			for _, v := range []any{nil, "", "null", "a", 1, true, []any{}} {
				if got := p.match(v, &scratch{}); got != no {
					t.Errorf("%s %q, %v: got %s, want no", op, value, v, got)
				}
			}
			if got := p.absent(); got != no {
				t.Errorf("%s %q, not known: got %s, want no", op, value, got)
			}
			if got := p.unset(); got != no {
				t.Errorf("%s %q, unset: got %s, want no", op, value, got)
			}
			if got := p.unsupported(); got != "" {
				t.Errorf("%s %q: unsupported: %s", op, value, got)
			}
		}
	}
}

// TestSettled has the filters whose value alone decides, so that the property need not be
// known.
func TestSettled(t *testing.T) {
	for _, c := range []struct {
		op, value     string
		absent, unset verdict
	}{
		{"icontains_multi", `[]`, no, no},
		{"not_icontains_multi", `[]`, yes, yes},
		{"regex", `"a("`, no, no},
		{"not_regex", `"a("`, no, no},
		{"gt", `"abc"`, no, no},
		{"gt", `" 5"`, no, no},
		{"gt", `"1_000"`, no, no},
		{"gt", `true`, no, no},
		{"gt", `[5]`, no, no},
		{"gt", `"nan"`, no, no},
		{"gt", `"inf"`, no, no},
		{"gte", `"inf"`, unsure, no},
		{"lt", `"-inf"`, no, no},
		{"between", `[3,1]`, no, no},
		{"between", `[1]`, no, no},
		{"between", `[1,"nan"]`, no, no},
		{"between", `5`, no, no},
		{"not_between", `[3,1]`, unsure, unsure}, // or yes if the server looks for the property first
		{"is_date_before", `1717236000`, no, no},
		{"is_date_after", `true`, no, no},
		{"is_date_exact", `["-1d"]`, no, no},
		{"semver_eq", `"abc"`, no, no},
		{"semver_neq", `"abc"`, no, no},
		{"semver_neq", `true`, no, no},
		{"semver_wildcard", `"1.2.3.*"`, no, no},
		{"semver_wildcard", `"1.*.3"`, no, no},
	} {
		p := predicateFor(c.op, c.value)
		if got := p.absent(); got != c.absent {
			t.Errorf("%s %s, not known: got %s, want %s", c.op, c.value, got, c.absent)
		}
		if got := p.unset(); got != c.unset {
			t.Errorf("%s %s, unset: got %s, want %s", c.op, c.value, got, c.unset)
		}
		if got := p.match("5", &scratch{}); c.absent != unsure && got != c.absent {
			t.Errorf("%s %s, \"5\": got %s, want %s", c.op, c.value, got, c.absent)
		}
	}
}

// TestUnsupported has filters that are not understood. What no value of their operator
// matches they do not match either.
func TestUnsupported(t *testing.T) {
	properties := []any{nil, true, []any{}, map[string]any{}, "a", "1.2.3", 5, Unset}
	for _, c := range []struct{ op, value, want, verdicts string }{
		{"EXACT", `"a"`, `the unknown operator "EXACT"`, "????????"},
		{"flag_evaluates_to", `true`, `the unknown operator "flag_evaluates_to"`, "????????"},
		{"in", `12`, `the unknown operator "in"`, "????????"},
		{"exact", `{`, "a malformed value", "????????"},
		{"exact", strings.Repeat("[", 1000), "a malformed value", "????????"},
		{"exact", `"` + strings.Repeat("a", 1<<20) + `"`, "a value that is too long", "????????"},
		{"regex", `"(?=a)a"`, "a lookaround, a special group or special flags in a pattern", "???????n"},
		{"regex", `1e16`, "a number as a pattern", "???????n"},
		{"not_regex", `"a\\1"`, `the escape "\\1" in a pattern`, "????????"},
		{"is_date_before", `"1 June 2024"`, "a date whose form is not certain", "nnnn???n"},
		{"is_date_after", `"10000d"`, "a date whose form is not certain", "nnnn???n"},
		{"is_date_exact", `""`, "a date whose form is not certain", "nnnn???n"},
		{"semver_wildcard", `">=1.2"`, "a version pattern whose meaning is not certain", "nnnnn??n"},
		{"semver_wildcard", `"*.*"`, "a version pattern whose meaning is not certain", "nnnnn??n"},
		{"not_between", `[1e400,2e400]`, "bounds too close to order", "????????"},
	} {
		p := predicateFor(c.op, c.value)
		if got := p.unsupported(); got != c.want {
			t.Errorf("%s %.40s: got %q, want %q", c.op, c.value, got, c.want)
		}
		for i, v := range properties {
			got, want := p.unset(), unsure
			if v != any(Unset) {
				got = p.match(v, &scratch{now: testNow})
			}
			if c.verdicts[i] == 'n' {
				want = no
			}
			if got != want {
				t.Errorf("%s %.40s, %v: got %s, want %s", c.op, c.value, v, got, want)
			}
		}
		if got := p.absent(); got != unsure {
			t.Errorf("%s %.40s, not known: got %s, want unsure", c.op, c.value, got)
		}
	}
}

// TestSurprises has the filters that PostHog's libraries disagree about, with the answers
// of its server.
func TestSurprises(t *testing.T) {
	testMatches(t, []matchCase{
		{"exact", `"Pro"`, "pro", yes},
		{"exact", `"Pro"`, []any{"pro"}, no},
		{"exact", `"true"`, true, yes},
		{"exact", `"false"`, "banana", yes},
		{"exact", `[]`, true, yes},
		{"exact", `["true","false"]`, "pro", yes},
		{"exact", `5`, "5", yes},
		{"exact", `"5"`, 5.0, yes}, // encoding/json sends 5
		{"exact", `"5"`, json.Number("5.0"), no},
		{"exact", `"null"`, nil, yes},
		{"exact", `null`, nil, no},
		{"exact", `"ß"`, "SS", no},
		{"is_not", `"false"`, nil, no},
		{"is_set", ``, nil, yes},
		{"icontains", `"ä"`, "Äbc", no},
		{"not_icontains", `"foo"`, nil, yes},
		{"regex", `"(?=a)a"`, "abc", unsure},
		{"not_regex", `"(?=a)a"`, "xyz", unsure},
		{"not_regex", `"^a"`, 5, yes},
		{"regex", `"^\\d+$"`, "123\n", no},
		{"regex", `"(?i)ABC"`, "xabcx", yes},
		{"gt", `"5"`, "10", yes},
		{"gt", `5`, "10", yes},
		{"gt", `"5"`, []any{6}, no},
		{"gt", `"9"`, "10", yes},
		{"gt", `"5"`, "abc", no},
		{"gt", `"5"`, true, no},
		{"lt", `"5"`, "4abc", no},
		{"gt", `" 5 "`, 6, no},
		{"gt", `"5"`, "inf", yes},
		{"gt", `"abc"`, "abd", no},
		{"is_date_before", `"2024-06-01"`, 1700000000, yes}, // seconds
		{"is_date_after", `"-30d"`, "-1d", yes},
		{"is_date_before", `"1 June 2024"`, "2024-05-31", unsure},
		{"is_date_before", `"2024"`, "2023-01-01", unsure},
		{"semver_eq", `"1.2.3"`, "vv1.2.3", no},
		{"semver_eq", `"1.2.3"`, nil, no},
		{"semver_eq", `"1.2.3"`, "1..3", no},
		{"semver_wildcard", `"1.2.3.*"`, "1.2.4", no},
		{"semver_wildcard", `"1.*.3"`, "1.3.0", no},
		{"", `"pro"`, "PRO", yes},
		{"EXACT", `"pro"`, "pro", unsure},
	})
}

func TestMatchBool(t *testing.T) {
	const legacy, explicit = false, true
	for _, c := range []struct {
		version  bool
		value    string
		property any
		want     verdict
	}{
		{legacy, `true`, true, yes},
		{legacy, `true`, "TRUE", yes},
		{legacy, `true`, "yes", no},
		{legacy, `true`, 1, no},
		{legacy, `true`, []any{}, yes},
		{legacy, `true`, []any{true, "True"}, yes},
		{legacy, `true`, []any{true, 1}, no},
		{legacy, `"True"`, true, yes},
		{legacy, `false`, 0, yes},
		{legacy, `"False"`, "", yes},
		{legacy, `"FALSE"`, map[string]any{}, yes},
		{legacy, `false`, true, no},
		{legacy, `[true]`, "true", yes},
		{legacy, `["true","false"]`, "true", no},
		{legacy, `["true","false"]`, "false", yes},
		{legacy, `[[true]]`, "true", yes},
		{legacy, `["true","pro"]`, "true", yes},
		{legacy, `["true","pro"]`, "false", no},
		{legacy, `[]`, "true", yes},
		{legacy, `[]`, []any{}, yes},
		{legacy, `[]`, "", no},
		{legacy, `"true "`, true, no},
		{explicit, `true`, "TRUE", yes},
		{explicit, `true`, []any{}, no},
		{explicit, `"false"`, "banana", no},
		{explicit, `"false"`, nil, no},
		{explicit, `"false"`, false, yes},
		{explicit, `["true","false"]`, "true", yes},
		{explicit, `["true","false"]`, "pro", no},
		{explicit, `[]`, true, yes},
		{explicit, `[]`, "", no},
	} {
		name := fmt.Sprintf("explicit %t: %s, %T %v", c.version, c.value, c.property, c.property)
		is := newPredicate("exact", json.RawMessage(c.value), c.version)
		isNot := newPredicate("is_not", json.RawMessage(c.value), c.version)
		if got := is.match(c.property, &scratch{}); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
		if got, want := isNot.match(c.property, &scratch{}), c.want.not(); got != want {
			t.Errorf("%s: is_not: got %s, want %s", name, got, want)
		}
	}
}

func TestMatchText(t *testing.T) {
	text := "pro"
	long := `["a","b","c","d","e","f","g","h","i","ΟΔΟΣ","Pro"]`
	testMatches(t, []matchCase{
		{"exact", `"pro"`, &text, yes},
		{"exact", `" pro"`, "pro", no},
		{"exact", `"ÄÖ"`, "äö", yes},
		{"exact", `"\u212a"`, "k", yes}, // the Kelvin sign
		{"exact", `"İ"`, "i\u0307", yes},
		{"exact", `"İ"`, "i", no},
		{"exact", `"ΟΔΟΣ"`, "οδος", yes},
		{"exact", `"ΟΔΟΣ"`, "οδοσ", no},
		{"exact", `"é"`, "e\u0301", no},
		{"exact", `"a\u0000b"`, "a\x00b", no}, // sent without the NUL
		{"exact", `"ab"`, "a\x00b", yes},
		{"exact", `"\ufffd"`, "\xff", yes},
		{"exact", `"<&>\u2028\""`, "<&>\u2028\"", yes},
		{"exact", long, "PRO", yes},
		{"exact", long, "οδος", yes},
		{"exact", long, "pr", no},
		{"exact", `["x"]`, `["x"]`, no},
		{"exact", `[["x"]]`, `["x"]`, yes},
		{"exact", `{"b":1, "a":[ 2 ]}`, map[string]any{"a": []int{2}, "b": 1}, yes},
		{"exact", `{"a":"X"}`, `{"a":"x"}`, yes},
		{"icontains", `""`, "", yes},
		{"not_icontains", `""`, "", no},
		{"icontains", `3`, 323, yes},
		{"icontains", `"rue"`, true, yes},
		{"icontains", `["a","b"]`, "a", no},
		{"icontains", `["a","b"]`, `x["A","b"]`, yes},
		{"icontains", `"a\":\"<"`, map[string]string{"a": "<"}, yes},
		{"icontains", `"Äx"`, "ÄX", yes},
		{"icontains", `"straße"`, "STRASSE", no},
		{"icontains_multi", `[5,true,null]`, 1.5, yes},
		{"icontains_multi", `[5,true,null]`, "NULLABLE", yes},
		{"icontains_multi", `{"a":1}`, `x{"a":1}`, yes},
		{"icontains_multi", `[""]`, "", yes},
		{"starts_with", `"2026"`, testNow, yes},
		{"ends_with", `"z"`, testNow, yes},
		{"exact", `"2026-01-31t12:00:00z"`, testNow, yes},
	})
}

// TestMatchVague: the server may spell such numbers in more than one way.
func TestMatchVague(t *testing.T) {
	testMatches(t, []matchCase{
		{"exact", `1e16`, "1e16", unsure},
		{"exact", `1e16`, 1e16, unsure},
		{"exact", `"1e-7"`, 1e-7, unsure},
		{"exact", `[1e-7,"a"]`, "a", yes},
		{"exact", `[1e-7,"a"]`, "b", unsure},
		{"exact", `"true"`, 1e-7, no},
		{"is_not", `"1e-7"`, 1e-7, unsure},
		{"icontains", `"e"`, 1e-7, unsure},
		{"icontains", `{"a":1e-7}`, "a", unsure},
		{"regex", `"e"`, []any{1e-7}, unsure},
		{"regex", `1e-7`, "a", unsure},
		{"exact", `0.30000000000000004`, 0.30000000000000004, unsure}, // more digits than every parser reads alike
		{"exact", `0.1`, 0.1, yes},
		{"gt", `1e-7`, 2e-7, yes},
		{"gt", `0.30000000000000004`, 0.3, unsure},
		{"gt", `0.30000000000000004`, 0.31, yes},
		{"between", `[0.30000000000000004,1]`, 2, no},
		{"not_between", `[0.30000000000000004,1]`, 0, yes},
		{"between", `[0.30000000000000004,1]`, 0.3, unsure},
		{"between", `[0.30000000000000004,0.3]`, 0.3, unsure},
		{"between", `[0.30000000000000004,0.3]`, 0.5, no}, // in whatever order
		{"between", `[0.30000000000000004,0.3]`, 0.1, no},
		{"not_between", `[0.30000000000000004,0.3]`, 0.5, unsure},
		{"not_between", `[0.30000000000000004,0.3]`, "nan", no},
		{"between", `[0.30000000000000004,1]`, 0.5, yes},
		{"between", `[0,0.30000000000000004]`, 0.5, no},
		{"exact", `"a"`, math.NaN(), unsure},
		{"is_set", ``, math.NaN(), yes},
		{"gt", `1`, math.Inf(1), unsure},
		{"exact", `"false"`, func() {}, unsure},
		{"is_not", `"a"`, []any{math.NaN()}, unsure},
		{"exact", `"a"`, time.Time{}.AddDate(20000, 0, 0), unsure},
		{"icontains", `"a"`, strings.Repeat("a", 2<<20), unsure},
		{"exact", `"a"`, make([]int, 1<<20), unsure},
	})
}
