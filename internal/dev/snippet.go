package dev

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/internal/yamltext"
	"github.com/phgen/phgen/schema"
)

const (
	maxAlike     = 50      // events of one name that a type is guessed from
	maxAlikeSize = 1 << 20 // bytes of them
	maxProposed  = 300     // properties; an event of a plan can have no more
	maxSeen      = 3_000   // keys of one event; nobody plans what has more
)

// alike returns the newest kept events of the same name, event among them.
func (s *Store) alike(event sink.Event) []sink.Event {
	s.mu.Lock()
	run, low, high := s.run, s.kept.first, s.kept.last()
	s.mu.Unlock()
	events, size := []sink.Event{event}, 0
	s.walk(newQuery(Filter{Event: event.Name}), run, low, high, true, func(found []candidate) bool {
		for _, c := range found {
			if size += len(c.raw); size > maxAlikeSize || len(events) > maxAlike {
				return false
			}
			// The path only tells what an event has around its properties.
			if e, err := sink.ParseEvent(event.Path, c.raw); err == nil && e.Name == event.Name {
				events = append(events, e)
			}
		}
		return true
	})
	return events
}

// snippet is YAML that people paste into the plan so that it has what an event has and the
// plan has not: the event, or properties. Types are guessed from the events that are alike.
// No value of any is in it. What no plan can hold is left out. There is a finding at least.
func (p *plan) snippet(event sink.Event, found []Finding, alike []sink.Event) string {
	if found[0].Rule == unplannedRule {
		return p.eventDraft(event, alike).settle()
	}
	var parts []string
	for _, d := range []*draft{p.propertyDraft(event, found, alike), p.personDraft(found, alike), p.groupDraft(event, found, alike)} {
		if d != nil {
			parts = append(parts, d.settle())
		}
	}
	return strings.Join(parts, "")
}

// head is the beginning of every frame.
func (p *plan) head() string {
	text := "phgen: 1\nplan: {name: draft}\n"
	if names := p.Go.Initialisms; len(names) > 0 {
		text += "go: {initialisms: [" + strings.Join(names, ", ") + "]}\n"
	}
	return text
}

// shadow writes a property that is there, as far as its name may be in the way.
func shadow(indent string, p *schema.Property) string {
	more := ""
	if p.Go.Name != "" {
		more = ", go: {name: " + p.Go.Name + "}"
	}
	return indent + yamltext.Quote(p.Key) + ": {type: json" + more + "}\n"
}

// eventDraft proposes an event.
func (p *plan) eventDraft(event sink.Event, alike []sink.Event) *draft {
	var frame strings.Builder
	frame.WriteString(p.head())
	var groups, person []string
	if len(p.Groups) > 0 {
		frame.WriteString("groups:\n")
	}
	for _, g := range p.Groups {
		frame.WriteString("  " + yamltext.Quote(g.Name) + ": {}\n")
		if sent(alike, "$groups", g.Name) {
			groups = append(groups, yamltext.QuoteInside(g.Name))
		}
	}
	if len(p.Person) > 0 {
		frame.WriteString("person:\n  properties:\n")
	}
	for _, property := range p.Person {
		fmt.Fprintf(&frame, "    %s: {type: json, write: %s}\n", yamltext.Quote(property.Key), property.Write)
		if property.Write != schema.WriteUnset && sent(alike, "$"+string(property.Write), property.Key) {
			person = append(person, yamltext.QuoteInside(property.Key))
		}
	}
	frame.WriteString("events:\n")
	for _, e := range p.Events {
		if !rivals(cmp.Or(e.Go.Name, e.Name), event.Name) {
			continue
		}
		frame.WriteString("  " + yamltext.Quote(e.Name) + ": {")
		if e.Go.Name != "" {
			frame.WriteString("go: {name: " + e.Go.Name + "}")
		}
		frame.WriteString("}\n")
	}
	d := &draft{where: "# below events:", frame: frame.String(), event: &proposal{key: event.Name}, indent: "      "}
	if len(groups) > 0 {
		d.more = append(d.more, "groups: ["+strings.Join(groups, ", ")+"]")
	}
	if len(person) > 0 {
		d.more = append(d.more, "person: ["+strings.Join(person, ", ")+"]")
	}
	d.properties = propose(alike, "", func(key string) bool { return !p.context[key] })
	return d
}

// rivals reports whether the identifiers made of two names may be equal, or begin alike: what
// is made of an event's name includes longer ones.
func rivals(a, b string) bool {
	a, b = letters(a), letters(b)
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// letters are the letters and digits of a name that an identifier can have, in lower case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r|0x20 >= 'a' && r|0x20 <= 'z' {
			return r | 0x20
		}
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
}

// sent reports whether one of the events has a key in that object.
func sent(events []sink.Event, object, key string) bool {
	return slices.ContainsFunc(events, func(e sink.Event) bool {
		fields, _ := e.Properties[object].(map[string]any)
		_, there := fields[key]
		return there
	})
}

// propose guesses the types of the properties of events, or of an object that they have,
// for whose keys wanted reports true.
func propose(events []sink.Event, object string, wanted func(key string) bool) []*proposal {
	found := map[string]*proposal{}
	for _, e := range events {
		properties := e.Properties
		if object != "" {
			properties, _ = properties[object].(map[string]any)
		}
		if len(properties) > maxSeen {
			continue
		}
		tags, _ := e.Properties["$context_tags"].([]any)
		for _, key := range slices.Sorted(maps.Keys(properties)) {
			if judge.Exempt(key, e.Properties) || slices.Contains(tags, any(key)) || !wanted(key) {
				continue
			}
			if found[key] == nil && len(found) < maxProposed {
				found[key] = &proposal{key: key, guess: newGuess()}
			}
			if p := found[key]; p != nil {
				p.guess.see(properties[key], 1)
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *proposal) int { return cmp.Compare(a.key, b.key) })
}

// missing returns the keys that findings call unplanned, in the object of that prefix.
func missing(found []Finding, rule, prefix string) map[string]bool {
	keys := map[string]bool{}
	for _, f := range found {
		if key, ok := strings.CutPrefix(f.Path, prefix); ok && f.Rule == rule {
			keys[key] = true
		}
	}
	return keys
}

// propertyDraft proposes properties of an event; nil if none is missing.
func (p *plan) propertyDraft(event sink.Event, found []Finding, alike []sink.Event) *draft {
	planned := p.events[event.Name]
	keys := missing(found, "extra_properties", "")
	if planned == nil || len(keys) == 0 {
		return nil
	}
	frame := p.head() + "events:\n  " + yamltext.Quote(event.Name) + ":\n    properties:\n"
	for _, property := range planned.Properties {
		frame += shadow("      ", property)
	}
	return &draft{
		where: "# below the event's properties:", frame: frame, indent: "      ",
		properties: propose(alike, "", func(key string) bool { return keys[key] }),
	}
}

// personDraft proposes properties of persons; nil if none is missing.
func (p *plan) personDraft(found []Finding, alike []sink.Event) *draft {
	frame := p.head() + "person:\n  properties:\n"
	for _, property := range p.Person {
		frame += shadow("    ", property)
	}
	d := &draft{where: "# below person: properties:", frame: frame, indent: "    "}
	for _, bucket := range []schema.Write{schema.WriteSet, schema.WriteSetOnce} {
		at := "$" + string(bucket)
		keys := missing(found, "person", at+".")
		if len(keys) == 0 {
			continue
		}
		unknown := func(key string) bool {
			return keys[key] && !slices.ContainsFunc(p.Person, func(known *schema.Property) bool { return known.Key == key }) &&
				!slices.ContainsFunc(d.properties, func(other *proposal) bool { return other.key == key })
		}
		for _, proposed := range propose(alike, at, unknown) {
			if bucket == schema.WriteSetOnce {
				proposed.write = string(bucket)
			}
			d.properties = append(d.properties, proposed)
		}
	}
	if len(d.properties) == 0 {
		return nil
	}
	return d
}

// groupDraft proposes properties of a group; nil if none is missing.
func (p *plan) groupDraft(event sink.Event, found []Finding, alike []sink.Event) *draft {
	keys := missing(found, "extra_properties", "$group_set.")
	i := slices.IndexFunc(p.Groups, func(g *schema.Group) bool { return g.Name == event.Properties["$group_type"] })
	if i < 0 || len(keys) == 0 {
		return nil
	}
	frame := p.head() + "groups:\n  " + yamltext.Quote(p.Groups[i].Name) + ":\n    properties:\n"
	for _, property := range p.Groups[i].Properties {
		frame += shadow("      ", property)
	}
	alike = slices.DeleteFunc(slices.Clone(alike), func(e sink.Event) bool {
		return e.Properties["$group_type"] != p.Groups[i].Name
	})
	return &draft{
		where: "# below the group's properties:", frame: frame, indent: "      ",
		properties: propose(alike, "$group_set", func(key string) bool { return keys[key] }),
	}
}
