package change

import (
	"fmt"
	"slices"

	"github.com/phgen/phgen/schema"
)

// A parameter is one of a constructor.
type parameter struct{ key, typ string }

// params are the parameters that a list of properties makes, in order.
func (s side) params(list []*schema.Property) []parameter {
	var all []parameter
	for _, p := range list {
		if p.Required {
			all = append(all, parameter{p.Key, s.printer.GoType(p)})
		}
	}
	return all
}

// order is what happened to the parameters of a constructor.
type order struct {
	code    string // empty: nothing that their own changes do not say
	message string
}

// compareOrder finds out whether a call with the old arguments would compile, and
// feed other properties than it did.
func compareOrder(old, new []parameter) order {
	key := func(p parameter) string { return p.key }
	moved := reordered(old, new, key)
	compiles := slices.EqualFunc(old, new, func(a, b parameter) bool { return a.typ == b.typ })
	switch {
	case moved && compiles:
		return order{"PHB109", "parameters changed their order: " + otherArguments(old, new) + "; old calls compile as before and swap them"}
	case moved:
		return order{"PHB149", fmt.Sprintf("parameters changed their order from %s to %s", keys(old), keys(new))}
	case compiles && !slices.Equal(old, new):
		return order{"PHB151", "parameters were replaced: " + otherArguments(old, new) + "; old calls compile as before and send them under other names"}
	}
	return order{}
}

// otherArguments says which argument of an old call is taken for what.
func otherArguments(old, new []parameter) string {
	var all []string
	for i := range old {
		if old[i].key != new[i].key {
			all = append(all, fmt.Sprintf("argument %d was %q and is %q", i+1, old[i].key, new[i].key))
		}
	}
	return some(all, ", ")
}

func keys(list []parameter) string {
	var all []string
	for _, p := range list {
		all = append(all, p.key)
	}
	return quoted(all)
}

// parameters compares the parameters of one constructor.
func (c *comparer) parameters(s spot, old, new []parameter) {
	c.reportOrder(s, compareOrder(old, new))
}

func (c *comparer) reportOrder(s spot, o order) {
	if o.code == "" {
		return
	}
	message := o.message
	if s.what != "" {
		message = "in " + s.what + ", " + message
	}
	x := c.changed(o.code, s, "%s", message)
	if o.code == "PHB151" {
		x.Hint = "give the new property another type with go: {named: …}, or check every call"
	} else {
		x.Hint = "keep the old order, or give neighbours types of their own with go: {named: …}"
	}
}
