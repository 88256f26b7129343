package schema

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

func TestPathPattern(t *testing.T) {
	tests := []struct {
		pattern, path string
		want          bool
	}{
		{"events", "events.movie_played", true},
		{"events.movie_played", "events.movie_played", true},
		{"events.movie_played", "events.movie_played.properties.x", true},
		{"events.movie", "events.movie_played", false},
		{"events.movie_played.properties.x", "events.movie_played", false},
		{"events.*", "events.movie_played.properties.x", true},
		{"events.*.properties.x", "events.movie_played.properties.x", true},
		{"events.*.x", "events.movie_played.properties.x", false},
		{"events.movie_*", "events.movie_played", true},
		{"events.*_played", "events.movie_played", true},
		{"events.*_played", "events.movie_played_twice", false},
		{"events.m*e_*d", "events.movie_played", true},
		{"events.m*e_*d", "events.me_d", true},
		{"events.a*a", "events.a", false},
		{"events.*", "flags.beta", false},
		{"events.movie played", "events.movie played", true},
		{`events."page.viewed"`, `events."page.viewed".properties.x`, true},
		{`events.page*`, `events."page.viewed"`, true},
		{`events."*"`, `events."*"`, true},
		{`events."*"`, `events.movie_played`, false},
		{`events."movie_played"`, `events.movie_played`, true},
		{`events.""`, `events."".properties`, true},
		{"events", "", false},
	}
	for _, test := range tests {
		p, err := ParsePathPattern(test.pattern)
		if err != nil {
			t.Errorf("ParsePathPattern(%q): %v", test.pattern, err)
			continue
		}
		if got := p.Covers(test.path); got != test.want {
			t.Errorf("%s covers %s: %t, want %t", test.pattern, test.path, got, test.want)
		}
	}
	for pattern, want := range map[string]string{
		"": "a key is empty", ".": "a key is empty", "a.": "a key is empty", ".a": "a key is empty", "a..b": "a key is empty",
		`a."b`: "a quote is not closed", `"a"b`: "a dot is missing behind a quoted key",
	} {
		if _, err := ParsePathPattern(pattern); err == nil || err.Error() != want {
			t.Errorf("ParsePathPattern(%q): %v, want %s", pattern, err, want)
		}
	}
	if (PathPattern{}).Covers("events") {
		t.Error("no pattern covers something")
	}
}

// Any keys can be joined, and are found again.
func TestJoinPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "keys")
		path := JoinPath(keys...)
		split, err := splitPath(path)
		if err != nil {
			t.Fatalf("%q: %v", path, err)
		}
		var got []string
		for _, k := range split {
			got = append(got, k.text)
		}
		if diff := cmp.Diff(keys, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", path, diff)
		}
		p, err := ParsePathPattern(path)
		if err != nil || !p.Covers(path) || !p.Covers(path+".below") {
			t.Errorf("%q does not cover itself and what lies below: %v", path, err)
		}
	})
}

// What Lint finds lies at a path, and it is the path of the node at that place: for
// the plan of every code.
func TestPathsOfFindings(t *testing.T) {
	archives, err := filepath.Glob("../testdata/plans/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("archives: %v, %v", archives, err)
	}
	everything := func(CodeDoc) bool { return true }
	found := 0
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			plan, loaded := Parse(f.Name, f.Data)
			for _, d := range loaded {
				if d.Code == "PH630" && d.Path == "" {
					t.Errorf("%s, %s: no path", filepath.Base(path), d)
				}
			}
			nodes := sourceOf(f.Name, f.Data)
			for _, d := range LintBy(plan, time.Now(), everything) {
				found++
				wanted := map[Pos]string{d.Pos: ""}
				pathsOfNodes(nodes.root, "", wanted)
				if want := wanted[d.Pos]; d.Path == "" || d.Path != want && !strings.HasPrefix(want, d.Path+".") {
					t.Errorf("%s, %s: path %q, want %q", filepath.Base(path), d, d.Path, want)
				}
			}
		}
	}
	if found < 200 {
		t.Errorf("only %d findings", found)
	}
}

func sourceOf(name string, src []byte) *source {
	s := &source{name: name}
	found := &findings{}
	if s.split(src, found); found.seen == 0 {
		(&parser{found: found}).parse(s)
	}
	return s
}

// Errors that are found while reading have paths, too, where their place is left.
func TestPathsOfErrors(t *testing.T) {
	_, found := Parse("p", []byte(`phgen: 1
plan: {name: acme}
types: {Tier: {enum: [free, free]}}
events:
  page.viewed: {properties: {tier: Teir, size: {type: int, min: 5, max: 3}}}
surveys: {nps: {id: s1, questions: [{id: q1, key: score, type: rating, min: 9, max: 3}]}}
`))
	var got []string
	for _, d := range found {
		got = append(got, d.Code+" "+d.Path)
	}
	slices.Sort(got)
	want := []string{`PH201 events."page.viewed".properties.tier`, `PH211 events."page.viewed".properties.size.min`, "PH211 surveys.nps.questions.score.min", "PH214 types.Tier.enum.free"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
