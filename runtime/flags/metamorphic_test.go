package flags

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// subject draws definitions, the flag in them that is looked at, and a query.
func subject(t *rapid.T) (doc jsonObject, flag jsonObject, q *Query) {
	seed := rapid.Uint64().Draw(t, "seed")
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 3))}
	doc = g.document()
	flag = g.one(doc["flags"].([]any)...).(jsonObject)
	q = g.query(parsed(t, doc))
	if rapid.Bool().Draw(t, "partial") {
		q = g.forget(q)
	}
	return doc, flag, q
}

func parsed(t *rapid.T, doc jsonObject) *Definitions {
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func conditionsOf(flag jsonObject) []any {
	conditions, _ := flag["filters"].(jsonObject)["groups"].([]any)
	return conditions
}

// Raising a rollout removes nobody. With early exit, variants or an override it may change
// which value somebody has, so there is none of that here.
func TestRaisingRollout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, flag, q := subject(t)
		filters := flag["filters"].(jsonObject)
		delete(filters, "early_exit")
		delete(filters, "holdout")
		delete(filters, "multivariate")
		key := flag["key"].(string)
		before := parsed(t, doc).Evaluate(key, q)
		for _, c := range conditionsOf(flag) {
			if percentage, ok := c.(jsonObject)["rollout_percentage"].(float64); ok && rapid.Bool().Draw(t, "raise") {
				c.(jsonObject)["rollout_percentage"] = percentage + rapid.Float64Range(0, 60).Draw(t, "by")
			}
		}
		after := parsed(t, doc).Evaluate(key, q)
		if before.Value.On() && !after.Value.On() {
			t.Fatalf("%s before, %s after\n%s", answer(before), answer(after), pretty(flag))
		}
	})
}

// The order of a condition's properties changes nothing but what is named first.
func TestPermutedProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, flag, q := subject(t)
		key := flag["key"].(string)
		before := parsed(t, doc).Evaluate(key, q)
		for _, c := range conditionsOf(flag) {
			properties := c.(jsonObject)["properties"].([]any)
			c.(jsonObject)["properties"] = rapid.Permutation(slices.Clone(properties)).Draw(t, "order")
		}
		after := parsed(t, doc).Evaluate(key, q)
		before.Need, after.Need = Need{}, Need{}
		if before != after {
			t.Fatalf("%+v before, %+v after\n%s", before, after, pretty(flag))
		}
	})
}

// Knowing more about anybody never changes a value, whatever it is.
func TestMoreProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, flag, q := subject(t)
		d, key := parsed(t, doc), flag["key"].(string)
		before := d.Evaluate(key, q)
		for _, h := range []hole{{"", "p0"}, {"", "p1"}, {"", "p2"}, {"", "$feature_enrollment/" + key}, {"company", "p3"}, {"project", "p4"}} {
			properties := q.Person
			if h.group != "" {
				properties = q.GroupProperties[h.group]
			}
			if _, known := properties[h.name]; !known {
				q = q.with(h, rapid.SampledFrom(append([]any{Unset, true, nil, ""}, domain...)).Draw(t, h.group+h.name))
			}
		}
		after := d.Evaluate(key, q)
		if before.Decided() && before.Value != after.Value {
			t.Fatalf("%s before, %s after\n%s", answer(before), answer(after), pretty(flag))
		}
	})
}

// Flags that nothing depends on do not matter, be they malformed.
func TestOtherFlags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, flag, q := subject(t)
		key := flag["key"].(string)
		before := parsed(t, doc).Evaluate(key, q)
		doc["flags"] = append([]any{nil, jsonObject{"key": "other", "active": true, "filters": 1}}, doc["flags"].([]any)...)
		if after := parsed(t, doc).Evaluate(key, q); before != after {
			t.Fatalf("%+v before, %+v after", before, after)
		}
	})
}
