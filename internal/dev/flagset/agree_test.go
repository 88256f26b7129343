package flagset

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/runtime/flags"
)

type object = map[string]any

// drawDocument draws definitions of flags f0, f1, … of all sorts. Those of a plain one
// depend on nothing but the query, and nothing comes before their conditions.
func drawDocument(t *rapid.T, plain bool) object {
	defs := []any{}
	for i := range 5 {
		defs = append(defs, drawFlag(t, i, plain))
	}
	return object{
		"flags":              defs,
		"group_type_mapping": object{"0": "company", "1": "project"},
		"cohorts": object{"1": object{"type": "OR", "values": []any{
			object{"key": "tier", "value": "pro", "operator": "exact", "type": "person"},
			object{"key": "distinct_id", "value": "u1", "operator": "exact", "type": "person"},
		}}},
	}
}

func drawFlag(t *rapid.T, i int, plain bool) object {
	filters := object{"groups": rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any { return drawCondition(t, i, plain) }), 0, 3).Draw(t, "groups")}
	flag := object{"id": i + 1, "key": fmt.Sprint("f", i), "active": rapid.IntRange(0, 5).Draw(t, "active") > 0, "filters": filters}
	some := func(name string, values ...any) any { return rapid.SampledFrom(values).Draw(t, name) }
	flag["ensure_experience_continuity"] = some("continuity", nil, false, false, true)
	flag["bucketing_identifier"] = some("bucketing", nil, "", "device_id")
	filters["aggregation_group_type_index"] = some("group", nil, nil, 0, 1)
	filters["early_exit"] = some("early_exit", nil, false, true)
	if variants := some("variants", nil, []any{50.0, 50.0}, []any{33.3, 33.3, 33.3}); variants != nil {
		list, payloads := []any{}, object{}
		for i, share := range variants.([]any) {
			key := fmt.Sprint("v", i)
			list = append(list, object{"key": key, "rollout_percentage": share})
			payloads[key] = fmt.Sprintf(`{"size":%d}`, i)
		}
		filters["multivariate"], filters["payloads"] = object{"variants": list}, payloads
	} else {
		filters["payloads"] = object{"true": `"on"`}
	}
	if !plain {
		filters["feature_enrollment"] = some("enrollment", nil, nil, nil, true)
		filters["holdout"] = some("holdout", nil, nil, object{"id": 4, "exclusion_percentage": 50})
	}
	return flag
}

func drawCondition(t *rapid.T, i int, plain bool) object {
	some := func(name string, values ...any) any { return rapid.SampledFrom(values).Draw(t, name) }
	properties := []any{}
	for range rapid.IntRange(0, 2).Draw(t, "properties") {
		of := rapid.IntRange(0, 6).Draw(t, "of")
		switch {
		case of == 0 && i > 0 && !plain:
			other := fmt.Sprint("f", rapid.IntRange(0, i-1).Draw(t, "other"))
			properties = append(properties, object{"key": other, "type": "flag", "operator": "flag_evaluates_to", "value": some("value", true, false, "v1"), "dependency_chain": []string{other}})
		case of == 1:
			properties = append(properties, object{"key": "id", "type": "cohort", "operator": some("operator", "in", "not_in"), "value": 1})
		case of == 2:
			properties = append(properties, object{"key": "seats", "type": "group", "group_type_index": 0, "operator": "gt", "value": 3})
		case of == 3:
			properties = append(properties, object{"key": "seats", "operator": "gt", "value": 3}) // of whom the condition is about
		default:
			properties = append(properties, object{"key": "tier", "type": "person", "operator": some("operator", "exact", "is_not", "is_set", "is_not_set"), "value": some("value", "pro", "free")})
		}
	}
	c := object{"properties": properties, "rollout_percentage": some("rollout", nil, 100, 50, 0), "variant": some("variant", nil, "v0", "v1", "none")}
	if group := some("group", "absent", "absent", nil, 1, 9); group != "absent" {
		c["aggregation_group_type_index"] = group
	}
	return c
}

// people are whom flags are set for and asked for.
var people = []string{"u1", "U1", "true", "ann@example.com", "Σ"}

// drawRequest draws whom flags are asked for.
func drawRequest(t *rapid.T) sink.FlagRequest {
	r := sink.FlagRequest{
		DistinctID:       rapid.SampledFrom(people).Draw(t, "person"),
		DeviceID:         rapid.SampledFrom([]string{"", "d1"}).Draw(t, "device"),
		PersonProperties: object{},
		Groups:           object{},
		GroupProperties:  map[string]map[string]any{},
	}
	if tier := rapid.SampledFrom([]string{"", "pro", "free"}).Draw(t, "tier"); tier != "" {
		r.PersonProperties["tier"] = tier
	}
	for _, group := range []string{"company", "project"} {
		if !rapid.Bool().Draw(t, group) {
			continue
		}
		r.Groups[group] = group + "1"
		if rapid.Bool().Draw(t, "seats") {
			r.GroupProperties[group] = map[string]any{"seats": json.Number("5")}
		}
	}
	return r
}

// clientQuery is what a client evaluates for the same request.
func clientQuery(r sink.FlagRequest) *flags.Query {
	q := &flags.Query{DistinctID: r.DistinctID, DeviceID: r.DeviceID, Person: r.PersonProperties, Groups: map[string]string{}, GroupProperties: r.GroupProperties, Now: time.Now()}
	for group, key := range r.Groups {
		q.Groups[group] = key.(string)
	}
	return q
}

// A model is what was set.
type model map[string]map[string]any // by flag and person

func (m model) set(key string, value any, person string) {
	if m[key] == nil {
		m[key] = map[string]any{}
	}
	if m[key][person] = value; value == nil {
		delete(m[key], person)
	}
}

// of returns what a flag is set to for a person.
func (m model) of(key, person string) (value any, ok bool) {
	if value, ok = m[key][person]; !ok {
		value, ok = m[key][""]
	}
	return value, ok
}

// change draws something to set and sets it.
func (m model) change(t *rapid.T, s *Set) {
	row := rapid.SampledFrom(s.Rows()).Draw(t, "flag")
	value := rapid.SampledFrom(append(row.Values, nil)).Draw(t, "to")
	person := rapid.SampledFrom(append([]string{""}, people...)).Draw(t, "for")
	if err := s.Set(row.Key, value, person); err != nil {
		t.Fatal(err)
	}
	m.set(row.Key, value, person)
}

func drawSet(t *rapid.T, doc object) *Set {
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	s := New()
	if err := s.SetFile("f", text); err != nil {
		t.Fatal(err)
	}
	return s
}

func parse(t *rapid.T, doc []byte) *flags.Definitions {
	d, err := flags.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Whoever evaluates the definitions comes to the same value as PostHog, or to none.
func TestLocalIsRemote(t *testing.T) {
	decided, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s, m := drawSet(t, drawDocument(t, false)), model{}
		for range rapid.IntRange(0, 12).Draw(t, "changes") {
			m.change(t, s)
		}
		r := drawRequest(t)
		answers := map[string]sink.Flag{}
		for _, f := range s.Answer(r) {
			answers[f.Key] = f
		}
		d, q := parse(t, s.Document()), clientQuery(r)
		for i := range d.Len() {
			f := d.At(i)
			got := f.Evaluate(q)
			want, there := answers[f.Key()]
			all++
			switch {
			case !got.Decided():
				continue
			case !there && got.Reason != flags.ReasonDisabled:
				t.Fatalf("%s: PostHog does not answer, a client has %v", f.Key(), got)
			case there && (want.Failed || got.Value.On() != want.Enabled || got.Value.Variant() != want.Variant):
				t.Fatalf("%s: PostHog answers %+v, a client has %+v\n%s", f.Key(), want, got, s.Document())
			}
			decided++
			payload, ok := f.Payload(got.Value)
			if ok != (want.Payload != nil) || ok && string(marshal(payload)) != string(want.Payload) {
				t.Fatalf("%s: PostHog has the payload %s, a client %q", f.Key(), want.Payload, payload)
			}
		}
	})
	if decided*2 < all {
		t.Errorf("clients decided %d of %d, want half of them", decided, all)
	}
}

// What is set holds for whom it is set, and for nobody else.
func TestSetHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, m := drawSet(t, drawDocument(t, true)), model{}
		r := drawRequest(t)
		unset := map[string]sink.Flag{}
		for _, f := range s.Answer(r) {
			unset[f.Key] = f
		}
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			m.change(t, s)
		}
		d, q := parse(t, s.Document()), clientQuery(r)
		for _, got := range s.Answer(r) {
			want, ok := m.of(got.Key, r.DistinctID)
			if ok {
				if value := answered(got); value != want {
					t.Fatalf("%s of %q: PostHog answers %v, want %v", got.Key, r.DistinctID, value, want)
				}
				if v := d.Evaluate(got.Key, q).Value; v.String() != fmt.Sprint(want) {
					t.Fatalf("%s of %q: a client has %v, want %v\n%s", got.Key, r.DistinctID, v, want, s.Document())
				}
				continue
			}
			before := unset[got.Key] // zero, which is off, if it was not active
			if got.Enabled != before.Enabled || got.Variant != before.Variant || got.Failed != before.Failed {
				t.Fatalf("%s of %q, for whom it is not set: got %+v, before %+v\n%s", got.Key, r.DistinctID, got, before, s.Document())
			}
		}
		for _, row := range s.Rows() {
			want := maps.Clone(m[row.Key])
			everyone := want[""]
			delete(want, "")
			if row.Everyone != everyone || len(row.People) != len(want) {
				t.Fatalf("%s: the row has %v and %v, want %v and %v", row.Key, row.Everyone, row.People, everyone, want)
			}
		}
		before := string(s.Document())
		s.Reset()
		for key, people := range m {
			for person, value := range people {
				if err := s.Set(key, value, person); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := string(s.Document()); got != before {
			t.Fatalf("set in another order the document is\n%s\nwant\n%s", got, before)
		}
	})
}

// answered is the value of an answer as it is set.
func answered(f sink.Flag) any {
	if f.Variant != "" {
		return f.Variant
	}
	return f.Enabled
}
