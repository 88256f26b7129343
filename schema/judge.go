package schema

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/phgen/phgen/internal/typo"
)

// rootOnly are the keys that an included file may not have.
var rootOnly = []string{"plan", "include", "go", "naming", "defaults"}

// judge makes the Plan of the files read, or says what is wrong with them. A
// mistake in text or YAML ends it: later phases would only repeat it.
func (l *loader) judge() (*Plan, Diagnostics) {
	plan, found := l.compiled()
	found.locateNodes(l.files)
	return plan, found
}

func (l *loader) compiled() (*Plan, Diagnostics) {
	var names []string
	for _, s := range l.files {
		names = append(names, s.name)
	}
	other := slices.DeleteFunc(slices.Clone(l.found.list), func(d Diagnostic) bool { return d.Code != "PH111" })
	if len(other) > 0 {
		return nil, other.Sort(names)
	}
	if l.unread {
		return nil, l.found.list.Sort(names)
	}
	c := newCompiler(l.files, &l.found)
	c.shape()
	for _, sec := range c.sections {
		sec.broken = sec.broken || l.partial
	}
	c.compile()
	l.locate(c)
	if l.found.seen > 0 {
		return nil, l.found.list.Sort(names)
	}
	return c.plan, l.warnings().Sort(names)
}

// warnings are what only the text of a plan shows, not the Plan.
func (l *loader) warnings() Diagnostics {
	var found Diagnostics
	for _, n := range l.yaml.bare {
		found = append(found, Diagnostic{Pos: n.pos(), Code: "PH630", Severity: Warning, Message: fmt.Sprintf("%q is a boolean to readers of YAML 1.1", n.text), Fix: "quote it"})
	}
	return found
}

func newCompiler(files []*source, found *findings) *compiler {
	c := &compiler{
		plan:        &Plan{File: files[0].name},
		files:       files,
		root:        files[0].root,
		found:       found,
		sections:    map[string]*section{},
		regexps:     map[string]*regexp.Regexp{},
		same:        map[[2]*Type]bool{},
		incomplete:  map[*Event]bool{},
		vague:       map[*Property]bool{},
		unsettled:   map[*Flag]bool{},
		types:       map[string]*Type{},
		sets:        map[string]*PropertySet{},
		context:     map[string]*Property{},
		person:      map[string]*Property{},
		groups:      map[string]*Group{},
		flags:       map[string]*Flag{},
		experiments: map[string]*Experiment{},
		events:      map[string]*Event{},
	}
	for _, s := range files {
		c.plan.Files = append(c.plan.Files, s.name)
	}
	return c
}

// shape checks all files against the JSON Schema and gathers the entries of
// their sections.
func (c *compiler) shape() {
	shapes := planShapes()
	for i, s := range c.files {
		misnamed := c.misnamed(s.root)
		for _, key := range shapes.check("", nil, s.root, c.found) {
			if isSection(key) {
				c.section(key).broken = true
			}
		}
		if i == 0 {
			if s.root.at("plan") == nil && !misnamed && !s.root.lost("plan") {
				c.report(s.root.pos(), "PH109", "add plan: {name: …}", "the plan lacks the key %q", "plan")
			}
			continue
		}
		for _, key := range rootOnly {
			k, _ := s.root.pair(key)
			switch {
			case k == nil:
			case key == "include":
				c.report(k.pos(), "PH113", "list the files in the root", "an included file cannot include others")
			default:
				c.report(k.pos(), "PH116", "move it to the root file", "%q belongs in the root file, %s", key, c.plan.File)
			}
		}
		if k, _ := s.root.at("ai").pair("privacy"); k != nil {
			c.report(k.pos(), "PH116", "move it to the root file", "%q belongs in the root file, %s", "ai.privacy", c.plan.File)
		}
	}
	for _, row := range sections {
		c.gather(row, shapes)
	}
}

// misnamed keeps an unknown key at the top of a file from bringing more about:
// any name may be meant of the section that it seems to be. It reports whether
// the key seems to be plan.
func (c *compiler) misnamed(root *node) (plan bool) {
	keys := []string{"plan"}
	for _, row := range sections {
		keys = append(keys, row.key)
	}
	for _, k := range root.keys[:min(len(root.keys), maxMisspelt)] {
		switch key := typo.Nearest(k.text, keys); key {
		case "", k.text:
		case "plan":
			plan = true
		default:
			c.section(key).broken = true
		}
	}
	return plan
}

// section is the section of that key, empty at first.
func (c *compiler) section(key string) *section {
	if c.sections[key] == nil {
		i := slices.IndexFunc(sections, func(row sectionRow) bool { return row.key == key })
		c.sections[key] = &section{what: sections[i].what, byName: map[string]*entry{}}
	}
	return c.sections[key]
}

// gather joins the entries of one section over all files and checks each.
func (c *compiler) gather(row sectionRow, shapes *shapes) {
	sec := c.section(row.key)
	for _, s := range c.files {
		n := s.root.at(row.key)
		if n == nil {
			continue
		}
		if n.kind == mappingNode && row.inner != "" {
			if n = n.at(row.inner); n == nil {
				continue
			}
		}
		if n.kind != mappingNode {
			continue // reported
		}
		for i, k := range n.keys {
			if first := sec.byName[k.text]; first != nil {
				c.report(k.pos(), "PH114", "remove or rename one", "the %s %q is already at %s", row.what, k.text, first.key.pos())
				continue
			}
			e := &entry{key: k, value: n.items[i]}
			sec.byName[k.text] = e
			sec.entries = append(sec.entries, e)
		}
	}
	if row.limit > 0 && len(sec.entries) > row.limit {
		c.report(sec.entries[row.limit].key.pos(), "PH112", "", "%d entries of %q; the limit is %d", len(sec.entries), row.key, row.limit)
		sec.entries, sec.broken = nil, true
	}
	known := new(goodForms)
	for rest := sec.entries; len(rest) > 0; {
		n := together(rest)
		errs := shapes.validateAll(row.def, rest[:n], known)
		for i, e := range rest[:n] {
			if c.found.full() {
				return
			}
			e.torn = len(shapes.explain(row.def, e.key, e.value, errs[i], c.found)) > 0
		}
		rest = rest[n:]
	}
}

// maxTogether bounds the nodes of the entries that are validated at a time: what is
// wrong with them is in memory together.
const maxTogether = 20_000

// together is how many of the entries, one at least, are validated at a time.
func together(entries []*entry) int {
	n, nodes := 0, int32(0)
	for n < len(entries) && (n == 0 || nodes+entries[n].value.size <= maxTogether) {
		nodes += entries[n].value.size
		n++
	}
	return n
}
