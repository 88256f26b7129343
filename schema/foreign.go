package schema

// A Foreign is one value of a YAML file that is no plan, such as another tool's.
type Foreign struct {
	Pos   Pos
	Kind  ForeignKind
	Text  string     // of a scalar, without quotes
	Keys  []string   // of a mapping, in the order of the file: Keys[i] belongs to Items[i]
	Items []*Foreign // of a list or mapping
}

// A ForeignKind tells what a [Foreign] is.
type ForeignKind uint8

// The kinds. A date is a string.
const (
	ForeignNull ForeignKind = iota
	ForeignBool
	ForeignNumber
	ForeignString
	ForeignList
	ForeignMapping
)

// DecodeYAML reads a file that is no plan, within a plan's limits and without what a
// plan may not hold either: anchors, aliases, tags, keys that are no strings or stand
// twice, a second document. Name stands for it in positions. The value is nil if there
// are diagnostics, all of which are errors.
func DecodeYAML(name string, src []byte) (*Foreign, Diagnostics) {
	found := &findings{}
	s := &source{name: name}
	switch {
	case len(src) > maxFileBytes:
		found.add(Pos{name, 1, 1}, "PH112", "split it", "the file is larger than %d MiB", maxFileBytes>>20)
	case structure(src) > maxStructure:
		found.add(Pos{name, 1, 1}, "PH112", "split it", "the file has more than %d separators, brackets, hyphens and lines", maxStructure)
	default:
		if s.split(src, found); found.seen == 0 {
			(&parser{found: found}).parse(s)
		}
	}
	if found.seen > 0 {
		for i, d := range found.list {
			if d.Fix == planBegins {
				found.list[i].Message, found.list[i].Fix = "the file holds nothing", ""
			}
		}
		return nil, found.list.Sort([]string{name})
	}
	return s.root.foreign(), nil
}

// foreign is n for other packages.
func (n *node) foreign() *Foreign {
	f := &Foreign{Pos: n.pos(), Text: n.text}
	switch n.kind {
	case mappingNode:
		f.Kind = ForeignMapping
		for _, k := range n.keys {
			f.Keys = append(f.Keys, k.text)
		}
	case listNode:
		f.Kind = ForeignList
	default:
		f.Kind = map[scalarTag]ForeignKind{
			strTag: ForeignString, timeTag: ForeignString, intTag: ForeignNumber,
			floatTag: ForeignNumber, boolTag: ForeignBool, nullTag: ForeignNull,
		}[n.tag]
	}
	for _, item := range n.items {
		f.Items = append(f.Items, item.foreign())
	}
	return f
}
