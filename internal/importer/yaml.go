package importer

import (
	"strings"
	"unicode"

	"github.com/phgen/phgen/internal/yamltext"
)

// A node is a piece of the plan to be printed.
type node struct {
	of    *entity // what a finding in it is about; nil: what is around it
	notes []string
	text  string // of a scalar, as YAML
	kind  kind   // objectKind, listKind, or any other for a scalar
	keys  []string
	items []*node
}

func mapping() *node                 { return &node{kind: objectKind} }
func scalar(text string) *node       { return &node{kind: stringKind, text: text} }
func (n *node) empty() bool          { return len(n.items) == 0 }
func (n *node) raw(key, text string) { n.put(key, scalar(text)) }

func (n *node) put(key string, item *node) *node {
	n.keys, n.items = append(n.keys, key), append(n.items, item)
	return item
}

// say adds a text under key, unless there is none.
func (n *node) say(key, text string) {
	if text = prose(text); text != "" {
		n.raw(key, yamltext.Quote(text))
	}
}

// section adds a mapping unless it is empty.
func (n *node) section(key string, item *node) {
	if !item.empty() {
		n.put(key, item)
	}
}

func (n *node) list(key string, texts []string) {
	if len(texts) == 0 {
		return
	}
	l := n.put(key, &node{kind: listKind})
	for _, text := range texts {
		l.items = append(l.items, scalar(yamltext.Quote(text)))
	}
}

// A printer writes block YAML and remembers which line is about what.
type printer struct {
	out   strings.Builder
	lines []*entity // lines[0] is line 1
}

func (p *printer) line(of *entity, text string) {
	p.out.WriteString(text)
	p.out.WriteByte('\n')
	p.lines = append(p.lines, of)
}

// block writes what a mapping or list holds.
func (p *printer) block(n *node, of *entity, indent string) {
	for i, item := range n.items {
		about := of
		if item.of != nil {
			about = item.of
		}
		if indent == "" && i > 0 {
			p.line(nil, "")
		}
		for _, note := range item.notes {
			p.line(about, indent+"# "+comment(note))
		}
		head := indent + "-"
		if n.kind == objectKind {
			head = indent + yamltext.Quote(n.keys[i]) + ":"
		}
		switch {
		case item.kind != objectKind && item.kind != listKind:
			p.line(about, head+" "+item.text)
		case item.empty():
			p.line(about, head+" "+map[kind]string{objectKind: "{}", listKind: "[]"}[item.kind])
		default:
			p.line(about, head)
			p.block(item, about, indent+"  ")
		}
	}
}

// maxProse bounds what one text may be, in characters.
const maxProse = 4000

// prose is text without what a plan's texts may not hold.
func prose(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > maxProse {
		s = string(r[:maxProse]) + "…"
	}
	return s
}

// comment is text fit for a comment of one line.
func comment(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, prose(s))), " ")
}

// flow writes a value as YAML of one line.
func flow(v *value) string {
	switch v.kind {
	case objectKind:
		var parts []string
		for i, key := range v.keys {
			parts = append(parts, yamltext.QuoteInside(key)+": "+flow(v.items[i]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case listKind:
		var parts []string
		for _, item := range v.items {
			parts = append(parts, flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case stringKind:
		return yamltext.QuoteInside(v.text)
	case nullKind:
		return "null"
	}
	return v.text
}

// slug makes a name of lower-case ASCII letters, digits and a separator.
func slug(s string, separator byte) string {
	var b strings.Builder
	for _, c := range []byte(strings.ToLower(s)) {
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9' && b.Len() > 0:
			b.WriteByte(c)
		case b.Len() > 0 && b.String()[b.Len()-1] != separator:
			b.WriteByte(separator)
		}
		if b.Len() == 60 {
			break
		}
	}
	return strings.Trim(b.String(), string(separator))
}

// identifier is a Go identifier for a name, which may be none that is exported.
func identifier(name string) string {
	var b strings.Builder
	upper := true
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z' && upper:
			b.WriteByte(c - 'a' + 'A')
			upper = false
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
			b.WriteByte(c)
			upper = false
		default:
			upper = true
		}
		if b.Len() == 80 {
			break
		}
	}
	return b.String()
}
