package schema

import (
	"slices"

	"github.com/phgen/phgen/internal/typo"
)

// An aside is what the shape check took out of a mapping or a list, so that
// later phases look at the rest and draw no conclusion from what is absent.
type aside struct {
	keys    map[string]bool // refused, misspelt or missing
	strange bool            // a key like none that belongs there: any may be meant
	all     bool            // whatever it held, or items of a list
	whole   bool            // it is to be taken out itself
}

// torn tells that something was taken out of n.
func (n *node) torn() bool { return n != nil && n.aside != nil }

// tornWithin tells that something was taken out of n or of what it holds.
func (n *node) tornWithin() bool {
	return n.torn() || n != nil && slices.ContainsFunc(n.items, (*node).tornWithin)
}

// lost tells that the key was taken out of the mapping n.
func (n *node) lost(key string) bool {
	return n.torn() && (n.aside.all || n.aside.keys[key])
}

// hides tells that the mapping n lacks the key, but that what was taken out may
// have been it.
func (n *node) hides(key string) bool {
	return n.at(key) == nil && (n.lost(key) || n.torn() && n.aside.strange)
}

// typeParts are the keys without which a long form states another type. A bound
// is none of them: without it a type only takes more.
var typeParts = []string{"type", "enum", "union", "variants", "const", "of", "values", "properties", "wire"}

// typePart is the part that a type under the key type cannot do without.
var typePart = map[Kind]string{Object: "properties", Array: "of", Map: "values"}

// tornType tells that the long form n lost a part of what its type is.
func (c *compiler) tornType(n *node) bool {
	if c.found.seen == 0 { // every plan without mistakes comes here
		return false
	}
	if slices.ContainsFunc(typeParts, n.lost) || n.at("enum").torn() || n.at("union").torn() || n.at("wire").torn() {
		return true
	}
	if kind := n.at("type"); kind != nil {
		if part := typePart[Kind(kind.text)]; part != "" && n.hides(part) {
			return true
		}
	}
	if n.at("union") != nil && n.hides("variants") || n.at("variants") != nil && n.hides("union") {
		return true
	}
	variants := n.at("variants")
	return variants != nil && slices.ContainsFunc(variants.items, func(body *node) bool { return body.hides("properties") })
}

// tear notes that something is taken out of n.
func (n *node) tear() *aside {
	if n.aside == nil {
		n.aside = &aside{keys: map[string]bool{}}
	}
	return n.aside
}

// clear takes all out of n. It stays as a mapping that may have held anything.
func (n *node) clear() {
	n.tear().all, n.aside.whole = true, true
	n.kind, n.keys, n.items = mappingNode, nil, nil
}

// sweep takes out of n what was cleared.
func (n *node) sweep() {
	kept := 0
	for i, item := range n.items {
		if item.torn() && item.aside.whole {
			continue
		}
		n.items[kept] = item
		if n.kind == mappingNode {
			n.keys[kept] = n.keys[i]
		}
		kept++
	}
	n.items = n.items[:kept]
	if n.kind == mappingNode {
		n.keys = n.keys[:kept]
	}
}

// setAside takes out of the plan what was found wrong in its shape, and nothing
// besides: the refused key of a mapping, the refused item of a list, and what
// is wrong with a named thing but not its name.
func setAside(found []shapeFinding) {
	swept := map[*node]bool{}
	for _, f := range found {
		switch f.keyword {
		case "additionalProperties":
			f.setUnknownAside()
			swept[f.value] = true
		case "required":
			for _, want := range words(f.rule["required"]) {
				if f.value.at(want) == nil {
					f.value.tear().keys[want] = true
				}
			}
		default:
			f.value.clear()
			switch {
			case f.within == nil || f.named && !f.ofKey:
			case f.key == nil:
				f.within.tear().all = true
				swept[f.within] = true
			default:
				f.within.tear().keys[f.key.text] = true
				swept[f.within] = true
			}
		}
	}
	for n := range swept {
		n.sweep()
	}
}

// setUnknownAside clears the values of unknown keys and notes what these may be
// meant for.
func (f shapeFinding) setUnknownAside() {
	legal, props := f.legalKeys()
	lost := f.value.tear()
	compared := 0
	for i, k := range f.value.keys {
		if _, known := props[k.text]; known {
			continue
		}
		f.value.items[i].clear()
		if compared++; compared > maxMisspelt {
			lost.strange = true
			continue
		}
		switch near := typo.Nearest(k.text, legal); {
		case near == "":
			lost.strange = true
		case f.value.at(near) == nil:
			lost.keys[near] = true
		}
	}
}
