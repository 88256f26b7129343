package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/sarif/sariftest"
	"github.com/phgen/phgen/schema"
)

func TestPrintSARIF(t *testing.T) {
	t.Setenv("GITHUB_WORKSPACE", "")
	var data bytes.Buffer
	r := report{format: "sarif", data: &data}
	stale := []staleFile{{Path: "generated/flags/flags.go", Change: "change", Line: 7}}
	if err := r.print(someFindings, stale); err != nil {
		t.Fatal(err)
	}
	if err := sariftest.Validate(data.Bytes()); err != nil {
		t.Errorf("no valid SARIF: %v", err)
	}
	var got struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID, Level string
				RuleIndex     int
				Message       struct{ Text string }
			}
		}
	}
	if err := json.Unmarshal(data.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	rules := got.Runs[0].Tool.Driver.Rules
	if got, want := len(rules), len(schema.Codes())+1; got != want {
		t.Errorf("%d rules, want one for each code and one for stale files: %d", got, want)
	}
	var lines []string
	for _, res := range got.Runs[0].Results {
		if rules[res.RuleIndex].ID != res.RuleID {
			t.Errorf("the rule at %d is %q, want %q", res.RuleIndex, rules[res.RuleIndex].ID, res.RuleID)
		}
		lines = append(lines, res.RuleID+" "+res.Level+": "+res.Message.Text)
	}
	want := []string{
		`PH201 error: unknown type "Pln"; did you mean "Plan"?`,
		`PH610 warning: event without a description`,
		`out-of-date error: generated code is out of date; run "phgen generate"`,
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
}
