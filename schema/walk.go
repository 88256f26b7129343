package schema

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
)

// A planPart tells which part of a plan a property is declared in.
type planPart uint8

const (
	eventPart planPart = iota
	setPart
	contextPart
	personPart
	groupPart
	typesPart
	payloadPart
	featurePart
)

// A site is the place of one property declaration.
type site struct {
	part   planPart
	nested bool // in an object or union variant, inline or named
}

// walkProperties visits every property declaration of p once, fields of objects
// and variants included, however often sets and named types are used.
func walkProperties(p *Plan, visit func(site, *Property)) {
	for _, t := range p.Types {
		walkFields(t, site{part: typesPart, nested: true}, visit)
	}
	for _, s := range p.Sets {
		walkList(s.Properties, site{part: setPart}, visit)
	}
	walkList(p.Context, site{part: contextPart}, visit)
	walkList(p.Person, site{part: personPart}, visit)
	for _, g := range p.Groups {
		walkList(g.Properties, site{part: groupPart}, visit)
	}
	for _, e := range p.Events {
		walkList(e.Own, site{part: eventPart}, visit)
	}
	for _, f := range p.Flags {
		walkList(f.Payload, site{part: payloadPart}, visit)
	}
	for _, f := range p.AI.Features {
		walkList(f.Properties, site{part: featurePart}, visit)
	}
}

func walkList(properties []*Property, at site, visit func(site, *Property)) {
	for _, prop := range properties {
		visit(at, prop)
		if prop.Type.Name == "" {
			walkFields(prop.Type, site{part: at.part, nested: true}, visit)
		}
	}
}

// walkFields visits the properties inside t, but not inside named types that t
// refers to: those are visited where they are defined.
func walkFields(t *Type, at site, visit func(site, *Property)) {
	walkList(t.Properties, at, visit)
	for _, v := range t.Variants {
		walkList(v.Properties, at, visit)
	}
	if t.Elem != nil && t.Elem.Name == "" {
		walkFields(t.Elem, at, visit)
	}
}

// walkTypes visits every type of p that is defined or used: named ones where
// they are defined and wherever a property, item or map value refers to them.
func walkTypes(p *Plan, visit func(t *Type, definition bool)) {
	for _, t := range p.Types {
		visit(t, true)
		if t.Elem != nil {
			walkUses(t.Elem, visit)
		}
	}
	for _, g := range p.Groups {
		if g.Key != nil {
			walkUses(g.Key, visit)
		}
	}
	walkProperties(p, func(_ site, prop *Property) { walkUses(prop.Type, visit) })
}

func walkUses(t *Type, visit func(*Type, bool)) {
	for ; t != nil; t = t.Elem {
		visit(t, false)
		if t.Name != "" {
			return
		}
	}
}

// leaf is the type of what t holds in the end: itself, or the items of an array
// or the values of a map.
func leaf(t *Type) *Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}

// wordsOf splits a name or a sentence into lower-case words, at everything that
// is no letter, mark or digit and at each change from lower to upper case.
func wordsOf(s string) []string {
	words := make([]string, 0, 4)
	for w := range wordsIn(s) {
		words = append(words, w)
	}
	return words
}

// wordsIn is wordsOf one word at a time, for those who need not see all.
func wordsIn(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := -1 // of the word that i is in
		var last rune
		for i, r := range s {
			part := unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
			if start >= 0 && (!part || unicode.IsLower(last) && unicode.IsUpper(r)) {
				if !yield(strings.ToLower(s[start:i])) {
					return
				}
				start = -1
			}
			if part && start < 0 {
				start = i
			}
			last = r
		}
		if start >= 0 {
			yield(strings.ToLower(s[start:]))
		}
	}
}

// A deprecated thing: what it is, in the words of a message, and what is said
// about it. The Deprecation is nil when only its status says so.
type deprecated struct {
	pos      Pos
	subject  string
	says     *Deprecation
	required bool
}

// deprecations lists everything in p that is deprecated.
func deprecations(p *Plan) []deprecated {
	var found []deprecated
	add := func(pos Pos, kind, name string, status string, d *Deprecation) {
		if d != nil || status == "deprecated" {
			found = append(found, deprecated{pos: pos, subject: fmt.Sprintf("%s %q", kind, name), says: d})
		}
	}
	for _, e := range p.Events {
		add(e.Pos, "event", e.Name, e.Status, e.Deprecated)
	}
	for _, f := range p.Flags {
		add(f.Pos, "flag", f.Key, f.Status, f.Deprecated)
		for _, v := range f.Variants {
			add(v.Pos, "variant", v.Value, "", v.Deprecated)
		}
	}
	walkTypes(p, func(t *Type, definition bool) {
		if definition {
			add(t.Pos, "type", t.Name, "", t.Deprecated)
		}
		if definition || t.Name == "" {
			for _, v := range t.Values {
				add(v.Pos, "enum value", v.Value, "", v.Deprecated)
			}
		}
	})
	walkProperties(p, func(_ site, prop *Property) {
		if d := prop.Deprecated; d != nil && d != prop.Type.Deprecated {
			found = append(found, deprecated{prop.Pos, fmt.Sprintf("property %q", prop.Key), d, prop.Required})
		}
	})
	return found
}
