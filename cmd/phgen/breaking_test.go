package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/internal/bigplan"
	"github.com/phgen/phgen/internal/change"
	"github.com/phgen/phgen/internal/sarif/sariftest"
	"github.com/phgen/phgen/schema"
)

// Findings are valid SARIF, whatever the code; what is safe is no finding.
func TestBreakingSARIF(t *testing.T) {
	t.Setenv("GITHUB_WORKSPACE", "")
	r := &change.Report{Axes: change.Axes}
	var want []string
	for _, level := range []string{"PHB1", "PHB2"} {
		for _, c := range change.Cells() {
			if strings.HasPrefix(c.Code, level) {
				want = append(want, c.Code+" "+map[string]string{"PHB1": "error", "PHB2": "note"}[level])
			}
		}
	}
	for _, c := range change.Cells() {
		r.Changes = append(r.Changes, change.Change{Code: c.Code, Subject: `event "a"`, Message: "changed", Pos: schema.Pos{File: "sub/plan.yaml", Line: 3, Col: 5}})
	}
	var data bytes.Buffer
	if err := writeSARIF(&data, r); err != nil {
		t.Fatal(err)
	}
	if err := sariftest.Validate(data.Bytes()); err != nil {
		t.Errorf("no valid SARIF: %v", err)
	}
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct{ RuleID, Level string }
		}
	}
	if err := json.Unmarshal(data.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, res := range log.Runs[0].Results {
		got = append(got, res.RuleID+" "+res.Level)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
	if got, want := len(log.Runs[0].Tool.Driver.Rules), len(change.Cells()); got != want {
		t.Errorf("%d rules, want %d", got, want)
	}
}

func TestNamePlan(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"here.yaml", "main"} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for arg, want := range map[string]planName{
		"here.yaml":         {file: "here.yaml"},
		"main":              {file: "main"}, // a file that exists is meant
		"gone.yaml":         {file: "gone.yaml"},
		"gone.YML":          {file: "gone.YML"},
		"HEAD~3":            {ref: "HEAD~3"},
		"origin/main":       {ref: "origin/main"},
		"main:":             {ref: "main"},
		"v1:sub/plan.yaml":  {ref: "v1", file: "sub/plan.yaml", inRepo: true, named: true},
		"v1:./plan.yaml":    {ref: "v1", file: "./plan.yaml", named: true},
		"v1:../plan.yaml":   {ref: "v1", file: "../plan.yaml", named: true},
		"v1:a:b.yaml":       {ref: "v1", file: "a:b.yaml", inRepo: true, named: true},
		"-x":                {ref: "-x"},
		":sub/plan.yaml":    {file: ":sub/plan.yaml"},
		"main:/etc/passwd":  {ref: "main", file: "/etc/passwd", inRepo: true, named: true},
		"main:../../../etc": {ref: "main", file: "../../../etc", named: true},
	} {
		if got := namePlan(arg); got != want {
			t.Errorf("namePlan(%q) = %+v, want %+v", arg, got, want)
		}
	}
}

// BenchmarkDiff times the whole program on two plans of 2,000 events that differ in
// each. It should stay below 700 ms on two cores.
func BenchmarkDiff(b *testing.B) {
	dir := b.TempDir()
	phgen := filepath.Join(dir, "phgen.exe")
	if out, err := exec.Command("go", "build", "-o", phgen, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	src := string(bigplan.Plan(2000))
	for name, text := range map[string]string{
		"old.yaml": src, "new.yaml": strings.ReplaceAll(src, "    properties:\n", "    properties:\n      benchmarked: int!\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		cmd := exec.Command(phgen, "diff", "old.yaml", "new.yaml")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}
