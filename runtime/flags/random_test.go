package flags

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A generator makes random definitions and queries that the reference understands.
type generator struct {
	*rand.Rand
	once  bool // each property, cohort and flag is asked for at most once
	asked int
	spare struct{ flags, cohorts []string }
}

type jsonObject = map[string]any

func (g *generator) one(words ...any) any { return words[g.IntN(len(words))] }

// maybe is true once in n times.
func (g *generator) maybe(n int) bool { return g.IntN(n) == 0 }

// document returns definitions of some flags f0, f1, … that depend on earlier ones.
func (g *generator) document() jsonObject {
	cohorts, flags := jsonObject{}, []any{}
	for i := range 6 {
		if i < 4 {
			id := strconv.Itoa(i + 1)
			cohorts[id] = g.group(0)
			g.spare.cohorts = append(g.spare.cohorts, id)
		}
		key := fmt.Sprintf("f%d-%d", i, g.IntN(1000))
		flags = append(flags, g.flag(key))
		g.spare.flags = append(g.spare.flags, key)
	}
	g.Shuffle(len(flags), func(i, j int) { flags[i], flags[j] = flags[j], flags[i] })
	return jsonObject{"flags": flags, "cohorts": cohorts, "group_type_mapping": jsonObject{"0": "company", "1": "project"}}
}

func (g *generator) flag(key string) jsonObject {
	conditions := []any{}
	for range g.IntN(4) {
		conditions = append(conditions, g.condition())
	}
	filters := jsonObject{"groups": conditions, "payloads": nil}
	if g.maybe(3) {
		filters["aggregation_group_type_index"] = g.one(nil, 0.0, 1.0)
	}
	if g.maybe(2) {
		variants := []any{}
		for i, percentage := range g.one([]any{50.0, 50.0}, []any{33.4, 33.3, 33.3}, []any{10.0, 0.0, 20.5}, []any{100.0}, []any{}).([]any) {
			variants = append(variants, jsonObject{"key": "v" + strconv.Itoa(i), "rollout_percentage": percentage})
		}
		filters["multivariate"] = jsonObject{"variants": variants}
	}
	if g.maybe(4) {
		filters["early_exit"] = g.one(true, false, nil)
	}
	if g.maybe(8) {
		filters["holdout"] = jsonObject{"id": 12, "exclusion_percentage": g.one(0.0, 10.0, 50.5, 100.0)}
	}
	if g.maybe(8) {
		filters["feature_enrollment"] = true
	}
	return jsonObject{"key": key, "active": !g.maybe(8), "filters": filters, "bucketing_identifier": g.one(nil, "", "distinct_id", "device_id")}
}

func (g *generator) condition() jsonObject {
	properties := []any{}
	for range g.IntN(4) {
		properties = append(properties, g.property(true))
	}
	c := jsonObject{"properties": properties, "rollout_percentage": g.one(nil, 100.0, 0.0, 50.0, 33.33, 99.9)}
	if g.maybe(4) {
		c["variant"] = g.one("v0", "v1", "", "none", nil)
	}
	if g.maybe(4) {
		c["aggregation_group_type_index"] = g.one(nil, 0.0, 1.0, 9.0)
	}
	return c
}

// property returns a filter, which may be of a group if it belongs to a condition.
func (g *generator) property(ofCondition bool) jsonObject {
	switch g.IntN(8) {
	case 0:
		if id := g.pick(&g.spare.cohorts); id != "" {
			n, _ := strconv.Atoi(id)
			return jsonObject{"key": "id", "type": "cohort", "operator": g.one("in", "not_in", nil), "value": g.one(id, n)}
		}
	case 1:
		if key := g.pick(&g.spare.flags); key != "" {
			return jsonObject{"key": key, "type": "flag", "operator": "flag_evaluates_to", "value": g.one(true, false, "v0", "v1", "holdout-12", "no such"), "dependency_chain": []any{key}}
		}
	case 2:
		return g.filter(jsonObject{"key": "distinct_id", "type": "person"})
	}
	name := g.name()
	if !ofCondition {
		return g.filter(jsonObject{"key": name, "type": g.one("person", nil)})
	}
	switch g.IntN(6) {
	case 0:
		return g.filter(jsonObject{"key": g.one(name, "$group_key"), "type": "group", "group_type_index": g.one(0.0, 1.0)})
	case 1:
		return g.filter(jsonObject{"key": name, "type": nil})
	}
	return g.filter(jsonObject{"key": name, "type": "person"})
}

// pick returns one of keys, which is then not there any more if once is set.
func (g *generator) pick(keys *[]string) string {
	if len(*keys) == 0 {
		return ""
	}
	i := g.IntN(len(*keys))
	key := (*keys)[i]
	if g.once {
		*keys = slices.Delete(*keys, i, i+1)
	}
	return key
}

func (g *generator) name() string {
	if !g.once {
		return "p" + strconv.Itoa(g.IntN(6))
	}
	g.asked++
	return "p" + strconv.Itoa(g.asked)
}

// The values that a property may have, besides none: every operator below is true of
// one and false of another.
var domain = []any{"a", "b", "77", 3}

func (g *generator) filter(f jsonObject) jsonObject {
	f["operator"] = g.one("exact", nil, "", "is_not", "is_set", "is_not_set", "gt", "icontains")
	switch f["operator"] {
	case "gt":
		f["value"] = g.one(5, "5", 1)
	case "icontains":
		f["value"] = g.one("7", "A")
	case "exact", "is_not", nil, "":
		f["value"] = g.one("a", 3, "77", []any{"a", "b"}, []any{"b"})
	default:
		f["value"] = f["operator"]
	}
	return f
}

func (g *generator) group(depth int) jsonObject {
	if g.maybe(12) {
		return jsonObject{}
	}
	values := []any{}
	for range 1 + g.IntN(3) {
		if depth < 2 && g.maybe(3) {
			values = append(values, g.group(depth+1))
			continue
		}
		p := g.property(false)
		if g.maybe(4) {
			p["negation"] = g.one(true, false)
		}
		values = append(values, p)
	}
	return jsonObject{"type": g.one("AND", "OR", "property"), "values": values}
}

// query returns a query that leaves nothing open: what it does not give is Unset.
func (g *generator) query(d *Definitions) *Query {
	q := &Query{
		DistinctID:      "user-" + strconv.Itoa(g.IntN(1e6)),
		DeviceID:        "device-" + strconv.Itoa(g.IntN(1e6)),
		Groups:          map[string]string{},
		GroupProperties: map[string]map[string]any{},
	}
	names := []string{}
	for i := range max(6, g.asked+1) {
		names = append(names, "p"+strconv.Itoa(i))
	}
	q.Person = g.properties(names)
	for _, f := range d.flags {
		q.Person["$feature_enrollment/"+f.key] = g.one(Unset, Unset, true, "true", false, "TRUE", nil)
	}
	for _, group := range []string{"company", "project"} {
		if !g.maybe(4) {
			q.Groups[group] = group + strconv.Itoa(g.IntN(1000))
			q.GroupProperties[group] = g.properties(append(names, "distinct_id"))
		}
	}
	return q
}

func (g *generator) properties(names []string) map[string]any {
	properties := map[string]any{}
	for _, name := range names {
		properties[name] = g.one(append(domain, Unset)...)
	}
	return properties
}

// compile parses a document that has no problem.
func compile(t *testing.T, doc jsonObject) (*Definitions, *reference) {
	t.Helper()
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var plain jsonObject
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	return mustParse(t, string(text)), newReference(plain)
}

func valueOf(v any) Value {
	switch v {
	case false:
		return False
	case true:
		return True
	}
	return Variant(v.(string))
}

// With complete knowledge every flag is decided, as the reference says. Without some of it
// a flag that is decided has the same value still.
func TestReference(t *testing.T) {
	const documents, queries = 900, 12
	evaluations, decidedAnyway := 0, 0
	for seed := range uint64(documents) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
		doc := g.document()
		d, r := compile(t, doc)
		var results []Result
		for range queries {
			q := g.query(d)
			if asksForGroup(d, q) {
				continue
			}
			r.ask(q)
			results = d.EvaluateAll(q, results)
			partial := g.forget(q)
			for i, f := range d.flags {
				want := r.flag(f.key)
				got := refResult{results[i].Value, results[i].Reason.String(), results[i].Condition}
				if diff := cmp.Diff(got, refResult{valueOf(want.value), want.reason, want.condition}, cmp.AllowUnexported(refResult{}, Value{})); diff != "" {
					t.Fatalf("seed %d, flag %s, query %+v (-got +want):\n%s\n%s", seed, f.key, *q, diff, pretty(doc))
				}
				if alone := d.Evaluate(f.key, q); alone != results[i] {
					t.Fatalf("seed %d, flag %s: %+v alone, %+v among others", seed, f.key, alone, results[i])
				}
				less := d.Evaluate(f.key, partial)
				evaluations += 3
				if less.Decided() {
					decidedAnyway++
					if less.Value != results[i].Value {
						t.Fatalf("seed %d, flag %s: %v of less, %v of all\n%+v\n%+v\n%s", seed, f.key, less.Value, results[i].Value, *partial, *q, pretty(doc))
					}
				}
			}
		}
	}
	t.Logf("%d evaluations, %d decided in spite of what was missing", evaluations, decidedAnyway)
	if evaluations < 100_000 || decidedAnyway < 10_000 {
		t.Errorf("only %d evaluations, %d decided in spite of what was missing", evaluations, decidedAnyway)
	}
}

// asksForGroup reports whether a filter or a holdout may ask for a group that the query is
// not about: nothing is known of it, though the server would know.
func asksForGroup(d *Definitions, q *Query) bool {
	for _, f := range d.flags {
		if f.fixed == nil && f.holdout != nil && f.target.kind == toGroup && q.Groups[f.target.group] == "" {
			return true
		}
		for _, c := range f.conditions {
			for _, p := range c.filters {
				if p.need.Kind == NeedGroupProperty && q.Groups[p.need.Group] == "" {
					return true
				}
			}
		}
	}
	return false
}

// forget returns q without some of what it knows.
func (g *generator) forget(q *Query) *Query {
	less := *q
	forget := func(properties map[string]any) map[string]any {
		properties = maps.Clone(properties)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if g.maybe(3) {
				delete(properties, name)
			}
		}
		return properties
	}
	less.Person = forget(q.Person)
	less.GroupProperties = map[string]map[string]any{}
	for _, group := range []string{"company", "project"} {
		less.GroupProperties[group] = forget(q.GroupProperties[group])
	}
	if g.maybe(3) {
		less.DeviceID = ""
	}
	return &less
}

func pretty(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}
