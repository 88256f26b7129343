package generator

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/phgen/phgen/schema"
)

// An earlier remembers the files of earlier runs by path and key.
type earlier map[string][]byte

// generate prints p and returns the paths of the files that it did not print,
// since the plan alone told that they stand.
func (known earlier) generate(t rapid.TB, p *schema.Plan) (files []File, unprinted []string) {
	t.Helper()
	var mu sync.Mutex
	asked := map[string][]string{}
	files, err := NewPrinter(p).Generate(func(path, key string) []byte {
		mu.Lock()
		defer mu.Unlock()
		asked[path] = append(asked[path], path+" "+key)
		data := known[path+" "+key]
		if data != nil && strings.HasPrefix(key, inputsKey) {
			unprinted = append(unprinted, path)
		}
		return data
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for _, key := range asked[f.Path] {
			known[key] = f.Data
		}
	}
	slices.Sort(unprinted)
	return files, unprinted
}

// What is recalled is what would be printed, and a change of one event leaves the
// files of others alone.
func TestRecall(t *testing.T) {
	const one, two = "_1.go", "_2.go"
	tests := []struct {
		name     string
		old, new string   // replaced in the plan
		want     []string // ends of the names of files that are not printed
	}{
		{"nothing", "", "", []string{one, two}},
		{"a comment", "events:", "# of all sorts\nevents:", []string{one, two}},
		{"an event", "thing_7:", "thing_7: {description: Changed.}\n  # thing_7:", []string{two}},
		{"an event of the second file", "thing_49:", "thing_49: {description: Changed.}\n  # thing_49:", []string{one}},
		{"the name of an event", "thing_7:", "thing_seven:", []string{two}},
		{"the Go name of a successor in another file", "replacement: {", "replacement: {go: {name: Instead}, ", nil},
		{"a variable that another event took", "UrlSeen", "PageSeen", nil},
		{"the half of a pair in another file", "twin: {}", "twin: {description: Changed.}", []string{one}},
		{"a named type", "[free, pro]", "[free, pro, max]", nil},
		{"a set", "agent: string", "agent: int", nil},
		{"a group", "team: {}", "team: {key: int}", nil},
		{"a second group", "team: {}", "team: {}\n  org: {}", nil},
		{"the person", "age: int", "age: float", nil},
		{"the version", "1.0.0", "1.0.1", nil},
		{"the flag of an experiment", "flag: one", "flag: two", nil},
		{"the order of flags", "flags: {one", "flags: {three: {kind: boolean}, one", nil},
		{"a default", "report", "drop_event", nil},
		{"initialisms", "[SKU]", "[SKU, THING]", nil},
	}
	before := recallPlan()
	first := earlier{}
	first.generate(t, parse(t, before))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			after := strings.Replace(before, tt.old, tt.new, 1)
			p := parse(t, after)
			got, unprinted := maps.Clone(first).generate(t, p)
			if diff := cmp.Diff(generate(t, p), got); diff != "" {
				t.Errorf("(-printed +recalled):\n%s", diff)
			}
			var want []string
			for _, dir := range []string{"tracking/events", "trackingtest/records"} {
				for _, end := range tt.want {
					want = append(want, dir+end)
				}
			}
			if diff := cmp.Diff(want, unprinted); diff != "" {
				t.Errorf("recalled (-want +got):\n%s", diff)
			}
		})
	}
}

// recallPlan has two files of events, the first of which refers to the second.
func recallPlan() string {
	var b strings.Builder
	b.WriteString(`phgen: 1
plan: {name: recall, version: 1.0.0}
go: {initialisms: [SKU]}
defaults: {on_invalid: report}
types:
  Tier: {enum: [free, pro]}
property_sets:
  request: {agent: string}
groups:
  team: {}
person: {properties: {age: int}}
flags: {one: {kind: multivariate, variants: [a]}, two: {kind: multivariate, variants: [a]}}
experiments: {try: {flag: one, control: a}}
events:
  seen: {go: {name: UrlSeen}, experiments: [try], deprecated: {use: replacement}, use: [request], person: [age], groups: [team]}
  old: {deprecated: {use: twin, dual_write: true}}
`)
	for i := range 50 {
		fmt.Fprintf(&b, "  thing_%d: {properties: {tier: Tier!, sku: string}}\n", i)
	}
	b.WriteString("  replacement: {properties: {a: string}}\n  twin: {}\n  link: {go: {name: URLSeen}}\n")
	return b.String()
}

func parse(t testing.TB, src string) *schema.Plan {
	t.Helper()
	p, found := schema.Parse("plan.yaml", []byte(src))
	return checked(t, p, found)
}

// A piece is what would be printed of one event, if it had files of its own.
type piece struct {
	key   string
	print func() string
}

func pieces(p *schema.Plan) []piece {
	g := newGenerator(p, newNames(p))
	frame := g.newFrame()
	press := press{generator: g, header: g.header()}
	var list []piece
	for _, e := range p.Events {
		dir := trackingPackage
		if p.Go.SplitOwner {
			dir += "/" + e.Owner
		}
		events, records := g.folder(dir, trackingPackage), g.folder(testPackage, testPackage)
		chunks(events, "events", []*schema.Event{e}, g.event)
		chunks(records, "records", []*schema.Event{e}, g.record)
		list = append(list, piece{dir + " " + frame.key([]*schema.Event{e}), func() string {
			var text strings.Builder
			for _, s := range slices.Concat(events.sources, records.sources) {
				src, err := press.source(s)
				fmt.Fprintf(&text, "%s %v\n", src, err)
			}
			return text.String()
		}})
	}
	return list
}

// believe compares the pieces that have a known key with what is known.
func believe(known map[string]string, list []piece) error {
	for _, x := range list {
		if want, ok := known[x.key]; ok {
			if diff := cmp.Diff(want, x.print()); diff != "" {
				return fmt.Errorf("equal keys, different code (-before +after):\n%s", diff)
			}
		}
	}
	return nil
}

// Whatever single value of a plan is another one: an event whose key stays the
// same is printed as before.
func TestKeyCoversPlan(t *testing.T) {
	for _, name := range features(t) {
		t.Run(name, func(t *testing.T) {
			p := load(t, filepath.Join("testdata/golden", name, "plan.yaml"))
			known := map[string]string{}
			for _, x := range pieces(p) {
				known[x.key] = x.print()
			}
			m := mutator{seen: map[any]bool{}, tried: map[string]int{}}
			m.try = func(what string) {
				defer func() {
					_ = recover() // no plan any more: nobody promised to print it
				}()
				if err := believe(known, pieces(p)); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			m.value(reflect.ValueOf(p), "Plan")
			if m.tries < 50 {
				t.Errorf("%d other values, want more", m.tries)
			}
		})
	}
}

// A mutator gives the values of a plan others, one at a time, and takes each back
// once it was tried.
type mutator struct {
	try   func(what string)
	seen  map[any]bool
	tried map[string]int // by field
	tries int
}

// perField bounds how many values of one field are tried with one plan.
const perField = 12

func (m *mutator) set(v reflect.Value, where string, to any) {
	if m.tried[where] >= perField {
		return
	}
	m.tried[where]++
	m.tries++
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	v.Set(reflect.ValueOf(to).Convert(v.Type()))
	m.try(where)
	v.Set(old)
}

func (m *mutator) value(v reflect.Value, where string) {
	switch v.Kind() {
	case reflect.String:
		m.set(v, where, v.String()+"x")
		if v.String() != "" {
			m.set(v, where+" emptied", "")
		}
		if v.Type() == reflect.TypeFor[schema.OnInvalid]() {
			m.set(v, where, "drop_event")
			m.set(v, where, "drop_property")
		}
	case reflect.Bool:
		m.set(v, where, !v.Bool())
	case reflect.Int, reflect.Int64:
		m.set(v, where, v.Int()+1)
	case reflect.Float64:
		m.set(v, where, v.Float()/2+0.25)
	case reflect.Struct:
		for i := range v.NumField() {
			m.value(v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name)
		}
	case reflect.Slice:
		m.slice(v, where)
	case reflect.Pointer:
		m.pointer(v, where)
	}
}

func (m *mutator) slice(v reflect.Value, where string) {
	n := v.Len()
	if n > 0 {
		m.set(v, where+" without the last", v.Slice(0, n-1).Interface())
	}
	if n > 1 {
		turned := reflect.MakeSlice(v.Type(), 0, n)
		turned = reflect.AppendSlice(reflect.Append(turned, v.Index(n-1)), v.Slice(0, n-1))
		m.set(v, where+" turned", turned.Interface())
	}
	for i := range n {
		m.value(v.Index(i), where)
	}
}

func (m *mutator) pointer(v reflect.Value, where string) {
	if v.IsNil() {
		m.set(v, where+" added", reflect.New(v.Type().Elem()).Interface())
		return
	}
	if v.CanSet() {
		m.set(v, where+" removed", reflect.Zero(v.Type()).Interface())
	}
	if x := v.Interface(); !m.seen[x] {
		m.seen[x] = true
		m.value(v.Elem(), where)
	}
}

// Two plans may have anything in common: where the keys of events are equal, so
// is their code, and a whole run that recalls files makes what a fresh one makes.
func TestAnyRecall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := drawParts(t, nil)
		before := strings.Join(parts, "")
		after := strings.Join(drawParts(t, parts), "")
		var plans []*schema.Plan
		for _, src := range []string{before, after} {
			p, found := schema.Parse("plan.yaml", []byte(src))
			if found.HasErrors() || len(Check(p)) > 0 {
				t.SkipNow()
			}
			plans = append(plans, p)
		}
		known := map[string]string{}
		for _, x := range pieces(plans[0]) {
			known[x.key] = x.print()
		}
		if err := believe(known, pieces(plans[1])); err != nil {
			t.Fatalf("%v\nbefore:\n%s\nafter:\n%s", err, before, after)
		}
		files := earlier{}
		files.generate(t, plans[0])
		got, _ := files.generate(t, plans[1])
		want, err := Generate(plans[1])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-printed +recalled):\n%s\nbefore:\n%s\nafter:\n%s", diff, before, after)
		}
	})
}

// drawParts draws the sections of a plan, or changes some of those before.
func drawParts(t *rapid.T, before []string) []string {
	const required = ", required: true"
	event := func(name string) func() string {
		return func() string {
			return fmt.Sprintf("  %s: {%s, properties: %s}\n", name,
				rapid.SampledFrom([]string{
					"version: 2", "deprecated: {use: first}", "deprecated: {use: last, note: soon}", "person: [boss]", "groups: [team]",
					"use: [common]", "extra_properties: allow", "on_invalid: drop_event", "go: {name: Other}", "person_profile: never", "experiments: [try]", "experiments: [again, try]",
				}).Draw(t, "event"),
				drawProperties(t, 4, "", required, ", nullable: true", ", description: Words", ", go: {name: Word}", ", deprecated: gone"))
		}
	}
	draw := []func() string{
		func() string { return "phgen: 1\nplan: {name: any}\n" },
		func() string {
			return fmt.Sprintf("types:\n  Tier: {enum: [a, %s]}\n  Mark: {type: string, max_length: %d, go: {named: true}}\n  Number: {type: int, min: 1, go: {named: Count}}\n",
				rapid.SampledFrom([]string{"b", "c"}).Draw(t, "value"), rapid.IntRange(1, 2).Draw(t, "length"))
		},
		func() string {
			return fmt.Sprintf("  Item: {type: object, properties: {%s%s}}\n", `"n2": "string?"`, rapid.SampledFrom([]string{"", ", n3: Tier"}).Draw(t, "item field"))
		},
		func() string {
			return "  Pay: {union: {discriminator: kind}, variants: {one: {properties: {a: int!}}}}\n"
		},
		func() string { return fmt.Sprintf("property_sets: {common: {z: {%s}}}\n", drawType(t)) },
		func() string { return fmt.Sprintf("person: {properties: {boss: {%s}}}\n", drawType(t)) },
		func() string {
			return "groups: {" + rapid.SampledFrom([]string{"team: {}", "team: {}, room: {}", "room: {}, team: {}"}).Draw(t, "groups") + "}\n"
		},
		func() string {
			return fmt.Sprintf("flags: {%s}\n", rapid.SampledFrom([]string{
				"one: {kind: multivariate, variants: [a]}, two: {kind: multivariate, variants: [a]}",
				"two: {kind: multivariate, variants: [a]}, one: {kind: multivariate, variants: [a], go: {name: First}}",
			}).Draw(t, "flags"))
		},
		func() string {
			return fmt.Sprintf("experiments: {try: {flag: %s, control: a}, again: {flag: two, control: a}}\n", rapid.SampledFrom([]string{"one", "two"}).Draw(t, "flag"))
		},
		func() string { return "events:\n" },
		event("first"), event("second"), event("last"),
	}
	parts := slices.Clone(before)
	for i, f := range draw {
		switch {
		case before == nil:
			parts = append(parts, f())
		case rapid.IntRange(0, 3).Draw(t, "change") == 0:
			parts[i] = f()
		}
	}
	return parts
}
