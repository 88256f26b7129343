package schema

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLintNothing(t *testing.T) {
	if got := Lint(nil, time.Now()); got != nil {
		t.Errorf("Lint(nil) = %v, want none", got)
	}
	if got := Lint(&Plan{}, time.Now()); len(got) != 0 {
		t.Errorf("Lint of an empty plan = %v, want none", got)
	}
}

// Days begin in UTC, wherever the machine stands.
func TestLintDays(t *testing.T) {
	plan := &Plan{Flags: []*Flag{{Key: "beta", Expires: "2026-03-10"}}}
	west, east := time.FixedZone("west", -11*3600), time.FixedZone("east", 13*3600)
	tests := []struct {
		now  time.Time
		want string
	}{
		{time.Date(2026, 2, 23, 23, 59, 59, 0, time.UTC), ""},
		{time.Date(2026, 2, 24, 0, 0, 0, 0, time.UTC), "PH407"},
		{time.Date(2026, 2, 24, 12, 0, 0, 0, east), ""}, // the 23rd in UTC
		{time.Date(2026, 3, 10, 23, 59, 59, 0, time.UTC), "PH407"},
		{time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC), "PH406"},
		{time.Date(2026, 3, 10, 13, 0, 0, 0, west), "PH406"}, // the 11th in UTC
	}
	for _, test := range tests {
		got := ""
		for _, d := range Lint(plan, test.now) {
			got += d.Code
		}
		if got != test.want {
			t.Errorf("Lint at %s found %q, want %q", test.now, got, test.want)
		}
	}
}

// Every warning of the catalogue of codes has its rule, in order.
func TestRules(t *testing.T) {
	// PH630 is about the text of the plan and found where that is read.
	elsewhere := []string{"PH630"}
	var got, want []string
	for _, r := range rules {
		got = append(got, r.code)
	}
	for _, doc := range codes {
		timed := doc.Code == "PH406" || doc.Code == "PH624"
		if (doc.Severity == Warning || timed) && !slices.Contains(elsewhere, doc.Code) {
			want = append(want, doc.Code)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules against codes (-want +got):\n%s", diff)
	}
}

func TestWordsOf(t *testing.T) {
	tests := map[string][]string{
		"":                    {},
		"user_id":             {"user", "id"},
		"movie played":        {"movie", "played"},
		"accessToken":         {"access", "token"},
		"APIKey":              {"apikey"}, // no change from lower to upper case
		"$current_url":        {"current", "url"},
		"Größe in Metern":     {"größe", "in", "metern"},
		"last4":               {"last4"},
		"The project's owner": {"the", "project", "s", "owner"},
	}
	for name, want := range tests {
		if diff := cmp.Diff(want, wordsOf(name)); diff != "" {
			t.Errorf("wordsOf(%q) (-want +got):\n%s", name, diff)
		}
	}
}

func TestFolded(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"item_added", "items added", true},
		{"itemAdded", "item-added", true},
		{"categories_opened", "Category Opened", true},
		{"pass_bought", "pas_bought", false},
		{"item_added", "item_removed", false},
		{"ies", "y", false}, // no stem before the ending
		{"映画", "映像", false},
	}
	for _, test := range tests {
		if got := folded(test.a) == folded(test.b); got != test.same {
			t.Errorf("%q and %q fold to %q and %q, want the same: %t", test.a, test.b, folded(test.a), folded(test.b), test.same)
		}
	}
}

func TestCases(t *testing.T) {
	tests := map[string][]string{ // name: the cases that it is in
		"movie":          {"camel", "kebab", "snake", "space"},
		"movie_played":   {"snake"},
		"movie__played":  nil,
		"movie-played":   {"kebab"},
		"moviePlayed":    {"camel"},
		"MoviePlayed":    {"pascal", "title"},
		"movie played":   {"space"},
		"Movie Played":   {"title"},
		"Movie played":   nil,
		"movie_Played":   nil,
		"last4":          {"camel", "kebab", "snake", "space"},
		"größe_gesetzt":  {"snake"},
		"映画":             {"camel", "kebab", "pascal", "snake", "space", "title"},
		"movie_played ":  nil,
		"movie_played\n": nil,
	}
	for name, want := range tests {
		var got []string
		for word, re := range cases {
			if re.MatchString(name) {
				got = append(got, word)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
}
