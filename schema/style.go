package schema

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// manyProperties is how many properties an event may have without a remark.
const manyProperties = 25

func checkDescription(p *Plan, _ time.Time, report report) {
	for _, e := range p.Events {
		if strings.TrimSpace(e.Description) == "" {
			report(e.Pos, fmt.Sprintf("event %q has no description", e.Name), "say what happened, and when it is sent")
		}
	}
}

func checkTrigger(p *Plan, _ time.Time, report report) {
	for _, e := range p.Events {
		if strings.TrimSpace(e.Trigger) == "" && e.Status != "deprecated" {
			report(e.Pos, fmt.Sprintf("event %q has no trigger", e.Name), "say which line of code sends it")
		}
	}
}

func checkPropertyDescription(p *Plan, _ time.Time, report report) {
	walkProperties(p, func(at site, prop *Property) {
		if at.part != payloadPart && prop.Type.Kind != Const && strings.TrimSpace(prop.Description) == "" {
			report(prop.Pos, fmt.Sprintf("property %q has no description", prop.Key), "say what it holds")
		}
	})
}

// fillers are words that add nothing to a name.
var fillers = []string{"a", "an", "the", "of", "for", "is", "was", "were", "are", "be", "been", "has", "have", "had", "it", "its", "this", "that",
	"event", "property", "flag", "group", "feature", "experiment", "value"}

// walkDescriptions visits what is described: its place, what it is, its name and what
// is said about it.
func walkDescriptions(p *Plan, visit func(pos Pos, kind, name, description string)) {
	for _, t := range p.Types {
		visit(t.Pos, "type", t.Name, t.Description)
	}
	for _, g := range p.Groups {
		visit(g.Pos, "group", g.Name, g.Description)
	}
	for _, e := range p.Events {
		visit(e.Pos, "event", e.Name, e.Description)
	}
	for _, f := range p.Flags {
		visit(f.Pos, "flag", f.Key, f.Description)
	}
	for _, x := range p.Experiments {
		visit(x.Pos, "experiment", x.Name, x.Description)
	}
	for _, f := range p.AI.Features {
		visit(f.Pos, "feature", f.Name, f.Description)
	}
	walkProperties(p, func(_ site, prop *Property) {
		// A description that comes from the type was judged beside the type's name.
		if prop.Type.Name == "" || prop.Description != prop.Type.Description {
			visit(prop.Pos, "property", prop.Key, prop.Description)
		}
	})
}

func checkTautology(p *Plan, _ time.Time, report report) {
	walkDescriptions(p, func(pos Pos, kind, name, description string) {
		if strings.TrimSpace(description) == "" {
			return
		}
		known := wordsOf(name)
		for w := range wordsIn(description) {
			if !slices.Contains(known, w) && !slices.Contains(fillers, w) {
				return
			}
		}
		report(pos, fmt.Sprintf("the description of %s %q only repeats its name", kind, name), "say when it is sent or what it holds")
	})
}

func checkPlaceholders(p *Plan, _ time.Time, report report) {
	walkDescriptions(p, func(pos Pos, kind, name, description string) {
		if isPlaceholder(description) {
			report(pos, fmt.Sprintf("the description of %s %q is a placeholder", kind, name), "write it, or leave it out")
		}
	})
}

func checkOwner(p *Plan, _ time.Time, report report) {
	for _, e := range p.Events {
		if e.Owner == "" {
			report(e.Pos, fmt.Sprintf("event %q has no owner", e.Name), "add owner to the event or to defaults")
		}
	}
}

// postHogTypes maps kinds to the type that PostHog gives their properties.
var postHogTypes = map[Kind]string{
	String: "String", Int: "Numeric", Float: "Numeric", Bool: "Boolean", Timestamp: "DateTime", Date: "DateTime", Duration: "Numeric",
	UUID: "String", URL: "String", Email: "String", IP: "String", Country: "String", Currency: "String", Locale: "String", Money: "Numeric",
	JSON: "Object", Map: "Object", Array: "Array", Object: "Object", Enum: "String", Union: "Object",
}

// checkPostHogTypes compares wire keys, since those are what PostHog sees.
func checkPostHogTypes(p *Plan, _ time.Time, report report) {
	type use struct {
		kind string
		pos  Pos
	}
	first := make(map[string]use)
	seen := make(map[*Property]bool) // a set's properties belong to each event that uses it
	note := func(prop *Property, key, kind string) {
		was, ok := first[key]
		if !ok {
			first[key] = use{kind, prop.Pos}
			return
		}
		if was.kind != kind {
			report(prop.Pos, fmt.Sprintf("property %q is %s to PostHog here but %s at %s", key, kind, was.kind, was.pos),
				"rename one of them or give both one type")
		}
	}
	check := func(properties []*Property) {
		for _, prop := range properties {
			if seen[prop] {
				continue
			}
			seen[prop] = true
			switch prop.Type.Kind {
			case Money:
				note(prop, prop.MoneyKeys[0], postHogTypes[Money])
				note(prop, prop.MoneyKeys[1], postHogTypes[Currency])
			case Const:
				note(prop, prop.Key, postHogTypes[prop.Type.Const.Kind])
			default:
				note(prop, prop.Key, postHogTypes[prop.Type.Kind])
			}
		}
	}
	for _, e := range p.Events {
		check(e.Properties)
	}
	check(p.Context)
}

func checkEventSize(p *Plan, _ time.Time, report report) {
	for _, e := range p.Events {
		if n := len(e.Properties); n > manyProperties {
			report(e.Pos, fmt.Sprintf("event %q has %d properties, more than %d", e.Name, n, manyProperties), "split the event or group properties into an object")
		}
	}
}

func checkReplacement(p *Plan, _ time.Time, report report) {
	for _, d := range deprecations(p) {
		pos := d.pos
		if d.says != nil {
			pos = d.says.Pos
		}
		switch {
		case d.says == nil || d.says.Use == "" && d.says.Note == "":
			report(pos, d.subject+" is deprecated without a replacement", "name it with use, or explain with note")
		case d.required:
			report(pos, d.subject+" is deprecated, yet every caller must still give it", "make it optional")
		}
	}
}

func checkRemoval(p *Plan, now time.Time, report report) {
	today := now.UTC().Format(time.DateOnly)
	for _, d := range deprecations(p) {
		if d.says != nil && d.says.RemoveAfter != "" && d.says.RemoveAfter < today {
			report(d.says.Pos, fmt.Sprintf("%s was to be removed after %s", d.subject, d.says.RemoveAfter), "remove it or choose a later date")
		}
	}
}

func checkDualWriteEnd(p *Plan, _ time.Time, report report) {
	for _, e := range p.Events {
		if d := e.Deprecated; d != nil && d.DualWrite && d.RemoveAfter == "" {
			report(d.Pos, fmt.Sprintf("event %q is sent twice, as %q too, and no end is set", e.Name, d.Use), "add remove_after")
		}
	}
}

// checkUnused looks for what no event, person, group or flag leads to: what only
// unused things use is unused, too.
func checkUnused(p *Plan, _ time.Time, report report) {
	sets := make(map[string]bool)
	for _, e := range p.Events {
		for _, s := range e.Use {
			sets[s.Name] = true
		}
	}
	types := usedTypes(p, func(s *PropertySet) bool { return sets[s.Name] }, func(*Type) bool { return false })
	for _, t := range p.Types {
		if !types[t.Name] {
			report(t.Pos, fmt.Sprintf("type %q is never used", t.Name), "remove it")
		}
	}
	for _, s := range p.Sets {
		if !sets[s.Name] {
			report(s.Pos, fmt.Sprintf("property set %q is never used", s.Name), "remove it")
		}
	}
	owners := usedOwners(p)
	for _, o := range p.Owners {
		if !owners[o.Name] {
			report(o.Pos, fmt.Sprintf("owner %q owns nothing", o.Name), "remove it")
		}
	}
}

// usedTypes are the named types that anything uses, apart from types and sets, and
// those that the given sets and types use, these types among them.
func usedTypes(p *Plan, bySet func(*PropertySet) bool, byType func(*Type) bool) map[string]bool {
	used := make(map[string]bool)
	var use func(t *Type)
	list := func(properties []*Property) {
		for _, prop := range properties {
			use(prop.Type)
		}
	}
	use = func(t *Type) {
		if t == nil || used[t.Name] {
			return
		}
		if t.Name != "" {
			used[t.Name] = true
		}
		use(t.Elem)
		list(t.Properties)
		for _, v := range t.Variants {
			list(v.Properties)
		}
	}
	for _, s := range p.Sets {
		if bySet(s) {
			list(s.Properties)
		}
	}
	for _, t := range p.Types {
		if byType(t) {
			use(t)
		}
	}
	list(p.Context)
	list(p.Person)
	for _, g := range p.Groups {
		use(g.Key)
		list(g.Properties)
	}
	for _, e := range p.Events {
		list(e.Own)
	}
	for _, f := range p.Flags {
		list(f.Payload)
	}
	for _, f := range p.AI.Features {
		list(f.Properties)
	}
	return used
}

func usedOwners(p *Plan) map[string]bool {
	used := map[string]bool{p.Defaults.Owner: true}
	for _, g := range p.Groups {
		used[g.Owner] = true
	}
	for _, e := range p.Events {
		used[e.Owner] = true
	}
	for _, f := range p.Flags {
		used[f.Owner] = true
	}
	for _, x := range p.Experiments {
		used[x.Owner] = true
	}
	for _, s := range p.Surveys {
		used[s.Owner] = true
	}
	for _, f := range p.AI.Features {
		used[f.Owner] = true
	}
	return used
}

func checkNameTwins(p *Plan, _ time.Time, report report) {
	first := make(map[string]*Event)
	for _, e := range p.Events {
		key := folded(e.Name)
		twin, ok := first[key]
		switch {
		case !ok:
			first[key] = e
		case replaces(e, twin) || replaces(twin, e):
			// Moving from one spelling to the other is the cure, not the disease.
		default:
			report(e.Pos, fmt.Sprintf("event %q is almost %q at %s", e.Name, twin.Name, twin.Pos), "keep one of them")
		}
	}
}

// replaces reports whether old is deprecated in favour of e.
func replaces(e, old *Event) bool {
	return old.Deprecated != nil && old.Deprecated.Use == e.Name
}

// folded is name without separators, case and plural endings.
func folded(name string) string {
	words := wordsOf(name)
	for i, w := range words {
		switch stem, plural := strings.CutSuffix(w, "ies"); {
		case plural && stem != "":
			words[i] = stem + "y"
		case !strings.HasSuffix(w, "ss"):
			words[i] = strings.TrimSuffix(w, "s")
		}
	}
	return strings.Join(words, "")
}

func checkMarks(p *Plan, _ time.Time, report report) {
	check := func(pos Pos, kind, name string) {
		if strings.ContainsFunc(name, unicode.IsMark) {
			report(pos, fmt.Sprintf("%s %+q holds a combining mark", kind, name), "type the composed character or leave the mark out")
		}
	}
	values := func(kind string, values []*EnumValue) {
		for _, v := range values {
			check(v.Pos, kind, v.Value)
		}
	}
	for _, g := range p.Groups {
		check(g.Pos, "group", g.Name)
	}
	for _, e := range p.Events {
		check(e.Pos, "event", e.Name)
	}
	for _, s := range p.Surveys {
		for _, q := range s.Questions {
			values("choice", q.Choices)
		}
	}
	walkProperties(p, func(_ site, prop *Property) {
		check(prop.Pos, "property", prop.Key)
		check(prop.Pos, "wire key", prop.Type.WireAmount)
		check(prop.Pos, "wire key", prop.Type.WireCurrency)
	})
	walkTypes(p, func(t *Type, definition bool) {
		if !definition && t.Name != "" {
			return
		}
		check(t.Pos, "discriminator", t.Discriminator)
		values("enum value", t.Values)
		for _, v := range t.Variants {
			check(v.Pos, "variant", v.Name)
		}
	})
}
