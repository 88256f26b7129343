package importer

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// anything is the type of what cannot be said better.
func (r *schemaReader) anything(v *value, what, why string) (*typ, bool) {
	r.d.lose(v.place(), what, why+", so it takes any JSON")
	return plain("json"), false
}

// typ reads a schema, and whether null is one of its values.
func (r *schemaReader) typ(v *value) (t *typ, nullable bool) {
	if v.is(boolKind) {
		return plain("json"), false
	}
	if !v.is(objectKind) {
		return r.anything(v, "schema", "it is "+v.kind.String()+" and no schema")
	}
	if ref := v.at("$ref"); ref != nil {
		r.unused(v, "$ref", "example", "examples", "deprecated")
		return r.reference(ref)
	}
	switch {
	case r.busy[v]:
		return r.anything(v, "schema", "it refers to itself")
	case r.depth > maxSchemaDepth:
		return r.anything(v, "schema", "it is nested deeper than "+strconv.Itoa(maxSchemaDepth)+" levels")
	case !r.enter(v):
		return r.anything(v, "schema", "the file asks for too much")
	}
	defer r.leave(v)
	if c := v.at("const"); c != nil {
		r.unused(v, "const", "type", "example", "examples", "deprecated", "default")
		if c.kind == nullKind || c.kind == listKind || c.kind == objectKind {
			return r.anything(c, "constant", "it is "+c.kind.String())
		}
		return &typ{name: "const", constant: scalarText(c)}, false
	}
	if e := v.at("enum"); e.is(listKind) {
		r.unused(v, "enum", "type", "example", "examples", "deprecated", "nullable")
		t, nullable = r.enum(e)
		return t, nullable || v.at("nullable").yes()
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if branches := v.at(key).list(); len(branches) > 0 {
			r.unused(v, key, "type", "example", "examples", "deprecated", "nullable")
			t, nullable = r.oneOf(v.at(key))
			return t, nullable || v.at("nullable").yes()
		}
	}
	if all := v.at("allOf").list(); len(all) == 1 && v.at("properties") == nil {
		r.unused(v, "allOf", "type", "example", "examples", "deprecated", "nullable")
		t, nullable = r.typ(all[0])
		return t, nullable || v.at("nullable").yes()
	}
	names, nullable := r.typeNames(v)
	t = r.byName(v, names)
	return t, nullable || v.at("nullable").yes()
}

// reference reads what a $ref leads to. What stands below $defs becomes a named type.
func (r *schemaReader) reference(ref *value) (*typ, bool) {
	target := r.resolve(ref)
	what := "reference " + strconv.Quote(clip(ref.str()))
	switch {
	case target == nil && !strings.HasPrefix(ref.str(), "#"):
		return r.anything(ref, what, "it leads out of the file")
	case target == nil:
		return r.anything(ref, what, "it leads nowhere")
	case r.busy[target]:
		return r.anything(ref, what, "it leads back to itself")
	}
	if n := r.named[target]; n != nil {
		return &typ{ref: n}, false
	}
	t, nullable := r.typ(target)
	shared := target.parent != nil && (target.parent.key == "$defs" || target.parent.key == "definitions")
	name := identifier(target.key)
	if !shared || nullable || t.ref != nil || t.name != "enum" && t.name != "object" && t.name != "union" || name == "" || name[0] > 'Z' || name[0] < 'A' {
		return t, nullable
	}
	return &typ{ref: r.name(target, name, t)}, nullable
}

// name makes a named type of t.
func (r *schemaReader) name(target *value, name string, t *typ) *namedType {
	taken := func(name string) bool {
		return slices.ContainsFunc(r.d.types, func(n *namedType) bool { return n.name == name })
	}
	free := name
	for i := 2; taken(free); i++ {
		free = name + strconv.Itoa(i)
	}
	n := &namedType{entity{noun: "type", name: free, from: target.place()}, t, text(target)}
	r.named[target] = n
	r.d.types = append(r.d.types, n)
	return n
}

// typeNames are the names under type, without null. RudderStack joins them by commas.
func (r *schemaReader) typeNames(v *value) (names []string, nullable bool) {
	var all []string
	switch t := v.first("type", "types"); {
	case t.is(stringKind):
		all = strings.Split(t.text, ",")
	case t.is(listKind):
		for _, item := range t.items {
			all = append(all, item.str())
		}
	}
	for _, name := range all {
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name == "null":
			nullable = true
		case name != "" && !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return names, nullable
}

func (r *schemaReader) byName(v *value, names []string) *typ {
	if len(names) == 0 {
		switch {
		case v.at("properties") != nil || v.at("allOf") != nil:
			names = []string{"object"}
		case v.at("items") != nil:
			names = []string{"array"}
		}
	}
	if len(names) == 2 && slices.Contains(names, "integer") && slices.Contains(names, "number") {
		names = []string{"number"}
	}
	if len(names) != 1 {
		why := "nothing says what it is"
		if len(names) > 1 {
			why = "it may be " + strings.Join(names, " or ")
		}
		t, _ := r.anything(v, "type", why)
		r.unused(v, "type", "types", "example", "examples", "deprecated", "nullable", "properties", "items")
		return t
	}
	switch names[0] {
	case "string":
		return r.text(v)
	case "integer", "number":
		return r.number(v, names[0])
	case "boolean":
		r.unused(v, "type", "types", "example", "examples", "deprecated", "nullable")
		return plain("bool")
	case "array":
		return r.array(v)
	case "object":
		return r.object(v)
	}
	t, _ := r.anything(v, "type "+strconv.Quote(clip(names[0])), "JSON Schema has no such type")
	return t
}

// formatTypes are the types of strings of a format.
var formatTypes = map[string]string{
	"date-time": "timestamp", "datetime": "timestamp", "date": "date", "uuid": "uuid",
	"uri": "url", "url": "url", "iri": "url", "email": "email", "idn-email": "email", "ipv4": "ip", "ipv6": "ip", "ip": "ip",
}

func (r *schemaReader) text(v *value) *typ {
	t := plain("string")
	used := []string{"type", "types", "example", "examples", "deprecated", "nullable", "format"}
	if f := v.at("format"); f.is(stringKind) {
		if name := formatTypes[strings.ToLower(f.text)]; name != "" {
			t.name = name
		} else if f.text != "" {
			r.d.lose(f.place(), "format "+strconv.Quote(clip(f.text)), "the plan has no type for it")
		}
	}
	if t.name == "string" || t.name == "url" || t.name == "email" {
		for _, pair := range [][2]string{{"minLength", "min_length"}, {"maxLength", "max_length"}, {"pattern", "pattern"}} {
			if w := v.at(pair[0]); w != nil {
				used = append(used, pair[0])
				t.limit(pair[1], scalarText(w), w.place())
			}
		}
	}
	r.unused(v, used...)
	return t
}

func (r *schemaReader) number(v *value, name string) *typ {
	t := plain(map[string]string{"integer": "int", "number": "float"}[name])
	used := []string{"type", "types", "example", "examples", "deprecated", "nullable", "format"}
	for _, side := range []struct {
		key, exclusive, limit string
		inward                int64
	}{{"minimum", "exclusiveMinimum", "min", 1}, {"maximum", "exclusiveMaximum", "max", -1}} {
		w, strict := v.at(side.key), v.at(side.exclusive)
		step := int64(0)
		switch {
		case strict.is(numberKind) && name == "integer":
			w, step = strict, side.inward
			used = append(used, side.exclusive)
		case strict.yes() && name == "integer":
			step = side.inward
			used = append(used, side.exclusive)
		case strict.is(numberKind) && w == nil:
			w = strict // listed, since the bound is one too many
		}
		if w == nil {
			continue
		}
		used = append(used, side.key)
		text := w.text
		if name == "integer" {
			text = wholeNumber(w.text, step)
		}
		t.limit(side.limit, text, w.place())
	}
	r.unused(v, used...)
	return t
}

// wholeNumber writes a number of JSON as digits, one step further in. What is none stays.
func wholeNumber(text string, step int64) string {
	if len(text) > 40 || strings.ContainsAny(text, "eE") {
		return text
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok || !n.IsInt() {
		return text
	}
	return new(big.Int).Add(n.Num(), big.NewInt(step)).String()
}

func (r *schemaReader) array(v *value) *typ {
	t := &typ{name: "array", elem: plain("json")}
	used := []string{"type", "types", "example", "examples", "deprecated", "nullable", "items", "itemTypes", "item_types"}
	switch items := v.at("items"); {
	case items.is(objectKind):
		t.elem = r.element(items)
	case items.is(listKind):
		r.d.lose(items.place(), "items of an array", "each has a schema of its own, so they take any JSON")
	}
	for _, pair := range [][2]string{{"minItems", "min_items"}, {"maxItems", "max_items"}} {
		if w := v.at(pair[0]); w != nil {
			used = append(used, pair[0])
			t.limit(pair[1], scalarText(w), w.place())
		}
	}
	r.unused(v, used...)
	return t
}

// element reads the schema of items, which can be less than a property.
func (r *schemaReader) element(v *value) *typ {
	t, nullable := r.typ(v)
	if nullable {
		r.d.lose(v.place(), "null", "items cannot be null")
	}
	switch t.name {
	case "array", "const":
		t, _ = r.anything(v, t.name+" in an array or map", "items are neither lists nor constants")
	}
	return t
}

func (r *schemaReader) object(v *value) *typ {
	used := []string{"type", "types", "example", "examples", "deprecated", "nullable", "properties", "required", "allOf"}
	more := v.at("additionalProperties")
	if v.at("properties").is(objectKind) || v.at("allOf") != nil {
		r.unused(v, used...)
		return &typ{name: "object", fields: r.fields(v)}
	}
	if !more.is(objectKind) {
		r.unused(v, append(used, "additionalProperties")...)
		return plain("json")
	}
	t := &typ{name: "map", elem: r.element(more)}
	used = append(used, "additionalProperties")
	if w := v.at("maxProperties"); w != nil {
		used = append(used, "maxProperties")
		t.limit("max_items", scalarText(w), w.place())
	}
	r.unused(v, used...)
	return t
}

// enum reads the values of a list. Only strings can be an enum.
func (r *schemaReader) enum(list *value) (t *typ, nullable bool) {
	t = &typ{name: "enum"}
	kinds := map[kind]bool{}
	whole := true
	for _, item := range list.items {
		if item.kind == nullKind {
			nullable = true
			continue
		}
		kinds[item.kind] = true
		whole = whole && !strings.ContainsAny(item.text, ".eE")
		if !slices.ContainsFunc(t.choices, func(c *choice) bool { return c.name == item.text }) {
			t.choices = append(t.choices, &choice{entity: entity{noun: "value", name: item.text, from: item.place()}})
		}
	}
	if len(kinds) != 1 || kinds[listKind] || kinds[objectKind] {
		t, _ = r.anything(list, "enum", "its values are of several kinds")
		return t, nullable
	}
	switch {
	case kinds[stringKind]:
		return t, nullable
	case kinds[boolKind]:
		if len(t.choices) < 2 {
			r.d.lose(list.place(), "enum of a boolean", "the property takes both")
		}
		return plain("bool"), nullable
	}
	name := "int"
	if !whole {
		name = "float"
	}
	r.d.lose(list.place(), "enum of numbers", "values of an enum are strings, so it takes every "+name)
	return plain(name), nullable
}
