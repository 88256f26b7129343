package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/internal/lint"
	"github.com/phgen/phgen/schema"
)

// lintConfigName is the configuration that counts for the plan beside it.
const lintConfigName = "phgen-lint.yaml"

// linting is what the flags of lint say.
type linting struct {
	plan          string
	preset        *oneOf
	config        string
	rules         []string
	baseline      string
	writeBaseline bool
	fix, diff     bool
	strict, list  bool
}

func newLint() *cobra.Command {
	var (
		l      linting
		format *oneOf
	)
	cmd := &cobra.Command{
		Use:   "lint [plan]",
		Short: "Report what is wrong with a plan, style and privacy included",
		Long: `Lint reports the errors of a plan and what its rules find: names, descriptions,
owners, privacy, flags that have expired. The plan defaults to tracking-plan.yaml.
"phgen explain CODE" tells more about a rule, with an example.

A file phgen-lint.yaml beside the plan says which rules count, and what is known:

    version: 1
    preset: recommended       # or minimal (errors and privacy), or strict (every rule)
    rules: {PH610: off, PH621: error}
    ignore:
      - {rule: PH601, at: events.legacy_*, reason: the warehouse knows the names, until: 2027-01-31}

A baseline holds the findings that a plan has today, so that only later ones are
shown. With --fix lint mends what it can without changing what is sent or what the
generated code exports.

Exit status: 1 for a finding that is an error, or with --strict a warning; else 3
if --diff has something to show.`,
		Args:              upTo(1),
		ValidArgsFunction: completePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			l.plan = planPath(args)
			if err := l.check(); err != nil {
				return err
			}
			r := newReport(cmd, format.word)
			switch {
			case l.list:
				return l.listRules(r)
			case l.fix:
				return l.mend(r)
			}
			found, err := l.judge(r)
			if err != nil {
				return err
			}
			return l.tell(r, found)
		},
	}
	format = formatFlag(cmd)
	l.addFlags(cmd)
	return cmd
}

func (l *linting) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	l.preset = &oneOf{words: []string{string(schema.Minimal), string(schema.Recommended), string(schema.Strict)}}
	l.preset.addTo(cmd, "preset", "which rules count, instead of what the configuration says")
	l.preset.word, f.Lookup("preset").DefValue = "", "" // the configuration's
	f.StringVar(&l.config, "config", "", "configuration, instead of "+lintConfigName+" beside the plan")
	f.StringSliceVar(&l.rules, "rule", nil, "only findings of this `code`; may be repeated")
	f.StringVar(&l.baseline, "baseline", "", "JSON `file` of findings that are not shown")
	f.BoolVar(&l.writeBaseline, "write-baseline", false, "write all findings to the baseline")
	f.BoolVar(&l.fix, "fix", false, "mend what changes neither what is sent nor what generated code exports")
	f.BoolVar(&l.diff, "diff", false, "with --fix, show the changes instead of making them")
	f.BoolVar(&l.strict, "strict", false, "exit 1 for warnings, too")
	f.BoolVar(&l.list, "list-rules", false, "list the rules and how they count for the plan")
}

// check reports flags that mean nothing together.
func (l *linting) check() error {
	switch {
	case l.diff && !l.fix:
		return errors.New("--diff shows what --fix would change: it needs --fix")
	case l.writeBaseline && l.baseline == "":
		return errors.New("--write-baseline needs --baseline, the file to be written")
	case l.writeBaseline && (l.fix || len(l.rules) > 0):
		return errors.New("--write-baseline records all findings: it takes neither --fix nor --rule")
	}
	for i, code := range l.rules {
		l.rules[i] = strings.ToUpper(code)
		if _, ok := schema.Explain(l.rules[i]); !ok {
			return unknownCode(code, schema.Codes())
		}
	}
	return nil
}

// A judgement is what there is to say about a plan.
type judgement struct {
	found schema.Diagnostics
	cfg   *schema.LintConfig // nil if it cannot be understood
	plan  *schema.Plan       // nil: it has errors, or there is no cfg
}

// judge loads the plan and applies the rules.
func (l *linting) judge(r *report) (judgement, error) {
	r.busy("judging the plan")
	defer r.quiet()
	cfg, wrong, err := readLintConfig(l.plan, l.config)
	if err != nil {
		return judgement{}, err
	}
	if cfg == nil {
		return judgement{found: wrong}, nil
	}
	if l.preset.word != "" {
		cfg.Preset = schema.Preset(l.preset.word)
	}
	p, found, err := readPlan(l.plan)
	now := time.Now()
	var rules sync.WaitGroup
	var byRules schema.Diagnostics
	if p != nil {
		rules.Go(func() { byRules = lint.Find(p, cfg, now) }) // while Go identifiers are looked at
	}
	printer, found, err := judge(p, found, err)
	rules.Wait()
	if err != nil {
		return judgement{}, err
	}
	if printer == nil {
		return judgement{found: errorsOf(found), cfg: cfg}, nil
	}
	found = lint.Select(p, append(found, byRules...), cfg, now)
	if len(l.rules) > 0 {
		found = slices.DeleteFunc(found, func(d schema.Diagnostic) bool { return !slices.Contains(l.rules, d.Code) })
	}
	return judgement{found: found, cfg: cfg, plan: p}, nil
}

// tell prints a judgement, without what the baseline hides.
func (l *linting) tell(r *report, j judgement) error {
	if l.writeBaseline && j.plan != nil {
		return l.record(r, j)
	}
	var base *lint.Baseline
	if l.baseline != "" && j.plan != nil {
		src, err := readFileUpTo(l.baseline, maxBaselineBytes)
		if err == nil {
			base, err = lint.ParseBaseline(src)
		}
		if err != nil {
			return fmt.Errorf("reading the baseline %s: %w", l.baseline, err)
		}
	}
	left := j.found
	if base != nil {
		r.baseline = &baselineResult{}
		left, r.baseline.Hidden, r.baseline.Mended = base.Only(l.rules).Apply(j.found)
	}
	if err := r.print(left, nil); err != nil {
		return err
	}
	if err := r.printBaseline(); err != nil {
		return err
	}
	if left.HasErrors() || l.strict && len(left) > 0 {
		return errFindings
	}
	return nil
}

// record writes the findings to the baseline.
func (l *linting) record(r *report, j judgement) error {
	base := lint.NewBaseline(j.found, j.cfg)
	if err := writeBaseline(l.baseline, base.JSON()); err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	_, err := fmt.Fprintf(r.talk, "phgen: %s written to %s\n", plural(base.Len(), "finding"), printable(l.baseline))
	return err
}

// lintPlan applies the rules to p as the configuration beside planFile wants it. It
// returns the findings of loading the plan with those of the rules, or what is wrong
// with the configuration.
func lintPlan(p *schema.Plan, planFile string, loaded schema.Diagnostics) (schema.Diagnostics, error) {
	cfg, wrong, err := readLintConfig(planFile, "")
	if err != nil || cfg == nil {
		return wrong, err
	}
	return lint.Run(p, loaded, cfg, time.Now()), nil
}

// readLintConfig reads a configuration; without a name that beside the plan, if there
// is one. It is nil if there are diagnostics.
func readLintConfig(planFile, name string) (*schema.LintConfig, schema.Diagnostics, error) {
	beside := name == ""
	if beside {
		name = filepath.Join(filepath.Dir(planFile), lintConfigName)
	}
	src, err := readFileUpTo(name, maxConfigBytes)
	if beside && errors.Is(err, fs.ErrNotExist) {
		return &schema.LintConfig{}, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading lint's configuration: %w", err)
	}
	cfg, wrong := schema.ParseLintConfig(filepath.ToSlash(name), src)
	return cfg, wrong, nil
}

// What is read of a configuration and of a baseline at most: a little more than
// either may have.
const (
	maxConfigBytes   = 1 << 20
	maxBaselineBytes = 32 << 20
)

// readFileUpTo reads the first bytes of a file, unless that might never end.
func readFileUpTo(name string, limit int64) ([]byte, error) {
	if stat, err := os.Stat(name); err == nil && !stat.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// A baselineResult is what a baseline did to the findings.
type baselineResult struct {
	Hidden int          `json:"hidden"`
	Mended []lint.Entry `json:"mended"` // what no longer occurs
}

// printBaseline says in text what the baseline did.
func (r *report) printBaseline() error {
	if r.baseline == nil || r.format != "text" {
		return nil
	}
	var text strings.Builder
	if n := r.baseline.Hidden; n > 0 {
		fmt.Fprintf(&text, "phgen: %s in the baseline\n", plural(n, "finding"))
	}
	mended := 0
	for _, e := range r.baseline.Mended {
		mended += e.Count
	}
	if mended > 0 {
		fmt.Fprintf(&text, "phgen: %s of the baseline no longer found; --write-baseline makes it smaller\n", plural(mended, "finding"))
	}
	_, err := io.WriteString(r.talk, text.String())
	return err
}

// A listedRule is a rule as --list-rules prints it.
type listedRule struct {
	Code   string        `json:"code"`
	Level  schema.Level  `json:"level"` // off, warning or error, for the plan
	Preset schema.Preset `json:"preset"`
	Title  string        `json:"title"`
}

// listRules prints the rules that can be switched off.
func (l *linting) listRules(r *report) error {
	cfg, wrong, err := readLintConfig(l.plan, l.config)
	if err != nil {
		return err
	}
	if cfg == nil {
		if err := r.print(wrong, nil); err != nil {
			return err
		}
		return errFindings
	}
	if l.preset.word != "" {
		cfg.Preset = schema.Preset(l.preset.word)
	}
	var rules []listedRule
	for _, doc := range schema.Codes() {
		if doc.Preset != "" && (len(l.rules) == 0 || slices.Contains(l.rules, doc.Code)) {
			rules = append(rules, listedRule{doc.Code, lint.LevelOf(cfg, doc), doc.Preset, doc.Title})
		}
	}
	if r.format == "json" {
		enc := json.NewEncoder(r.data)
		enc.SetIndent("", "  ")
		return enc.Encode(rules)
	}
	var text strings.Builder
	for _, rule := range rules {
		fmt.Fprintf(&text, "%s  %-7s  %-11s  %s\n", rule.Code, rule.Level, rule.Preset, rule.Title)
	}
	_, err = io.WriteString(r.data, text.String())
	return err
}
