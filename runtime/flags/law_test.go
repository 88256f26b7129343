package flags

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// A hole is a property that a query does not have.
type hole struct{ group, name string }

// holes returns the properties that f looks at, also by way of cohorts and other flags.
func (f *flag) holes() []hole {
	if f.fixed != nil {
		return nil
	}
	var found []hole
	if f.enrollment != nil {
		found = append(found, hole{name: f.enrollment.Name})
	}
	for i := range f.conditions {
		for j := range f.conditions[i].filters {
			found = append(found, f.conditions[i].filters[j].holes()...)
		}
	}
	return found
}

func (f *filter) holes() []hole {
	switch {
	case f.flag != nil:
		return f.flag.holes()
	case f.cohort != nil:
		return f.cohort.root.holes()
	case f.source == personProperty, f.source == groupProperty:
		return []hole{{f.need.Group, f.need.Name}}
	}
	return nil
}

func (g *cohortGroup) holes() []hole {
	var found []hole
	for i := range g.entries {
		if e := &g.entries[i]; e.group != nil {
			found = append(found, e.group.holes()...)
		} else {
			found = append(found, e.filter.holes()...)
		}
	}
	return found
}

// with returns q with another value in a hole; no value takes it out.
func (q *Query) with(h hole, value ...any) *Query {
	out := *q
	set := func(properties map[string]any) map[string]any {
		properties = maps.Clone(properties)
		if properties == nil {
			properties = map[string]any{}
		}
		delete(properties, h.name)
		for _, v := range value {
			properties[h.name] = v
		}
		return properties
	}
	if h.group == "" {
		out.Person = set(q.Person)
		return &out
	}
	out.GroupProperties = maps.Clone(q.GroupProperties)
	out.GroupProperties[h.group] = set(q.GroupProperties[h.group])
	return &out
}

// answers returns the values that the reference gives for all ways to fill the holes.
func answers(r *reference, key string, q *Query, holes []hole) map[Value]bool {
	if len(holes) == 0 {
		r.ask(q)
		return map[Value]bool{valueOf(r.flag(key).value): true}
	}
	all := map[Value]bool{}
	for _, v := range append([]any{true, Unset}, domain...) {
		maps.Copy(all, answers(r, key, q.with(holes[0], v), holes[1:]))
	}
	return all
}

// A flag is decided exactly if all that the missing properties may be leads to the same
// value. Here each property is looked at once, so nothing that is missing could
// contradict itself.
func TestLaw(t *testing.T) {
	decided, undecided := 0, 0
	for seed := range uint64(1200) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 2)), once: true}
		doc := g.document()
		d, r := compile(t, doc)
		whole := g.query(d)
		if asksForGroup(d, whole) {
			continue
		}
		for _, f := range d.flags {
			holes := f.holes()
			g.Shuffle(len(holes), func(i, j int) { holes[i], holes[j] = holes[j], holes[i] })
			holes = holes[:min(len(holes), 1+g.IntN(3))]
			q := whole
			for _, h := range holes {
				q = q.with(h)
			}
			got, want := d.Evaluate(f.key, q), answers(r, f.key, q, holes)
			if got.Decided() {
				decided++
			} else {
				undecided++
			}
			if got.Decided() != (len(want) == 1) || got.Decided() && !want[got.Value] {
				t.Fatalf("seed %d, flag %s without %v: %+v, want one of %v\n%+v\n%s",
					seed, f.key, holes, got, slices.Collect(maps.Keys(want)), *q, pretty(doc))
			}
			checkNeeds(t, fmt.Sprintf("seed %d, flag %s", seed, f.key), d, f.key, q, holes)
		}
	}
	t.Logf("%d decided, %d undecided", decided, undecided)
	if decided < 3000 || undecided < 600 {
		t.Errorf("only %d decided, %d undecided", decided, undecided)
	}
}

// checkNeeds checks that an undecided flag tells what is missing, that Explain agrees with
// Evaluate, and that giving all that it asks for decides the flag.
func checkNeeds(t *testing.T, what string, d *Definitions, key string, q *Query, holes []hole) {
	t.Helper()
	result, e := d.Evaluate(key, q), d.Explain(key, q)
	if e.Result != result {
		t.Fatalf("%s: explained as %+v, evaluated to %+v", what, e.Result, result)
	}
	if result.Decided() != (len(e.Missing) == 0) || result.Decided() != (result.Need == Need{}) {
		t.Fatalf("%s: %+v needs %v", what, result, e.Missing)
	}
	for _, need := range e.Missing {
		switch need.Kind {
		case NeedPersonProperty, NeedGroupProperty:
			if !slices.Contains(holes, hole{need.Group, need.Name}) {
				t.Fatalf("%s: needs %v, missing is only %v", what, need, holes)
			}
			q = q.with(hole{need.Group, need.Name}, Unset)
		case NeedFlag:
		default:
			t.Fatalf("%s: needs %v", what, need)
		}
	}
	if r := d.Evaluate(key, q); !r.Decided() {
		t.Fatalf("%s: given %v, but then it needs %v", what, e.Missing, r.Need)
	}
}
