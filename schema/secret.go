package schema

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// personalData are forms that names of things do not have and data of people does.
var personalData = []struct {
	what string
	form *regexp.Regexp
}{
	{"an email address", regexp.MustCompile(`[^\s@]@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)},
	{"a UUID", regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)},
	{"an IP address", regexp.MustCompile(`(?:^|[^0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:$|[^0-9.])`)},
	{"a long number", regexp.MustCompile(`[0-9]{9,}`)},
}

// checkDataInNames looks for names that were copied from one user's data. Each user
// would get an event, a key or a value of his own.
func checkDataInNames(p *Plan, _ time.Time, report report) {
	check := func(pos Pos, kind, name string) {
		if !strings.ContainsAny(name, "@0123456789") {
			return
		}
		for _, data := range personalData {
			if data.form.MatchString(name) {
				report(pos, fmt.Sprintf("%s %q holds what looks like %s", kind, name, data.what), "send the varying part as a property")
				return
			}
		}
	}
	for _, g := range p.Groups {
		check(g.Pos, "group", g.Name)
	}
	for _, e := range p.Events {
		check(e.Pos, "event", e.Name)
	}
	for _, f := range p.Flags {
		check(f.Pos, "flag", f.Key)
	}
	walkProperties(p, func(_ site, prop *Property) { check(prop.Pos, "property", prop.Key) })
	walkTypes(p, func(t *Type, definition bool) {
		if definition || t.Name == "" {
			for _, v := range t.Values {
				check(v.Pos, "enum value", v.Value)
			}
		}
	})
}

// credentials are how keys of well-known services begin, and what they look like
// whole.
var credentials = []struct {
	what, begin string
	form        *regexp.Regexp
}{
	{"an AWS key", "AKIA", regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b`)},
	{"a GitHub token", "ghp_", regexp.MustCompile(`\bghp_[A-Za-z0-9]{36}\b`)},
	{"a GitHub token", "github_pat_", regexp.MustCompile(`\bgithub_pat_[A-Za-z0-9_]{22,}`)},
	{"a GitLab token", "glpat-", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a Google API key", "AIza", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}`)},
	{"a personal PostHog key", "phx_", regexp.MustCompile(`\bphx_[A-Za-z0-9]{20,}`)},
	{"a secret PostHog key", "phs_", regexp.MustCompile(`\bphs_[A-Za-z0-9]{20,}`)},
	{"a private key", "-----BEGIN ", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
	{"a Slack token", "xox", regexp.MustCompile(`\bxox[abprs]-[A-Za-z0-9-]{10,}`)},
	{"a Slack webhook", "hooks.slack.com/", regexp.MustCompile(`hooks\.slack\.com/services/[A-Za-z0-9]+/`)},
	{"a Stripe key", "k_live_", regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{16,}`)},
	{"a signed token", "eyJ", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.`)},
}

// checkCredentials looks through all prose and values. It never repeats what it found.
func checkCredentials(p *Plan, _ time.Time, report report) {
	walkTexts(p, func(pos Pos, kind, name, text string) {
		for _, c := range credentials {
			if strings.Contains(text, c.begin) && c.form.MatchString(text) {
				report(pos, fmt.Sprintf("the %s %q holds what looks like %s", kind, name, c.what), "revoke it, and write a made-up one")
				return
			}
		}
	})
}

// walkTexts visits what a plan says in words and in values: its place, what it is, and
// of what.
func walkTexts(p *Plan, visit func(pos Pos, kind, name, text string)) {
	var value func(kind, name string, v *Value)
	value = func(kind, name string, v *Value) {
		if v == nil {
			return
		}
		visit(v.Pos, kind, name, v.Text)
		for _, item := range v.List {
			value(kind, name, item)
		}
		for _, f := range v.Fields {
			value(kind, name, f.Value)
		}
	}
	for _, o := range p.Owners {
		for _, text := range append([]string{o.Slack, o.Email, o.Description}, o.Codeowners...) {
			visit(o.Pos, "contact of owner", o.Name, text)
		}
	}
	for _, t := range p.Types {
		visit(t.Pos, "description of type", t.Name, t.Description)
	}
	for _, g := range p.Groups {
		visit(g.Pos, "description of group", g.Name, g.Description)
		value("example of group", g.Name, g.Key.Example)
	}
	for _, e := range p.Events {
		visit(e.Pos, "description of event", e.Name, e.Description)
		visit(e.Pos, "trigger of event", e.Name, e.Trigger)
		if e.Deprecated != nil {
			visit(e.Deprecated.Pos, "note on event", e.Name, e.Deprecated.Note)
		}
		for _, x := range e.Examples {
			value("example of event", e.Name, x)
		}
	}
	for _, f := range p.Flags {
		visit(f.Pos, "description of flag", f.Key, f.Description)
	}
	walkProperties(p, func(_ site, prop *Property) {
		visit(prop.Pos, "description of property", prop.Key, prop.Description)
		value("example of property", prop.Key, prop.Example)
		value("default of property", prop.Key, prop.Default)
		value("constant", prop.Key, prop.Type.Const)
	})
}

// secretPhrases make a key name what opens something: its words, one after the other.
// Those of secretWords are PH501's.
var secretPhrases = []string{" api key ", " access key ", " private key ", " passwd ", " pwd ", " passphrase ", " passcode ", " credential ", " credentials ",
	" jwt ", " bearer ", " cookie ", " otp ", " cvv ", " cvc ", " card number ", " pin code "}

func checkSecretKeys(p *Plan, _ time.Time, report report) {
	walkProperties(p, func(at site, prop *Property) {
		if at.part == payloadPart || leaf(prop.Type).Kind != String || prop.PII != nil && prop.PII.Action != "allow" {
			return
		}
		words := " " + strings.Join(wordsOf(prop.Key), " ") + " "
		for _, phrase := range secretPhrases {
			if strings.Contains(words, phrase) {
				report(prop.Pos, fmt.Sprintf("property %q names a secret (%q)", prop.Key, strings.TrimSpace(phrase)), `do not send it, or add pii with action "hash" or "drop"`)
				return
			}
		}
	})
}
