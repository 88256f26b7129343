package schema

import (
	"slices"
	"strconv"
	"strings"
)

// allEvents compiles the section events.
func (c *compiler) allEvents() {
	entries := c.sections["events"].entries
	for _, e := range entries {
		c.events[e.name()] = &Event{Pos: e.key.pos(), Name: e.name()}
	}
	c.each("events", func(e *entry) {
		ev := c.events[e.name()]
		c.event(e, ev)
		c.plan.Events = append(c.plan.Events, ev)
	})
	for _, e := range entries {
		c.entry(e, func() { c.replacement(e) })
	}
	for _, e := range entries {
		c.entry(e, func() { c.twin(e) })
	}
}

// event compiles one event.
func (c *compiler) event(e *entry, ev *Event) {
	v, d := e.value, c.plan.Defaults
	c.eventName(e.key)
	ev.Description = c.prose(v, "description")
	ev.Trigger = c.prose(v, "trigger")
	ev.Owner = c.ownerOf(v, d.Owner)
	ev.Tags = c.strings(v, "tags")
	ev.Since = c.since(v)
	ev.Version = 1
	if n := c.count(v, "version"); n != nil {
		ev.Version = *n
	}
	c.eventStatus(v, ev)
	ev.Go = c.goName(v)
	before := c.found.seen
	ev.Own = c.properties(v.at("properties"), inEvent)
	complete := c.use(v, ev)
	if !complete || c.found.seen > before || e.torn && v.at("properties").tornWithin() {
		c.incomplete[ev] = true
	}
	c.eventLists(v, ev)
	ev.Personless = c.text(v, "person_profile") == "never"
	if k, _ := v.pair("person"); ev.Personless && k != nil {
		c.report(k.pos(), "PH224", "remove person, or person_profile: never", "the event %q sets person properties but creates no person", ev.Name)
	}
	c.sampling(v, ev)
	ev.ExtraProperties = c.word(v, "extra_properties", map[bool]string{true: "allow", false: "deny"}[d.ExtraProperties]) == "allow"
	ev.OnInvalid = OnInvalid(c.word(v, "on_invalid", string(d.OnInvalid)))
	c.later = append(c.later, func() {
		c.distinctWire(ev.Properties)
		c.contextClash(ev.Own)
		c.idempotency(v, ev, complete)
		if n := v.at("examples"); n != nil {
			for _, item := range n.items {
				x := &Value{Pos: item.pos(), Kind: Object}
				c.fields(item, ev.Properties, "", complete, x)
				ev.Examples = append(ev.Examples, x)
			}
		}
	})
}

// eventStatus reads status and deprecated, which implies it.
func (c *compiler) eventStatus(v *node, ev *Event) {
	ev.Status = c.word(v, "status", c.plan.Defaults.Status)
	ev.Deprecated = c.deprecation(v)
	if ev.Deprecated == nil {
		return
	}
	if n := v.at("status"); n != nil && n.text != "deprecated" {
		c.report(n.pos(), "PH221", "remove it: deprecated says the status", "the event %q is deprecated, but its status is %q", ev.Name, n.text)
	}
	ev.Status = "deprecated"
	if ev.Deprecated.DualWrite && ev.Deprecated.Use == "" && !v.at("deprecated").hides("use") {
		k, _ := v.at("deprecated").pair("dual_write")
		c.report(k.pos(), "PH221", "add use: the other event", "dual_write of %q does not say with which event", ev.Name)
	}
}

// use appends the property sets of an event to its own properties. It reports
// whether the event has these properties and no others.
func (c *compiler) use(v *node, ev *Event) bool {
	complete := !v.hides("use") && !v.at("use").torn() && !v.hides("properties") && c.soundKeys(ev.Own)
	total := len(ev.Own)
	if total > maxProperties {
		c.report(ev.Own[maxProperties].Pos, "PH112", "group some into objects", "the event %q has %d properties; the limit is %d", ev.Name, total, maxProperties)
	}
	ev.Properties = slices.Clone(ev.Own)
	keys := make(map[string]*Property, len(ev.Own))
	for _, p := range ev.Own {
		keys[p.Key] = p
	}
	c.listed(v, "use", "PH202", func(n *node, name string) {
		e := c.refers("property_sets", n, name, "PH202")
		if e == nil {
			complete = false
			return
		}
		set := c.sets[name]
		if e.torn || e.broken {
			c.incomplete[ev] = true
			complete = complete && len(set.Properties) == len(e.value.keys) && !e.value.torn() && c.soundKeys(set.Properties)
		}
		if total += len(set.Properties); total > maxProperties {
			complete = false
			if total-len(set.Properties) <= maxProperties {
				c.report(n.pos(), "PH112", "group some into objects", "with the set %q the event %q has %d properties; the limit is %d", name, ev.Name, total, maxProperties)
			}
			return
		}
		for _, p := range set.Properties {
			first := keys[p.Key]
			keys[p.Key] = p
			if first != nil {
				c.report(n.pos(), "PH210", "remove or rename one", "the set %q holds the property %q, which the event has already, at %s", name, p.Key, first.Pos)
			}
		}
		ev.Use = append(ev.Use, set)
		ev.Properties = append(ev.Properties, set.Properties...)
	})
	return complete
}

// soundKeys tells that the keys of the properties can be sent. One that cannot
// may be meant for another.
func (c *compiler) soundKeys(list []*Property) bool {
	return c.found.seen == 0 || !slices.ContainsFunc(list, func(p *Property) bool { return wireNameFault(p.Key) != "" })
}

// eventLists reads the lists of names of an event.
func (c *compiler) eventLists(v *node, ev *Event) {
	seen := map[string]bool{}
	c.listed(v, "groups", "PH204", func(n *node, text string) {
		name, required := strings.CutSuffix(text, "!")
		if seen[name] {
			c.report(n.pos(), "PH204", "remove one", "%q is listed twice under %s", name, strconv.Quote("groups"))
			return
		}
		seen[name] = true
		if e := c.refers("groups", n, name, "PH204"); e != nil {
			ev.Groups = append(ev.Groups, EventGroup{c.groups[name], required})
		}
	})
	c.listed(v, "person", "PH206", func(n *node, name string) {
		e := c.refers("person", n, name, "PH206")
		if e == nil {
			return
		}
		p := c.person[name]
		if p.Write == WriteUnset {
			c.report(n.pos(), "PH206", "remove it", "the person property %q is retired: its write is unset", name)
			return
		}
		ev.Person = append(ev.Person, p)
	})
	c.listed(v, "experiments", "PH207", func(n *node, name string) {
		if e := c.refers("experiments", n, name, "PH207"); e != nil {
			ev.OwnExperiments = append(ev.OwnExperiments, c.experiments[name])
		}
	})
	ev.Experiments = slices.Clip(ev.OwnExperiments)
}

// sampling reads the key sampling of an event.
func (c *compiler) sampling(v *node, ev *Event) {
	ev.Sampling.Rate = 1
	n := v.at("sampling")
	if n == nil {
		return
	}
	if r := n.at("rate"); r != nil {
		rate, err := r.number()
		if err != nil {
			c.misspelt("rate", r, err)
		}
		ev.Sampling.Rate = rate
	}
	ev.Sampling.ByDistinctID = c.text(n, "by") == "distinct_id"
}

// contextClash reports properties that are context properties too. Both would
// be sent under one key.
func (c *compiler) contextClash(list []*Property) {
	for _, p := range list {
		if other := c.context[p.Key]; other != nil {
			c.report(p.Pos, "PH210", "remove or rename one", "the property %q is a context property too, at %s", p.Key, other.Pos)
		}
	}
}

// idempotency reads the properties that make an event's uuid.
func (c *compiler) idempotency(v *node, ev *Event, complete bool) {
	n := v.at("idempotency")
	if n == nil {
		return
	}
	if len(n.items) == 0 && !n.torn() {
		c.report(n.pos(), "PH220", "list a property, or remove it", "idempotency lists no property")
	}
	c.listed(v, "idempotency", "PH220", func(n *node, name string) {
		p := propertyOf(ev.Properties, name)
		switch {
		case p == nil && complete:
			c.report(n.pos(), "PH220", didYouMean(name, keysOf(ev.Properties), ""), "the event %q has no property %q", ev.Name, name)
		case p == nil || c.unsound(p.Type):
		case !slices.Contains([]Kind{String, Int, UUID, Bool, Date, Timestamp, Enum}, p.Type.Kind):
			c.report(n.pos(), "PH220", "use string, int, uuid, bool, date, timestamp or an enum", "%q has the type %q, which cannot make a uuid", name, p.Type.Kind)
		case !p.Required && c.vague[p]:
		case !p.Required:
			c.report(n.pos(), "PH220", "make it required", "%q is optional, so events without it would be one", name)
		case p.PII != nil && p.PII.Action != "allow" && p.PII.Action != "":
			c.report(n.pos(), "PH505", "list another property", "%q is personal data with the action %q, and the uuid is made of it", name, p.PII.Action)
		default:
			ev.Idempotency = append(ev.Idempotency, p)
		}
	})
}
