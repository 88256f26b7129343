package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

var someFindings = schema.Diagnostics{
	{Pos: schema.Pos{File: "plan.yaml", Line: 3, Col: 5}, Code: "PH201", Message: `unknown type "Pln"`, Fix: `did you mean "Plan"?`},
	{Pos: schema.Pos{File: "plan.yaml"}, Code: "PH610", Severity: schema.Warning, Message: "event without a description"},
}

func TestPrint(t *testing.T) {
	stale := []staleFile{{Path: "generated/flags/flags.go", Change: "change", Line: 7, Diff: "--- a\n+++ b\n@@ -1 +1 @@\n-\x1b[2J\n+x\n"}}
	tests := []struct {
		name     string
		report   report
		findings schema.Diagnostics
		stale    []staleFile
		wantData string
		wantTalk string
	}{
		{
			name:     "text",
			findings: someFindings,
			wantTalk: "plan.yaml:3:5: PH201: unknown type \"Pln\"; did you mean \"Plan\"?\n" +
				"plan.yaml: PH610: event without a description\n" +
				"phgen: 1 error, 1 warning; \"phgen explain PH201\" tells more\n",
		},
		{
			name:     "coloured text",
			report:   report{colour: true},
			findings: someFindings,
			wantTalk: "\x1b[1mplan.yaml:3:5:\x1b[0m \x1b[31mPH201\x1b[0m: unknown type \"Pln\"; did you mean \"Plan\"?\n" +
				"\x1b[1mplan.yaml:\x1b[0m \x1b[33mPH610\x1b[0m: event without a description\n" +
				"phgen: 1 error, 1 warning; \"phgen explain PH201\" tells more\n",
		},
		{
			name:     "text with a stale file that holds an escape sequence",
			stale:    stale,
			wantData: "--- a\n+++ b\n@@ -1 +1 @@\n-\\x1b[2J\n+x\n",
			wantTalk: "phgen: 1 generated file out of date; run \"phgen generate\"\n",
		},
		{
			name:     "github",
			report:   report{format: "github"},
			findings: someFindings,
			stale:    stale,
			wantData: "::error file=plan.yaml,line=3,col=5,title=PH201::unknown type \"Pln\"; did you mean \"Plan\"?\n" +
				"::warning file=plan.yaml,title=PH610::event without a description\n" +
				"::error file=generated/flags/flags.go,line=7,col=1,title=out of date::generated code is out of date; run \"phgen generate\"\n",
		},
		{
			name:     "json without findings",
			report:   report{format: "json"},
			wantData: "{\n  \"version\": 1,\n  \"diagnostics\": [],\n  \"files\": []\n}\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("GITHUB_WORKSPACE", "")
			var data, talk bytes.Buffer
			tt.report.data, tt.report.talk = &data, &talk
			if err := tt.report.print(tt.findings, tt.stale); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.wantData, data.String()); d != "" {
				t.Errorf("data (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.wantTalk, talk.String()); d != "" {
				t.Errorf("talk (-want +got):\n%s", d)
			}
		})
	}
}

// Nothing in a finding can end its workflow command or begin another.
func TestAnnotationEscapes(t *testing.T) {
	t.Setenv("GITHUB_WORKSPACE", "")
	got := annotation("error", schema.Pos{File: "a,b:c%\n.yaml", Line: 1, Col: 2}, "PH107", "50% of\r\n::stop-commands::x")
	want := "::error file=a%2Cb%3Ac%25%0A.yaml,line=1,col=2,title=PH107::50%25 of%0D%0A::stop-commands::x\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestFromWorkspace(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	tests := []struct{ name, workspace, file, want string }{
		{"no workspace", "", "plan.yaml", "plan.yaml"},
		{"at its root", dir, "plan.yaml", "plan.yaml"},
		{"in a folder of it", filepath.Dir(dir), "plan.yaml", filepath.Base(dir) + "/plan.yaml"},
		{"outside", filepath.Join(dir, "other"), "plan.yaml", "plan.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("GITHUB_WORKSPACE", tt.workspace)
			if got := fromWorkspace(tt.file); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPrintable(t *testing.T) {
	tests := []struct{ text, want string }{
		{"plan.yaml", "plan.yaml"},
		{"événement\t✓", "événement\t✓"},
		{"a\nb", `a\nb`},
		{"\x1b]0;title\a", `\x1b]0;title\a`},
		{"\u202egnp.exe", `\u202egnp.exe`},
	}
	for _, tt := range tests {
		if got := printable(tt.text); got != tt.want {
			t.Errorf("printable(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestWantsColour(t *testing.T) {
	terminal, err := os.Open(os.DevNull) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tests := []struct {
		name          string
		noColor, term string
		to            *os.File
		want          bool
	}{
		{"terminal", "", "xterm", terminal, true},
		{"NO_COLOR", "1", "xterm", terminal, false},
		{"dumb terminal", "", "dumb", terminal, false},
		{"file", "", "xterm", file, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", tt.noColor)
			t.Setenv("TERM", tt.term)
			t.Setenv("WT_SESSION", "1")
			if got := wantsColour(tt.to); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
	if wantsColour(&bytes.Buffer{}) {
		t.Error("wants colour in a buffer")
	}
}
