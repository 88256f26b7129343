package schema

import (
	"strconv"
	"strings"
)

// A form is what the short forms of a property can say: T, T!, T? and [T].
type form struct {
	name     string // T
	array    bool
	required bool
	nullable bool
}

// shortFormOf reads a short form. It reports whether n is one.
func shortFormOf(n *node) (f form, ok bool) {
	if n.kind == listNode && len(n.items) == 1 {
		n, f.array = n.items[0], true
	}
	name, err := n.string()
	if err != nil {
		return f, false
	}
	if !f.array {
		name, f.required = strings.CutSuffix(name, "!")
		name, f.nullable = strings.CutSuffix(name, "?")
	}
	f.name = name
	return f, f.fits()
}

// longFormOf reads a long form. It reports whether n is one that holds nothing but
// what a short form can say.
func longFormOf(n *node) (f form, ok bool) {
	if n.kind != mappingNode {
		return f, false
	}
	ok = true
	for i, k := range n.keys {
		var err error
		switch v := n.items[i]; k.text {
		case "type", "of": // looked at below
		case "required":
			f.required, err = v.boolean()
		case "nullable":
			f.nullable, err = v.boolean()
		default:
			return f, false
		}
		ok = ok && err == nil
	}
	stated, item := n.at("type"), n.at("of")
	if item != nil {
		f.array = stated != nil && stated.text == string(Array)
		ok = ok && f.array
		stated = item
		if item.kind == mappingNode && len(item.keys) == 1 {
			stated = item.at("type")
		}
	}
	if stated == nil {
		return f, false
	}
	name, err := stated.string()
	f.name = name
	return f, ok && err == nil && f.fits()
}

// plain tells that f is nothing but a name.
func (f form) plain() bool { return !f.array && !f.required && !f.nullable }

// fits tells whether there is a short form that says f.
func (f form) fits() bool {
	row, builtin := kinds[Kind(f.name)]
	named := builtin && row.longOnly == "" || typeName.form.MatchString(f.name)
	both := f.required && f.nullable || f.array && (f.required || f.nullable)
	return named && !both
}

// short writes f in short form. Inside brackets yaml.v3 reads a question mark only
// in quotes.
func (f form) short(flow bool) string {
	switch {
	case f.array:
		return "[" + plainName(f.name) + "]"
	case f.required:
		return f.name + "!"
	case f.nullable && flow:
		return strconv.Quote(f.name + "?")
	case f.nullable:
		return f.name + "?"
	}
	return plainName(f.name)
}

// long writes f in long form.
func (f form) long(bool) string {
	switch {
	case f.array:
		return "{type: array, of: " + plainName(f.name) + "}"
	case f.required:
		return "{type: " + plainName(f.name) + ", required: true}"
	case f.nullable:
		return "{type: " + plainName(f.name) + ", nullable: true}"
	}
	return "{type: " + plainName(f.name) + "}"
}

// plainName writes the name of a type, in quotes if YAML takes it for something
// else.
func plainName(name string) string {
	switch strings.ToLower(name) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return strconv.Quote(name)
	}
	return name
}
