package judge

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/phgen/phgen/schema"
)

// contextProperties compares the values of the plan's context section that the
// event carries, whichever scope set them.
func (r *report) contextProperties(properties map[string]any) {
	for _, c := range r.plan.Context {
		r.property("", c, properties)
	}
}

// eventGroups compares $groups: the groups an event must have, and the keys of
// those it has.
func (r *report) eventGroups(e *schema.Event, properties map[string]any) {
	groups, ok := properties["$groups"].(map[string]any)
	if properties["$groups"] != nil && !ok {
		r.add("$groups", "type", "no object")
		return
	}
	for _, g := range e.Groups {
		if _, in := groups[g.Group.Name]; g.Required && !in {
			r.add("$groups."+g.Group.Name, "group", "missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := r.groups[name]
		if g == nil {
			r.add("$groups."+name, "groups", "not a group of the plan")
			continue
		}
		r.groupKey("$groups."+name, g, groups[name])
	}
}

// groupKey compares a key, which is text on the wire whatever its type.
func (r *report) groupKey(path string, g *schema.Group, v any) {
	s, ok := v.(string)
	if !ok || s == "" {
		r.add(path, "type", "no string, or an empty one")
		return
	}
	t := g.Key
	if t == nil {
		return
	}
	switch t.Kind {
	case schema.Int:
		i, err := strconv.ParseInt(s, 10, 64)
		switch {
		case err != nil:
			r.add(path, "type", "no integer of 64 bits")
		case t.MinInt != nil && i < *t.MinInt:
			r.add(path, "min", "below "+strconv.FormatInt(*t.MinInt, 10))
		case t.MaxInt != nil && i > *t.MaxInt:
			r.add(path, "max", "above "+strconv.FormatInt(*t.MaxInt, 10))
		}
	case schema.UUID:
		if !isUUID(s) {
			r.add(path, "type", "no uuid")
		}
	default:
		r.text(path, t, s, false)
	}
}

// eventPerson compares $set and $set_once of a capture event with the person
// properties that the event lists.
func (r *report) eventPerson(e *schema.Event, properties map[string]any) {
	r.buckets(properties, func(path string, p *schema.Property) {
		if !slices.Contains(e.Person, p) {
			r.add(path, "person", "not listed by the event")
		}
	})
}

// personUpdate compares $identify and $set.
func (r *report) personUpdate(properties map[string]any) {
	r.buckets(properties, func(string, *schema.Property) {})
	removed, ok := properties["$unset"].([]any)
	if properties["$unset"] != nil && !ok {
		r.add("$unset", "type", "no array")
	}
	for _, v := range removed {
		key, ok := v.(string)
		switch {
		case !ok:
			r.add("$unset", "type", "an item is no string")
		case r.person[key] == nil && !strings.HasPrefix(key, "$"):
			r.add("$unset."+key, "person", "not in the plan")
		}
	}
}

// buckets compares $set and $set_once with the person section. also is asked
// about every planned property found.
func (r *report) buckets(properties map[string]any, also func(path string, p *schema.Property)) {
	for _, bucket := range []schema.Write{schema.WriteSet, schema.WriteSetOnce} {
		at := "$" + string(bucket)
		sent, ok := properties[at].(map[string]any)
		if properties[at] != nil && !ok {
			r.add(at, "type", "no object")
		}
		judged := map[*schema.Property]bool{}
		for _, key := range slices.Sorted(maps.Keys(sent)) {
			p := r.person[key]
			switch {
			case strings.HasPrefix(key, "$") || p == nil && ofCampaign(key, properties): // written by PostHog's own libraries
			case p == nil:
				r.add(at+"."+key, "person", "not in the plan")
			case p.Write != bucket:
				r.add(at+"."+key, "write", "the plan says "+string(p.Write))
			case !judged[p]:
				judged[p] = true // money has two keys
				also(at+"."+key, p)
				r.property(at+".", p, sent)
			}
		}
	}
}

// groupUpdate compares $groupidentify.
func (r *report) groupUpdate(properties map[string]any) {
	name, _ := properties["$group_type"].(string)
	g := r.groups[name]
	if g == nil {
		r.add("$group_type", "groups", "not a group of the plan")
		return
	}
	r.groupKey("$group_key", g, properties["$group_key"])
	set, ok := properties["$group_set"].(map[string]any)
	if properties["$group_set"] != nil && !ok {
		r.add("$group_set", "type", "no object")
		return
	}
	r.properties("$group_set.", g.Properties, set)
	r.unplanned("$group_set.", set, func(key string) bool {
		return strings.HasPrefix(key, "$") || hasKey(g.Properties, key)
	})
}
