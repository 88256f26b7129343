package schema

import (
	"regexp"
	"strconv"
)

// A sectionRow describes one section.
type sectionRow struct {
	key   string // of the top level
	inner string // key below it that holds the entries; empty: key itself
	def   string // definition of an entry in the JSON Schema
	limit int    // of entries; 0: none of its own
	what  string // an entry, in messages
}

// sections are the parts of a plan that hold named entries, in the order in
// which they are compiled: each needs only what comes before it, except that
// any name may be mentioned anywhere.
var sections = []sectionRow{
	{"owners", "", "owner", 0, "owner"},
	{"types", "", "type", 2_000, "type"},
	{"property_sets", "", "properties", 1_000, "property set"},
	{"context", "properties", "property", 0, "context property"},
	{"person", "properties", "property", 0, "person property"},
	{"groups", "", "group", 0, "group"},
	{"flags", "", "flag", 1_000, "flag"},
	{"experiments", "", "experiment", 200, "experiment"},
	{"events", "", "event", 10_000, "event"},
	{"surveys", "", "survey", 200, "survey"},
	{"ai", "features", "feature", 200, "AI feature"},
}

// A section is the entries of one section of all files.
type section struct {
	what    string
	entries []*entry
	byName  map[string]*entry
	broken  bool // it has a mistake outside its entries: any name may be meant
}

// An entry is one named part of a section. From one that was reported no
// conclusion is drawn that may not hold once it is mended.
type entry struct {
	key, value *node
	torn       bool     // its shape was reported; what is wrong with it is set aside
	broken     bool     // something else was
	later      []func() // checks that need all types
}

// name is the entry's name in the plan.
func (e *entry) name() string { return e.key.text }

// names are the names of a section's entries, in order.
func (s *section) names() []string {
	names := make([]string, 0, len(s.entries))
	for _, e := range s.entries {
		names = append(names, e.name())
	}
	return names
}

// A compiler makes the Plan of files whose shape was checked.
type compiler struct {
	plan     *Plan
	files    []*source
	root     *node
	sections map[string]*section
	found    *findings
	later    []func() // of the entry that is being compiled
	compared int      // candidates that suggestions have looked at
	programs int      // size of the plan's patterns, compiled
	regexps  map[string]*regexp.Regexp
	same     map[[2]*Type]bool // named types found equal on the wire

	incomplete map[*Event]bool    // a property, or a set that it uses, was reported
	vague      map[*Property]bool // whether it is required was set aside
	unsettled  map[*Flag]bool     // its variants were reported

	types       map[string]*Type
	sets        map[string]*PropertySet
	context     map[string]*Property
	person      map[string]*Property
	groups      map[string]*Group
	flags       map[string]*Flag
	experiments map[string]*Experiment
	events      map[string]*Event
}

// compile resolves references and applies defaults. It is the only maker of a
// Plan; what it leaves behind after a mistake is not for use.
func (c *compiler) compile() {
	c.header()
	c.defaults()
	c.owners()
	c.namedTypes()
	c.contextProperties()
	c.propertySets()
	c.personProperties()
	c.groupTypes()
	c.featureFlags()
	c.declareExperiments()
	c.allEvents()
	c.allExperiments()
	c.allSurveys()
	c.aiFeatures()
}

// each compiles the entries of a section.
func (c *compiler) each(key string, compile func(*entry)) {
	for _, e := range c.sections[key].entries {
		c.entry(e, func() {
			compile(e)
			c.flush()
		})
	}
}

// entry runs a part of compiling an entry and notes whether it was reported.
func (c *compiler) entry(e *entry, part func()) {
	if c.found.full() {
		return
	}
	before := c.found.seen
	part()
	e.broken = e.broken || c.found.seen > before
}

// flush runs the checks that were put off until all types are known.
func (c *compiler) flush() {
	for _, check := range c.later {
		check()
	}
	c.later = nil
}

func (c *compiler) report(pos Pos, code, fix, format string, args ...any) {
	c.found.add(pos, code, fix, format, args...)
}

// misspelt reports a scalar that cannot be read as its key asks.
func (c *compiler) misspelt(key string, n *node, err error) {
	e := err.(*spelling)
	c.report(n.pos(), e.code, e.fix, "%q %s", key, e.what)
}

// refers finds the entry that n names. It is nil if there is none; in a broken section
// any name may be meant, and nothing is reported.
func (c *compiler) refers(key string, n *node, name, code string) *entry {
	s := c.sections[key]
	if e := s.byName[name]; e != nil {
		return e
	}
	if !s.broken {
		c.report(n.pos(), code, c.suggest(name, s.names), "unknown %s %q", s.what, clip(name))
	}
	return nil
}

// maxCompared bounds what all suggestions of one plan may cost, to a second or
// so. Beyond it mistakes are reported without.
const maxCompared = 200_000

// suggest is didYouMean over names that may be many.
func (c *compiler) suggest(word string, names func() []string) string {
	if c.compared > maxCompared {
		return ""
	}
	legal := names()
	c.compared += len(legal)
	return didYouMean(word, legal, "")
}

// ownerOf is the owner that m names, or fallback.
func (c *compiler) ownerOf(m *node, fallback string) string {
	n := m.at("owner")
	if n == nil {
		return fallback
	}
	name := c.text(m, "owner")
	if name != "" || n.quoted {
		c.refers("owners", n, name, "PH203")
	}
	return name
}

// listed calls visit for each entry of a list of names, and reports repetitions.
func (c *compiler) listed(m *node, key, code string, visit func(n *node, name string)) {
	n := m.at(key)
	if n == nil {
		return
	}
	seen := map[string]bool{}
	for i, name := range c.strings(m, key) {
		item := n.items[i]
		if seen[name] {
			c.report(item.pos(), code, "remove one", "%q is listed twice under %s", name, strconv.Quote(key))
			continue
		}
		seen[name] = true
		visit(item, name)
	}
}

// goName reads the key go of m.
func (c *compiler) goName(m *node) GoName {
	n := m.at("go")
	if n == nil {
		return GoName{}
	}
	g := GoName{Pos: n.pos(), Name: c.identifier(n, "name")}
	if v := n.at("named"); v != nil && v.tag == strTag {
		g.Named, g.NamedAs = true, c.identifier(n, "named")
	} else {
		g.Named = n.flag("named")
	}
	return g
}

// identifier is an exported Go name of m, empty if absent.
func (c *compiler) identifier(m *node, key string) string {
	n := m.at(key)
	if n == nil {
		return ""
	}
	name := c.text(m, key)
	if !typeName.form.MatchString(name) {
		c.report(n.pos(), "PH304", typeName.cure, "%q is no exported Go name", clip(name))
	}
	return name
}

// deprecation reads the key deprecated of m: a note, or a mapping.
func (c *compiler) deprecation(m *node) *Deprecation {
	n := m.at("deprecated")
	switch {
	case n == nil:
		return nil
	case n.kind == scalarNode:
		return &Deprecation{Pos: n.pos(), Note: c.prose(m, "deprecated")}
	}
	return &Deprecation{
		Pos:         n.pos(),
		Since:       c.since(n),
		Use:         c.text(n, "use"),
		RemoveAfter: c.day(n, "remove_after"),
		Note:        c.prose(n, "note"),
		DualWrite:   n.flag("dual_write"),
	}
}

// since is the version under that key of m, which the plan must have reached.
func (c *compiler) since(m *node) string {
	v := c.text(m, "since")
	if v != "" && c.plan.Version != "" && compareVersions(v, c.plan.Version) > 0 {
		c.report(m.at("since").pos(), "PH222", "raise plan.version, or lower since",
			"since %s is later than the plan's version %s", v, c.plan.Version)
	}
	return v
}

// siblings are names of one kind that stand beside each other; deprecated tells
// of a known one whether it is.
type siblings struct {
	known      func(name string) bool
	names      func() []string
	deprecated func(name string) bool
}

// sibling checks the use of a deprecation.
func (c *compiler) sibling(m *node, d *Deprecation, own string, s siblings) {
	if d == nil || d.Use == "" {
		return
	}
	n := m.at("deprecated").at("use")
	switch {
	case d.Use == own:
		c.report(n.pos(), "PH221", "name what replaces it", "%q replaces itself", own)
	case !s.known(d.Use):
		c.report(n.pos(), "PH221", c.suggest(d.Use, s.names), "%q, which shall replace %q, is not beside it", clip(d.Use), own)
	case s.deprecated(d.Use):
		c.report(n.pos(), "PH221", "name what replaces both", "%q, which shall replace %q, is deprecated itself", d.Use, own)
	}
}
