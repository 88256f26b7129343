package change

import (
	"fmt"
	"slices"
	"strings"

	"github.com/phgen/phgen/schema"
)

func eventName(e *schema.Event) string { return e.Name }

// events compares the events.
func (c *comparer) events() {
	both, gone, come := byKey(c.old.Events, c.new.Events, eventName)
	shared := &sharedOrders{c: c}
	usual := &usualChanges{c: c}
	for _, pair := range both {
		c.event(c.eventSpot(pair[0], pair[1]), pair[0], pair[1], shared, usual)
	}
	shared.report()
	usual.report()
	for _, e := range come {
		c.added("PHB201", c.eventSpot(nil, e), "added")
	}
	kept := map[string]bool{}
	for _, e := range c.new.Events {
		kept[e.Name] = true
	}
	renamed := renames(gone, come, eventName, func(e *schema.Event) string { return listShape(e.Properties) })
	for _, e := range gone {
		c.eventRemoved(e, kept, renamed[e.Name])
	}
}

// eventRemoved reports an event that only the old plan has.
func (c *comparer) eventRemoved(e *schema.Event, kept map[string]bool, renamed string) {
	s := c.eventSpot(e, nil)
	use := deprecatedUse(e.Deprecated)
	switch {
	case use != "" && e.Deprecated.DualWrite && kept[use]:
		c.removed("PHB133", s, "removed; %q has all that it had", use)
	case use != "":
		c.removed("PHB101", s, "removed; it was deprecated in favour of %q", use)
	case renamed != "":
		c.removed("PHB101", s, "removed").Hint = fmt.Sprintf(
			"if it is now %q, keep it for a while with deprecated: {use: %q, dual_write: true}", renamed, renamed)
	default:
		c.removed("PHB101", s, "removed")
	}
}

// eventSpot is the place of an event; one of old and new may be nil.
func (c *comparer) eventSpot(old, new *schema.Event) spot {
	var name string
	var oldPos, newPos schema.Pos
	if old != nil {
		name, oldPos = old.Name, old.Pos
	}
	if new != nil {
		name, newPos = new.Name, new.Pos
	}
	s := c.top(fmt.Sprintf("event %q", name), "events."+name, oldPos, newPos)
	s.place = inEvent
	return s
}

// event compares an event that both plans have.
func (c *comparer) event(s spot, e, f *schema.Event, shared *sharedOrders, usual *usualChanges) {
	c.ident(s, e.Go, f.Go, e.Name, f.Name)
	if c.old.Go.SplitOwner && c.new.Go.SplitOwner && e.Owner != f.Owner {
		c.changed("PHB132", s, "moved from the package of owner %q to that of %q", e.Owner, f.Owner)
	}
	c.eventProperties(s, e, f)
	shared.compare(s, e, f)
	c.eventGroups(s, e.Groups, f.Groups)
	c.eventPerson(s, e.Person, f.Person)
	c.idempotency(s, keysOf(e.Idempotency), keysOf(f.Idempotency))
	c.delivery(s, e, f)
	c.eventExperiments(s, e, f)
	usual.compare(s, e, f)
	c.eventDeprecation(s, e, f)
	if e.Version != f.Version {
		c.changed("PHB219", s, "version changed from %d to %d: it means something else", e.Version, f.Version)
	}
	c.docs(s, eventDocs(e), eventDocs(f))
}

func eventDocs(e *schema.Event) []doc {
	var examples []string
	for _, v := range e.Examples {
		examples = append(examples, valueText(v))
	}
	return []doc{
		{"description", e.Description}, {"trigger", e.Trigger}, {"owner", e.Owner}, {"tags", setText(e.Tags)},
		{"since", e.Since}, {"examples", strings.Join(examples, "\n")},
	}
}

func keysOf(list []*schema.Property) []string {
	var keys []string
	for _, p := range list {
		keys = append(keys, p.Key)
	}
	return keys
}

// eventProperties compares what an event has, its own and those of sets. What
// changed within a set that it used before is reported there.
func (c *comparer) eventProperties(s spot, e, f *schema.Event) {
	used, uses := setNames(e), setNames(f)
	homes := homesOf(e)
	homesNow := homesOf(f)
	both, gone, come := byKey(e.Properties, f.Properties, propertyKey)
	for _, pair := range both {
		p, q := pair[0], pair[1]
		was, is := homes[p.Key], homesNow[q.Key]
		if was == is && was != "" {
			continue // reported with the set
		}
		here := c.propertySpot(s, p, q)
		if was != is {
			here.homes = [2]string{was, is}
			before := len(c.found)
			c.property(here, p, q)
			if len(c.found) == before {
				c.changed("PHB306", here, "%s moved %s", here.what, fromTo(was, is))
			}
			continue
		}
		c.property(here, p, q)
	}
	gone = slices.DeleteFunc(gone, func(p *schema.Property) bool { return homes[p.Key] != "" && slices.Contains(uses, homes[p.Key]) })
	come = slices.DeleteFunc(come, func(p *schema.Property) bool {
		return homesNow[p.Key] != "" && slices.Contains(used, homesNow[p.Key])
	})
	for _, p := range come {
		c.propertyAdded(c.propertySpot(s, nil, p), p)
	}
	for _, p := range gone {
		c.propertyRemoved(c.propertySpot(s, p, nil), p, c.renamed(p, gone, come))
	}
	if reordered(optional(e.Own), optional(f.Own), propertyKey) {
		c.changed("PHB302", s, "the order of the properties changed")
	}
}

// homesOf is the set that each property of e comes from, by key: none for its own.
func homesOf(e *schema.Event) map[string]string {
	if len(e.Use) == 0 {
		return nil
	}
	homes := map[string]string{}
	for _, s := range e.Use {
		for _, p := range s.Properties {
			homes[p.Key] = s.Name
		}
	}
	return homes
}

func fromTo(was, is string) string {
	name := func(set string) string {
		if set == "" {
			return "the event itself"
		}
		return fmt.Sprintf("set %q", set)
	}
	return "from " + name(was) + " to " + name(is)
}

func setNames(e *schema.Event) []string {
	var names []string
	for _, s := range e.Use {
		names = append(names, s.Name)
	}
	return names
}

// eventGroups compares the groups that an event lists.
func (c *comparer) eventGroups(s spot, old, new []schema.EventGroup) {
	required := func(list []schema.EventGroup) map[string]bool {
		m := map[string]bool{}
		for _, g := range list {
			m[g.Group.Name] = g.Required
		}
		return m
	}
	if slices.EqualFunc(old, new, func(g, h schema.EventGroup) bool { return g.Group.Name == h.Group.Name && g.Required == h.Required }) {
		return
	}
	was, is := required(old), required(new)
	var relaxed []string
	for _, g := range new {
		name := g.Group.Name
		here := s.part(fmt.Sprintf("group %q", name), "groups."+name, s.old, s.pos)
		listed, ok := was[name]
		switch {
		case g.Required && !listed:
			c.changed("PHB213", here, "group %q made required: without it the event is invalid", name)
		case !ok || listed && !g.Required:
			relaxed = append(relaxed, fmt.Sprintf("%q", name))
		}
	}
	for _, g := range old {
		if _, ok := is[g.Group.Name]; !ok {
			relaxed = append(relaxed, fmt.Sprintf("%q", g.Group.Name))
		}
	}
	if len(relaxed) > 0 {
		c.changed("PHB304", s, "listed groups changed: %s", enumeration(relaxed))
	}
}

// eventPerson compares the person properties that an event sets.
func (c *comparer) eventPerson(s spot, old, new []*schema.Property) {
	_, gone, come := byKey(old, new, propertyKey)
	for _, p := range come {
		here := s.part(fmt.Sprintf("person property %q", p.Key), "person."+p.Key, schema.Pos{}, s.pos)
		c.added("PHB220", here, "it can set the %s", here.what)
	}
	for _, p := range gone {
		here := s.part(fmt.Sprintf("person property %q", p.Key), "person."+p.Key, s.old, s.pos)
		c.removed("PHB157", here, "it no longer sets the %s", here.what)
	}
}

// idempotency compares what the uuid of an event is made of.
func (c *comparer) idempotency(s spot, old, new []string) {
	if slices.Equal(old, new) {
		return
	}
	s = s.part("", "idempotency", s.old, s.pos)
	s.what = ""
	switch {
	case len(old) == 0:
		c.changed("PHB214", s, "idempotent by %s from now on", quoted(new))
	case len(new) == 0:
		c.changed("PHB114", s, "no longer idempotent by %s", quoted(old))
	default:
		c.changed("PHB114", s, "idempotency changed from %s to %s: an event that is sent again is stored twice", quoted(old), quoted(new))
	}
}

// delivery compares whether and for whom an event is sent.
func (c *comparer) delivery(s spot, e, f *schema.Event) {
	switch {
	case e.Personless == f.Personless:
	case f.Personless:
		c.changed("PHB154", s, "person_profile is never: it has no person properties to filter by")
	default:
		c.changed("PHB215", s, "person_profile is auto: it creates persons")
	}
	if e.Sampling != f.Sampling {
		c.changed("PHB209", s, "sampling changed from %s to %s", samplingText(e.Sampling), samplingText(f.Sampling))
	}
}

func samplingText(s schema.Sampling) string {
	text := number(s.Rate)
	if s.ByDistinctID {
		text += " by distinct id"
	}
	return text
}

func (c *comparer) eventExperiments(s spot, e, f *schema.Event) {
	_, gone, come := byKey(e.Experiments, f.Experiments, experimentName)
	for _, x := range come {
		c.changed("PHB218", s, "it carries the variant of experiment %q", x.Name)
	}
	for _, x := range gone {
		c.changed("PHB218", s, "it no longer carries the variant of experiment %q", x.Name)
	}
}

// eventDeprecation compares status, deprecated and dual_write.
func (c *comparer) eventDeprecation(s spot, e, f *schema.Event) {
	c.deprecation(s, e.Deprecated, f.Deprecated)
	if (e.Deprecated == nil) == (f.Deprecated == nil) && e.Status != f.Status {
		c.changed("PHB308", s, "status changed from %s to %s", e.Status, f.Status)
	}
	was, is := dualWrite(e), dualWrite(f)
	switch {
	case was && is && e.Deprecated.Use != f.Deprecated.Use:
		c.changed("PHB211", s, "sent together with %q, no longer with %q", f.Deprecated.Use, e.Deprecated.Use)
	case was == is:
	case is:
		c.changed("PHB211", s, "sent together with %q from now on: both are stored", f.Deprecated.Use)
	default:
		c.changed("PHB212", s, "no longer sent together with %q", e.Deprecated.Use)
	}
}

func dualWrite(e *schema.Event) bool { return e.Deprecated != nil && e.Deprecated.DualWrite }
