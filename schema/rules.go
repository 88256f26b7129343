package schema

import (
	"fmt"
	"strings"
	"time"
)

// Lint applies the rules that a plan may break and still be generated from, and
// those that look at the calendar: now is compared as a day in UTC. It returns
// the findings sorted; a nil plan has none. Most are warnings. The errors among
// them (an expired flag, a removal date that has passed) come from Lint alone,
// so that the same plan generates the same code on every day.
func Lint(p *Plan, now time.Time) Diagnostics {
	if p == nil {
		return nil
	}
	severities := make(map[string]Severity, len(codes))
	for _, doc := range codes {
		severities[doc.Code] = doc.Severity
	}
	var found Diagnostics
	for _, r := range rules {
		r.check(p, now, func(pos Pos, message, fix string) {
			found = append(found, Diagnostic{Pos: pos, Code: r.code, Severity: severities[r.code], Message: message, Fix: fix})
		})
	}
	return found.Sort(p.Files)
}

// A report records one finding of the rule that it was handed to.
type report func(pos Pos, message, fix string)

// rules is the catalogue: one row per code, one function per row.
var rules = []struct {
	code  string
	check func(p *Plan, now time.Time, report report)
}{
	{"PH406", checkExpired},
	{"PH407", checkExpiresSoon},
	{"PH408", checkCaseTwins},
	{"PH422", checkPrimaryMetric},
	{"PH423", checkMetricLists},
	{"PH424", checkMetricJoins},
	{"PH440", checkAIPrivacy},

	{"PH501", checkUnmarkedPII},
	{"PH503", checkBasis},
	{"PH504", checkSecrets},
	{"PH506", checkFreeText},

	{"PH601", checkCase},
	{"PH602", checkPattern},
	{"PH603", checkLength},
	{"PH604", checkBoolPrefix},
	{"PH605", checkTypeSuffix},
	{"PH606", checkUnitSuffix},
	{"PH607", checkDenied},
	{"PH610", checkDescription},
	{"PH611", checkTautology},
	{"PH612", checkOwner},
	{"PH620", checkPostHogTypes},
	{"PH621", checkNeighbours},
	{"PH622", checkEventSize},
	{"PH623", checkReplacement},
	{"PH624", checkRemoval},
	{"PH625", checkUnused},
	{"PH626", checkNameTwins},
	{"PH627", checkMarks},
}

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
			if !contains(e.Experiments, x) {
				report(x.Pos, fmt.Sprintf("primary metric %q of experiment %q does not carry its variant", e.Name, x.Name),
					fmt.Sprintf("add %q to the event's experiments", x.Name))
			}
		}
	}
}

func checkMetricJoins(p *Plan, _ time.Time, report report) {
	for _, x := range p.Experiments {
		for _, events := range [][]*Event{x.Primary, x.Secondary, x.Guardrail} {
			for _, e := range events {
				why := ""
				switch {
				case e.Personless:
					why = "creates no person profile"
				case e.Sampling.Rate < 1:
					why = "is sampled"
				default:
					continue
				}
				report(x.Pos, fmt.Sprintf("metric %q of experiment %q %s and cannot be joined to exposures", e.Name, x.Name, why),
					"measure by an event that is sent whole and with a person")
			}
		}
	}
}

func contains(experiments []*Experiment, x *Experiment) bool {
	for _, listed := range experiments {
		if listed.Name == x.Name {
			return true
		}
	}
	return false
}

func checkAIPrivacy(p *Plan, _ time.Time, report report) {
	if p.AI.Privacy == "keep" {
		report(p.AI.Pos, `privacy "keep" sends prompts and answers to PostHog`, `write "redact" unless nobody's words can be in them`)
	}
}
