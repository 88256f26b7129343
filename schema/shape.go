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
	return s.explain(def, owner, n, s.validate(def, n, nil), found)
}

// validate compares one value with a definition. It adds to known, if that is not nil, what
// it finds good.
func (s *shapes) validate(def string, n *node, known *goodForms) error {
	if def == "" {
		return s.defs[def].Validate(plainFile(n))
	}
	if n.size > maxEntryNodes {
		return nil // explain says so
	}
	within := ""
	if nameKeys[def] {
		within = def
	}
	in := instance{known: known}
	err := s.defs[def].Validate(in.plain(n, within))
	if err == nil {
		known.add(in.fresh)
	}
	return err
}

// validateAll is validate for each entry, on all cores.
func (s *shapes) validateAll(def string, entries []*entry, known *goodForms) []error {
	errs := make([]error, len(entries))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(entries)) {
		workers.Go(func() { // until every entry is taken
			for i := next.Add(1) - 1; i < int64(len(entries)); i = next.Add(1) - 1 {
				errs[i] = s.validate(def, entries[i].value, known)
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
