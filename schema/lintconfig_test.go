package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/phgen/phgen/schema"
)

func TestParseLintConfig(t *testing.T) {
	const src = `version: 1
preset: strict
rules: {PH610: off, PH621: warning, PH501: error}
ignore:
  - {rule: PH601, at: events.legacy_*, reason: the warehouse depends on the names}
  - rule: PH501
    at: events."page.viewed".properties.ip
    reason: decided by the data protection officer
    until: 2027-01-31
`
	got, found := schema.ParseLintConfig("phgen-lint.yaml", []byte(src))
	if len(found) > 0 {
		t.Fatal(found)
	}
	want := &schema.LintConfig{
		File:   "phgen-lint.yaml",
		Preset: schema.Strict,
		Rules:  map[string]schema.Level{"PH610": schema.LevelOff, "PH621": schema.LevelWarning, "PH501": schema.LevelError},
		Ignore: []schema.Ignore{
			{Pos: schema.Pos{File: "phgen-lint.yaml", Line: 5, Col: 5}, Path: "ignore.0", Rule: "PH601", At: "events.legacy_*", Reason: "the warehouse depends on the names"},
			{Pos: schema.Pos{File: "phgen-lint.yaml", Line: 6, Col: 5}, Path: "ignore.1", Rule: "PH501", At: `events."page.viewed".properties.ip`,
				Reason: "decided by the data protection officer", Until: "2027-01-31", Ends: schema.Pos{File: "phgen-lint.yaml", Line: 9, Col: 12}},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(schema.PathPattern{})); diff != "" {
		t.Errorf("ParseLintConfig (-want +got):\n%s", diff)
	}
	if covers := got.Ignore[1].Places.Covers(`events."page.viewed".properties.ip.pii`); !covers {
		t.Errorf("%s does not cover what lies below it", got.Ignore[1].At)
	}
}

func TestParseLintConfigMistakes(t *testing.T) {
	tests := []struct{ src, want string }{
		{"", `c:1:1: PH101: the file holds no configuration; it begins with "version: 1"`},
		{"# nothing yet\n", `c:1:1: PH101: the file holds no configuration; it begins with "version: 1"`},
		{"version: [1", `c:1:10: PH102: did not find expected ',' or ']'; close the bracket or brace`},
		{"version: 1\nversion: 1", `c:2:1: PH105: the key "version" is already at c:1:1; remove one`},
		{"preset: strict", `c:1:1: PH109: the configuration lacks the key "version"; add it`},
		{"version: 2\nrulez: {}", `c:1:10: PH111: the configuration is of version 2; this phgen reads version 1`},
		{"version: 0", `c:1:10: PH111: the configuration is of version 0; this phgen reads version 1`},
		{"version: x", `c:1:10: PH108: "version" must be an integer, but is the string "x"`},
		{"version: 1\nrulez: {}", `c:2:1: PH107: unknown key "rulez"; did you mean "rules"?`},
		{"version: 1\npreset: strickt", `c:2:9: PH120: "strickt" is not one of minimal, recommended, strict; did you mean "strict"?`},
		{"version: 1\nrules: {PH610: no}", `c:2:16: PH120: "no" is not one of off, warning, error`},
		{"version: 1\nrules: {PH610: false}", `c:2:16: PH120: "false" is not one of off, warning, error`},
		{"version: 1\nrules: {PH61: off}", `c:2:9: PH209: unknown rule "PH61"; "phgen lint --list-rules" lists them`},
		{"version: 1\nrules: {PHV001: off}", `c:2:9: PH209: unknown rule "PHV001"; "phgen lint --list-rules" lists them`},
		{"version: 1\nrules: {PH201: off}", `c:2:9: PH226: PH201 stops generate and cannot be switched off or ignored; mend the plan instead`},
		{"version: 1\nignore: [{rule: PH310, at: events.a, reason: r}]", `c:2:17: PH226: PH310 stops generate and cannot be switched off or ignored; mend the plan instead`},
		{"version: 1\nignore: [{rule: PH610, at: events.a}]", `c:2:10: PH109: this entry lacks the key "reason"; add it`},
		{"version: 1\nignore: [{rule: PH610, at: events.a, reason: \" \"}]", `c:2:46: PH109: " " is no reason; write it as in the warehouse depends on the name`},
		{"version: 1\nignore: [{rule: PH610, at: events..a, reason: r}]", `c:2:28: PH108: "events..a" is no path: a key is empty; write it as in events.movie_played.properties.title`},
		{"version: 1\nignore: [{rule: PH610, at: 'events.\"a', reason: r}]", `c:2:28: PH108: "events.\"a" is no path: a quote is not closed; write it as in events.movie_played.properties.title`},
		{"version: 1\nignore: [{rule: PH610, at: events.a, reason: r, until: 2027-02-30}]", `c:2:56: PH108: "until" is 2027-02-30, a day that does not exist`},
		{"version: 1\nignore: [{rule: PH610, at: events.a, reason: r, till: 2027-02-20}]", `c:2:49: PH107: unknown key "till"; legal here: at, reason, rule, until`},
		{"- version", `c:1:1: PH108: the configuration must be a mapping, but is a list`},
		{strings.Repeat("#", 300<<10), `c:1:1: PH112: the file is larger than 256 KiB; make it smaller`},
	}
	for _, test := range tests {
		cfg, found := schema.ParseLintConfig("c", []byte(test.src))
		if got := strings.Join(lines(found), "\n"); got != test.want || cfg != nil {
			t.Errorf("ParseLintConfig(%q):\n%s\nwant\n%s", test.src[:min(len(test.src), 100)], got, test.want)
		}
	}
}

func FuzzParseLintConfig(f *testing.F) {
	for _, src := range []string{
		"version: 1\npreset: strict\nrules: {PH610: off}\nignore:\n  - {rule: PH501, at: events.*.properties.\"a.b\", reason: r, until: 2027-01-31}\n",
		"version: 1\nignore: [[], {}, x, {rule: [], at: {}, reason: 1, until: }]",
		"version: 1\nrules: [PH610]", "rules: {? [a] : b}", "", "\x00", "version: 1\nrules: &a {PH610: *a}",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		cfg, found := schema.ParseLintConfig("c", src)
		if (cfg == nil) != (len(found) > 0) {
			t.Fatalf("a configuration: %t, and %d findings", cfg != nil, len(found))
		}
		for _, d := range found {
			if d.Severity != schema.Error || d.Code == "" || d.Pos.File != "c" || strings.ContainsAny(d.Message, "\n\x1b") {
				t.Errorf("finding %+v", d)
			}
		}
		if cfg == nil {
			return
		}
		for _, i := range cfg.Ignore {
			if i.Reason == "" || i.Rule == "" || i.At == "" {
				t.Errorf("ignore without a part: %+v", i)
			}
		}
	})
}
