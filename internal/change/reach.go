package change

import (
	"fmt"

	"github.com/phgen/phgen/schema"
)

// A reach tells what each named type and property set of a plan is used by.
type reach struct {
	types  map[string][]string // what holds a named type, such as `event "a"`, by its name
	direct map[string]bool     // named types that are those of a property of an event
	sets   map[string][]*schema.Event
}

func reachOf(p *schema.Plan) reach {
	r := reach{types: map[string][]string{}, direct: map[string]bool{}, sets: map[string][]*schema.Event{}}
	inside := map[*schema.Type][]string{} // named types within one, itself included
	use := func(who string, list []*schema.Property) {
		for _, prop := range list {
			for _, name := range namesIn(prop.Type, inside) {
				if users := r.types[name]; len(users) == 0 || users[len(users)-1] != who {
					r.types[name] = append(users, who)
				}
			}
		}
	}
	use("the context", p.Context)
	use("the person", p.Person)
	for _, g := range p.Groups {
		use(fmt.Sprintf("group %q", g.Name), g.Properties)
	}
	for _, e := range p.Events {
		use(fmt.Sprintf("event %q", e.Name), e.Properties)
		for _, prop := range e.Properties {
			r.direct[prop.Type.Name] = true
		}
		for _, s := range e.Use {
			r.sets[s.Name] = append(r.sets[s.Name], e)
		}
	}
	for _, f := range p.Flags {
		use(fmt.Sprintf("flag %q", f.Key), f.Payload)
	}
	for _, f := range p.AI.Features {
		use(fmt.Sprintf("AI feature %q", f.Name), f.Properties)
	}
	return r
}

// namesIn are the named types within t, itself included. No type contains itself.
func namesIn(t *schema.Type, known map[*schema.Type][]string) []string {
	if t.Name == "" && t.Elem == nil && len(t.Properties)+len(t.Variants) == 0 {
		return nil // as most
	}
	if names, ok := known[t]; ok {
		return names
	}
	var names []string
	if t.Name != "" {
		names = append(names, t.Name)
	}
	if t.Elem != nil {
		names = append(names, namesIn(t.Elem, known)...)
	}
	for _, p := range t.Properties {
		names = append(names, namesIn(p.Type, known)...)
	}
	for _, v := range t.Variants {
		for _, p := range v.Properties {
			names = append(names, namesIn(p.Type, known)...)
		}
	}
	names = distinct(names)
	known[t] = names
	return names
}
