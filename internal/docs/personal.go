package docs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/phgen/phgen/schema"
)

// A personal is one place where the plan has personal data.
type personal struct {
	section, name, property, kind string // kind is the type as the plan says it
	sent                          string // what PostHog gets
	pii                           *schema.PII
	owner, description            string
}

// personals lists every place, properties inside named types included.
func personals(p *schema.Plan) []personal {
	var list []personal
	collect := func(section, name, owner string, properties []*schema.Property) {
		walkPersonal(properties, "", func(path string, property *schema.Property, pii *schema.PII) {
			list = append(list, personal{section, name, path, typeText(property.Type), effect(innermost(property.Type), pii), pii, owner, property.Description})
		})
	}
	for _, e := range p.Events {
		collect("event", e.Name, e.Owner, e.Properties)
	}
	for _, s := range p.Surveys {
		for _, q := range s.Questions {
			if q.PII != nil {
				list = append(list, personal{"survey", s.Key, q.Key, words(q.Type), effect(schema.String, q.PII), q.PII, s.Owner, q.Text})
			}
		}
	}
	for _, f := range p.AI.Features {
		collect("ai", f.Name, f.Owner, f.Properties)
	}
	collect("person", "person", "", p.Person)
	collect("context", "context", "", p.Context)
	for _, g := range p.Groups {
		collect("group", g.Name, g.Owner, g.Properties)
	}
	return list
}

// innermost is the kind of what arrays and maps hold in the end.
func innermost(t *schema.Type) schema.Kind {
	for t.Elem != nil {
		t = t.Elem
	}
	return t.Kind
}

// walkPersonal calls found for each property with personal data.
func walkPersonal(properties []*schema.Property, prefix string, found func(path string, p *schema.Property, pii *schema.PII)) {
	for _, p := range properties {
		pii := piiOf(p)
		path, t := prefix+p.Key, p.Type
		for t.Elem != nil {
			path += "[]"
			t = t.Elem
			if pii == nil {
				pii = t.PII
			}
		}
		if pii != nil {
			found(path, p, pii)
			continue // which is said of everything inside
		}
		walkPersonal(t.Properties, path+".", found)
		for _, v := range t.Variants {
			walkPersonal(v.Properties, path+"."+v.Name+".", found)
		}
	}
}

// effect says what PostHog gets to see of a value whose type is kind.
func effect(kind schema.Kind, pii *schema.PII) string {
	switch pii.Action {
	case "allow":
		return "the value itself"
	case "hash":
		return "a keyed hash"
	case "mask":
		return "a masked text"
	case "drop":
		return "nothing"
	}
	switch kind {
	case schema.IP:
		return "the network"
	case schema.Date, schema.Timestamp:
		return "the year"
	case schema.Float:
		return "one decimal"
	}
	return fmt.Sprintf("the first %d characters", pii.Keep)
}

// personalTable is the map of personal data for a spreadsheet.
func personalTable(p *schema.Plan) []byte {
	lines := [][]string{{"section", "name", "property", "type", "pii_kind", "pii_action", "pii_basis", "sent", "owner", "description"}}
	for _, d := range personals(p) {
		lines = append(lines, []string{
			d.section, d.name, d.property, d.kind, d.pii.Kind, d.pii.Action, d.pii.Basis, d.sent, d.owner, d.description,
		})
	}
	return written(lines)
}

// personalPage is the map of personal data to read.
func personalPage(p *schema.Plan) []byte {
	list := personals(p)
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- %s -->\n\n# Personal data in %s %s\n\n", mark, inline(p.Name), inline(p.Version))
	if len(list) == 0 {
		b.WriteString("The plan has no personal data.\n")
		return []byte(b.String())
	}
	b.WriteString(summaryOf(list))
	b.WriteString("\n| Where | Property | Type | Kind | Action | Legal basis | PostHog gets | Owner |\n|---|---|---|---|---|---|---|---|\n")
	for _, d := range list {
		fmt.Fprintf(&b, "| %s %s | %s | %s | %s | %s | %s | %s | %s |\n",
			d.section, code(d.name), code(d.property), inline(d.kind), words(d.pii.Kind), words(d.pii.Action), words(d.pii.Basis), d.sent, inline(d.owner))
	}
	return []byte(b.String())
}

func words(word string) string { return strings.ReplaceAll(word, "_", " ") }

// summaryOf counts by kind and action.
func summaryOf(list []personal) string {
	actions := []string{"allow", "hash", "mask", "truncate", "drop"}
	counts := map[string]map[string]int{}
	var kinds []string // in the order of the plan
	for _, d := range list {
		if counts[d.pii.Kind] == nil {
			counts[d.pii.Kind] = map[string]int{}
			kinds = append(kinds, d.pii.Kind)
		}
		counts[d.pii.Kind][d.pii.Action]++
	}
	var b strings.Builder
	b.WriteString("| Kind | " + strings.Join(actions, " | ") + " |\n|---|---:|---:|---:|---:|---:|\n")
	for _, kind := range kinds {
		b.WriteString("| " + words(kind))
		for _, action := range actions {
			cell := ""
			if n := counts[kind][action]; n > 0 {
				cell = strconv.Itoa(n)
			}
			b.WriteString(" | " + cell)
		}
		b.WriteString(" |\n")
	}
	return b.String()
}
