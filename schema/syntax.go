package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// nodeKind tells what a node is.
type nodeKind uint8

const (
	scalarNode nodeKind = iota
	listNode
	mappingNode
)

// scalarTag is what YAML resolves a scalar to.
type scalarTag uint8

const (
	strTag scalarTag = iota
	intTag
	floatTag
	boolTag
	nullTag
	timeTag
)

// A node is one value of a plan file, as written: scalars keep their text and
// what YAML resolves it to, mappings their order.
type node struct {
	src    *source
	line   int32
	col    int32
	size   int32 // nodes in it, itself included
	kind   nodeKind
	tag    scalarTag
	quoted bool    // quoted or block text
	text   string  // scalar
	keys   []*node // mapping: keys[i] belongs to items[i]
	items  []*node // list, mapping
	aside  *aside  // what the shape check took out; nil for nothing
}

func (n *node) pos() Pos { return Pos{n.src.name, int(n.line), int(n.col)} }

// at is the value of a mapping's key, or nil. It is nil for other kinds.
func (n *node) at(key string) *node {
	if _, v := n.pair(key); v != nil {
		return v
	}
	return nil
}

// pair is a key of a mapping and its value, both nil if it has no such key.
func (n *node) pair(key string) (k, v *node) {
	if n == nil {
		return nil, nil
	}
	for i, k := range n.keys {
		if k.text == key {
			return k, n.items[i]
		}
	}
	return nil, nil
}

// A parser turns the YAML of all files of one plan into nodes, within the limits
// that all of them share.
type parser struct {
	src   *source
	at    cursor
	room  []node // for those to come
	nodes int
	found *findings
	bare  []*node // words that YAML 1.1 reads as booleans
}

// parse reads one file. The root stays nil if the text is no YAML.
func (p *parser) parse(s *source) {
	if s.root = p.apart(s, pieceCount(len(s.src))); s.root != nil {
		return
	}
	p.src, p.at = s, cursor{}
	before := p.found.seen
	doc, err := decode(bytes.NewReader(s.src), p)
	if err != nil {
		s.syntaxError(err.Error(), p.found)
		return
	}
	if p.found.seen > before {
		return
	}
	if doc == nil || len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" && doc.Content[0].Value == "" {
		p.report(Pos{s.name, 1, 1}, "PH101", planBegins, "the file holds no plan")
		return
	}
	s.root = p.convert(doc.Content[0], 1)
}

// decode reads the one document of a text of p. The second decoding sees what
// yaml.Unmarshal would silently ignore.
func decode(text io.Reader, p *parser) (doc *yaml.Node, err error) {
	// yaml.v3 panics on input that breaks its own assumptions; to the reader of a
	// plan that is one more kind of malformed YAML.
	defer func() {
		if r := recover(); r != nil {
			doc, err = nil, fmt.Errorf("yaml: %v", r)
		}
	}()
	d := yaml.NewDecoder(text)
	doc = new(yaml.Node)
	if err := d.Decode(doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var next yaml.Node
	switch err := d.Decode(&next); {
	case err == nil:
		p.report(Pos{p.src.name, next.Line, next.Column}, "PH103", `keep one document; split a plan with include`, "a second YAML document begins here")
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	return doc, nil
}

func (p *parser) report(pos Pos, code, fix, format string, args ...any) {
	p.found.add(pos, code, fix, format, args...)
}

// node is room for one more; all of a plan live equally long.
func (p *parser) node() *node {
	if len(p.room) == 0 {
		p.room = make([]node, 64)
	}
	n := &p.room[0]
	p.room = p.room[1:]
	p.nodes++
	return n
}

// convert makes a node of y, which lies depth levels deep, and reports what this
// language takes out of YAML.
func (p *parser) convert(y *yaml.Node, depth int) *node {
	n := p.node()
	*n = node{src: p.src, line: int32(y.Line), col: int32(y.Column)}
	if p.nodes == maxNodes+1 {
		p.report(n.pos(), "PH112", "split the plan", "the plan has more than %d values", maxNodes)
	}
	if depth == maxDepth+1 {
		p.report(n.pos(), "PH112", "", "the nesting is deeper than %d levels", maxDepth)
	}
	if p.nodes > maxNodes || depth > maxDepth || p.found.full() {
		return n
	}
	if !p.plain(y, n) {
		return n
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.kind = mappingNode
		p.mapping(y, n, depth)
	case yaml.SequenceNode:
		n.kind = listNode
		n.items = make([]*node, 0, len(y.Content))
		for _, c := range y.Content {
			n.items = append(n.items, p.convert(c, depth+1))
		}
	default:
		p.scalar(y, n)
	}
	n.size = 1
	for i, item := range n.items {
		n.size += item.size
		if n.kind == mappingNode {
			n.size += n.keys[i].size
		}
	}
	// What was converted is garbage at once: both trees of a large plan would
	// not fit into the memory that reading one may take.
	y.Content = nil
	return n
}

// shareCure is what this language has instead of anchors and aliases.
const shareCure = "write the value out, or share it with types and property_sets"

// plain reports whether y uses no feature of YAML that hides where a value
// comes from.
func (p *parser) plain(y *yaml.Node, n *node) bool {
	switch {
	case y.Kind == yaml.AliasNode:
		p.report(n.pos(), "PH104", shareCure, "the alias %q", "*"+y.Value)
	case y.Anchor != "":
		p.report(n.pos(), "PH104", shareCure, "the anchor %q", "&"+y.Anchor)
	case y.Style&yaml.TaggedStyle != 0:
		p.report(n.pos(), "PH104", "remove it; quote the value if it is a string", "the tag %q", y.Tag)
	case p.byteAt(y.Line, y.Column) == '!': // the tag "!" leaves no other trace
		p.report(n.pos(), "PH104", "remove it; quote the value if it is a string", "the tag %q", "!")
	default:
		return true
	}
	return false
}

func (p *parser) mapping(y *yaml.Node, n *node, depth int) {
	n.keys = make([]*node, 0, len(y.Content)/2)
	n.items = make([]*node, 0, len(y.Content)/2)
	var seen keys
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := p.convert(y.Content[i], depth+1)
		merge := y.Content[i].Kind == yaml.ScalarNode && y.Content[i].Tag == "!!merge"
		switch {
		case merge:
			p.report(k.pos(), "PH104", "write the keys out, or share them with property_sets", "the merge key %q", "<<")
		case k.kind != scalarNode:
			p.report(k.pos(), "PH106", "write a string", "this key is %s, no string", k.what())
		case k.tag == nullTag && k.text == "":
			p.report(k.pos(), "PH106", "write a name", "this key is empty")
		case k.tag != strTag:
			p.report(k.pos(), "PH106", fmt.Sprintf("quote it: %q", k.text), "the key %s is no string but %s", k.text, k.tag)
		default:
			if first := seen.add(k); first != k {
				p.report(k.pos(), "PH105", "remove one", "the key %q is already at %s", k.text, first.pos())
			}
		}
		n.keys = append(n.keys, k)
		n.items = append(n.items, p.convert(y.Content[i+1], depth+1))
	}
}

// keys are those of one mapping, of which nearly all are small.
type keys struct {
	few  [12]*node
	n    int
	many map[string]*node // all, once there are more
}

// add returns k, or the key before it with the same text.
func (s *keys) add(k *node) *node {
	if s.many == nil {
		for _, first := range s.few[:s.n] {
			if first.text == k.text {
				return first
			}
		}
		if s.n < len(s.few) {
			s.few[s.n] = k
			s.n++
			return k
		}
		s.many = make(map[string]*node)
		for _, first := range s.few {
			s.many[first.text] = first
		}
	}
	if first := s.many[k.text]; first != nil {
		return first
	}
	s.many[k.text] = k
	return k
}

func (p *parser) scalar(y *yaml.Node, n *node) {
	n.text = y.Value
	n.quoted = y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	n.tag = tags[y.Tag]
	if !n.quoted && bareWords[n.text] {
		p.bare = append(p.bare, n)
	}
	if len(n.text) > maxScalarBytes {
		p.report(n.pos(), "PH112", "shorten it", "a value of %d bytes; the limit is %d", len(n.text), maxScalarBytes)
	}
}

// bareWords are strings to YAML 1.2, which this language is, and booleans to
// tools that read YAML 1.1.
var bareWords = map[string]bool{
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true,
	"n": true, "N": true, "no": true, "No": true, "NO": true, "off": true, "Off": true, "OFF": true,
}

var tags = map[string]scalarTag{
	"!!str": strTag, "!!int": intTag, "!!float": floatTag,
	"!!bool": boolTag, "!!null": nullTag, "!!timestamp": timeTag,
}

// String names what a scalar is, for messages.
func (t scalarTag) String() string {
	return [...]string{"a string", "a number", "a number", "a boolean", "null", "a date"}[t]
}

// A cursor finds bytes of a source by line and column. Nodes come in the order
// of the text, so it only ever walks forward.
type cursor struct{ line, col, offset int }

// seek returns the offset of a line and a column in characters: the end of the
// text if it is shorter.
func (c *cursor) seek(s *source, line, col int) int {
	if line < 1 || line > len(s.lines) {
		return len(s.src)
	}
	if c.line != line || c.col > col {
		*c = cursor{line, 1, s.lines[line-1]}
	}
	for c.col < col && c.offset < len(s.src) {
		_, size := utf8.DecodeRune(s.src[c.offset:])
		c.col, c.offset = c.col+1, c.offset+size
	}
	return c.offset
}

// byteAt is the byte at a line and a column in characters, or 0.
func (p *parser) byteAt(line, col int) byte {
	if at := p.at.seek(p.src, line, col); at < len(p.src.src) {
		return p.src.src[at]
	}
	return 0
}

// failure is what yaml.v3 says about the first lines of a source, empty if it
// takes them, and how many bytes it had read by then.
func (s *source) failure(lines int) (message string, consumed int) {
	end := len(s.src)
	if lines < len(s.lines) {
		end = s.lines[lines]
	}
	defer func() {
		if r := recover(); r != nil {
			message = fmt.Sprint(r)
		}
	}()
	r := &byteReader{src: s.src[:end]}
	if err := yaml.NewDecoder(r).Decode(new(yaml.Node)); err != nil && !errors.Is(err, io.EOF) {
		message = err.Error()
	}
	return message, r.read
}

// A byteReader hands out one byte at a time and so tells how far its reader
// came.
type byteReader struct {
	src  []byte
	read int
}

func (r *byteReader) Read(p []byte) (int, error) {
	if r.read == len(r.src) {
		return 0, io.EOF
	}
	p[0] = r.src[r.read]
	r.read++
	return 1, nil
}
