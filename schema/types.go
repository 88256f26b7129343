package schema

import (
	"fmt"
	"slices"
	"strings"
)

// A kindRow is what a row of the table of types says to a reader of plans.
type kindRow struct {
	keys     []string // constraints of its own
	longOnly string   // not empty: the cure for writing it in short form
}

var lengths = []string{"min_length", "max_length", "pattern", "max_bytes"}

var kinds = map[Kind]kindRow{
	String:    {keys: lengths},
	Int:       {keys: []string{"min", "max"}},
	Float:     {keys: []string{"min", "max"}},
	Bool:      {},
	Timestamp: {},
	Date:      {},
	Duration:  {keys: []string{"unit", "min", "max"}},
	UUID:      {},
	URL:       {keys: append(slices.Clip(lengths), "strip_query")},
	Email:     {keys: lengths},
	IP:        {},
	Country:   {},
	Currency:  {},
	Locale:    {},
	Money:     {keys: []string{"wire"}},
	JSON:      {keys: []string{"max_bytes"}},
	Map:       {[]string{"values", "max_items", "max_bytes"}, "write {type: map, values: T}"},
	Array:     {[]string{"of", "min_items", "max_items", "max_bytes"}, "write [T], or {type: array, of: T}"},
	Object:    {[]string{"properties", "max_bytes"}, "write {type: object, properties: {…}}"},
	Enum:      {[]string{"enum"}, "write {enum: […]}"},
	Union:     {[]string{"union", "variants"}, "write {union: {…}, variants: {…}}"},
	Const:     {[]string{"const", "type"}, "write {const: value}"},
}

// constraintKeys are the keys of any row, and with them the keys that state a
// type rather than a property.
var constraintKeys = func() map[string]bool {
	keys := map[string]bool{}
	for _, row := range kinds {
		for _, k := range row.keys {
			keys[k] = k != "type"
		}
	}
	return keys
}()

// builtinNames are the types that a plan can name without declaring them.
var builtinNames = []string{"string", "int", "float", "bool", "timestamp", "date", "duration", "uuid", "url",
	"email", "ip", "country", "currency", "locale", "money", "json", "map", "array", "object"}

// foreignNames are what other languages call types of this one.
var foreignNames = map[string]string{
	"str": "string", "text": "string", "integer": "int", "int64": "int", "number": "float", "double": "float",
	"boolean": "bool", "datetime": "timestamp", "time": "timestamp", "list": "array",
}

// defaults fills in what a kind means without options.
func (t *Type) defaults() {
	if t.Kind == Duration && t.Unit == "" {
		t.Unit = "ms"
	}
}

// namedTypes compiles the section types.
func (c *compiler) namedTypes() {
	entries := c.sections["types"].entries
	for _, e := range entries {
		c.types[e.name()] = &Type{Pos: e.key.pos(), Name: e.name()}
		e.broken = e.torn && c.tornType(e.value)
	}
	for _, e := range entries {
		c.entry(e, func() { c.declareType(e) })
		e.later, c.later = c.later, nil
		c.plan.Types = append(c.plan.Types, c.types[e.name()])
	}
	c.recursion(entries)
	for _, e := range entries {
		c.entry(e, func() {
			c.later = e.later
			c.flush()
		})
	}
}

// declareType compiles one named type, but for what needs the others.
func (c *compiler) declareType(e *entry) {
	t, v := c.types[e.name()], e.value
	c.shaped(e.key, typeName)
	for _, key := range []string{"required", "nullable", "on_invalid", "write", "const", "default"} {
		if k, _ := v.pair(key); k != nil {
			c.report(k.pos(), "PH116", "say it where the type is used", "%q does not apply to a named type", key)
		}
	}
	if n := v.at("type"); n != nil && c.types[n.text] != nil {
		c.report(n.pos(), "PH115", "repeat what the type says, or use that type itself", "the type of %q names the type %q; a named type is made of built-in ones", t.Name, n.text)
		return
	}
	c.typeForm(v, t, inObject)
	t.Description = c.prose(v, "description")
	t.Deprecated = c.deprecation(v)
	t.PII = c.pii(v)
	t.Go = c.goName(v)
	if t.Go.Name != "" {
		c.report(v.at("go").at("name").pos(), "PH116", "rename the type", "a named type has its own name in Go")
	}
	c.later = append(c.later, func() {
		if !c.unsound(t) {
			c.nameable(t.Go, t)
			if t.PII != nil {
				c.fitPII(v.at("pii"), t.PII, t)
			}
		}
		if wire := v.at("wire"); wire != nil {
			c.wireKeys(wire, inObject)
		}
		if n := v.at("example"); n != nil {
			t.Example = c.value(n, t, false)
		}
		c.sibling(v, t.Deprecated, t.Name, siblings{
			known:      func(name string) bool { return c.types[name] != nil },
			names:      c.sections["types"].names,
			deprecated: func(name string) bool { return c.types[name].Deprecated != nil },
		})
	})
}

// namedType is the type of that name, or nil after a report at n.
func (c *compiler) namedType(n *node, name string) *Type {
	if t := c.types[name]; t != nil {
		return t
	}
	if c.sections["types"].broken {
		return nil
	}
	switch name {
	case "id":
		c.report(n.pos(), "PH201", "write {type: string, go: {named: true}}", "unknown type %q", name)
	case "bytes":
		c.report(n.pos(), "PH118", "use string", "the type %q is reserved: not in version 1", name)
	default:
		if builtin := foreignNames[name]; builtin != "" {
			c.report(n.pos(), "PH201", fmt.Sprintf("did you mean %q?", builtin), "unknown type %q", name)
			return nil
		}
		c.report(n.pos(), "PH201", c.suggest(name, func() []string {
			return append(slices.Clone(builtinNames), c.sections["types"].names()...)
		}), "unknown type %q", clip(name))
	}
	return nil
}

// unsound tells that the declaration of a type was reported: its contents say
// nothing.
func (c *compiler) unsound(t *Type) bool {
	if t.Name == "" || t.Kind == "" {
		return t.Kind == ""
	}
	e := c.sections["types"].byName[t.Name]
	return e == nil || e.broken
}

// doubtful tells that the type, or what it holds, was reported: another may say
// something else than it without a mistake.
func (c *compiler) doubtful(t *Type) bool {
	for ; t != nil; t = t.Elem {
		if e := c.sections["types"].byName[t.Name]; c.unsound(t) || t.Name != "" && e.torn {
			return true
		}
	}
	return false
}

// typeForm reads what the long form v says of a type into t. If v names a type,
// it returns that one instead.
func (c *compiler) typeForm(v *node, t *Type, in place) *Type {
	kind, named := c.statedType(v)
	if named != nil {
		for _, k := range v.keys {
			if constraintKeys[k.text] {
				c.report(k.pos(), "PH218", "say it in the type", "%q is stated again for the type %q", k.text, named.Name)
			}
		}
		return named
	}
	if kind == "" {
		return nil
	}
	t.Kind = kind
	row := kinds[kind]
	for _, k := range v.keys {
		switch {
		case !constraintKeys[k.text] || slices.Contains(row.keys, k.text):
		case kind == Money && (k.text == "min" || k.text == "max"):
			c.report(k.pos(), "PH118", "remove it", "bounds on money are reserved: not in version 1")
		default:
			c.report(k.pos(), "PH116", ownKeys(row), "%q does not apply to the type %q", k.text, kind)
		}
	}
	c.constraints(v, t)
	switch kind {
	case Array:
		t.Elem = c.elem(v, "of", kind, in.nested(true))
	case Map:
		t.Elem = c.elem(v, "values", kind, in.nested(true))
	case Object:
		c.object(v, t, in)
	case Enum:
		t.Values = c.choices(v.at("enum"), "PH214", "enum value", nil)
		c.siblingChoices(v.at("enum"), t.Values)
	case Union:
		c.union(v, t)
	case Const:
		c.constant(v, t)
	}
	return nil
}

// ownKeys tells which constraints a kind takes.
func ownKeys(row kindRow) string {
	if len(row.keys) == 0 {
		return "remove it"
	}
	return "it takes " + strings.Join(row.keys, ", ")
}

// statedType is the kind, or the named type, that v says in exactly one way.
// Both are zero after a report.
func (c *compiler) statedType(v *node) (Kind, *Type) {
	var ways []string
	var kind Kind
	for _, way := range []struct {
		key  string
		kind Kind
	}{{"type", ""}, {"enum", Enum}, {"union", Union}, {"variants", Union}, {"const", Const}} {
		if v.at(way.key) == nil || way.key == "variants" && v.at("union") != nil || way.key == "type" && v.at("const") != nil {
			continue
		}
		ways = append(ways, way.key)
		kind = way.kind
	}
	switch {
	case v.at("variants") != nil && v.at("union") == nil && len(ways) == 1 && !v.hides("union"):
		c.report(v.pos(), "PH109", "add it; {} for the discriminator \"type\"", "the type %q lacks the key %q", Union, "union")
		return Union, nil
	case len(ways) == 0:
		if !slices.ContainsFunc([]string{"type", "enum", "union", "const"}, v.hides) {
			c.report(v.pos(), "PH115", "add type, enum, union or const", "the long form does not say its type")
		}
		return "", nil
	case len(ways) > 1:
		k, _ := v.pair(ways[1])
		c.report(k.pos(), "PH115", "keep one", "the long form says its type in %d ways: %s", len(ways), strings.Join(ways, ", "))
		return "", nil
	case ways[0] != "type":
		return kind, nil
	}
	n, name := v.at("type"), c.text(v, "type")
	if strings.ContainsAny(name, "!?[]{}, ") || name == "" {
		c.report(n.pos(), "PH115", "write the type alone; required and nullable are keys of the long form", "%q is no type name", clip(name))
		return "", nil
	}
	if row, ok := kinds[Kind(name)]; ok {
		if !slices.Contains(builtinNames, name) {
			c.report(n.pos(), "PH115", row.longOnly, "%q is not written under type", name)
			return "", nil
		}
		return Kind(name), nil
	}
	return "", c.namedType(n, name)
}

// object reads the properties of an object.
func (c *compiler) object(v *node, t *Type, in place) {
	n := v.at("properties")
	if n == nil {
		if !v.hides("properties") {
			c.report(v.pos(), "PH109", "add it; {} for none", "the type %q lacks the key %q", Object, "properties")
		}
		return
	}
	t.Properties = c.properties(n, in.nested(v.at("default") != nil))
	c.later = append(c.later, func() { c.distinctWire(t.Properties) })
}
