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

// What can be switched off is what has a check, but for a rule about the text of
// the plan, which is found where that is read, and two about lint's configuration. Every warning can be.
func TestCatalogue(t *testing.T) {
	elsewhere := []string{"PH630", "PH651", "PH652"}
	for _, r := range catalogue {
		optional := r.preset != always
		if checked := r.check != nil || slices.Contains(elsewhere, r.code); optional != checked {
			t.Errorf("%s has a preset: %t, and a check: %t", r.code, optional, checked)
		}
		if r.severity == Warning && !optional {
			t.Errorf("%s is a warning that cannot be switched off", r.code)
		}
	}
}

func TestPresets(t *testing.T) {
	order := []Preset{always, Minimal, Recommended, Strict}
	for i, p := range order {
		for j, q := range order {
			if got, want := p.Includes(q), j <= i; got != want {
				t.Errorf("%q includes %q: %t, want %t", p, q, got, want)
			}
		}
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
