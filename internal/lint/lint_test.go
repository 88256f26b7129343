package lint_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/lint"
	"github.com/phgen/phgen/schema"
)

var now = time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC)

const plan = `phgen: 1
plan: {name: acme}
owners: {core: {}}
events:
  movie_played: {owner: core, properties: {email: string, answer: {enum: [yes, "no"]}}}
  page.viewed: {owner: core}
flags:
  beta: {kind: boolean, expires: 2020-01-01}
`

// judge applies a configuration to the plan and returns findings as
// "severity code path".
func judge(t *testing.T, config string, at time.Time) []string {
	t.Helper()
	p, found := schema.Parse("plan.yaml", []byte(plan))
	if p == nil {
		t.Fatal(found)
	}
	cfg, wrong := schema.ParseLintConfig("phgen-lint.yaml", []byte("version: 1\n"+config))
	if cfg == nil {
		t.Fatal(wrong)
	}
	var got []string
	for _, d := range lint.Run(p, found, cfg, at) {
		got = append(got, d.Severity.String()+" "+d.Code+" "+d.Path)
	}
	return got
}

func TestRun(t *testing.T) {
	const (
		answer = "events.movie_played.properties.answer.enum.yes"
		email  = "events.movie_played.properties.email"
		viewed = `events."page.viewed"`
	)
	tests := []struct {
		config string
		want   []string
	}{
		{"", []string{"warning PH610 events.movie_played", "warning PH501 " + email, "warning PH630 " + answer, "warning PH610 " + viewed, "error PH406 flags.beta.expires"}},
		{"preset: minimal", []string{"warning PH501 " + email, "error PH406 flags.beta.expires"}},
		{"preset: strict", []string{
			"error PH610 events.movie_played", "warning PH631 events.movie_played", "error PH501 " + email, "warning PH632 " + email,
			"warning PH632 events.movie_played.properties.answer", "error PH630 " + answer, "error PH610 " + viewed, "warning PH631 " + viewed,
			"error PH406 flags.beta.expires",
		}},
		{"rules: {PH610: off, PH501: error, PH630: error, PH406: warning}",
			[]string{"error PH501 " + email, "error PH630 " + answer, "warning PH406 flags.beta.expires"}},
		{"preset: minimal\nrules: {PH501: off, PH610: error}", []string{"error PH610 events.movie_played", "error PH610 " + viewed, "error PH406 flags.beta.expires"}},
		{"rules: {PH610: off, PH501: off, PH630: off, PH406: off, PH631: warning}", []string{"warning PH631 events.movie_played", "warning PH631 " + viewed}},
		{"preset: minimal\nignore: [{rule: PH501, at: events.*, reason: r}]", []string{"error PH406 flags.beta.expires"}},
		{"preset: minimal\nignore: [{rule: PH406, at: flags.*.expires, reason: r, until: 2026-01-15}]", []string{"warning PH501 " + email}},
		{"preset: minimal\nignore: [{rule: PH406, at: flags, reason: r, until: 2026-01-14}]",
			[]string{"warning PH651 ignore.0.until", "warning PH501 " + email, "error PH406 flags.beta.expires"}},
		{"preset: minimal\nignore: [{rule: PH501, at: events.page*, reason: r}, {rule: PH406, at: flags.beta, reason: r}]",
			[]string{"warning PH652 ignore.0", "warning PH501 " + email}},
		// One entry that still counts is enough, and one that is not looked for is not idle.
		{"preset: minimal\nrules: {PH651: off}\nignore: [{rule: PH501, at: events, reason: r, until: 2026-01-01}, {rule: PH501, at: events.movie_played, reason: r}]",
			[]string{"error PH406 flags.beta.expires"}},
		{"preset: minimal\nignore: [{rule: PH610, at: events, reason: r}]", []string{"warning PH501 " + email, "error PH406 flags.beta.expires"}},
		{"preset: strict\nrules: {PH610: off, PH631: off, PH501: off, PH632: off, PH630: off, PH406: off}\nignore: [{rule: PH612, at: events, reason: r}]",
			[]string{"error PH652 ignore.0"}},
	}
	for _, test := range tests {
		got := judge(t, test.config, now)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.config, diff)
		}
	}
}

// Days end in UTC.
func TestRunDays(t *testing.T) {
	const config = "preset: minimal\nrules: {PH501: off, PH651: off}\nignore: [{rule: PH406, at: flags, reason: r, until: 2026-01-15}]"
	east := time.FixedZone("east", 13*3600)
	for at, ignored := range map[time.Time]bool{
		time.Date(2026, 1, 15, 23, 59, 59, 0, time.UTC): true,
		time.Date(2026, 1, 16, 0, 0, 0, 0, time.UTC):    false,
		time.Date(2026, 1, 16, 12, 0, 0, 0, east):       true, // the 15th in UTC
	} {
		if got := judge(t, config, at); (len(got) == 0) != ignored {
			t.Errorf("at %s: %q, want ignored: %t", at, got, ignored)
		}
	}
}

func TestRunWithoutConfig(t *testing.T) {
	p, found := schema.Parse("plan.yaml", []byte(plan))
	if diff := cmp.Diff(lint.Run(p, found, &schema.LintConfig{}, now), lint.Run(p, found, nil, now)); diff != "" {
		t.Errorf("no configuration (-empty +nil):\n%s", diff)
	}
}
