package coverage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/eventfile"
	"github.com/phgen/phgen/internal/shape"
	"github.com/phgen/phgen/schema"
)

const surveyPlan = `phgen: 1
plan: {name: acme}
owners: {growth: {}}
defaults: {owner: growth}
surveys:
  nps:
    id: "1"
    questions:
      - {id: q1, key: score, type: rating, min: 0, max: 10}
      - {id: q2, key: reason, type: open, pii: {kind: free_text, action: mask}}
      - {id: q3, key: role, type: single_choice, choices: [dev, pm]}
      - {id: q4, key: tools, type: multiple_choice, choices: {flags: "", replay: "", old: {deprecated: gone}}}
      - {id: q5, key: site, type: single_choice, choices: [ads, core], open_choice: true, pii: {kind: other, action: hash}}
      - {id: q6, key: name, type: open, pii: {kind: name, action: drop}}
      - {id: q7, key: more, type: link}
  exit: {id: "2", questions: [{id: "1", key: why, type: single_choice, choices: [price, other]}]}
  idle: {id: "3", questions: [{id: "1", key: why, type: open}]}
flags:
  layout: {kind: multivariate, variants: [wide, narrow]}
experiments:
  by_flag: {flag: layout, control: narrow}
  by_hand: {variants: [a, b], control: a}
`

const surveyed = `
{"event":"survey shown","properties":{"$survey_id":"1"}}
{"event":"survey shown","properties":{"$survey_id":"1"}}
{"event":"survey sent","properties":{"$survey_id":"1","$survey_response_q1":9,"$survey_response":9,"$survey_response_q3":"pm","$survey_response_q4":["flags","old"],"$survey_response_q5":"#ads","$survey_response_q2":null}}
{"event":"survey dismissed","properties":{"$survey_id":"2"}}
{"event":"survey abandoned","properties":{"$survey_id":"2","$survey_response_1":"price"}}
{"event":"survey sent","properties":{"$survey_id":"4","$survey_response_1":"price"}}
{"event":"survey sent"}
{"event":"paid","properties":{"$feature/by_hand":"b","$survey_id":"3"}}
{"event":"$feature_flag_called","properties":{"$feature_flag":"by_hand","$feature_flag_response":"b"}}
{"event":"$feature_flag_called","properties":{"$feature_flag":"by_flag","$feature_flag_response":"wide"}}
`

// Whole events and their shapes count alike.
func TestSurveys(t *testing.T) {
	p, found := schema.Parse("plan.yaml", []byte(surveyPlan))
	if p == nil || found.HasErrors() {
		t.Fatal(found)
	}
	for _, form := range []struct {
		name string
		of   func(line string) string
	}{
		{"whole", func(line string) string { return line }},
		{"shapes", func(line string) string { return strings.TrimSpace(string(shape.Line([]byte(line)))) }},
	} {
		c := New(p)
		var lines []string
		for line := range strings.Lines(strings.TrimSpace(surveyed)) {
			lines = append(lines, form.of(strings.TrimSpace(line)))
		}
		err := c.Read(strings.NewReader(strings.Join(lines, "\n")), func(u *eventfile.Unreadable) { t.Error(u) })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range c.Items() {
			got = append(got, fmt.Sprintf("%d %s %s", item.Count, item.Kind, item.Name))
		}
		want := []string{
			"2 survey nps shown", "1 survey nps sent", "0 survey nps dismissed",
			"1 question nps.score", "0 question nps.reason",
			"1 question nps.role", "0 value nps.role dev", "1 value nps.role pm",
			"1 question nps.tools", "1 value nps.tools flags", "0 value nps.tools replay",
			"1 question nps.site", // what is sent are hashes
			"0 survey exit shown", "0 survey exit sent", "1 survey exit dismissed",
			"1 question exit.why", "1 value exit.why price", "0 value exit.why other",
			"0 survey idle shown", "0 survey idle sent", "0 survey idle dismissed", "0 question idle.why",
			"0 flag variant layout wide", "0 flag variant layout narrow", "0 flag variant layout false",
			"0 experiment variant by_hand a", "2 experiment variant by_hand b",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", form.name, diff)
		}
		if c.Unplanned != 1 {
			t.Errorf("%s: got %d unplanned events, want 1", form.name, c.Unplanned)
		}
		if got, want := c.Total(), (Share{11, 22}); got != want {
			t.Errorf("%s: total: got %v, want %v", form.name, got, want)
		}
		var uncovered []string
		for _, item := range c.Uncovered() {
			uncovered = append(uncovered, fmt.Sprintf("%d:%d %s %s (%s)", item.Pos.Line, item.Pos.Col, item.Kind, item.Name, item.Owner))
		}
		want = []string{
			"6:3 survey nps dismissed (growth)",
			"10:9 question nps.reason (growth)",
			"11:60 value nps.role dev (growth)",
			"12:74 value nps.tools replay (growth)",
			"16:3 survey exit shown (growth)",
			"16:3 survey exit sent (growth)",
			"16:89 value exit.why other (growth)",
			"17:3 survey idle shown (growth)",
			"17:3 survey idle sent (growth)",
			"17:3 survey idle dismissed (growth)", // its question goes without saying
			"19:3 flag variant layout false (growth)",
			"19:43 flag variant layout wide (growth)",
			"19:49 flag variant layout narrow (growth)",
			"22:24 experiment variant by_hand a (growth)",
		}
		if diff := cmp.Diff(want, uncovered); diff != "" {
			t.Errorf("%s, uncovered (-want +got):\n%s", form.name, diff)
		}
	}
}
