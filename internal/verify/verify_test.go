package verify

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/schema"
)

const plan = `phgen: 1
plan: {name: acme}
types:
  Line:
    type: object
    properties:
      sku: {type: string, required: true, pattern: '^[A-Z]+$'}
  Payment:
    union: {discriminator: kind}
    variants:
      card:
        properties:
          brand: string!
context:
  properties:
    locale: locale
person:
  properties:
    tier: {enum: [free, pro]}
groups:
  team: {key: int}
events:
  paid:
    description: Somebody paid.
    groups: [team!]
    person: [tier]
    properties:
      total: {type: money, required: true}
      lines: {type: array, of: Line}
      payment: Payment
      tables: {type: map, values: int}
  seen: {description: Somebody came.}
`

func load(t testing.TB) *schema.Plan {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.yaml")
	if err := os.WriteFile(file, []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
	p, findings, err := schema.Load(file)
	if err != nil || p == nil {
		t.Fatal(findings, err)
	}
	return p
}

// say puts a finding on one line: its place, its place in the plan, and what it is.
func say(f Finding) string {
	return fmt.Sprintf("%s:%d:%d[%d] plan %d:%d %q %s: %s: %s", f.File, f.Line, f.Col, f.Index, f.Plan.Line, f.Plan.Col, f.Event, f.Path, f.Rule, f.Message)
}

func TestFile(t *testing.T) {
	const text = `{"event":"paid","properties":{"total":1,"total_currency":"EUR","lines":[{"sku":"A"},{"sku":"b"}],"payment":{"kind":"card"},"$groups":{"team":"7"}}}
{"event":"paid","properties":{"total":1.5,"total_currency":"JPY","tables":{"a":"1"},"$groups":{"team":"x","club":"1"},"$set":{"tier":"gold","age":1},"locale":"?","more":1}}
{"batch":[{"event":"seen"},{"event":"sen"},{"event":"$pageview"},{"event":"paid","properties":{}}]}
{"event":
`
	v := New(load(t))
	var got []string
	err := v.File("e.ndjson", strings.NewReader(text), func(f Finding) error {
		got = append(got, say(f))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`e.ndjson:1:86[-1] plan 7:7 "paid" lines[1].sku: pattern: does not match ^[A-Z]+$`,
		`e.ndjson:1:98[-1] plan 13:11 "paid" payment.brand: required: missing`,
		`e.ndjson:2:31[-1] plan 28:7 "paid" total: type: more than the 0 decimals of its currency`,
		`e.ndjson:2:76[-1] plan 31:7 "paid" tables.a: type: no integer of 64 bits`,
		`e.ndjson:2:163[-1] plan 23:3 "paid" more: extra_properties: not in the plan`,
		`e.ndjson:2:150[-1] plan 16:5 "paid" locale: type: no locale`,
		`e.ndjson:2:107[-1] plan 0:0 "paid" $groups.club: groups: not a group of the plan`,
		`e.ndjson:2:96[-1] plan 21:3 "paid" $groups.team: type: no integer of 64 bits`,
		`e.ndjson:2:141[-1] plan 0:0 "paid" $set.age: person: not in the plan`,
		`e.ndjson:2:127[-1] plan 19:5 "paid" $set.tier: enum: not one of the values`,
		`e.ndjson:3:28[1] plan 0:0 "sen" : unplanned: not an event of the plan; did you mean "seen"?`,
		// Of what is missing, the place is that of the object that should hold it.
		`e.ndjson:3:82[3] plan 28:7 "paid" total: required: missing`,
		`e.ndjson:3:82[3] plan 21:3 "paid" $groups.team: group: missing`,
		`e.ndjson:5:1[-1] plan 0:0 "" : unreadable: the text ends where a value should be, in what began in line 4`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Counts{Events: 6, Valid: 2, Invalid: 3, Unplanned: 1, Unreadable: 1}, v.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestFileEndsEarly(t *testing.T) {
	full := errors.New("disk full")
	err := New(load(t)).File("e", strings.NewReader(`{"event":"x"}{"event":"y"}`), func(f Finding) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("got %v, want the callback's error", err)
	}
}

func TestRepeats(t *testing.T) {
	var r Repeats
	shown := 0
	for i := range 1000 {
		if r.Show(Finding{Event: "paid", Path: fmt.Sprintf("lines[%d].sku", i), Rule: "type"}) {
			shown++
		}
	}
	if shown != MaxAlike || r.Hidden != 1000-MaxAlike {
		t.Errorf("one kind: got %d shown and %d hidden, want %d shown", shown, r.Hidden, MaxAlike)
	}
	for i := range 2 * maxKinds {
		r.Show(Finding{Event: fmt.Sprint(i), Rule: Unplanned})
	}
	if len(r.seen) != maxKinds {
		t.Errorf("got %d kinds, want no more than %d", len(r.seen), maxKinds)
	}
}

// Every word that the judge has is explained.
func TestRules(t *testing.T) {
	known := map[string]bool{}
	for _, r := range Rules() {
		known[r.Name] = true
	}
	sources, err := filepath.Glob("../judge/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatal(sources, err)
	}
	word := regexp.MustCompile(`\.add\([^"\n]*(?:"[^"\n]*"[^,"\n]*)?, "([a-z_]+)", `)
	found := 0
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range word.FindAllStringSubmatch(string(text), -1) {
			found++
			if !known[m[1]] {
				t.Errorf("%s: %q is not among Rules", name, m[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("found %d words in the judge, want all", found)
	}
}

// Whatever a file holds, it is judged to its end and every event counts once.
func FuzzFile(f *testing.F) {
	p := load(f)
	f.Add([]byte(`{"event":"paid","properties":{"total":{},"lines":[[]],"payment":{"kind":1},"$groups":[],"$set":1}}`))
	f.Add([]byte("{\"batch\":[{\"event\":\"paid\",\"properties\":{\"lines[0]\":1,\"a.b\":{}}}]}\n[7"))
	f.Fuzz(func(t *testing.T, text []byte) {
		v := New(p)
		_ = v.File("e", bytes.NewReader(text), func(f Finding) error { // fails for broken gzip
			if f.Rule == "" || f.Message == "" || f.Line < 1 || f.Col < 1 {
				t.Errorf("%q: got %+v", text, f)
			}
			return nil
		})
		if c := v.Counts; c.Events != c.Valid+c.Invalid+c.Unplanned {
			t.Errorf("%q: got %+v, which do not add up", text, c)
		}
	})
}
