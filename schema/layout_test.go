package schema

import (
	"fmt"
	"strings"
	"unicode"

	"pgregory.net/rapid"
)

// A scribe writes nodes as YAML in any layout that means the same: what Format and
// RemoveKey must cope with.
type scribe struct {
	t        *rapid.T
	out      strings.Builder
	comments int
	brackets int
}

func (s *scribe) chance(oneIn int) bool { return rapid.IntRange(1, oneIn).Draw(s.t, "") == 1 }

func (s *scribe) spaces(least int) string {
	return strings.Repeat(" ", max(least, rapid.SampledFrom([]int{0, 0, 1, 1, 1, 2, 5}).Draw(s.t, "")))
}

// comment is another comment, each time a different one.
func (s *scribe) comment() string {
	s.comments++
	return fmt.Sprintf("# %d: \"it's\" {a, [b]} - x | é", s.comments)
}

// line ends a line, with a comment, spaces, empty lines or lines of comments.
func (s *scribe) line() {
	if s.chance(8) {
		s.out.WriteString(s.spaces(1) + s.comment())
	} else if s.chance(6) {
		s.out.WriteString(rapid.SampledFrom([]string{" ", "   "}).Draw(s.t, ""))
	}
	s.out.WriteString("\n")
	for s.chance(5) {
		if s.chance(2) {
			s.out.WriteString(s.spaces(0) + s.spaces(0) + s.spaces(0) + s.comment())
		} else if s.chance(4) {
			s.out.WriteString("    ")
		}
		s.out.WriteString("\n")
	}
}

// block writes a value that may go on in lines further in than col.
func (s *scribe) block(n *node, col int) {
	if len(n.items) == 0 || s.chance(6) {
		if col >= 0 {
			s.out.WriteString(s.spaces(1))
		}
		s.value(n, col)
		return
	}
	at := col + rapid.IntRange(1, 6).Draw(s.t, "")
	if n.kind == listNode && col >= 0 && s.chance(3) {
		at = col
	}
	s.line()
	for i, item := range n.items {
		s.out.WriteString(strings.Repeat(" ", at))
		if n.kind == listNode {
			s.entry(item, at)
			continue
		}
		s.key(n.keys[i])
		s.out.WriteString(s.spaces(0) + ":")
		s.after(item, at)
	}
}

// entry writes an item of a list, perhaps in the line of its dash.
func (s *scribe) entry(n *node, col int) {
	s.out.WriteString("-")
	if n.kind != mappingNode || len(n.items) == 0 || s.chance(3) {
		s.after(n, col)
		return
	}
	gap := s.spaces(1)
	at := col + 1 + len(gap)
	s.out.WriteString(gap)
	for i, item := range n.items {
		if i > 0 {
			s.out.WriteString(strings.Repeat(" ", at))
		}
		s.key(n.keys[i])
		s.out.WriteString(":")
		s.after(item, at)
	}
}

// after writes what follows a colon or a dash in column col.
func (s *scribe) after(n *node, col int) {
	switch {
	case len(n.items) > 0:
		s.block(n, col)
	case n.kind == scalarNode && n.tag == nullTag && n.text == "":
		s.line()
	case n.kind == scalarNode && n.quoted && s.literal(n, col):
	case s.chance(6):
		s.line()
		s.out.WriteString(strings.Repeat(" ", col+rapid.IntRange(1, 5).Draw(s.t, "")))
		s.value(n, col)
	default:
		s.out.WriteString(s.spaces(1))
		s.value(n, col)
	}
}

// literal writes a text as block scalar if it can be one.
func (s *scribe) literal(n *node, col int) bool {
	text := strings.TrimRight(n.text, "\n")
	tail := len(n.text) - len(text)
	if text == "" || strings.ContainsAny(text[:1], " \n") || strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), unprintable) || !s.chance(3) {
		return false
	}
	chomp := map[int]string{0: "-", 1: ""}[tail]
	if tail > 1 {
		chomp = "+"
	}
	depth := rapid.IntRange(1, 5).Draw(s.t, "")
	digit := ""
	if s.chance(3) {
		digit = fmt.Sprint(depth)
	}
	s.out.WriteString(s.spaces(1) + "|" + chomp + digit + "\n")
	for _, line := range strings.Split(text, "\n") {
		if line != "" {
			line = strings.Repeat(" ", max(col, 0)+depth) + line
		}
		s.out.WriteString(line + "\n")
	}
	if tail > 1 {
		s.out.WriteString(strings.Repeat("\n", tail-1))
		return true
	}
	for s.chance(4) {
		s.out.WriteString("\n")
	}
	return true
}

// value writes a value in brackets or as scalar, and ends the line.
func (s *scribe) value(n *node, col int) {
	s.flow(n, col)
	s.line()
}

// gap is space inside brackets: perhaps lines and comments.
func (s *scribe) gap() {
	if !s.chance(8) {
		s.out.WriteString(s.spaces(0))
		return
	}
	s.line()
	s.out.WriteString("  " + s.spaces(0) + s.spaces(0))
}

func (s *scribe) flow(n *node, col int) {
	if n.kind == scalarNode {
		s.scalar(n, col)
		return
	}
	s.out.WriteString(map[nodeKind]string{listNode: "[", mappingNode: "{"}[n.kind])
	s.brackets++
	for i, item := range n.items {
		s.gap()
		if n.kind == mappingNode {
			s.key(n.keys[i])
			s.out.WriteString(s.spaces(0) + ": ")
			s.gap()
		}
		s.flow(item, col)
		if i+1 < len(n.items) || s.chance(5) {
			s.gap()
			s.out.WriteString(",")
		}
	}
	s.gap()
	s.brackets--
	s.out.WriteString(map[nodeKind]string{listNode: "]", mappingNode: "}"}[n.kind])
}

func (s *scribe) key(n *node) {
	if !n.quoted {
		s.out.WriteString(n.text)
		return
	}
	s.out.WriteString(doubleQuoted(n.text))
}

func (s *scribe) scalar(n *node, col int) {
	words := strings.Split(n.text, " ")
	between := " "
	folds := len(words) > 1 && s.chance(4)
	for _, w := range words {
		folds = folds && w != "" && w[0] != '#' && !strings.ContainsAny(w, "\n\t\r") && w != "---" && w != "..."
	}
	if folds {
		between = "  \n" + strings.Repeat(" ", max(col, 0)+rapid.IntRange(1, 7).Draw(s.t, ""))
	}
	single := !strings.ContainsFunc(n.text, unprintable)
	switch {
	case !n.quoted && (s.brackets == 0 || !strings.ContainsAny(n.text, ",?[]{}")):
		s.out.WriteString(strings.Join(words, between))
	case single && s.chance(2):
		s.out.WriteString("'" + strings.ReplaceAll(strings.Join(words, between), "'", "''") + "'")
	default:
		var quoted []string
		for _, w := range words {
			q := doubleQuoted(w)
			quoted = append(quoted, q[1:len(q)-1])
		}
		if folds && s.chance(2) {
			between = ` \` + "\n" + strings.Repeat(" ", max(col, 0)+3)
		}
		s.out.WriteString(`"` + strings.Join(quoted, between) + `"`)
	}
}

func doubleQuoted(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	return `"` + b.String() + `"`
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// scribble writes n as a file, in any layout.
func scribble(t *rapid.T, n *node) []byte {
	s := &scribe{t: t}
	if s.chance(4) {
		s.out.WriteString(s.comment() + "\n")
	}
	if s.chance(5) {
		s.out.WriteString("---\n")
	}
	s.block(n, -1)
	if s.chance(8) {
		s.out.WriteString("...\n")
	}
	text := s.out.String()
	if s.chance(4) {
		text = strings.TrimRight(text, " \t\n")
	}
	if s.chance(4) {
		text = strings.ReplaceAll(text, "\n", rapid.SampledFrom([]string{"\r\n", "\r"}).Draw(t, ""))
	}
	if s.chance(6) {
		text = byteOrderMark + text
	}
	return []byte(text)
}

// anyNode is a mapping of everything that a plan file may hold.
func anyNode(depth int) *rapid.Generator[*node] {
	text := rapid.OneOf(rapid.StringMatching(`[a-z]{1,5}( [a-z#:'"-]{1,5}){0,3}`), rapid.StringMatching("[ -~\n]{0,12}"), rapid.String())
	return rapid.Custom(func(t *rapid.T) *node {
		kind := scalarNode
		if depth > 0 {
			kind = rapid.SampledFrom([]nodeKind{scalarNode, listNode, mappingNode, mappingNode}).Draw(t, "kind")
		}
		n := &node{kind: kind}
		switch kind {
		case scalarNode:
			if rapid.Bool().Draw(t, "plain") {
				n.text = rapid.SampledFrom([]string{"a", "uuid!", "two words", "three of them", "1", "0.5", "true", "no", "y", "null", "2026-01-02", "a:b", "-x", "é", "x#y"}).Draw(t, "word")
			} else {
				n.quoted, n.text = true, strings.ToValidUTF8(text.Draw(t, "text"), "")
			}
		default:
			n.items = rapid.SliceOfN(anyNode(depth-1), 0, 4).Draw(t, "items")
		}
		for i := range n.items {
			if kind == mappingNode {
				k := &node{text: fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"k", "é ", "a-"}).Draw(t, "key"), i)}
				if k.quoted = rapid.IntRange(0, 4).Draw(t, "quoted") == 0; k.quoted {
					k.text += " : #"
				}
				n.keys = append(n.keys, k)
			}
		}
		return n
	})
}

// anyFile is a file that can be read, in any layout.
func anyFile(t *rapid.T) []byte {
	root := anyNode(4).Filter(func(n *node) bool { return n.kind == mappingNode && len(n.items) > 0 }).Draw(t, "root")
	return scribble(t, root)
}
