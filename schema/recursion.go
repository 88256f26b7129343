package schema

import (
	"slices"
	"strings"
)

// recursion reports named types that contain themselves, and cuts the circle.
func (c *compiler) recursion(entries []*entry) {
	const walking, done = 1, 2
	state := map[*Type]int{}
	var path []string
	var visit func(t *Type)
	step := func(slot **Type) {
		t := *slot
		if t.Name == "" {
			visit(t)
			return
		}
		switch state[t] {
		case walking:
			from := c.sections["types"].byName[path[len(path)-1]]
			circle := append(slices.Clone(path[slices.Index(path, t.Name):]), t.Name)
			c.report(t.Pos, "PH208", "break the circle", "the type %q contains itself: %s", t.Name, strings.Join(circle, " contains "))
			*slot, from.broken = &Type{}, true
			c.sections["types"].byName[t.Name].broken = true
		case 0:
			path = append(path, t.Name)
			state[t] = walking
			visit(t)
			state[t] = done
			path = path[:len(path)-1]
		}
	}
	visit = func(t *Type) {
		if t.Elem != nil {
			step(&t.Elem)
		}
		for _, p := range t.Properties {
			step(&p.Type)
		}
		for _, v := range t.Variants {
			for _, p := range v.Properties {
				step(&p.Type)
			}
		}
	}
	for _, e := range entries {
		t := c.types[e.name()]
		step(&t)
	}
}
