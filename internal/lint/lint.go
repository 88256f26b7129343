// Package lint judges a plan by the rules of package schema as a team wants it to
// be judged: with a preset, severities of its own, accepted findings and a baseline.
package lint

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/phgen/phgen/schema"
)

// The codes of findings about the configuration itself.
const (
	expiredIgnore = "PH651"
	idleIgnore    = "PH652"
)

// Run returns the findings about p that cfg wants to see, as [Select] does: those of
// loaded, which reading the plan found, and those of the rules.
func Run(p *schema.Plan, loaded schema.Diagnostics, cfg *schema.LintConfig, now time.Time) schema.Diagnostics {
	return Select(p, slices.Concat(loaded, Find(p, cfg, now)), cfg, now)
}

// Find returns the findings about p of all rules that cfg does not switch off. A nil cfg
// is one that says nothing.
func Find(p *schema.Plan, cfg *schema.LintConfig, now time.Time) schema.Diagnostics {
	levels := levelsOf(cmp.Or(cfg, &schema.LintConfig{}))
	return schema.LintBy(p, now, func(d schema.CodeDoc) bool { return levels[d.Code] != schema.LevelOff })
}

// Select returns those of the findings about p that cfg wants to see, sorted, those about
// cfg itself first. A nil cfg is one that says nothing. An entry under ignore that has
// ended or has nothing to ignore is a finding, too; the day counts in UTC.
func Select(p *schema.Plan, found schema.Diagnostics, cfg *schema.LintConfig, now time.Time) schema.Diagnostics {
	cfg = cmp.Or(cfg, &schema.LintConfig{})
	levels := levelsOf(cfg)
	today := now.UTC().Format(time.DateOnly)
	idle := make([]bool, len(cfg.Ignore))
	for i := range idle {
		idle[i] = true
	}
	kept := schema.Diagnostics{}
	for _, d := range found {
		level := levels[d.Code]
		if level == schema.LevelOff || ignored(d, cfg.Ignore, today, idle) {
			continue
		}
		d.Severity = severity(level, d.Severity)
		kept = append(kept, d)
	}
	for i, entry := range cfg.Ignore {
		if d, ok := remark(entry, today, idle[i]); ok && levels[d.Code] != schema.LevelOff && levels[entry.Rule] != schema.LevelOff {
			d.Severity = severity(levels[d.Code], schema.Warning)
			kept = append(kept, d)
		}
	}
	return kept.Sort(p.Files)
}

// levelsOf tells what cfg makes of each code. No level means: as it was found.
func levelsOf(cfg *schema.LintConfig) map[string]schema.Level {
	levels := make(map[string]schema.Level)
	for _, d := range schema.Codes() {
		if level := LevelOf(cfg, d); level != "" {
			levels[d.Code] = level
		}
	}
	return levels
}

// LevelOf tells what cfg makes of a rule. It is empty for a code that no
// configuration concerns.
func LevelOf(cfg *schema.LintConfig, d schema.CodeDoc) schema.Level {
	if d.Preset == "" {
		return ""
	}
	preset := cfg.Preset
	if preset == "" {
		preset = schema.Recommended
	}
	level, named := cfg.Rules[d.Code]
	switch {
	case named:
		return level
	case !preset.Includes(d.Preset):
		return schema.LevelOff
	case d.Severity == schema.Error, preset == schema.Strict && schema.Recommended.Includes(d.Preset):
		return schema.LevelError
	}
	return schema.LevelWarning
}

func severity(level schema.Level, as schema.Severity) schema.Severity {
	switch level {
	case schema.LevelError:
		return schema.Error
	case schema.LevelWarning:
		return schema.Warning
	}
	return as
}

// ignored reports whether an entry that has not ended accepts d, and notes all that
// have something to accept.
func ignored(d schema.Diagnostic, entries []schema.Ignore, today string, idle []bool) bool {
	accepted := false
	for i, entry := range entries {
		if entry.Rule == d.Code && entry.Places.Covers(d.Path) {
			idle[i] = false
			accepted = accepted || !ended(entry, today)
		}
	}
	return accepted
}

func ended(entry schema.Ignore, today string) bool {
	return entry.Until != "" && entry.Until < today
}

// remark is what there is to say of an entry itself.
func remark(entry schema.Ignore, today string, idle bool) (schema.Diagnostic, bool) {
	switch {
	case idle:
		return schema.Diagnostic{
			Pos: entry.Pos, Code: idleIgnore, Path: entry.Path,
			Message: fmt.Sprintf("no finding of %s is at %q", entry.Rule, entry.At), Fix: "remove the entry",
		}, true
	case ended(entry, today):
		return schema.Diagnostic{
			Pos: entry.Ends, Code: expiredIgnore, Path: entry.Path + ".until",
			Message: fmt.Sprintf("%s was ignored at %q until %s", entry.Rule, entry.At, entry.Until), Fix: "mend the plan, or choose a later date",
		}, true
	}
	return schema.Diagnostic{}, false
}
