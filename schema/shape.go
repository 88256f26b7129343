package schema

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

//go:embed tracking-plan.schema.json
var planSchema []byte

// JSONSchema is the JSON Schema (draft 2020-12) of a plan file, for editors. It
// is the one that Load checks shapes with. The caller may change the bytes.
func JSONSchema() []byte { return bytes.Clone(planSchema) }

// shapes holds the compiled definitions of the schema, and its text, which
// knows what a compiled schema forgets.
type shapes struct {
	what string                        // a file of that shape, in messages
	root map[string]any                // the schema as JSON
	defs map[string]*jsonschema.Schema // by name under $defs; "" is the whole
}

// planShapes is compiled once: it costs more than reading a small plan.
var planShapes = sync.OnceValue(func() *shapes {
	defs := make([]string, len(sections))
	for i, sec := range sections {
		defs[i] = sec.def
	}
	return compileShapes(planSchema, "the plan", defs)
})

// compileShapes compiles an embedded schema, whole and each of the definitions on
// its own.
func compileShapes(src []byte, what string, defs []string) *shapes {
	s := &shapes{what: what, defs: map[string]*jsonschema.Schema{}}
	if err := json.Unmarshal(src, &s.root); err != nil {
		panic("schema: an embedded JSON Schema: " + err.Error())
	}
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	id := s.root["$id"].(string)
	if err := compiler.AddResource(id, bytes.NewReader(src)); err != nil {
		panic("schema: an embedded JSON Schema: " + err.Error())
	}
	s.defs[""] = compiler.MustCompile(id)
	for _, def := range defs {
		s.defs[def] = compiler.MustCompile(id + "#/$defs/" + def)
	}
	return s
}

// check compares one value with a definition and adds what is wrong. It returns
// the keys of the value in which something is wrong, "" for the value itself.
// Owner is the key that the value belongs to, or nil.
func (s *shapes) check(def string, owner, n *node, found *findings) (broken []string) {
	return s.explain(def, owner, n, s.validate(def, n), found)
}

// validate compares one value with a definition.
func (s *shapes) validate(def string, n *node) error {
	if def == "" {
		return s.defs[def].Validate(plainFile(n))
	}
	if n.size > maxEntryNodes {
		return nil // explain says so
	}
	return s.defs[def].Validate(plain(n, def == "properties"))
}

// validateAll is validate for each entry, on all cores.
func (s *shapes) validateAll(def string, entries []*entry) []error {
	errs := make([]error, len(entries))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(entries)) {
		workers.Go(func() { // until every entry is taken
			for i := next.Add(1) - 1; i < int64(len(entries)); i = next.Add(1) - 1 {
				errs[i] = s.validate(def, entries[i].value)
			}
		})
	}
	workers.Wait()
	return errs
}

// explain adds what err, the result of validate, says about the value, and sets
// it aside.
func (s *shapes) explain(def string, owner, n *node, err error, found *findings) (broken []string) {
	if def != "" && n.size > maxEntryNodes {
		found.add(owner.pos(), "PH112", "make it smaller", "%q holds %d values; the limit is %d", owner.text, n.size, maxEntryNodes)
		n.clear()
		return []string{""}
	}
	if err == nil {
		return nil
	}
	var refused []shapeFinding
	s.leaves(err.(*jsonschema.ValidationError), func(leaf *jsonschema.ValidationError) {
		path := append(pointer(leaf.InstanceLocation), "")
		broken = append(broken, path[0])
		f := s.locate(leaf, def, owner, n)
		f.report(found)
		refused = append(refused, f)
	})
	if def == "" || !found.full() { // else no entry is looked at any more
		setAside(refused) // now that all are located
	}
	return broken
}

// leaves visits the failed keywords that no other failure explains.
func (s *shapes) leaves(err *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(err.Causes) == 0 {
		visit(err)
	}
	for _, cause := range err.Causes {
		s.leaves(cause, visit)
	}
}

// plain is the node as the validator takes it. A scalar whose spelling this
// language refuses becomes null, which no definition takes. Names tells that
// the keys of a mapping are names of the plan's, not of the language's.
func plain(n *node, names bool) any {
	switch n.kind {
	case mappingNode:
		m := make(map[string]any, len(n.keys))
		for i, k := range n.keys {
			item := n.items[i]
			switch {
			case k.text == "":
				m[emptyKey] = plain(item, false)
			case !names && freeKeys[k.text]:
				m[k.text] = shallow(item)
			default:
				m[k.text] = plain(item, !names && nameKeys[k.text])
			}
		}
		return m
	case listNode:
		l := make([]any, len(n.items))
		for i, item := range n.items {
			l[i] = plain(item, false)
		}
		return l
	}
	switch n.tag {
	case strTag, timeTag:
		return n.text
	case boolTag:
		if b, err := n.boolean(); err == nil {
			return b
		}
	case intTag, floatTag:
		if f, err := n.number(); err == nil {
			return f
		}
	}
	return nil
}

// emptyKey stands for the key "", which the validator's locations leave out.
const emptyKey = "\x00"

// nameKeys hold mappings from names to definitions.
var nameKeys = map[string]bool{"properties": true, "enum": true, "variants": true, "choices": true, "suffix": true}

// freeKeys hold values of any shape, which their types judge later.
var freeKeys = map[string]bool{"example": true, "examples": true, "default": true, "const": true}

// shallow is the node without what lies more than one level below it.
func shallow(n *node) any {
	empty := func(n *node) any {
		switch n.kind {
		case mappingNode:
			return map[string]any{}
		case listNode:
			return []any{}
		}
		return plain(n, false)
	}
	if n.kind != listNode {
		return empty(n)
	}
	l := make([]any, len(n.items))
	for i, item := range n.items {
		l[i] = empty(item)
	}
	return l
}

// plainFile is the root of a file as the validator takes it. The entries of its
// sections are left out: each is checked on its own.
func plainFile(root *node) any {
	if root.kind != mappingNode {
		return plain(root, false)
	}
	m := make(map[string]any, len(root.keys))
	for i, k := range root.keys {
		item := root.items[i]
		row := slices.IndexFunc(sections, func(s sectionRow) bool { return s.key == k.text })
		switch {
		case row < 0 || item.kind != mappingNode:
			m[k.text] = plain(item, false)
		case sections[row].inner == "":
			m[k.text] = map[string]any{}
		default:
			m[k.text] = plainSection(item, sections[row].inner)
		}
	}
	return m
}

// plainSection is a section with its entries under the key inner.
func plainSection(n *node, inner string) any {
	m := make(map[string]any, len(n.keys))
	for i, k := range n.keys {
		if k.text == inner && n.items[i].kind == mappingNode {
			m[k.text] = map[string]any{}
			continue
		}
		m[k.text] = plain(n.items[i], false)
	}
	return m
}

// isSection tells whether a key of the top level holds entries.
func isSection(key string) bool {
	return slices.ContainsFunc(sections, func(s sectionRow) bool { return s.key == key })
}

// locate finds the place of a failed keyword in the schema and in the plan.
func (s *shapes) locate(leaf *jsonschema.ValidationError, def string, owner, n *node) shapeFinding {
	f := shapeFinding{file: s.what, key: owner, value: n}
	_, fragment, _ := strings.Cut(leaf.AbsoluteKeywordLocation, "#")
	rule := pointer(fragment)
	f.keyword, rule = rule[len(rule)-1], rule[:len(rule)-1]
	f.rule = s.root
	for _, step := range rule {
		f.rule, _ = f.rule[step].(map[string]any)
	}
	f.ofKey = strings.Contains(leaf.KeywordLocation, "/propertyNames/")
	names := def == "properties"
	for _, step := range pointer(leaf.InstanceLocation) {
		f.within = f.value
		if f.value.kind == listNode {
			index, _ := strconv.Atoi(step)
			f.key, f.value, f.named = nil, f.value.items[index], false
			continue
		}
		f.named = names
		names = def != "" && !names && nameKeys[step]
		if step == emptyKey && f.value.at(step) == nil {
			step = ""
		}
		f.key, f.value = f.value.pair(step)
	}
	return f
}

// pointer splits a JSON pointer in a URL fragment.
func pointer(p string) []string {
	if p == "" {
		return nil
	}
	steps := strings.Split(p[1:], "/")
	for i, step := range steps {
		if unescaped, err := url.PathUnescape(step); err == nil {
			step = unescaped
		}
		steps[i] = unescapeStep.Replace(step)
	}
	return steps
}

var unescapeStep = strings.NewReplacer("~1", "/", "~0", "~")
