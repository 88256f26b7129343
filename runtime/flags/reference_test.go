package flags

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A reference evaluates definitions in the plainest way there is: maps, floating point,
// no compilation and complete knowledge. A property that it does not have does not
// exist. It knows the operators exact, is_not, is_set, is_not_set, gt and icontains on
// values that are no booleans.
type reference struct {
	flags   map[string]map[string]any
	cohorts map[string]any
	groups  map[string]any // group types by index

	distinctID, deviceID string
	person               map[string]any
	keys                 map[string]string
	groupProperties      map[string]map[string]any
}

// A refResult is a value (false, true or a variant), a reason and a condition.
type refResult struct {
	value     any
	reason    string
	condition int
}

func newReference(doc map[string]any) *reference {
	r := &reference{flags: map[string]map[string]any{}}
	for _, f := range elements(doc["flags"]) {
		flag := f.(map[string]any)
		r.flags[flag["key"].(string)] = flag
	}
	r.cohorts, _ = doc["cohorts"].(map[string]any)
	r.groups, _ = doc["group_type_mapping"].(map[string]any)
	return r
}

// ask sets the query. Properties that are Unset are taken out.
func (r *reference) ask(q *Query) {
	known := func(properties map[string]any) map[string]any {
		out := map[string]any{}
		for name, v := range properties {
			if v != any(Unset) {
				out[name] = v
			}
		}
		return out
	}
	r.distinctID, r.deviceID, r.keys = q.DistinctID, q.DeviceID, q.Groups
	r.person = known(q.Person)
	if _, ok := r.person["distinct_id"]; !ok {
		r.person["distinct_id"] = q.DistinctID
	}
	r.groupProperties = map[string]map[string]any{}
	for group, key := range q.Groups {
		r.groupProperties[group] = known(q.GroupProperties[group])
		if _, ok := r.groupProperties[group]["$group_key"]; !ok {
			r.groupProperties[group]["$group_key"] = key
		}
	}
}

func elements(v any) []any {
	l, _ := v.([]any)
	return l
}

func refHash(text string) float64 {
	digest := sha1.Sum([]byte(text))
	n, err := strconv.ParseUint(hex.EncodeToString(digest[:])[:15], 16, 64)
	if err != nil {
		panic(err)
	}
	return float64(n) / float64(0xFFFFFFFFFFFFFFF)
}

func (r *reference) flag(key string) refResult {
	f := r.flags[key]
	if f["active"] != true {
		return refResult{false, "flag_disabled", -1}
	}
	filters := f["filters"].(map[string]any)
	if filters["feature_enrollment"] == true {
		if v, ok := r.person["$feature_enrollment/"+key]; ok {
			return refResult{v == true || v == "true", "super_condition_value", -1}
		}
	}
	if h, ok := filters["holdout"].(map[string]any); ok {
		id, _ := r.identity(f, filters["aggregation_group_type_index"])
		if refHash("holdout-"+id) <= h["exclusion_percentage"].(float64)/100 {
			return refResult{fmt.Sprintf("holdout-%v", h["id"]), "holdout_condition_value", -1}
		}
	}
	best := refResult{false, "no_condition_match", -1}
	rank := map[string]int{"no_group_type": 1, "no_condition_match": 2, "out_of_rollout_bound": 3}
	for i, c := range elements(filters["groups"]) {
		reason := r.condition(f, c.(map[string]any))
		switch {
		case reason == "condition_match":
			return refResult{r.variant(f, c.(map[string]any)), reason, i}
		case reason == "out_of_rollout_bound" && filters["early_exit"] == true:
			return refResult{false, reason, i}
		case rank[reason] >= rank[best.reason] || best.condition < 0:
			best = refResult{false, reason, i}
		}
	}
	return best
}

// identity returns what is hashed for a group index or, if it is nil, for the person.
func (r *reference) identity(f map[string]any, group any) (id string, ok bool) {
	if group != nil {
		id = r.keys[r.groups[fmt.Sprint(group)].(string)]
		return id, id != ""
	}
	if f["bucketing_identifier"] == "device_id" {
		return r.deviceID, true
	}
	return r.distinctID, true
}

func groupOf(f, c map[string]any) any {
	if group, ok := c["aggregation_group_type_index"]; ok {
		return group
	}
	return f["filters"].(map[string]any)["aggregation_group_type_index"]
}

func (r *reference) condition(f, c map[string]any) string {
	group := groupOf(f, c)
	if group != nil && r.groups[fmt.Sprint(group)] == nil {
		return "no_group_type"
	}
	id, ok := r.identity(f, group)
	if !ok {
		return "no_group_type"
	}
	for _, p := range elements(c["properties"]) {
		if !r.filter(p.(map[string]any), group) {
			return "no_condition_match"
		}
	}
	if percentage, ok := c["rollout_percentage"].(float64); ok && refHash(f["key"].(string)+"."+id) > percentage/100 {
		return "out_of_rollout_bound"
	}
	return "condition_match"
}

func (r *reference) variant(f, c map[string]any) any {
	multivariate, _ := f["filters"].(map[string]any)["multivariate"].(map[string]any)
	variants := elements(multivariate["variants"])
	for _, v := range variants {
		if key := v.(map[string]any)["key"]; key == c["variant"] {
			return key
		}
	}
	id, _ := r.identity(f, groupOf(f, c))
	h, low := refHash(f["key"].(string)+"."+id+"variant"), 0.0
	for _, v := range variants {
		high := low + v.(map[string]any)["rollout_percentage"].(float64)/100
		if h >= low && h < high {
			return v.(map[string]any)["key"]
		}
		low = high
	}
	return true
}

func (r *reference) filter(p map[string]any, group any) bool {
	switch p["type"] {
	case "cohort":
		return r.cohort(fmt.Sprint(p["value"])) == (p["operator"] != "not_in")
	case "flag":
		v := r.flag(p["key"].(string)).value
		if want, ok := p["value"].(bool); ok {
			return want == (v != false)
		}
		return v == p["value"]
	case "group":
		if p["group_type_index"] != nil {
			group = p["group_type_index"]
		}
		return refMatch(p, r.groupProperties[r.groups[fmt.Sprint(group)].(string)])
	case nil:
		if group != nil {
			return refMatch(p, r.groupProperties[r.groups[fmt.Sprint(group)].(string)])
		}
	}
	return refMatch(p, r.person)
}

func (r *reference) cohort(id string) bool { return r.cohortGroup(r.cohorts[id].(map[string]any)) }

func (r *reference) cohortGroup(g map[string]any) bool {
	if len(g) == 0 {
		return true
	}
	isAnd := g["type"] != "OR"
	for _, v := range elements(g["values"]) {
		entry, in := v.(map[string]any), false
		if len(entry) == 0 || entry["values"] != nil {
			in = r.cohortGroup(entry)
		} else {
			in = r.filter(entry, nil) != (entry["negation"] == true)
		}
		if in != isAnd {
			return in
		}
	}
	return isAnd
}

func refMatch(p, properties map[string]any) bool {
	v, ok := properties[p["key"].(string)]
	text := strings.ToLower(fmt.Sprint(v))
	exact := func() bool {
		if operands, is := p["value"].([]any); is {
			return ok && slices.ContainsFunc(operands, func(o any) bool { return fmt.Sprint(o) == text })
		}
		return ok && fmt.Sprint(p["value"]) == text
	}
	switch p["operator"] {
	case "is_set":
		return ok
	case "is_not_set":
		return !ok
	case "is_not":
		return !exact()
	case "gt":
		a, errA := strconv.ParseFloat(fmt.Sprint(v), 64)
		b, errB := strconv.ParseFloat(fmt.Sprint(p["value"]), 64)
		return ok && errA == nil && errB == nil && a > b
	case "icontains":
		return ok && strings.Contains(text, strings.ToLower(fmt.Sprint(p["value"])))
	}
	return exact()
}
