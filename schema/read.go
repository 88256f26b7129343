package schema

// text is a string of the mapping m, empty if it is absent.
func (c *compiler) text(m *node, key string) string {
	n := m.at(key)
	if n == nil {
		return ""
	}
	s, err := n.string()
	if err != nil {
		c.misspelt(key, n, err)
	}
	return s
}

// prose is a text of m that becomes documentation.
func (c *compiler) prose(m *node, key string) string {
	if n := m.at(key); n != nil {
		return c.proseOf(key, n)
	}
	return ""
}

// proseOf is the text n of key, as documentation.
func (c *compiler) proseOf(key string, n *node) string {
	s, err := n.string()
	if err != nil {
		c.misspelt(key, n, err)
	}
	for _, r := range s {
		if hidden(r) {
			c.report(n.pos(), "PH119", "remove it", "%q holds the control character %U", key, r)
			break
		}
	}
	return s
}

// proseList are the texts of a list of m, or a single text, as documentation.
func (c *compiler) proseList(m *node, key string) []string {
	n := m.at(key)
	switch {
	case n == nil:
		return nil
	case n.kind == scalarNode:
		return []string{c.proseOf(key, n)}
	}
	list := make([]string, 0, len(n.items))
	for _, item := range n.items {
		list = append(list, c.proseOf(key, item))
	}
	return list
}

// hidden tells characters that make text look other than it is.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true
	}
	return r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// word is a text of m, or fallback if the key is absent.
func (c *compiler) word(m *node, key, fallback string) string {
	if m.at(key) == nil {
		return fallback
	}
	return c.text(m, key)
}

// flag is a boolean of m, false if absent.
func (m *node) flag(key string) bool {
	n := m.at(key)
	return n != nil && n.text == "true"
}

// strings are the texts of a list of m, or a single text.
func (c *compiler) strings(m *node, key string) []string {
	n := m.at(key)
	if n == nil {
		return nil
	}
	if n.kind == scalarNode {
		return []string{c.text(m, key)}
	}
	list := make([]string, 0, len(n.items))
	for _, item := range n.items {
		s, err := item.string()
		if err != nil {
			c.misspelt(key, item, err)
		}
		list = append(list, s)
	}
	return list
}

// whole is an integer of m, nil if absent or misspelt.
func (c *compiler) whole(m *node, key string) *int64 {
	n := m.at(key)
	if n == nil {
		return nil
	}
	v, err := n.integer()
	if err != nil {
		c.misspelt(key, n, err)
		return nil
	}
	return &v
}

// count is a length of m, nil if absent or misspelt.
func (c *compiler) count(m *node, key string) *int {
	v := c.whole(m, key)
	if v == nil {
		return nil
	}
	n := int(*v)
	return &n
}

// day is a date of m, empty if absent.
func (c *compiler) day(m *node, key string) string {
	n := m.at(key)
	if n == nil {
		return ""
	}
	d, err := n.date()
	if err != nil {
		c.misspelt(key, n, err)
	}
	return d
}
