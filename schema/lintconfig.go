package schema

import (
	_ "embed"
	"slices"
	"strconv"
	"sync"
)

// A LintConfig says which rules Lint's callers apply and what they make of the
// findings. The zero value asks for nothing.
type LintConfig struct {
	File   string // as positions name it; empty if there is none
	Preset Preset // empty: none was named
	Rules  map[string]Level
	Ignore []Ignore
}

// A Level is what a configuration makes of one rule.
type Level string

// The levels.
const (
	LevelOff     Level = "off"
	LevelWarning Level = "warning"
	LevelError   Level = "error"
)

// An Ignore accepts the findings of one rule at some places.
type Ignore struct {
	Pos    Pos
	Path   string // of the entry in the configuration
	Rule   string
	At     string // At as it was written
	Places PathPattern
	Reason string
	Until  string // the last day, YYYY-MM-DD; empty: no end
	Ends   Pos    // of Until
}

//go:embed lint-config.schema.json
var lintConfigSchema []byte

// LintConfigSchema is the JSON Schema (draft 2020-12) of lint's configuration, for
// editors. The caller may change the bytes.
func LintConfigSchema() []byte { return slices.Clone(lintConfigSchema) }

var lintConfigShapes = sync.OnceValue(func() *shapes {
	return compileShapes(lintConfigSchema, "the configuration", nil)
})

// maxConfigBytes bounds what parsing a configuration may cost.
const maxConfigBytes = 256 << 10

// ParseLintConfig reads lint's configuration; name stands for the file in
// positions. The LintConfig is nil if there are diagnostics, all of which are
// errors.
func ParseLintConfig(name string, src []byte) (*LintConfig, Diagnostics) {
	found := &findings{}
	c := &compiler{plan: &Plan{}, found: found}
	s := &source{name: name}
	if len(src) > maxConfigBytes {
		c.report(Pos{name, 1, 1}, "PH112", "make it smaller", "the file is larger than %d KiB", maxConfigBytes>>10)
	} else if s.split(src, found); found.seen == 0 {
		(&parser{found: found}).parse(s)
	}
	if s.root == nil {
		return nil, found.list.ofConfig().Sort([]string{name})
	}
	cfg := c.lintConfig(s)
	if found.seen == 0 {
		return cfg, nil
	}
	found.list.locateNodes([]*source{s})
	return nil, found.list.Sort([]string{name})
}

// ofConfig replaces what is said of an empty plan.
func (ds Diagnostics) ofConfig() Diagnostics {
	for i, d := range ds {
		if d.Fix == planBegins {
			ds[i].Message, ds[i].Fix = "the file holds no configuration", `it begins with "version: 1"`
		}
	}
	return ds
}

// lintConfig checks and reads a configuration.
func (c *compiler) lintConfig(s *source) *LintConfig {
	if v := s.root.at("version"); v != nil && v.tag == intTag && v.text != "1" {
		// In another version no further mistake means anything.
		c.report(v.pos(), "PH111", "", "the configuration is of version %s; this phgen reads version 1", clip(v.text))
		return nil
	}
	lintConfigShapes().check("", nil, s.root, c.found)
	cfg := &LintConfig{File: s.name, Preset: Preset(c.text(s.root, "preset")), Rules: map[string]Level{}}
	if rules := s.root.at("rules"); rules != nil {
		for i, k := range rules.keys {
			c.optionalRule(k, k.text)
			cfg.Rules[k.text] = Level(rules.items[i].text)
		}
	}
	if list := s.root.at("ignore"); list != nil {
		for i, n := range list.items {
			cfg.Ignore = append(cfg.Ignore, c.ignore(n, i))
		}
	}
	return cfg
}

// ignore reads one entry of the list ignore.
func (c *compiler) ignore(n *node, index int) Ignore {
	ignore := Ignore{
		Pos:    n.pos(),
		Path:   "ignore." + strconv.Itoa(index),
		Rule:   c.text(n, "rule"),
		At:     c.text(n, "at"),
		Reason: c.prose(n, "reason"),
		Until:  c.day(n, "until"),
	}
	if rule := n.at("rule"); rule != nil {
		c.optionalRule(rule, ignore.Rule)
	}
	if until := n.at("until"); until != nil {
		ignore.Ends = until.pos()
	}
	if at := n.at("at"); at != nil {
		var err error
		if ignore.Places, err = ParsePathPattern(ignore.At); err != nil {
			c.report(at.pos(), "PH108", "write it as in events.movie_played.properties.title", "%q is no path: %s", clip(ignore.At), err)
		}
	}
	return ignore
}

// optionalRule reports a code that n names unless it is of a rule that can be
// switched off.
func (c *compiler) optionalRule(n *node, code string) {
	i := slices.IndexFunc(catalogue, func(r row) bool { return r.code == code })
	switch {
	case i < 0:
		c.report(n.pos(), "PH209", `"phgen lint --list-rules" lists them`, "unknown rule %q", clip(code))
	case catalogue[i].preset == always:
		c.report(n.pos(), "PH226", "mend the plan instead", "%s stops generate and cannot be switched off or ignored", code)
	}
}
