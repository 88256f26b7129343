package flags

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
)

func BenchmarkMatch(b *testing.B) {
	many := `["`
	for i := range 200 {
		many += fmt.Sprintf(`company-%d.com","`, i)
	}
	many += `x"]`
	for _, c := range []struct {
		name, op, value string
		property        any
	}{
		{"exact", "exact", `"enterprise"`, "Enterprise"},
		{"exact 3", "exact", `["free","pro","enterprise"]`, "enterprise"},
		{"exact 200", "exact", many, "company-199.com"},
		{"exact number", "exact", `["5","6"]`, 6},
		{"exact Unicode", "exact", `"straße"`, "Straße"},
		{"exact bool", "exact", `["true"]`, true},
		{"is_set", "is_set", ``, "x"},
		{"icontains", "icontains", `"@acme.com"`, "someone.important@ACME.com"},
		{"icontains_multi 5", "icontains_multi", `["@a.com","@b.com","@c.com","@d.com","@acme.com"]`, "someone.important@ACME.com"},
		{"regex", "regex", `"^[a-z.]+@acme\\.com$"`, "someone.important@acme.com"},
		{"gt", "gt", `"100"`, 101},
		{"gt text", "gt", `100`, "101.5"},
		{"date", "is_date_after", `"-30d"`, "2026-01-30T12:00:00Z"},
		{"date time", "is_date_after", `"-30d"`, testNow},
		{"date month", "is_date_after", `"-3m"`, "2026-01-30T12:00:00Z"},
		{"date without zone", "is_date_after", `"2025-06-01"`, "2026-01-30T12:00:00Z"},
		{"semver", "semver_gte", `"1.10.2"`, "1.11.0"},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := predicateFor(c.op, c.value)
			s := scratch{now: testNow, buf: make([]byte, 0, 256)}
			if got := p.match(c.property, &s); got != yes {
				b.Fatalf("got %s, want yes", got)
			}
			b.ReportAllocs()
			for b.Loop() {
				p.match(c.property, &s)
			}
		})
	}
}

// BenchmarkRegexp is what BenchmarkMatch/regex adds to.
func BenchmarkRegexp(b *testing.B) {
	re := regexp.MustCompile(`^[a-z.]+@acme\.com$`)
	b.ReportAllocs()
	for b.Loop() {
		re.MatchString("someone.important@acme.com")
	}
}

func BenchmarkNewPredicate(b *testing.B) {
	for _, c := range []struct{ op, value string }{
		{"exact", `["free","pro","enterprise"]`},
		{"icontains", `"@acme.com"`},
		{"gt", `100`},
		{"regex", `"@acme\\.com$"`},
	} {
		b.Run(c.op, func(b *testing.B) {
			raw := json.RawMessage(c.value)
			b.ReportAllocs()
			for b.Loop() {
				newPredicate(c.op, raw, false)
			}
		})
	}
}
