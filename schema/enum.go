package schema

import (
	"slices"
)

// choices reads enum values or variants: a list, or value to description. Code
// and what are for messages. Values are names on the wire, or of the form given.
func (c *compiler) choices(n *node, code, what string, form *nameForm) []*EnumValue {
	if len(n.items) == 0 {
		if !n.torn() {
			c.report(n.pos(), code, "add one", "no %s is given", what)
		}
		return nil
	}
	if len(n.items) > maxChoices {
		c.report(n.items[maxChoices].pos(), "PH112", "", "%d values; the limit is %d", len(n.items), maxChoices)
		return nil
	}
	list := make([]*EnumValue, 0, len(n.items))
	seen := map[string]*node{}
	for i, item := range n.items {
		k, body := item, (*node)(nil)
		if n.kind == mappingNode {
			k, body = n.keys[i], item
		}
		value, err := k.string()
		if err != nil {
			c.misspelt(what, k, err)
			continue
		}
		if first := seen[value]; first != nil {
			c.report(k.pos(), code, "remove one", "the %s %q is already at %s", what, value, first.pos())
			continue
		}
		seen[value] = k
		if form == nil {
			c.wireName(k, what, value)
		} else if !form.form.MatchString(value) {
			c.report(k.pos(), form.code, form.cure, "%q is no %s", clip(value), form.what)
		}
		list = append(list, c.choice(k, body, value))
	}
	return list
}

// choice reads one enum value; body is its description or mapping, or nil.
func (c *compiler) choice(k, body *node, value string) *EnumValue {
	e := &EnumValue{Pos: k.pos(), Value: value}
	switch {
	case body == nil:
	case body.kind == scalarNode:
		e.Description = c.proseOf(value, body)
	default:
		e.Description = c.prose(body, "description")
		e.Deprecated = c.deprecation(body)
		e.Go = c.goName(body)
	}
	return e
}

func hasChoice(list []*EnumValue, value string) bool {
	return slices.ContainsFunc(list, func(e *EnumValue) bool { return e.Value == value })
}

// choose is the cure for a value that is not in the list.
func choose(word string, list []*EnumValue) string {
	return didYouMean(word, valuesOf(list), "write one of ")
}

func valuesOf(list []*EnumValue) []string {
	values := make([]string, 0, len(list))
	for _, e := range list {
		values = append(values, e.Value)
	}
	return values
}

// siblingChoices checks what replaces deprecated values of a list.
func (c *compiler) siblingChoices(n *node, list []*EnumValue) {
	if n.kind != mappingNode {
		return
	}
	index := func(value string) int {
		return slices.IndexFunc(list, func(e *EnumValue) bool { return e.Value == value })
	}
	beside := siblings{
		known:      func(value string) bool { return index(value) >= 0 },
		names:      func() []string { return valuesOf(list) },
		deprecated: func(value string) bool { return list[index(value)].Deprecated != nil },
	}
	for _, e := range list {
		c.sibling(n.at(e.Value), e.Deprecated, e.Value, beside)
	}
}
