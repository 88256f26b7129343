package schema

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestOneEdit(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"created", "created", false}, {"created", "creatd", true}, {"created", "creatted", true}, {"created", "crested", true},
		{"created", "craeted", true}, {"created", "created1", true}, {"created", "creat", false}, {"created", "craetde", false},
		{"ab", "ba", true}, {"größe", "grösse", false}, {"größe", "grösze", false}, {"größe", "größen", true}, {"größe", "große", true}, {"", "", false}, {"", "a", true},
	}
	for _, test := range tests {
		if got := oneEdit(test.a, test.b); got != test.want {
			t.Errorf("oneEdit(%q, %q) = %t, want %t", test.a, test.b, got, test.want)
		}
		if got := oneEdit(test.b, test.a); got != test.want {
			t.Errorf("oneEdit(%q, %q) = %t, want %t", test.b, test.a, got, test.want)
		}
	}
}

// Words that are one edit apart have one of their shortened forms in common, or are
// one of them: so looking these up finds all.
func TestShortened(t *testing.T) {
	word := rapid.StringMatching(`[a-cé]{1,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if !oneEdit(a, b) {
			return
		}
		forms := map[string]bool{a: true}
		for _, s := range shortened(a) {
			forms[s] = true
		}
		for _, s := range append(shortened(b), b) {
			if forms[s] {
				return
			}
		}
		t.Errorf("%q and %q have no form in common", a, b)
	})
}

func TestStems(t *testing.T) {
	tests := map[string][]string{
		"created": {"creat", "create"}, "viewed": {"view", "viewe"}, "stopped": {"stopp", "stop"}, "copied": {"copy"}, "sent": {"send"},
		"red": nil, "ed": nil, "feed": nil, "speed": nil, "view": nil, "": nil,
	}
	for past, want := range tests {
		if diff := cmp.Diff(want, stems(past)); diff != "" {
			t.Errorf("stems(%q) (-want +got):\n%s", past, diff)
		}
	}
}

func TestSpelledOut(t *testing.T) {
	for _, same := range [][]string{
		{"user_id", "userId", "UserID", "user-id", "uid", "usr_id"}, {"org_id", "organizationId", "organisation_id"},
		{"item_qty", "itemQuantity"}, {"lat", "latitude"}, {"lon", "longitude", "lng"},
	} {
		for _, key := range same[1:] {
			if got, want := spelledOut(key), spelledOut(same[0]); got != want {
				t.Errorf("%q is spelled out as %q, %q as %q", key, got, same[0], want)
			}
		}
	}
	if spelledOut("user_id") == spelledOut("users_id") {
		t.Error("a plural is another word")
	}
}

// A plan of names that are all alike costs no more than one of others.
func TestLookalikesAreBounded(t *testing.T) {
	var src strings.Builder
	src.WriteString("phgen: 1\nplan: {name: p}\nevents:\n")
	for i := range 10_000 {
		fmt.Fprintf(&src, "  aaaaaaaaaaaaaaaaaaaa%c%c%c%c: {}\n", 'a'+i%10, 'a'+i/10%10, 'a'+i/100%10, 'a'+i/1000)
	}
	plan, found := Parse("p", []byte(src.String()))
	if plan == nil {
		t.Fatal(found)
	}
	start := time.Now()
	checkMisspelt(plan, start, func(Pos, string, string) {})
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}
