package schema

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Words that make a key look personal, and whole keys that do.
var (
	personalWords = []string{"email", "phone", "ip", "address", "ssn", "token", "password", "secret", "iban", "birth", "lat", "lng"}
	personalKeys  = []string{"first_name", "last_name", "full_name", "user_name"}
	secretWords   = []string{"token", "password", "secret"}
)

func checkUnmarkedPII(p *Plan, _ time.Time, report report) {
	walkProperties(p, func(at site, prop *Property) {
		// Payloads come from PostHog and are not sent to it.
		if at.part == payloadPart || prop.PII != nil {
			return
		}
		const fix = "add pii with a kind and an action"
		t := leaf(prop.Type)
		switch t.Kind {
		case Email, IP:
			report(prop.Pos, fmt.Sprintf("property %q is of type %q and says nothing about privacy", prop.Key, t.Kind), fix)
		case String, Int, Float:
			if word := personalWord(prop.Key); word != "" {
				report(prop.Pos, fmt.Sprintf("property %q looks personal (%q) and says nothing about privacy", prop.Key, word), fix)
			}
		}
	})
}

// personalWord is the part of key that looks personal, or empty.
func personalWord(key string) string {
	words := wordsOf(key)
	if whole := strings.Join(words, "_"); slices.Contains(personalKeys, whole) {
		return whole
	}
	return firstOf(words, personalWords)
}

// firstOf is the first of words that is in list, or empty.
func firstOf(words, list []string) string {
	if i := slices.IndexFunc(words, func(w string) bool { return slices.Contains(list, w) }); i >= 0 {
		return words[i]
	}
	return ""
}

func checkBasis(p *Plan, _ time.Time, report report) {
	check := func(subject string, pii *PII) {
		if pii != nil && pii.Action == "allow" && pii.Basis == "" {
			report(pii.Pos, subject+" is sent unchanged without a basis", "add basis, or choose another action")
		}
	}
	for _, t := range p.Types {
		check(fmt.Sprintf("type %q", t.Name), t.PII)
	}
	walkProperties(p, func(_ site, prop *Property) {
		if prop.PII != prop.Type.PII {
			check(fmt.Sprintf("property %q", prop.Key), prop.PII)
		}
	})
	for _, s := range p.Surveys {
		for _, q := range s.Questions {
			check(fmt.Sprintf("question %q", q.Key), q.PII)
		}
	}
}

func checkSecrets(p *Plan, _ time.Time, report report) {
	check := func(pos Pos, key string, pii *PII) {
		if pii == nil || pii.Action != "allow" {
			return
		}
		if word := firstOf(wordsOf(key), secretWords); word != "" {
			report(pos, fmt.Sprintf("%q names a %s and is sent unchanged", key, word), `write action "hash" or "drop"`)
		}
	}
	walkProperties(p, func(_ site, prop *Property) { check(prop.Pos, prop.Key, prop.PII) })
	for _, s := range p.Surveys {
		for _, q := range s.Questions {
			check(q.Pos, q.Key, q.PII)
		}
	}
}

func checkFreeText(p *Plan, _ time.Time, report report) {
	walkProperties(p, func(at site, prop *Property) {
		if at.nested || at.part != eventPart && at.part != setPart {
			return
		}
		t := leaf(prop.Type)
		if prop.PII != nil && prop.PII.Kind == "free_text" && t.Kind == String && t.MaxLength == nil {
			report(prop.Pos, fmt.Sprintf("free text %q may be of any length", prop.Key), "add max_length")
		}
	})
}
