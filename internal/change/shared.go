package change

import (
	"fmt"
	"slices"

	"github.com/phgen/phgen/schema"
)

// sets compares the property sets. What changed in one is reported once, with the
// events that use it.
func (c *comparer) sets() {
	both, gone, come := byKey(c.old.Sets, c.new.Sets, func(s *schema.PropertySet) string { return s.Name })
	here := func(x *schema.PropertySet, old, new schema.Pos) spot {
		s := c.top(fmt.Sprintf("property set %q", x.Name), "property_sets."+x.Name, old, new)
		s.place = inEvent
		return s
	}
	events := map[string]*schema.Event{}
	for _, e := range c.new.Events {
		events[e.Name] = e
	}
	for _, pair := range both {
		x, y := pair[0], pair[1]
		s := here(x, x.Pos, y.Pos)
		var users [][2]*schema.Event // that use the set in both plans
		for _, e := range c.reach.sets[x.Name] {
			if f := events[e.Name]; f != nil && slices.Contains(f.Use, y) {
				users = append(users, [2]*schema.Event{e, f})
			}
		}
		if len(users) > 0 {
			c.set(s, x, y, users)
		} else if c.differs(func(c *comparer) { c.properties(s, x.Properties, y.Properties) }) {
			c.changed("PHB307", s, "changed, but no event used it before and does now")
		}
	}
	for _, x := range come {
		c.added("PHB307", here(x, schema.Pos{}, x.Pos), "added")
	}
	for _, x := range gone {
		c.removed("PHB307", here(x, x.Pos, schema.Pos{}), "removed")
	}
}

// set compares a property set that events use in both plans.
func (c *comparer) set(s spot, x, y *schema.PropertySet, users [][2]*schema.Event) {
	// affected are the users that have a property of one side and none of that key
	// on the other: it may have been their own.
	affected := func(key string, other int) []string {
		var names []string
		for _, pair := range users {
			if !slices.ContainsFunc(pair[other].Properties, func(p *schema.Property) bool { return p.Key == key }) {
				names = append(names, fmt.Sprintf("event %q", pair[0].Name))
			}
		}
		return names
	}
	for _, pair := range users {
		s.reaches = append(s.reaches, fmt.Sprintf("event %q", pair[0].Name))
	}
	both, gone, come := byKey(x.Properties, y.Properties, propertyKey)
	for _, pair := range both {
		c.property(c.propertySpot(s, pair[0], pair[1]), pair[0], pair[1])
	}
	for _, p := range come {
		here := c.propertySpot(s, nil, p)
		if here.reaches = affected(p.Key, 0); len(here.reaches) > 0 {
			c.propertyAdded(here, p)
		}
	}
	for _, p := range gone {
		here := c.propertySpot(s, p, nil)
		if here.reaches = affected(p.Key, 1); len(here.reaches) > 0 {
			c.propertyRemoved(here, p, c.renamed(p, gone, come))
		}
	}
	if reordered(optional(x.Properties), optional(y.Properties), propertyKey) {
		c.changed("PHB302", s, "the order of the properties changed")
	}
}

// sharedOrders collects what property sets do to the parameters of the events that
// use them, to report it once for each set.
type sharedOrders struct {
	c     *comparer
	found []sharedOrder
}

type sharedOrder struct {
	set    string
	order  order
	events []string
}

// compare compares the parameters of an event's constructor.
func (o *sharedOrders) compare(s spot, e, f *schema.Event) {
	own := func(p order) { o.c.reportOrder(s, p) }
	all := compareOrder(o.c.old.params(e.Properties), o.c.new.params(f.Properties))
	if all.code == "" {
		return
	}
	sets := slices.Equal(setNames(e), setNames(f)) && slices.Equal(o.c.old.params(e.Own), o.c.new.params(f.Own))
	if !sets {
		own(all)
		return
	}
	for i := range e.Use {
		old, new := o.c.old.params(e.Use[i].Properties), o.c.new.params(f.Use[i].Properties)
		if slices.Equal(old, new) {
			continue
		}
		one := compareOrder(old, new)
		one.code = all.code // what the whole call does decides
		if one.message == "" || one.code == "" {
			own(all)
			return
		}
		o.add(e.Use[i].Name, one, e.Name)
	}
}

func (o *sharedOrders) add(set string, one order, event string) {
	who := fmt.Sprintf("event %q", event)
	for i, known := range o.found {
		if known.set == set && known.order == one {
			o.found[i].events = append(known.events, who)
			return
		}
	}
	o.found = append(o.found, sharedOrder{set, one, []string{who}})
}

func (o *sharedOrders) report() {
	for _, x := range o.found {
		s := spot{subject: fmt.Sprintf("property set %q", x.set), path: "property_sets." + x.set, reaches: x.events}
		s.old, s.pos = setPos(o.c.old.Plan, x.set), setPos(o.c.new.Plan, x.set)
		o.c.reportOrder(s, x.order)
	}
}

func setPos(p *schema.Plan, name string) schema.Pos {
	for _, s := range p.Sets {
		if s.Name == name {
			return s.Pos
		}
	}
	return schema.Pos{File: p.File}
}

// usualChanges collects what the section defaults changed for many events, to
// report it once.
type usualChanges struct {
	c              *comparer
	invalid, extra []string
}

// compare compares what an event may take from defaults.
func (u *usualChanges) compare(s spot, e, f *schema.Event) {
	was, is := u.c.old.Defaults, u.c.new.Defaults
	if e.OnInvalid != f.OnInvalid {
		if was.OnInvalid == e.OnInvalid && is.OnInvalid == f.OnInvalid {
			u.invalid = append(u.invalid, s.subject)
		} else {
			u.c.changed("PHB208", s, "on_invalid changed from %s to %s", e.OnInvalid, f.OnInvalid)
		}
	}
	if e.ExtraProperties != f.ExtraProperties {
		if was.ExtraProperties == e.ExtraProperties && is.ExtraProperties == f.ExtraProperties {
			u.extra = append(u.extra, s.subject)
		} else {
			u.c.extraProperties(s, f.ExtraProperties)
		}
	}
}

func (u *usualChanges) report() {
	at := func(path string, reaches []string) spot {
		s := u.c.top("the plan", "defaults."+path, schema.Pos{File: u.c.old.File}, schema.Pos{})
		s.reaches = reaches
		return s
	}
	if len(u.invalid) > 0 {
		u.c.changed("PHB208", at("on_invalid", u.invalid), "the default of on_invalid changed from %s to %s", u.c.old.Defaults.OnInvalid, u.c.new.Defaults.OnInvalid)
	}
	if len(u.extra) > 0 {
		u.c.extraProperties(at("extra_properties", u.extra), u.c.new.Defaults.ExtraProperties)
	}
}

func (c *comparer) extraProperties(s spot, allowed bool) {
	if allowed {
		c.changed("PHB216", s, "extra_properties is allow: the method WithExtra is there")
		return
	}
	c.changed("PHB155", s, "extra_properties is deny: the method WithExtra is gone")
}
