package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/schema"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

func compile(t *testing.T, p *schema.Plan) map[string]*jsonschema.Schema {
	t.Helper()
	files, err := schemas(p)
	if err != nil {
		t.Fatal(err)
	}
	compiled := map[string]*jsonschema.Schema{}
	for i, f := range files {
		c := jsonschema.NewCompiler()
		c.Draft = jsonschema.Draft2020
		c.AssertFormat = true
		if err := c.AddResource(f.Path, bytes.NewReader(f.Data)); err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		s, err := c.Compile(f.Path)
		if err != nil {
			t.Fatalf("%s: %v\n%s", f.Path, err, f.Data)
		}
		compiled[p.Events[i].Name] = s
	}
	return compiled
}

func decode(t *testing.T, v any) map[string]any {
	t.Helper()
	text, err := compact(v)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var decoded map[string]any
	if err := dec.Decode(&decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// sample is a good event as it is sent: an example of the plan, or what every property's
// type suggests.
func sample(t *testing.T, e *schema.Event) map[string]any {
	sent := decode(t, wire(e, &schema.Value{Kind: schema.Object}))
	if groups, ok := sent["$groups"].(map[string]any); ok && groups["team"] != nil {
		groups["team"] = "t_1" // the key has a pattern in one plan
	}
	for key, v := range sampleFields(e.Properties) {
		sent[key] = v
	}
	return decode(t, sent)
}

func sampleFields(properties []*schema.Property) map[string]any {
	fields := map[string]any{}
	for _, p := range properties {
		pii := piiOf(p)
		switch {
		case pii != nil && pii.Action == "drop":
		case p.Type.Kind == schema.Money:
			fields[p.MoneyKeys[0]], fields[p.MoneyKeys[1]] = json.Number("4.5"), "EUR"
		default:
			fields[p.Key] = sampleValue(p.Type, pii)
		}
	}
	return fields
}

// texts are good values of kinds, and of the plans' patterns.
var texts = map[schema.Kind]string{
	schema.String: "abc", schema.Timestamp: "2026-01-02T03:04:05Z", schema.Date: "2026-01-02", schema.UUID: exampleUUID,
	schema.URL: "https://example.com/", schema.Email: "ann@example.com", schema.IP: "203.0.113.7", schema.Country: "DE",
	schema.Currency: "EUR", schema.Locale: "de-DE",
}

func sampleValue(t *schema.Type, pii *schema.PII) any {
	switch t.Kind {
	case schema.Array:
		items := []any{}
		for range max(1, value0(t.MinItems)) {
			items = append(items, sampleValue(t.Elem, inner(pii, t.Elem)))
		}
		return items
	case schema.Map:
		return map[string]any{"k": sampleValue(t.Elem, inner(pii, t.Elem))}
	case schema.Object:
		return sampleFields(t.Properties)
	case schema.Union:
		fields := sampleFields(t.Variants[0].Properties)
		fields[t.Discriminator] = t.Variants[0].Name
		return fields
	case schema.Const:
		return plain(t.Const)
	case schema.Enum:
		return t.Values[0].Value
	case schema.Bool:
		return true
	case schema.JSON:
		return map[string]any{"any": []any{1}}
	case schema.Int, schema.Float, schema.Duration:
		if pii != nil && pii.Action == "hash" {
			return exampleHash
		}
		switch {
		case t.MinInt != nil:
			return json.Number(fmt.Sprint(*t.MinInt))
		case t.Min != nil:
			return json.Number(fmt.Sprint(*t.Min))
		}
		return json.Number("1")
	}
	text := texts[t.Kind]
	switch {
	case t.Example != nil:
		text = t.Example.Text
	case strings.HasPrefix(t.Pattern, "^[A-Z]{3}-"):
		text = "ABC-12"
	case t.Pattern == "^[0-9]{4}$":
		text = "1234"
	case t.Pattern == "^[A-Z]+$":
		text = "ABC"
	}
	return treated(t.Kind, pii, text)
}

func value0(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// substitutes stand in for every value in turn.
var substitutes = []any{
	nil, json.Number("7"), json.Number("-7"), json.Number("1.25"), json.Number("1000000"), true, false, "", "x", "ABC-12", "eur", "EUR",
	strings.Repeat("long ", 100), "two words", "https://example.com/?q#f", "user:pass@example.com", "2026-13-01", "2026-02-03", "2026-01-02T03:04:05Z",
	"2026-01-01T00:00:00Z", "00000000-0000-0000-0000-000000000000", exampleUUID, strings.ToUpper(exampleUUID), exampleHash, "***", "a***@b.c", "203.0.113.0",
	"2001:db8::", "::ffff:1.2.3.4", "ann@example.com", "de-DE", []any{}, []any{json.Number("1")}, []any{nil}, []any{"x", "y"}, map[string]any{},
	map[string]any{"unplanned": "x"}, []any{map[string]any{"sku": json.Number("1")}},
}

// mutants returns copies of v, each with one place changed: a value replaced, a key taken
// away, a key added.
func mutants(v any) []any {
	var all []any
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			without := maps.Clone(v)
			delete(without, key)
			all = append(all, without)
			for _, m := range append(mutants(v[key]), substitutes...) {
				changed := maps.Clone(v)
				changed[key] = m
				all = append(all, changed)
			}
		}
		for _, key := range []string{"unplanned", "$ours"} {
			more := maps.Clone(v)
			more[key] = "x"
			all = append(all, more)
		}
	case []any:
		for i := range v {
			for _, m := range mutants(v[i]) {
				changed := slices.Clone(v)
				changed[i] = m
				all = append(all, changed)
			}
		}
		if len(v) > 0 {
			all = append(all, slices.Repeat(v, 101), slices.Clone(append(slices.Clone(v), nil)))
		}
	}
	return all
}

// beyond are the problems for which JSON Schema has no words.
func beyond(p judge.Problem) bool {
	switch {
	case p.Rule == "max_bytes",
		strings.HasPrefix(p.Message, "more than the "), // decimals of a currency
		p.Message == "no number of at most one decimal",
		strings.HasPrefix(p.Message, "does not match (?i)"):
		return true
	}
	return false
}

// A schema and the judge must say the same of every event, as far as schemas go.
func TestSchemasAgreeWithTheJudge(t *testing.T) {
	for _, file := range []string{examplePlan, "../../testdata/wire/plan.yaml", "testdata/kinds.yaml"} {
		p := load(t, file)
		j := judge.New(p)
		compiled := compile(t, p)
		seen := 0
		for _, e := range p.Events {
			good := sample(t, e)
			if v := j.Judge(e.Name, good); !v.OK {
				t.Errorf("%s: the judge refuses the sample: %v", e.Name, v.Problems)
			}
			if err := compiled[e.Name].Validate(good); err != nil {
				t.Errorf("%s: the schema refuses the sample: %#v", e.Name, err)
			}
			for _, m := range mutants(good) {
				seen++
				agree(t, j, compiled[e.Name], e.Name, m.(map[string]any))
			}
		}
		if seen < 1_000 {
			t.Errorf("%s: %d mutants, want many", file, seen)
		}
	}
}

func agree(t *testing.T, j *judge.Judge, s *jsonschema.Schema, event string, sent map[string]any) {
	t.Helper()
	problems := j.Judge(event, sent).Problems
	err := s.Validate(any(sent))
	if err == nil {
		problems = slices.DeleteFunc(problems, beyond)
	}
	if (err == nil) == (len(problems) == 0) {
		return
	}
	text, _ := json.Marshal(sent)
	t.Errorf("%s %s:\nthe judge says %v\nthe schema says %v", event, text, problems, err)
}

// The examples of the plan pass, and so does every example inside a schema.
func TestSchemasAcceptTheExamples(t *testing.T) {
	for _, file := range []string{examplePlan, "testdata/kinds.yaml", hostilePlan} {
		p := load(t, file)
		j := judge.New(p)
		compiled := compile(t, p)
		for _, e := range p.Events {
			for _, example := range e.Examples {
				sent := decode(t, wire(e, example))
				if err := compiled[e.Name].Validate(any(sent)); err != nil {
					t.Errorf("%s: %#v", e.Name, err)
				}
				if v := j.Judge(e.Name, sent); !v.OK {
					t.Errorf("%s: the judge says %v", e.Name, v.Problems)
				}
			}
		}
	}
}

func TestBundle(t *testing.T) {
	p := load(t, examplePlan)
	data, err := One(p, JSONSchema, ".json")
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if err := c.AddResource("bundle.json", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("bundle.json#/$defs/order_completed")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(any(map[string]any{"unplanned": "x"})); err == nil {
		t.Error("got a schema that takes anything, want that of order_completed")
	}
}

func TestSchemaGolden(t *testing.T) {
	files, err := schemas(load(t, examplePlan))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := path.Base(f.Path); name == "order_completed.schema.json" || name == "project_created.schema.json" {
			compare(t, "testdata/"+name, f.Data)
		}
	}
}

func TestPortable(t *testing.T) {
	for pattern, want := range map[string]bool{
		`^[a-z]+(_[a-z0-9]+)*$`: true, `^(?:a|b)\d{2}\.$`: true, `\bword\b`: true,
		`(?i)abc`: false, `(?P<n>a)`: false, `\pL`: false, `\x41`: false, `[[:alpha:]]`: false, `\Aabc\z`: false, `\Qa\E`: false, `\-`: false,
	} {
		if got := portable(pattern); got != want {
			t.Errorf("portable(%q): got %t, want %t", pattern, got, want)
		}
	}
}

func TestSchemaFilesAreSafe(t *testing.T) {
	files, err := schemas(load(t, hostilePlan))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range files {
		base := strings.TrimSuffix(strings.TrimPrefix(f.Path, SchemaFolder+"/"), SchemaSuffix)
		if strings.Trim(base, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || seen[base] || base == "con" {
			t.Errorf("got file %q, want a safe name of its own", f.Path)
		}
		seen[base] = true
		if !json.Valid(f.Data) || !Written(f.Path, f.Data) {
			t.Errorf("%s: got %s, want JSON with a mark", f.Path, f.Data)
		}
	}
	if len(files) != 7 {
		t.Errorf("got %d files, want 7", len(files))
	}
}
