package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/sarif"
	"github.com/phgen/phgen/internal/vet"
	"github.com/phgen/phgen/schema"
)

func newVet() *cobra.Command {
	var (
		format        *oneOf
		o             vet.Options
		tests, strict bool
	)
	cmd := &cobra.Command{
		Use:   "vet [packages]",
		Short: "Find misuse of generated code",
		Long: `Vet finds misuse of generated code, by types and not by text: an event that is built
and never captured, a planned event that is sent by a string, arguments that are
likely swapped, and more; "phgen explain" lists the codes, which begin with PHV. It
needs no plan, and looks at ./... without arguments. With ./... in the folder of
go.mod it also finds events and flags that nobody uses.

A comment on the line, or alone above it, ignores a finding, and gives the reason:

  //phgen:ignore PHV003 the old endpoint takes them in this order

Most of it also runs as "go vet -vettool=$(which phgen) ./...".

Exit status: 1 for an error, or with --strict a warning.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Patterns, o.NoTests = args, !tests
			return runVet(cmd.Context(), newReport(cmd, format.word), o, strict)
		},
	}
	format = formatFlag(cmd)
	cmd.Flags().BoolVar(&tests, "tests", true, "look at tests, too")
	cmd.Flags().StringVar(&o.Tags, "tags", "", "build tags, separated by commas")
	cmd.Flags().BoolVar(&strict, "strict", false, "exit 1 for warnings, too")
	return cmd
}

func runVet(ctx context.Context, r *report, o vet.Options, strict bool) error {
	results, err := vetted(ctx, r.talk, o)
	if err != nil {
		return err
	}
	var findings schema.Diagnostics
	for _, f := range append(results.Findings, results.ByString("")...) {
		findings = append(findings, usageFinding(f.Code, schema.Pos{File: f.File, Line: f.Line, Col: f.Col}, f.Message))
	}
	if wholeModule(o.Patterns) {
		findings = append(findings, unusedFindings(results)...)
	}
	for _, p := range results.Plans("") {
		findings = append(findings, editedFindings(p)...)
	}
	slices.SortFunc(findings, func(a, b schema.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col), cmp.Compare(a.Code, b.Code))
	})
	if r.format == "sarif" {
		err = printUsageSARIF(r, findings)
	} else {
		err = r.print(findings, nil)
	}
	switch {
	case err != nil:
		return err
	case findings.HasErrors() || strict && len(findings) > 0:
		return errFindings
	}
	return nil
}

// vetted runs the checks with this very program as the tool of go vet, and tells talk if
// that takes long.
func vetted(ctx context.Context, talk io.Writer, o vet.Options) (*vet.Results, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding phgen itself: %w", err)
	}
	o.Tool = exe
	stop := progress(talk, "checking packages")
	defer stop()
	return vet.Run(ctx, o)
}

func usageFinding(code string, pos schema.Pos, message string) schema.Diagnostic {
	return schema.Diagnostic{Pos: pos, Code: code, Severity: vet.Severity(code), Message: message}
}

func printUsageSARIF(r *report, findings schema.Diagnostics) error {
	var found []sarif.Result
	for _, d := range findings {
		found = append(found, sarifResult(d))
	}
	build, _ := debug.ReadBuildInfo()
	return sarif.Write(r.data, buildVersion(build), sarifRules(vet.Codes()), found)
}

// wholeModule reports whether the patterns mean every package of the module whose folder
// this is.
func wholeModule(patterns []string) bool {
	return exists("go.mod") && (len(patterns) == 0 || slices.Contains(patterns, "./...") || slices.Contains(patterns, "all"))
}

// unusedFindings reports the events and flags that nobody uses, where the plan has them if
// there is one.
func unusedFindings(results *vet.Results) schema.Diagnostics {
	places := map[string]schema.Pos{} // by kind and name
	for _, p := range results.Plans("") {
		plan, findings, err := schema.Load(p.File)
		if err != nil || findings.HasErrors() {
			continue // then the generated code is the place
		}
		for _, e := range plan.Events {
			places[string(vet.EventDeclared)+e.Name] = e.Pos
			if e.Status == "draft" {
				places[string(vet.EventDeclared)+e.Name] = schema.Pos{} // nobody is to use it yet
			}
		}
		for _, f := range plan.Flags {
			places[string(vet.FlagDeclared)+f.Key] = f.Pos
		}
	}
	var found schema.Diagnostics
	for _, rec := range results.Unused() {
		pos, planned := places[string(rec.Kind)+rec.Name]
		if !planned {
			pos = schema.Pos{File: rec.File, Line: rec.Line, Col: rec.Col}
		}
		switch {
		case pos == schema.Pos{}:
		case rec.Kind == vet.EventDeclared:
			found = append(found, usageFinding("PHV006", pos, fmt.Sprintf("event %q is never used: nothing but tests refers to %s", rec.Name, rec.Func)))
		default:
			found = append(found, usageFinding("PHV007", pos, fmt.Sprintf("flag %q is never read: nothing but tests refers to %s", rec.Name, rec.Func)))
		}
	}
	return found
}

// editedFindings reports generated files that are not what the plan generates. If the plan
// has changed since, which its lock tells, all of them are, and check is for that.
func editedFindings(p *vet.Plan) schema.Diagnostics {
	opts := generation{plan: p.File, only: onlyOf(p.Generated)}
	printer, findings, err := loadPlan(p.File)
	if err != nil || printer == nil || findings.HasErrors() {
		return nil // validate tells
	}
	refused, stale, err := opts.compare(printer)
	if err != nil || len(refused) > 0 || slices.ContainsFunc(stale, func(f staleFile) bool { return f.Change != "change" || !strings.HasSuffix(f.Path, ".go") }) {
		return nil
	}
	var found schema.Diagnostics
	for _, f := range stale {
		found = append(found, usageFinding("PHV009", schema.Pos{File: filepath.FromSlash(f.Path), Line: max(f.Line, 1), Col: 1},
			fmt.Sprintf("the file is not what %q generates: it was edited, or is out of date; \"phgen generate\" writes it anew", p.File)))
	}
	return found
}

// onlyOf returns the selectors that a generated file says it was generated with.
func onlyOf(file string) selectors {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	var only selectors
	lines := bufio.NewScanner(f)
	for lines.Scan() && strings.HasPrefix(lines.Text(), "//") {
		words, ok := strings.CutPrefix(lines.Text(), "// only ")
		if !ok {
			continue
		}
		for _, word := range strings.Split(words, ", ") {
			if only.Set(word) != nil {
				return nil
			}
		}
	}
	return only
}
