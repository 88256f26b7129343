package schema

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Preset names a choice of rules.
type Preset string

// The presets, each of which looks for what the one before it looks for, and for
// more. Under Strict, what Recommended warns of is an error.
const (
	Minimal     Preset = "minimal"     // errors and privacy
	Recommended Preset = "recommended" // what a plan gets that asks for nothing
	Strict      Preset = "strict"      // every rule
)

// Includes reports whether p looks for the rules of q.
func (p Preset) Includes(q Preset) bool {
	order := []Preset{always, Minimal, Recommended, Strict}
	return slices.Index(order, q) <= slices.Index(order, p)
}

// Lint applies the rules that a plan may break and still be generated from, and
// those that look at the calendar: now is compared as a day in UTC. It returns
// the findings of the preset Recommended, sorted; a nil plan has none. Most are
// warnings. The errors among them (an expired flag, a removal date that has
// passed) come from Lint alone, so that the same plan generates the same code on
// every day.
func Lint(p *Plan, now time.Time) Diagnostics {
	return LintBy(p, now, func(d CodeDoc) bool { return Recommended.Includes(d.Preset) })
}

// LintBy is Lint with the rules that applies chooses; it is asked with documents
// that lack their texts.
func LintBy(p *Plan, now time.Time, applies func(CodeDoc) bool) Diagnostics {
	if p == nil {
		return nil
	}
	var chosen []row
	for _, r := range catalogue {
		if r.check != nil && applies(r.doc()) {
			chosen = append(chosen, r)
		}
	}
	var found Diagnostics
	for _, of := range applyAll(p, now, chosen) {
		found = append(found, of...)
	}
	found.locate(p)
	return found.Sort(p.Files)
}

// applyAll returns the findings of each rule, in order. Rules only read the plan, so
// all cores work on them.
func applyAll(p *Plan, now time.Time, rules []row) []Diagnostics {
	found := make([]Diagnostics, len(rules))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rules)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(rules)); i = next.Add(1) - 1 {
				r := rules[i]
				r.check(p, now, func(pos Pos, message, fix string) {
					found[i] = append(found[i], Diagnostic{Pos: pos, Code: r.code, Severity: r.severity, Message: message, Fix: fix})
				})
			}
		})
	}
	workers.Wait()
	return found
}

// A report records one finding of the rule that it was handed to.
type report func(pos Pos, message, fix string)

// soon is how long before its end a flag is announced.
const soon = 14

func checkExpired(p *Plan, now time.Time, report report) {
	today := now.UTC().Format(time.DateOnly)
	for _, f := range p.Flags {
		if f.Expires != "" && f.Expires < today {
			report(f.ExpiresPos, fmt.Sprintf("flag %q expired on %s", f.Key, f.Expires), "remove the flag or choose a later date")
		}
	}
}

func checkExpiresSoon(p *Plan, now time.Time, report report) {
	today := now.UTC().Format(time.DateOnly)
	limit := now.UTC().AddDate(0, 0, soon).Format(time.DateOnly)
	for _, f := range p.Flags {
		if today <= f.Expires && f.Expires <= limit {
			report(f.ExpiresPos, fmt.Sprintf("flag %q expires on %s", f.Key, f.Expires), "remove the flag or choose a later date")
		}
	}
}

func checkCaseTwins(p *Plan, _ time.Time, report report) {
	first := make(map[string]*Flag)
	for _, f := range p.Flags {
		key := strings.ToLower(f.Key)
		if twin, ok := first[key]; ok {
			report(f.Pos, fmt.Sprintf("flag %q differs only in case from %q at %s", f.Key, twin.Key, twin.Pos), "rename one of them")
			continue
		}
		first[key] = f
	}
}

func checkPrimaryMetric(p *Plan, _ time.Time, report report) {
	for _, x := range p.Experiments {
		if len(x.Primary) == 0 {
			report(x.Pos, fmt.Sprintf("experiment %q has no primary metric", x.Name), "name an event under metrics.primary")
		}
	}
}

func checkMetricLists(p *Plan, _ time.Time, report report) {
	for _, x := range p.Experiments {
		for _, e := range x.Primary {
			if len(e.OwnExperiments) > 0 && !slices.Contains(e.OwnExperiments, x) {
				report(x.Pos, fmt.Sprintf("primary metric %q carries the variant of experiment %q, but lists only others", e.Name, x.Name),
					fmt.Sprintf("add %q to the event's experiments", x.Name))
			}
		}
	}
}

func checkMetricJoins(p *Plan, _ time.Time, report report) {
	for _, x := range p.Experiments {
		for _, events := range [][]*Event{x.Primary, x.Secondary, x.Guardrail} {
			for _, e := range events {
				why := unjoined(e)
				if why == "" && e.Twin != nil && unjoined(e.Twin) != "" {
					why = fmt.Sprintf("%s, if captured as %q,", unjoined(e.Twin), e.Twin.Name)
				}
				if why == "" {
					continue
				}
				report(x.Pos, fmt.Sprintf("metric %q of experiment %q %s and cannot be joined to exposures", e.Name, x.Name, why),
					"measure by an event that is sent whole and with a person")
			}
		}
	}
}

// unjoined says why not all of an event is joined to exposures; empty: it is.
func unjoined(e *Event) string {
	switch {
	case e.Personless:
		return "creates no person profile"
	case e.Sampling.Rate < 1:
		return "is sampled"
	}
	return ""
}

func checkMetricDraft(p *Plan, _ time.Time, report report) {
	for _, x := range p.Experiments {
		for _, events := range [][]*Event{x.Primary, x.Secondary, x.Guardrail} {
			for _, e := range events {
				if e.Status == "draft" {
					report(x.Pos, fmt.Sprintf("metric %q of experiment %q is a draft", e.Name, x.Name),
						"measure by an event that is sent, or make this one active")
				}
			}
		}
	}
}

func checkAIPrivacy(p *Plan, _ time.Time, report report) {
	if p.AI.Privacy == "keep" {
		report(p.AI.Pos, `privacy "keep" sends prompts and answers to PostHog`, `write "redact" unless nobody's words can be in them`)
	}
}

// sight says how PostHog sees a value on which an action of pii was taken.
var sight = map[string]string{"hash": "sees hashed", "mask": "sees masked", "truncate": "sees truncated", "drop": "never sees"}

func checkFlagSight(p *Plan, _ time.Time, report report) {
	for _, f := range p.Flags {
		for _, prop := range f.DependsPerson {
			if prop.PII != nil && sight[prop.PII.Action] != "" {
				report(f.Pos, fmt.Sprintf("flag %q depends on %q, which PostHog %s", f.Key, prop.Key, sight[prop.PII.Action]),
					"target the flag by another property")
			}
		}
	}
}

func checkFlagEnd(p *Plan, _ time.Time, report report) {
	for _, f := range p.Flags {
		if f.Kind != "remote_config" && f.Expires == "" && f.Status != "deprecated" {
			report(f.Pos, fmt.Sprintf("flag %q has no end", f.Key), "add expires: the day by which it is decided")
		}
	}
}

func checkMetricDeprecated(p *Plan, _ time.Time, report report) {
	for _, x := range p.Experiments {
		for _, events := range [][]*Event{x.Primary, x.Secondary, x.Guardrail} {
			for _, e := range events {
				if e.Status == "deprecated" && e.Twin == nil {
					report(x.Pos, fmt.Sprintf("metric %q of experiment %q is deprecated", e.Name, x.Name), "measure by what replaces it")
				}
			}
		}
	}
}
