package flags

import (
	"maps"
	"slices"
	"strings"
)

// A kind is the JSON type of a value.
type kind uint8

const (
	null kind = iota
	boolean
	numeric
	textual
	list
	object
	unknown // not JSON, so that the server sees something else or nothing
)

// A node is a JSON value as the server reads it.
type node struct {
	kind   kind
	scalar string // what the server compares, unless it is a list or an object
	number number // of a numeric node
	vague  bool   // the server may spell a number in it otherwise
	items  []node // of a list; of an object the values, in the order of keys
	keys   []string
}

// parseNode reads text, one JSON value.
func parseNode(text string) (node, bool) {
	c := cursor{text: strings.ToValidUTF8(text, "\uFFFD")}
	if c.check(0) != nil {
		return node{}, false
	}
	if c.space(); c.pos < len(c.text) {
		return node{}, false
	}
	c.pos = 0
	return readNode(&c), true
}

// readNode reads the next value of a valid text.
func readNode(c *cursor) node {
	switch c.peek() {
	case '"':
		return node{kind: textual, scalar: c.string()}
	case '[':
		return readList(c)
	case '{':
		return readObject(c)
	case 't', 'f':
		return node{kind: boolean, scalar: c.raw()}
	case 'n':
		return node{kind: null, scalar: c.raw()}
	}
	text, n := appendNumber(nil, c.raw())
	return node{kind: numeric, scalar: string(text), number: n, vague: n.vague}
}

func readList(c *cursor) node {
	n := node{kind: list, items: make([]node, 0, 4)}
	for c.pos++; c.more(']'); {
		item := readNode(c)
		n.items = append(n.items, item)
		n.vague = n.vague || item.vague
	}
	return n
}

// readObject reads an object. The last of members with one key counts, and they are sorted.
func readObject(c *cursor) node {
	members := map[string]node{}
	for c.pos++; c.more('}'); {
		key := c.name()
		members[key] = readNode(c)
	}
	n := node{kind: object, keys: slices.Sorted(maps.Keys(members))}
	for _, key := range n.keys {
		member := members[key]
		n.items = append(n.items, member)
		n.vague = n.vague || member.vague
	}
	return n
}

// appendJSON appends n as serde_json prints it.
func (n *node) appendJSON(dst []byte) []byte {
	switch n.kind {
	case textual:
		return appendQuoted(dst, n.scalar)
	case list:
		dst = append(dst, '[')
		for i := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = n.items[i].appendJSON(dst)
		}
		return append(dst, ']')
	case object:
		dst = append(dst, '{')
		for i := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, n.keys[i]), ':')
			dst = n.items[i].appendJSON(dst)
		}
		return append(dst, '}')
	}
	return append(dst, n.scalar...)
}

// text returns what the server compares.
func (n *node) text() string {
	if n.kind == list || n.kind == object {
		return string(n.appendJSON(nil))
	}
	return n.scalar
}

// boolLike reports whether n means a bool to the server's exact.
func (n *node) boolLike() bool {
	switch n.kind {
	case boolean:
		return true
	case textual:
		return foldsTo(n.scalar, "true") || foldsTo(n.scalar, "false")
	case list:
		return !slices.ContainsFunc(n.items, func(item node) bool { return !item.boolLike() })
	}
	return false
}

// truthy reports which bool n means to the server's exact, which has a rule for every
// value.
func (n *node) truthy() bool {
	switch n.kind {
	case boolean, textual:
		return foldsTo(n.scalar, "true")
	case list:
		return !slices.ContainsFunc(n.items, func(item node) bool { return !item.truthy() })
	}
	return false
}
