package schema_test

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/phgen/phgen/schema"
)

// Whatever the bytes are, reading them ends with a plan or with errors whose
// codes are known, whose places lie inside the file and which are in order.
func FuzzParse(f *testing.F) {
	for _, src := range schema.SomePlans(f) {
		f.Add([]byte(src))
	}
	known := make(map[string]schema.Severity)
	for _, doc := range schema.Codes() {
		known[doc.Code] = doc.Severity
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		const name = "plan.yaml"
		plan, found := schema.Parse(name, src)
		if (plan == nil) != found.HasErrors() {
			t.Fatalf("plan: %t, errors: %t, want one of them", plan != nil, found.HasErrors())
		}
		checkFindings(t, known, name, src, found)
		checkFindings(t, known, name, src, schema.Lint(plan, now))
	})
}

func checkFindings(t *testing.T, known map[string]schema.Severity, name string, src []byte, found schema.Diagnostics) {
	t.Helper()
	for _, d := range found {
		if severity, ok := known[d.Code]; !ok || severity != d.Severity {
			t.Errorf("%s: %s is not in Codes as %s", d, d.Code, d.Severity)
		}
		if d.Message == "" || !utf8.ValidString(d.Message) || !utf8.ValidString(d.Fix) {
			t.Errorf("%+v: the message is empty or no UTF-8", d)
		}
		if d.Pos.File != name || !inside(d.Pos, src) {
			t.Errorf("%s: the place is outside the file", d)
		}
	}
	if sorted := slices.Clone(found).Sort([]string{name}); !slices.Equal(sorted, found) {
		t.Errorf("findings are not sorted: %v", found)
	}
}

// inside reports whether pos is a character of src, or the place behind the last
// one of its line. The zero line is the file as a whole.
func inside(pos schema.Pos, src []byte) bool {
	if pos.Line == 0 {
		return pos.Col == 0
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	src = bytes.ReplaceAll(src, []byte("\r"), []byte("\n"))
	lines := bytes.Split(src, []byte("\n"))
	return pos.Line <= len(lines) && pos.Col >= 1 && pos.Col <= utf8.RuneCount(lines[pos.Line-1])+1
}
