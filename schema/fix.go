package schema

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Fix mends in one file of p those of its findings that can be mended without
// changing what is sent or what generated code exports: it quotes words (PH630),
// removes repeated tags (PH637) and what is never used (PH625), unless an exported
// type comes from it. Name is the file as positions name it, and src its text. It
// returns the new text, src itself if there is nothing to mend, and the findings that
// it mended.
func Fix(p *Plan, name string, src []byte, found Diagnostics) ([]byte, Diagnostics, error) {
	f := fixer{bare: make(map[Pos]*node), removable: removable(p, found)}
	found = slices.DeleteFunc(slices.Clone(found), func(d Diagnostic) bool { return d.Pos.File != name })
	if len(found) == 0 {
		return src, nil, nil
	}
	if err := f.read(name, src); err != nil {
		return nil, nil, err
	}
	for _, d := range found {
		f.mend(d)
	}
	out, err := Apply(src, f.edits)
	for _, path := range f.unused {
		if err == nil {
			out, err = RemoveKey(name, out, path...)
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("mending %s: %w", name, err)
	}
	return out, f.mended, nil
}

// A fixer collects what mends one file.
type fixer struct {
	source    *source
	offset    int           // of the source's text in the file: the length of its byte order mark
	bare      map[Pos]*node // words that older YAML reads as booleans
	edits     []Edit
	removable map[string]bool // paths of what is unused and may go
	unused    [][]string      // paths of keys to be removed
	mended    Diagnostics
}

func (f *fixer) read(name string, src []byte) error {
	f.source = &source{name: name}
	wrong := &findings{}
	yaml := parser{found: wrong}
	if f.source.split(src, wrong); wrong.seen == 0 {
		yaml.parse(f.source)
	}
	if f.source.root == nil {
		return &SyntaxError{wrong.list}
	}
	f.offset = len(src) - len(f.source.src)
	for _, n := range yaml.bare {
		f.bare[n.pos()] = n
	}
	return nil
}

func (f *fixer) mend(d Diagnostic) {
	keys, err := splitPath(d.Path)
	if err != nil {
		return
	}
	done := false
	switch d.Code {
	case "PH625":
		done = f.remove(d.Path, keys)
	case "PH630":
		done = f.quote(d.Pos)
	case "PH637":
		done = f.untag(keys)
	}
	if done {
		f.mended = append(f.mended, d)
	}
}

// remove takes out the owner, set or alias at a path.
func (f *fixer) remove(path string, keys []patternKey) bool {
	if !f.removable[path] {
		return false
	}
	f.unused = append(f.unused, []string{keys[0].text, keys[1].text})
	return true
}

// removable are the paths of what was found to be unused and can go. A Go type is
// generated whether the plan uses it or not, so what makes one stays, and so does what
// anything that stays refers to.
func removable(p *Plan, found Diagnostics) map[string]bool {
	paths := make(map[string]bool)
	for _, d := range found {
		if d.Code == "PH625" {
			paths[d.Path] = true
		}
	}
	for _, t := range p.Types {
		if path := JoinPath("types", t.Name); t.Go.Named || makesType(t) {
			delete(paths, path)
		}
	}
	for _, s := range p.Sets {
		if slices.ContainsFunc(s.Properties, func(prop *Property) bool { return prop.Go.Named || prop.Type.Name == "" && makesType(prop.Type) }) {
			delete(paths, JoinPath("property_sets", s.Name))
		}
	}
	used := usedTypes(p,
		func(s *PropertySet) bool { return !paths[JoinPath("property_sets", s.Name)] },
		func(t *Type) bool { return !paths[JoinPath("types", t.Name)] })
	for _, t := range p.Types {
		if used[t.Name] {
			delete(paths, JoinPath("types", t.Name))
		}
	}
	return paths
}

// makesType reports whether a Go type is generated for t where it is defined.
func makesType(t *Type) bool {
	switch t.Kind {
	case Enum, Object, Union:
		return true
	case Array, Map:
		return t.Elem.Name == "" && makesType(t.Elem)
	}
	return false
}

// quote puts quotes around the word at pos.
func (f *fixer) quote(pos Pos) bool {
	n := f.bare[pos]
	if n == nil {
		return false
	}
	start := f.start(n)
	f.edits = append(f.edits, Edit{start, start + len(n.text), `"` + n.text + `"`})
	return true
}

// start is the offset of n in the file.
func (f *fixer) start(n *node) int {
	at := f.source.lines[n.line-1]
	for range n.col - 1 {
		_, size := utf8.DecodeRune(f.source.src[at:])
		at += size
	}
	return f.offset + at
}

// untag removes from the tags of the thing at a path all that stand there already. It
// leaves lists alone that are written in another way than most.
func (f *fixer) untag(keys []patternKey) bool {
	n := f.source.root
	for _, key := range keys {
		n = n.at(key.text)
	}
	tags := n.at("tags")
	if tags == nil {
		return false
	}
	var edits []Edit
	seen := map[string]bool{}
	for i, tag := range tags.items {
		if seen[tag.text] {
			before := tags.items[i-1]
			end := f.start(before) + len(before.text)
			if tag.quoted || before.quoted || before.line != tag.line {
				return false
			}
			edits = append(edits, Edit{Start: end, End: f.start(tag) + len(tag.text)})
		}
		seen[tag.text] = true
	}
	f.edits = append(f.edits, edits...)
	return len(edits) > 0
}
