package flags

import (
	"bytes"
	"strings"

	"github.com/phgen/phgen/runtime/value"
)

// members is the value of exact: the texts that equal it, or a bool.
type members struct {
	byBool bool // compare what values mean as a bool
	truth  bool
	lower  []string            // the texts in lower case
	index  map[string]struct{} // the same, if they are many
	vague  bool                // the server may spell one of them otherwise
}

// fewMembers is how many texts are compared faster one by one than by their hashes.
const fewMembers = 8

// fewBytes is the length of the longest text whose lower case needs no buffer.
const fewBytes = 64

// newMembers compiles the value of exact. With explicit only the empty list is compared as
// a bool.
func newMembers(n *node, explicit bool) members {
	if n.boolLike() && (!explicit || n.kind == list && len(n.items) == 0) {
		return members{byBool: true, truth: n.truthy()}
	}
	items := []node{*n}
	if n.kind == list {
		items = n.items
	}
	m := members{vague: n.vague, lower: make([]string, 0, len(items))}
	for i := range items {
		text := items[i].text()
		if items[i].vague || strings.IndexByte(text, 0) >= 0 {
			continue // NUL is in no property that is sent
		}
		m.lower = append(m.lower, toLower(text))
	}
	if len(m.lower) > fewMembers {
		m.index = make(map[string]struct{}, len(m.lower))
		for _, text := range m.lower {
			m.index[text] = struct{}{}
		}
	}
	return m
}

// find returns whether str is one of m's, if that is to be had cheaply, and else unsure.
func (m *members) find(str string) verdict {
	if m.byBool || m.vague || m.index != nil {
		return unsure
	}
	for _, lower := range m.lower {
		if foldsTo(str, lower) {
			return yes
		}
	}
	if value.Plain(str) {
		return no
	}
	return unsure
}

func (m *members) equal(o *operand, s *scratch) verdict {
	if m.byBool {
		return verdictOf(o.isTrue() == m.truth)
	}
	if o.vague {
		return unsure
	}
	var few [fewBytes]byte
	text := o.lower(few[:0], s)
	if m.has(text) {
		return yes
	}
	if m.vague {
		return unsure
	}
	return no
}

func (m *members) has(text []byte) bool {
	if m.index != nil {
		_, ok := m.index[string(text)]
		return ok
	}
	for _, lower := range m.lower {
		if string(text) == lower {
			return true
		}
	}
	return false
}

// needles is the value of the operators that look for one text in another, in lower case
// as far as it is ASCII.
type needles struct {
	texts [][]byte
	vague bool // the server may spell one of them otherwise
}

func newNeedles(items []node) needles {
	var n needles
	for i := range items {
		if items[i].vague {
			n.vague = true
			continue
		}
		n.texts = append(n.texts, appendFold(nil, items[i].text()))
	}
	return n
}

// within reports whether o's text contains, starts or ends with any of n.
func (n *needles) within(o *operand, op operation, s *scratch) verdict {
	if o.vague {
		return unsure
	}
	var few [fewBytes]byte
	text := o.folded(few[:0], s)
	for _, needle := range n.texts {
		found := false
		switch op {
		case startsWith:
			found = bytes.HasPrefix(text, needle)
		case endsWith:
			found = bytes.HasSuffix(text, needle)
		default:
			found = bytes.Contains(text, needle)
		}
		if found {
			return yes
		}
	}
	if n.vague {
		return unsure
	}
	return no
}
