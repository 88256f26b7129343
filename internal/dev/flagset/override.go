package flagset

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
)

// A fields is a JSON object.
type fields = map[string]json.RawMessage

// definition is the flag's definition with what is set.
func (f *flag) definition() json.RawMessage {
	if !f.isSet() {
		return f.raw
	}
	d, filters, conditions := f.parts()
	people := slices.Sorted(maps.Keys(f.people))
	// Nothing may come before the conditions.
	for _, name := range []string{"holdout", "holdout_groups", "super_groups", "feature_enrollment"} {
		delete(filters, name)
	}
	if f.everyone != nil {
		conditions = nil
		if f.everyone != false {
			conditions = []fields{decoded(marshal(release(f.everyone)))}
		}
		// Whatever could keep clients from evaluating it.
		delete(d, "ensure_experience_continuity")
		delete(d, "bucketing_identifier")
		for _, name := range []string{"bucketing_identifier", "early_exit", "aggregation_group_type_index"} {
			delete(filters, name)
		}
	} else if group := filters["aggregation_group_type_index"]; given(group) {
		// The conditions about people come first, and are not about groups.
		delete(filters, "aggregation_group_type_index")
		for _, c := range conditions {
			if _, own := c["aggregation_group_type_index"]; !own {
				c["aggregation_group_type_index"] = group
			}
		}
	}
	var first []fields
	for _, id := range people {
		if f.people[id] == false {
			exclude(conditions, id)
			continue
		}
		first = append(first, decoded(marshal(release(f.people[id], isPerson(id, "regex")))))
	}
	filters["groups"] = marshal(append(append([]fields{}, first...), conditions...))
	d["filters"] = marshal(filters)
	d["active"] = json.RawMessage("true")
	return marshal(d)
}

// parts are the definition taken apart: its conditions are those of an active flag. A
// malformed definition has no part that is of use.
func (f *flag) parts() (d, filters fields, conditions []fields) {
	if f.malformed {
		return fields{"id": marshal(idOf(f.key)), "key": marshal(f.key), "name": marshal(f.description)}, fields{}, nil
	}
	d = decoded(f.raw)
	filters = decoded(d["filters"])
	if string(d["active"]) == "true" {
		// It is a list of objects, or null: the flag is not malformed.
		_ = json.Unmarshal(filters["groups"], &conditions)
	}
	return d, filters, conditions
}

// isPerson is a property that the person with a distinct ID has, or lacks. The operator
// exact would ignore case, and take some words for booleans.
func isPerson(id, operator string) property {
	return property{Key: "distinct_id", Operator: operator, Type: "person", Value: "^" + regexp.QuoteMeta(id) + "$"}
}

// exclude makes conditions match no more for a person.
func exclude(conditions []fields, id string) {
	p := marshal(isPerson(id, "not_regex"))
	for _, c := range conditions {
		var properties []json.RawMessage
		_ = json.Unmarshal(c["properties"], &properties) // a list or null, as above
		c["properties"] = marshal(append(properties, p))
	}
}

// decoded are the fields of an object, none if it is null.
func decoded(raw json.RawMessage) fields {
	object := fields{}
	if given(raw) {
		_ = json.Unmarshal(raw, &object) // an object: see parts
	}
	return object
}
