package origin

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	const key = `phc_canary+"1"/x`
	k := NewKeys("[key]", "phc_canary", key, "", "phx_canary")
	for text, want := range map[string]string{
		"":                                   "",
		" a\r\nb\x1b\u2028c\u202e ":          "a  b  c",
		key:                                  "[key]",
		fmt.Sprintf("%q", key):               `"[key]"`,
		"?token=" + url.QueryEscape(key):     "?token=[key]",
		"/" + url.PathEscape(key) + "/":      "/[key]/",
		"phc_canary, phx_canary, phc_canar":  "[key], [key], phc_canar",
		strings.Repeat("x", 200):             strings.Repeat("x", 200),
		strings.Repeat("x", 201):             strings.Repeat("x", 197) + "…",
		strings.Repeat("é", 101):             strings.Repeat("é", 98) + "…",
		strings.Repeat("x", 195) + " " + key: strings.Repeat("x", 195) + " […", // what is cut off is no half of the key
	} {
		if got := k.Clean(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for _, none := range []*Keys{NewKeys("[key]"), NewKeys("[key]", "")} {
		if got := none.Clean("text"); got != "text" {
			t.Errorf("got %q, want %q", got, "text")
		}
	}
}

// An error that is harmless keeps its type; one that rambles is cut.
func TestConceal(t *testing.T) {
	k := NewKeys("[key]", "phc_canary", "phc_canary2")
	dns := fmt.Errorf("x: %w", &net.DNSError{Err: "no such host", Name: "ph.test"})
	if got := k.Conceal(dns); got != dns {
		t.Errorf("got %v, want the same", got)
	}
	if got := k.Conceal(errors.New(strings.Repeat("x", 5000))).Error(); len(got) != MaxText {
		t.Errorf("error of %d bytes, want %d", len(got), MaxText)
	}
	if got, want := k.Conceal(errors.New("a\nphc_canary phc_canary2")).Error(), "a [key] [key]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzClean(f *testing.F) {
	k := NewKeys("[key]", "phc_canary")
	for _, text := range []string{"", "a\nb", strings.Repeat("é", 200), "phc_canary", "\xff\xfe", "\u202e\u2028"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := k.Clean(text)
		if len(got) > MaxText || strings.Contains(got, "phc_canary") || strings.ContainsAny(got, "\n\r\x1b\u2028\u202e") {
			t.Errorf("%q: got %q", text, got)
		}
	})
}
