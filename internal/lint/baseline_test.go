package lint_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/lint"
	"github.com/phgen/phgen/schema"
)

// findings makes a finding of each "code path".
func findings(list ...string) schema.Diagnostics {
	var found schema.Diagnostics
	for i, text := range list {
		code, path, _ := strings.Cut(text, " ")
		found = append(found, schema.Diagnostic{Pos: schema.Pos{File: "plan.yaml", Line: i + 1, Col: 1}, Code: code, Path: path})
	}
	return found
}

func TestBaselineJSON(t *testing.T) {
	found := findings("PH612 events.b", "PH610 events.b", `PH610 events."a.b <\n>"`, "PH612 events.b", "PH406 flags.x")
	ofConfig := schema.Diagnostic{Pos: schema.Pos{File: "phgen-lint.yaml", Line: 4, Col: 5}, Code: "PH652", Path: "ignore.0"}
	base := lint.NewBaseline(append(found, ofConfig), &schema.LintConfig{File: "phgen-lint.yaml"})
	const want = `{
  "version": 1,
  "findings": [
    {"code":"PH610","path":"events.\"a.b <\\n>\"","count":1},
    {"code":"PH610","path":"events.b","count":1},
    {"code":"PH612","path":"events.b","count":2},
    {"code":"PH406","path":"flags.x","count":1}
  ]
}
`
	if diff := cmp.Diff(want, string(base.JSON())); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	if got := base.Len(); got != 5 {
		t.Errorf("Len() = %d, want 5", got)
	}
	again, err := lint.ParseBaseline(base.JSON())
	if err != nil {
		t.Fatal(err)
	}
	left, hidden, mended := again.Apply(found)
	if len(left) != 0 || hidden != 5 || len(mended) != 0 {
		t.Errorf("Apply to the same = %v, %d, %v, want all hidden", left, hidden, mended)
	}
	if got, want := string(lint.NewBaseline(nil, nil).JSON()), "{\n  \"version\": 1,\n  \"findings\": []\n}\n"; got != want {
		t.Errorf("an empty baseline is %q, want %q", got, want)
	}
}

func TestBaselineApply(t *testing.T) {
	base := lint.NewBaseline(findings("PH610 events.a", "PH612 events.a", "PH612 events.a", "PH612 events.b"), nil)
	found := findings("PH612 events.a", "PH610 events.b", "PH610 events.a", "PH610 events.a")
	left, hidden, mended := base.Apply(found)
	if diff := cmp.Diff(schema.Diagnostics{found[1], found[3]}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if hidden != 2 {
		t.Errorf("hidden %d, want 2", hidden)
	}
	want := []lint.Entry{{Code: "PH612", Path: "events.a", Count: 1}, {Code: "PH612", Path: "events.b", Count: 1}}
	if diff := cmp.Diff(want, mended); diff != "" {
		t.Errorf("mended (-want +got):\n%s", diff)
	}
	_, _, mended = base.Only([]string{"PH610"}).Apply(nil)
	if diff := cmp.Diff([]lint.Entry{{Code: "PH610", Path: "events.a", Count: 1}}, mended); diff != "" {
		t.Errorf("mended of one rule (-want +got):\n%s", diff)
	}
	if _, hidden, _ := base.Apply(found); hidden != 2 {
		t.Errorf("the second time it hides %d, want 2", hidden)
	}
}

func TestParseBaselineMistakes(t *testing.T) {
	tests := []struct{ src, want string }{
		{"", "line 1: EOF"},
		{"{", "line 1: unexpected EOF"},
		{"{\n  \"version\": 1,\n  x\n}", "line 3: invalid character 'x' looking for beginning of object key string"},
		{`{"version": 1, "findings": [], "extra": 1}`, `line 1: json: unknown field "extra"`},
		{`{"version": 2}`, "version 2; this phgen reads version 1"},
		{`{"findings": []}`, "version 0; this phgen reads version 1"},
		{`{"version": 1} {}`, "line 1: text behind the end"},
		{`{"version": 1, "findings": [{"path": "events"}]}`, "a finding without a code"},
		{`{"version": 1, "findings": [{"code": "PH610", "path": "events.a", "count": 0}]}`, `PH610 at "events.a": the count is 0`},
		{`{"version": 1, "findings": [{"code": "PH610", "path": "a", "count": 1}, {"code": "PH610", "path": "a", "count": 2}]}`, `PH610 at "a" stands there twice`},
		{strings.Repeat(" ", 16<<20+1), "larger than 16 MiB"},
	}
	for _, test := range tests {
		got := ""
		if _, err := lint.ParseBaseline([]byte(test.src)); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("ParseBaseline(%.60q): error %q, want %q", test.src, got, test.want)
		}
	}
}

func FuzzParseBaseline(f *testing.F) {
	f.Add([]byte(`{"version": 1, "findings": [{"code": "PH610", "path": "events.a", "count": 3}]}`))
	f.Add([]byte(`{"version": 1, "findings": [{"code": "\u0000", "path": "\ud800", "count": 1}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, src []byte) {
		base, err := lint.ParseBaseline(src)
		if err != nil {
			return
		}
		again, err := lint.ParseBaseline(base.JSON())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, base.JSON())
		}
		if diff := cmp.Diff(string(base.JSON()), string(again.JSON())); diff != "" {
			t.Errorf("written twice (-first +second):\n%s", diff)
		}
		if got := strings.Count(string(base.JSON()), "\n"); got < 3 || base.Len() > 0 && got < 5 {
			t.Errorf("%d lines", got)
		}
	})
}
