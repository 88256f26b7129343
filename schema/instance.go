package schema

import (
	"encoding/binary"
	"slices"
	"sync"
)

// An instance is what the validator takes of an entry.
type instance struct {
	known *goodForms // nil: none
	fresh []string   // forms that are not known
}

// plain is the node as the validator takes it. A scalar whose spelling this
// language refuses becomes null, which no definition takes.
func plain(n *node) any { return new(instance).plain(n, "") }

// plain is the function plain for a part of an entry; within is its key if the keys of a
// mapping are names of the plan's there, not of the language's.
func (in *instance) plain(n *node, within string) any {
	switch n.kind {
	case mappingNode:
		m := make(map[string]any, len(n.keys))
		for i, k := range n.keys {
			item := n.items[i]
			switch {
			case k.text == "":
				m[emptyKey] = in.plain(item, "")
			case within == "" && freeKeys[k.text]:
				m[k.text] = shallow(item)
			case within == "" && nameKeys[k.text]:
				m[k.text] = in.plain(item, k.text)
			case within == "properties" && in.good(item): // need not be seen again
			default:
				m[k.text] = in.plain(item, "")
			}
		}
		return m
	case listNode:
		l := make([]any, len(n.items))
		for i, item := range n.items {
			l[i] = in.plain(item, "")
		}
		return l
	}
	switch n.tag {
	case strTag, timeTag:
		return n.text
	case boolTag:
		if b, err := n.boolean(); err == nil {
			return b
		}
	case intTag, floatTag:
		if f, err := n.number(); err == nil {
			return f
		}
	}
	return nil
}

// goodForms are the long forms of properties that the validator has found good. A large
// plan has few: most of its properties differ in their descriptions, which may be any text
// (TestGoodForms). Without them judging shapes takes three times as long.
type goodForms struct {
	mu    sync.RWMutex
	forms map[string]bool
}

func (g *goodForms) add(forms []string) {
	if len(forms) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.forms == nil {
		g.forms = map[string]bool{}
	}
	for _, form := range forms {
		g.forms[form] = true
	}
}

// good reports whether the definition of a property was found good before, and else
// remembers its form for the case that it is.
func (in *instance) good(n *node) bool {
	if in.known == nil || n.kind != mappingNode {
		return false
	}
	form := n.appendForm(make([]byte, 0, 128), true)
	in.known.mu.RLock()
	good := in.known.forms[string(form)]
	in.known.mu.RUnlock()
	if !good {
		in.fresh = append(in.fresh, string(form))
	}
	return good
}

// appendForm appends all of n that a definition may ask about: no two nodes that differ in
// it have the same bytes (TestGoodFormsAgree). Of a property's own description it wants a
// string.
func (n *node) appendForm(b []byte, property bool) []byte {
	appendText := func(text string) {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = append(b, byte(n.kind), byte(n.tag))
	appendText(n.text)
	b = binary.AppendUvarint(b, uint64(len(n.items)))
	for i, item := range n.items {
		if n.kind == mappingNode {
			appendText(n.keys[i].text)
			if property && n.keys[i].text == "description" && item.kind == scalarNode && item.tag == strTag {
				continue
			}
		}
		b = item.appendForm(b, false)
	}
	return b
}

// emptyKey stands for the key "", which the validator's locations leave out.
const emptyKey = "\x00"

// nameKeys hold mappings from names to definitions.
var nameKeys = map[string]bool{"properties": true, "enum": true, "variants": true, "choices": true, "suffix": true}

// freeKeys hold values of any shape, which their types judge later.
var freeKeys = map[string]bool{"example": true, "examples": true, "default": true, "const": true}

// shallow is the node without what lies more than one level below it.
func shallow(n *node) any {
	empty := func(n *node) any {
		switch n.kind {
		case mappingNode:
			return map[string]any{}
		case listNode:
			return []any{}
		}
		return plain(n)
	}
	if n.kind != listNode {
		return empty(n)
	}
	l := make([]any, len(n.items))
	for i, item := range n.items {
		l[i] = empty(item)
	}
	return l
}

// plainFile is the root of a file as the validator takes it. The entries of its
// sections are left out: each is checked on its own.
func plainFile(root *node) any {
	if root.kind != mappingNode {
		return plain(root)
	}
	m := make(map[string]any, len(root.keys))
	for i, k := range root.keys {
		item := root.items[i]
		row := slices.IndexFunc(sections, func(s sectionRow) bool { return s.key == k.text })
		switch {
		case row < 0 || item.kind != mappingNode:
			m[k.text] = plain(item)
		case sections[row].inner == "":
			m[k.text] = map[string]any{}
		default:
			m[k.text] = plainSection(item, sections[row].inner)
		}
	}
	return m
}

// plainSection is a section with its entries under the key inner.
func plainSection(n *node, inner string) any {
	m := make(map[string]any, len(n.keys))
	for i, k := range n.keys {
		if k.text == inner && n.items[i].kind == mappingNode {
			m[k.text] = map[string]any{}
			continue
		}
		m[k.text] = plain(n.items[i])
	}
	return m
}
