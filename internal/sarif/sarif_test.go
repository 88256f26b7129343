package sarif

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/phgen/phgen/internal/sarif/sariftest"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

var someRules = []Rule{
	{ID: "PH201", Name: "unknown-type", Short: "unknown type", Help: "A type is built in, or named\nunder types.\n\nWrong:\n\n    plan: Pln!", Level: "error"},
	{ID: "PH610", Short: "event without a description", Level: "warning"},
}

func TestWrite(t *testing.T) {
	tests := []struct {
		name    string
		rules   []Rule
		results []Result
	}{
		{name: "empty"},
		{"results", someRules, []Result{
			{Rule: "PH201", Message: `unknown type "Pln"; did you mean "Plan"?`, File: "plans/tracking plan#1.yaml", Line: 3, Col: 5},
			{Rule: "PH610", Level: "note", Message: "see [here](https://example.com) <b>&", File: "plan.yaml", Line: 7},
			{Rule: "PH610", Message: "whole file", File: "plan.yaml"},
			{Rule: "PH610", Message: "no file"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got bytes.Buffer
			if err := Write(&got, "v1.2.3", tt.rules, tt.results); err != nil {
				t.Fatal(err)
			}
			if err := sariftest.Validate(got.Bytes()); err != nil {
				t.Errorf("no valid SARIF: %v", err)
			}
			golden := filepath.Join("testdata", tt.name+".sarif")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Errorf("%s (-want +got):\n%s", golden, d)
			}
		})
	}
}

func TestWriteUnknownRule(t *testing.T) {
	var out bytes.Buffer
	err := Write(&out, "v1", someRules, []Result{{Rule: "PH999", Message: "x"}})
	if got, want := errorText(err), `writing SARIF: no rule "PH999"`; got != want || out.Len() > 0 {
		t.Errorf("got error %q and %d bytes, want %q and none", got, out.Len(), want)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestURI(t *testing.T) {
	tests := []struct{ file, want string }{
		{"plan.yaml", "plan.yaml"},
		{"a b/50%#?.yaml", "a%20b/50%25%23%3F.yaml"},
		{"événement.yaml", "%C3%A9v%C3%A9nement.yaml"},
		{"http:x.yaml", "./http:x.yaml"}, // else "http" were its scheme
		{"../plan.yaml", "../plan.yaml"},
		{"/tmp/a b.yaml", "file:///tmp/a%20b.yaml"},
		{"C:/plans/a.yaml", "file:///C:/plans/a.yaml"},
		{"a\nb", "a%0Ab"},
	}
	for _, tt := range tests {
		if got := uri(tt.file); got != tt.want {
			t.Errorf("uri(%q) = %q, want %q", tt.file, got, tt.want)
		}
	}
}

// Whatever moves in the file, a finding keeps its fingerprint.
func TestFingerprints(t *testing.T) {
	print := func(r Result) string { return fingerprints{}.of(r)["primaryLocationLineHash"] }
	base := Result{Rule: "PH105", Message: `the key "a" is already at plan.yaml:3:5`, File: "plan.yaml", Line: 9, Col: 1}
	tests := []struct {
		name   string
		change func(*Result)
		same   bool
	}{
		{"another line", func(r *Result) { r.Line, r.Col = 10, 2 }, true},
		{"the place it mentions", func(r *Result) { r.Message = `the key "a" is already at plan.yaml:14:7` }, true},
		{"another rule", func(r *Result) { r.Rule = "PH106" }, false},
		{"another file", func(r *Result) { r.File = "more.yaml" }, false},
		{"another message", func(r *Result) { r.Message = `the key "b" is already at plan.yaml:3:5` }, false},
	}
	for _, tt := range tests {
		changed := base
		tt.change(&changed)
		if same := print(changed) == print(base); same != tt.same {
			t.Errorf("%s: same fingerprint %t, want %t", tt.name, same, tt.same)
		}
	}
	f := fingerprints{}
	first, second := f.of(base)["primaryLocationLineHash"], f.of(base)["primaryLocationLineHash"]
	if !strings.HasSuffix(first, ":1") || second != strings.TrimSuffix(first, ":1")+":2" {
		t.Errorf("two equal findings have the fingerprints %q and %q", first, second)
	}
}

// No text makes the output invalid.
func TestWriteAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
			return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		}))
		level := rapid.SampledFrom([]string{"error", "warning", "note"})
		rules := []Rule{{"R1", text.Draw(t, "name"), text.Draw(t, "short"), text.Draw(t, "help"), level.Draw(t, "level")}}
		results := []Result{{"R1", level.Draw(t, "level"), text.Draw(t, "message"), text.Draw(t, "file"), rapid.IntRange(0, 9).Draw(t, "line"), rapid.IntRange(-1, 9).Draw(t, "col")}}
		var out bytes.Buffer
		if err := Write(&out, text.Draw(t, "version"), rules, results); err != nil {
			t.Fatal(err)
		}
		if err := sariftest.Validate(out.Bytes()); err != nil {
			t.Fatalf("%s\n%v", out.Bytes(), err)
		}
	})
}

// A validator that refuses nothing would prove nothing.
func TestValidatorBites(t *testing.T) {
	for _, text := range []string{`{`, `{}`, `{"version":"2.1.0","runs":[{}]}`, `{"version":"2.1.0","runs":[],"x":1}`} {
		if sariftest.Validate([]byte(text)) == nil {
			t.Errorf("%s counts as SARIF", text)
		}
	}
}
