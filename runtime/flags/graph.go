package flags

import "errors"

// maxHeight bounds how long a chain of flags and cohorts that depend on each other is.
const maxHeight = 64

// A graph is of the flags and cohorts that depend on each other.
type graph struct {
	*document
	vertices []vertex
	flags    map[*flag]int
	cohorts  map[*cohort]int
	path     []int // the vertices that are being visited, from the first
	open     []int // those whose circle is not closed yet
	visited  int

	flagMemos, cohortMemos int // how many were given
}

// maxAnew is how many flags and cohorts one flag may depend on, each counted once for every
// way to it, before an evaluation of it remembers those that it has met.
const maxAnew = 16

// A vertex is a flag or a cohort.
type vertex struct {
	flag   *flag
	cohort *cohort
	edges  []int

	next   int // the edge to follow next
	order  int // in which it was first visited, from 1
	low    int // the lowest order that it leads to
	open   bool
	dated  bool // it looks at a date
	height int  // of what it depends on
	weight int  // how many flags and cohorts an evaluation looks at that remembers none; more than maxAnew are not told apart
}

// sort gives memos to what several others depend on, and finds flags and cohorts that
// depend on themselves, or on too many others in a row: nothing can be said of those.
func (d *document) sort() {
	g := graph{document: d, flags: map[*flag]int{}, cohorts: map[*cohort]int{}}
	for _, f := range d.defs.flags {
		if f.fixed == nil && f.refers() {
			g.flagVertex(f)
		}
	}
	for _, c := range d.cohortOrder {
		g.cohortVertex(c)
	}
	for v := 0; v < len(g.vertices); v++ { // the number grows
		g.connect(v)
	}
	for v := range g.vertices {
		if g.vertices[v].order == 0 {
			g.visit(v)
		}
	}
	flags, cohorts := g.flagMemos, g.cohortMemos
	d.defs.memories.New = func() any {
		return &memory{flags: make([]flagMemo, flags), cohorts: make([]cohortMemo, cohorts)}
	}
}

// refers reports whether f depends on anything but what the query says of somebody.
func (f *flag) refers() bool {
	for i := range f.conditions {
		for j := range f.conditions[i].filters {
			if r := &f.conditions[i].filters[j]; r.flag != nil || r.cohort != nil || r.predicate.moment != nil {
				return true
			}
		}
	}
	return f.super != nil
}

func (g *graph) flagVertex(f *flag) int {
	v, ok := g.flags[f]
	if !ok {
		v = len(g.vertices)
		g.vertices = append(g.vertices, vertex{flag: f})
		g.flags[f] = v
	}
	return v
}

func (g *graph) cohortVertex(c *cohort) int {
	v, ok := g.cohorts[c]
	if !ok {
		v = len(g.vertices)
		g.vertices = append(g.vertices, vertex{cohort: c})
		g.cohorts[c] = v
	}
	return v
}

// connect finds the edges of a vertex.
func (g *graph) connect(v int) {
	f := g.vertices[v].flag
	if f == nil {
		g.connectGroup(v, &g.vertices[v].cohort.root)
		return
	}
	if f.super != nil {
		g.connectFilters(v, f.super.filters)
	}
	for i := range f.conditions {
		g.connectFilters(v, f.conditions[i].filters)
	}
}

func (g *graph) connectGroup(v int, group *cohortGroup) {
	for i := range group.entries {
		e := &group.entries[i]
		if e.group != nil {
			g.connectGroup(v, e.group)
		} else {
			g.connectFilter(v, &e.filter)
		}
	}
}

func (g *graph) connectFilters(v int, filters []filter) {
	for i := range filters {
		g.connectFilter(v, &filters[i])
	}
}

func (g *graph) connectFilter(v int, f *filter) {
	if f.predicate.moment != nil {
		g.vertices[v].dated = true
	}
	switch {
	case f.flag != nil && f.flag.fixed == nil:
		if f.flag.memo < 0 {
			f.flag.memo = g.flagMemos
			g.flagMemos++
		}
		to := g.flagVertex(f.flag)
		g.vertices[v].edges = append(g.vertices[v].edges, to)
	case f.cohort != nil && !f.cohort.broken:
		if f.cohort.asked && f.cohort.memo < 0 {
			f.cohort.memo = g.cohortMemos
			g.cohortMemos++
		}
		f.cohort.asked = true
		to := g.cohortVertex(f.cohort)
		g.vertices[v].edges = append(g.vertices[v].edges, to)
	}
}

// visit walks all that a vertex leads to (Tarjan's algorithm, without recursion: a chain
// may be as long as the document). It closes a vertex after all that it depends on.
func (g *graph) visit(first int) {
	g.enter(first)
	for len(g.path) > 0 {
		at := g.path[len(g.path)-1]
		v := &g.vertices[at]
		if v.next < len(v.edges) {
			to := v.edges[v.next]
			v.next++
			switch u := &g.vertices[to]; {
			case u.order == 0:
				g.enter(to)
			case u.open:
				v.low = min(v.low, u.order)
			}
			continue
		}
		g.path = g.path[:len(g.path)-1]
		if len(g.path) > 0 {
			above := &g.vertices[g.path[len(g.path)-1]]
			above.low = min(above.low, v.low)
		}
		if v.low == v.order {
			g.close(at)
		}
	}
}

func (g *graph) enter(at int) {
	g.visited++
	v := &g.vertices[at]
	v.order, v.low, v.open = g.visited, g.visited, true
	g.path = append(g.path, at)
	g.open = append(g.open, at)
}

// close takes the vertices from at on off the open ones: they form a circle, or at stands
// alone.
func (g *graph) close(at int) {
	from := len(g.open) - 1
	for g.open[from] != at {
		from--
	}
	circle := g.open[from:]
	g.open = g.open[:from]
	loops := len(circle) > 1
	for _, i := range circle {
		v := &g.vertices[i]
		v.open, v.weight = false, 1
		for _, to := range v.edges {
			loops = loops || to == i
			v.height = max(v.height, 1+g.vertices[to].height)
			v.weight = min(v.weight+g.vertices[to].weight, maxAnew+1)
			v.dated = v.dated || g.vertices[to].dated
		}
		if v.flag != nil {
			v.flag.dated = v.dated
		}
		if v.flag != nil && v.weight > maxAnew {
			v.flag.memories = &g.defs.memories
		}
	}
	for _, i := range circle {
		switch v := &g.vertices[i]; {
		case loops:
			g.breakOff(v, ReasonUnresolvedDependency, errors.New("it depends on itself"))
		case v.height > maxHeight:
			g.breakOff(v, ReasonUnsupportedDefinition, errors.New("it depends on too many flags and cohorts in a row"))
		}
	}
}

// breakOff makes a vertex one that nothing is known about.
func (g *graph) breakOff(v *vertex, reason Reason, err error) {
	v.height = 0
	if v.cohort != nil {
		v.cohort.broken = true
		g.problem("cohort", v.cohort.id, -1, err)
		return
	}
	need := &Need{Kind: NeedFlag, Name: v.flag.key}
	if reason == ReasonUnsupportedDefinition {
		need = &Need{Kind: NeedDefinition, Name: err.Error()}
	}
	v.flag.setFixed(undecided(reason, need))
	g.problem("flag", v.flag.key, v.flag.position, err)
}
