package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Descriptions that list the values of a string, and values that a list could hold.
var (
	oneOfText = regexp.MustCompile("(?i)\\b(?:one of|either)\\b:? *[\"'`]?[\\w-]+[\"'`]? *(?:,|\\||/| or )")
	pipedText = regexp.MustCompile("[\\w\"'`]\\|[\\w\"'`]|[\\w\"'`] \\| [\\w\"'`-]+ \\| [\\w\"'`]")
	enumText  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)
)

// checkHiddenEnums looks for strings that could be enums: their description lists
// the values, or many examples have few of them.
func checkHiddenEnums(p *Plan, _ time.Time, report report) {
	const fix = "make it an enum"
	walkProperties(p, func(at site, prop *Property) {
		t := leaf(prop.Type)
		if at.part == payloadPart || t.Kind != String || t.Pattern != "" {
			return
		}
		if listsValues(prop.Description) {
			report(prop.Pos, fmt.Sprintf("the description of %q lists its values, but its type is %q", prop.Key, t.Kind), fix)
		}
	})
	for _, e := range p.Events {
		for _, prop := range e.Own {
			if prop.Type.Kind != String || prop.Type.Pattern != "" {
				continue
			}
			if values, few := fewExamples(e, prop.Key); few {
				report(prop.Pos, fmt.Sprintf("all examples of %q are %s, but its type is %q", prop.Key, quotedList(values), prop.Type.Kind), fix)
			}
		}
	}
}

// listsValues reports whether a description says what the values are.
func listsValues(description string) bool {
	if strings.Contains(description, "|") && pipedText.MatchString(description) {
		return true
	}
	lower := strings.ToLower(description)
	return (strings.Contains(lower, "one of") || strings.Contains(lower, "either")) && oneOfText.MatchString(description)
}

// fewExamples are the distinct values under key in the examples of an event, and
// whether these are few: each is there twice, as far as the average tells, and looks
// like a word.
func fewExamples(e *Event, key string) (values []string, few bool) {
	total := 0
	for _, x := range e.Examples {
		for _, f := range x.Fields {
			if f.Key != key || f.Value.Null {
				continue
			}
			total++
			if !enumText.MatchString(f.Value.Text) {
				return nil, false
			}
			if !slices.Contains(values, f.Value.Text) {
				values = append(values, f.Value.Text)
			}
		}
	}
	return values, total >= 4 && len(values)*2 <= total
}

// scalarKinds are the kinds whose values PostHog keeps in one column under one key.
var scalarKinds = []Kind{String, Int, Float, Bool, Timestamp, Date, Duration, UUID, URL, Email, IP, Country, Currency, Locale}

// checkKinds looks for one key with two types of the plan, or one duration in two
// units. Where PostHog's types differ, PH620 says so.
func checkKinds(p *Plan, _ time.Time, report report) {
	first := make(map[string]*Property)
	seen := make(map[*Property]bool)
	check := func(properties []*Property) {
		for _, prop := range properties {
			if seen[prop] || !slices.Contains(scalarKinds, prop.Type.Kind) {
				continue
			}
			seen[prop] = true
			was := first[prop.Key]
			if was == nil {
				first[prop.Key] = prop
				continue
			}
			a, b := was.Type, prop.Type
			switch {
			case postHogTypes[a.Kind] != postHogTypes[b.Kind]:
			case a.Kind != b.Kind:
				report(prop.Pos, fmt.Sprintf("property %q is of type %q here but %q at %s", prop.Key, b.Kind, a.Kind, was.Pos), "give both one type, or one of them another key")
			case a.Unit != b.Unit:
				report(prop.Pos, fmt.Sprintf("duration %q is sent in %q here but in %q at %s", prop.Key, b.Unit, a.Unit, was.Pos), "give both one unit")
			}
		}
	}
	for _, e := range p.Events {
		check(e.Properties)
	}
}

// checkNameType looks for keys that promise another type than they have.
func checkNameType(p *Plan, _ time.Time, report report) {
	walkProperties(p, func(at site, prop *Property) {
		kind := prop.Type.Kind
		if at.part == payloadPart || kind != String && kind != Int && kind != Float {
			return
		}
		words := wordsOf(prop.Key)
		if len(words) < 2 {
			return
		}
		first, last := words[0], words[len(words)-1]
		want := Kind("")
		switch {
		case first == "is" || first == "has":
			want = Bool
		case last == "at" && len(stems(words[len(words)-2])) > 0:
			want = Timestamp
		case last == "count" && kind == String:
			want = Int
		default:
			return
		}
		report(prop.Pos, fmt.Sprintf("property %q sounds like %q, but its type is %q", prop.Key, want, kind), "give it that type, or rename it")
	})
}

// versionEnd is a version at the end of a name.
var versionEnd = regexp.MustCompile(`(?:[^A-Za-z0-9][vV]|[a-z]V)[0-9]+$`)

func checkNameVersion(p *Plan, _ time.Time, report report) {
	for _, e := range p.Events {
		if versionEnd.MatchString(e.Name) {
			report(e.Pos, fmt.Sprintf("event %q has a version in its name", e.Name), "keep the name and raise the event's version, or say what is new")
		}
	}
}

// placeholders are descriptions that wait for somebody, as their words.
var placeholders = []string{"", "description", "description here", "fix me", "fixme", "n a", "na", "none", "placeholder", "tba", "tbd", "to do", "todo", "xxx"}

// filler begins the text that printers use where there is none yet.
const filler = "lorem ipsum"

// waits are words that somebody left for later, written as people write them in code.
var waits = regexp.MustCompile(`\b(?:TODO|FIXME)\b`)

func isPlaceholder(text string) bool {
	if strings.TrimSpace(text) == "" {
		return false // that is no description at all
	}
	// Most prose is longer, and need not be taken apart.
	if len(text) <= 24 && slices.Contains(placeholders, strings.Join(wordsOf(text), " ")) {
		return true
	}
	if len(text) >= len(filler) && strings.EqualFold(text[:len(filler)], filler) {
		return true
	}
	return (strings.Contains(text, "TODO") || strings.Contains(text, "FIXME")) && waits.MatchString(text)
}
