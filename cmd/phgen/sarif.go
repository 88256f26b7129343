package main

import (
	"runtime/debug"

	"github.com/phgen/phgen/internal/sarif"
	"github.com/phgen/phgen/schema"
)

// outOfDate is the rule of generated files that differ from what phgen would
// write: no finding of the plan, so it has no code.
var outOfDate = sarif.Rule{
	ID:    "out-of-date",
	Short: "generated code is out of date",
	Help:  `The file differs from what "phgen generate" writes for this plan. Run it, and commit what it writes.`,
	Level: schema.Error.String(),
}

// printSARIF prints one run, which GitHub code scanning takes. Like the
// annotations it names files from the root of the checkout.
func (r *report) printSARIF(findings schema.Diagnostics, stale []staleFile) error {
	rules := append(sarifRules(schema.Codes()), outOfDate)
	var results []sarif.Result
	for _, d := range findings {
		results = append(results, sarifResult(d))
	}
	for _, f := range stale {
		results = append(results, sarif.Result{
			Rule: outOfDate.ID, Message: `generated code is out of date; run "phgen generate"`, File: fromWorkspace(f.Path), Line: f.Line,
		})
	}
	build, _ := debug.ReadBuildInfo()
	return sarif.Write(r.data, buildVersion(build), rules, results)
}

// sarifRules are codes as SARIF lists them.
func sarifRules(codes []schema.CodeDoc) []sarif.Rule {
	rules := make([]sarif.Rule, 0, len(codes)+1)
	for _, doc := range codes {
		help := doc.Explanation
		for _, example := range []struct{ title, plan string }{{"Wrong", doc.Bad}, {"Right", doc.Good}} {
			if example.plan != "" {
				help += "\n\n" + example.title + ":\n\n" + indent(example.plan)
			}
		}
		rules = append(rules, sarif.Rule{ID: doc.Code, Short: doc.Title, Help: help, Level: doc.Severity.String()})
	}
	return rules
}

// sarifResult is a finding as SARIF takes it.
func sarifResult(d schema.Diagnostic) sarif.Result {
	message := d.Message
	if d.Fix != "" {
		message += "; " + d.Fix
	}
	return sarif.Result{
		Rule: d.Code, Level: d.Severity.String(), Message: message, File: fromWorkspace(d.Pos.File), Line: d.Pos.Line, Col: d.Pos.Col,
	}
}
