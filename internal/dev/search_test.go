package dev

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFinder(t *testing.T) {
	for _, tt := range []struct {
		text, raw string
		want      bool
	}{
		{"acme", `{"name":"ACME Corp"}`, true},
		{"ACME", `{"name":"acme"}`, true},
		{"acme", `{"name":"acm"}`, false},
		{`"n":1`, `{"n":10}`, true},
		{"[", `{"n":1}`, false},
		{"[", `[`, true},
		{"{", `[`, false}, // which differ in the bit that letters' cases differ in
		{"@", "`", false},
		{"zürich", `{"city":"ZÜRICH"}`, true},
		{"zürich", `{"city":"Z\u00fcrich"}`, true},
		{"zürich", `{"city":"Z\u00FCRICH"}`, true},
		{"😀", `{"mood":"\ud83d\ude00"}`, true},
		{"日本", `{"city":"日本"}`, true},
		{"k", "\u212a", false}, // the Kelvin sign is no letter of ASCII
		{"aab", "aaab", true},
		{"eee", "eeEe", true},
	} {
		if got := newFinder(tt.text).in([]byte(tt.raw)); got != tt.want {
			t.Errorf("%q in %s: got %t, want %t", tt.text, tt.raw, got, tt.want)
		}
	}
}

// On ASCII the finder finds what lower case finds.
func TestFinderOnASCII(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[aA@Z\[`+"`"+`z{]{1,3}`).Draw(rt, "text")
		raw := rapid.StringMatching(`[aA@Z\[`+"`"+`z{é]{0,20}`).Draw(rt, "raw")
		want := strings.Contains(strings.ToLower(raw), strings.ToLower(text))
		if got := newFinder(text).in([]byte(raw)); got != want {
			rt.Errorf("got %t, want %t", got, want)
		}
	})
}

// BenchmarkText looks for what is nowhere in 100,000 events of a kilobyte.
func BenchmarkText(b *testing.B) {
	s := NewStore(Config{})
	flood(s, 100_000)
	for _, text := range []string{"acme corp", "person-x", "eeeeee", "zürich"} {
		b.Run(fmt.Sprint(text), func(b *testing.B) {
			for b.Loop() {
				if page := s.Events(Filter{Text: text}); len(page.Rows) > 0 {
					b.Fatal(page.Rows[0])
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), "ms/search")
		})
	}
}
