package importer

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

// draftFile stands for the draft in findings.
const draftFile = "draft"

const (
	maxRounds   = 60
	maxRenames  = 5       // of one thing; then it is left out
	maxPlanSize = 4 << 20 // of a file of the language
)

// ErrTooLarge says that what was read does not fit into one plan file.
var ErrTooLarge = fmt.Errorf("the plan would be larger than %d MiB; import it in parts, and list them under include", maxPlanSize>>20)

// settle prints the plan. The language itself judges it: as long as it finds mistakes,
// what they are about gets another Go name or is left out.
func (d *draft) settle(format string) ([]byte, error) {
	d.prune()
	for range maxRounds {
		p := &printer{}
		p.line(nil, "# Drafted by phgen import "+format+". Look at what has a comment, and at what the import")
		p.line(nil, "# listed; then let phgen lint say what else a plan should have.")
		p.block(d.tree(), nil, "")
		text := []byte(p.out.String())
		if len(text) > maxPlanSize {
			return nil, ErrTooLarge
		}
		plan, found := schema.Parse(draftFile, text)
		if !found.HasErrors() {
			found = generator.Check(plan)
		}
		if !found.HasErrors() {
			d.listRenamed()
			return schema.Format(draftFile, text)
		}
		if err := d.mend(found, p.lines); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("the draft does not become a valid plan; please report the input as a bug of phgen")
}

// mend answers findings.
func (d *draft) mend(found schema.Diagnostics, lines []*entity) error {
	first := map[string]*entity{} // who keeps a Go name that several need
	done := map[*entity]bool{}
	for _, f := range found {
		if f.Severity != schema.Error {
			continue
		}
		var e *entity
		if n := f.Pos.Line; n > 0 && n <= len(lines) {
			e = lines[n-1]
		}
		if e == nil {
			return fmt.Errorf("the draft is no valid plan: %s", f)
		}
		if done[e] {
			continue
		}
		switch f.Code {
		case "PH301":
			name := lastQuoted(f.Message)
			if keeper, taken := first[name]; !taken || keeper == e {
				first[name] = e
				continue
			}
			d.rename(e, f.Message)
		case "PH302", "PH303":
			d.rename(e, f.Message)
		default:
			d.leaveOut(e, f.Message)
		}
		done[e] = true
	}
	return nil
}

// lastQuoted is what stands in the last quotes of a message.
func lastQuoted(message string) string {
	parts := strings.Split(message, `"`)
	if len(parts) < 2 {
		return message
	}
	return parts[len(parts)-2]
}

// leaveOut drops e and says why.
func (d *draft) leaveOut(e *entity, why string) {
	e.gone = why
	d.lose(e.from, e.what(), "left out: "+draftLine.ReplaceAllString(why, ""))
}

// rename gives e a Go name that nobody else is likely to have.
func (d *draft) rename(e *entity, why string) {
	noun, renamable := map[string]string{
		"event": "Event", "property": "Property", "value": "Value", "variant": "Variant",
		"group": "Group", "flag": "Flag", "type": "Type",
	}[e.noun]
	if e.tries++; e.tries > maxRenames || !renamable {
		d.leaveOut(e, why)
		return
	}
	base := identifier(e.name)
	if base == "" || base[0] < 'A' || base[0] > 'Z' {
		base = noun + base
	} else if e.tries == 1 {
		base += noun
	}
	if e.tries > 1 {
		base += strconv.Itoa(e.tries)
	}
	if e.goName == "" && e.called == "" {
		e.why = draftLine.ReplaceAllString(why, "")
		d.renamed = append(d.renamed, e)
	}
	e.called = base
	if e.noun == "type" {
		e.name = base
		return
	}
	e.note("find a better name for Go: " + e.why)
	e.goName = base
}

// draftLine is where something stands in a draft that is not the last one.
var draftLine = regexp.MustCompile(` at line \d+`)

// listRenamed lists what has another name in Go, or in the plan, than it had.
func (d *draft) listRenamed() {
	for _, e := range d.renamed {
		where := "in Go"
		if e.noun == "type" {
			where = "in the plan"
		}
		if e.gone == "" {
			d.lose(e.from, e.noun, "called "+e.called+" "+where+": "+e.why)
		}
	}
}

// Bounds of the language that are cheaper to keep than to break.
const (
	maxEvents     = 10_000
	maxTypes      = 2_000
	maxSets       = 1_000
	maxFlags      = 1_000
	maxGroups     = 5
	maxProperties = 300
	maxFields     = 1_000
	maxChoices    = 255
	maxNameBytes  = 200
)

// prune leaves out what would break a bound.
func (d *draft) prune() {
	d.owners = pruned(d, d.owners, 1000, "owners", func(o *entity) *entity { return o })
	d.types = pruned(d, d.types, maxTypes, "types", func(t *namedType) *entity { return &t.entity })
	d.sets = pruned(d, d.sets, maxSets, "property sets", func(s *set) *entity { return &s.entity })
	d.groups = pruned(d, d.groups, maxGroups, "groups", func(g *group) *entity { return &g.entity })
	d.events = pruned(d, d.events, maxEvents, "events", func(e *event) *entity { return &e.entity })
	d.flags = pruned(d, d.flags, maxFlags, "flags", func(f *flag) *entity { return &f.entity })
	for _, t := range d.types {
		d.pruneType(t.typ)
	}
	for _, s := range d.sets {
		s.properties = d.pruneProperties(s.properties, maxProperties)
	}
	d.context, d.person = d.pruneProperties(d.context, maxFields), d.pruneProperties(d.person, maxFields)
	for _, g := range d.groups {
		g.properties = d.pruneProperties(g.properties, maxFields)
	}
	for _, e := range d.events {
		e.properties = d.pruneProperties(e.properties, maxProperties)
		e.tags = e.tags[:min(len(e.tags), 64)]
	}
	for _, f := range d.flags {
		f.payload = d.pruneProperties(f.payload, maxFields)
	}
}

// pruned is a list without what is too much, or has a name that no plan can hold.
func pruned[T any](d *draft, list []T, most int, what string, entityOf func(T) *entity) []T {
	var kept []T
	seen := map[string]bool{}
	for _, x := range list {
		switch e := entityOf(x); {
		case e.gone != "":
		case seen[e.name]:
			d.leaveOut(e, "the name stands twice")
		case e.name == "" || len(e.name) > maxNameBytes:
			d.leaveOut(e, fmt.Sprintf("a name has 1 to %d bytes", maxNameBytes))
		case len(kept) == most:
			d.leaveOut(e, fmt.Sprintf("a plan has at most %d %s here", most, what))
		default:
			seen[e.name] = true
			kept = append(kept, x)
		}
	}
	return kept
}

func (d *draft) pruneProperties(list []*property, most int) []*property {
	list = pruned(d, list, most, "properties", func(p *property) *entity { return &p.entity })
	for _, p := range list {
		d.pruneType(p.typ)
	}
	return list
}

func (d *draft) pruneType(t *typ) {
	if t == nil {
		return
	}
	t.choices = pruned(d, t.choices, maxChoices, "values", func(c *choice) *entity { return &c.entity })
	t.variants = pruned(d, t.variants, maxChoices, "variants", func(v *variant) *entity { return &v.entity })
	t.fields = d.pruneProperties(t.fields, maxFields)
	for _, v := range t.variants {
		v.fields = d.pruneProperties(v.fields, maxFields)
	}
	d.pruneType(t.elem)
}
