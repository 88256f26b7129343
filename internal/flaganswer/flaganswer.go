// Package flaganswer answers requests for values of flags as PostHog would, by evaluating
// the project's definitions.
package flaganswer

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/runtime/flags"
)

// Answer returns what PostHog would answer to the request if it knew of the person what
// person says, of groups nothing, and beside that only what the request says, which wins. As at
// PostHog inactive flags are left out. A flag that depends on what is not known here, such
// as a static cohort or a group that the request does not name, failed.
func Answer(d *flags.Definitions, r sink.FlagRequest, person map[string]any) []sink.Flag {
	results := complete(d, query(r, person))
	answer := make([]sink.Flag, 0, len(results))
	for i, result := range results {
		if result.Reason == flags.ReasonDisabled {
			continue
		}
		def := d.At(i)
		f := sink.Flag{
			Key:       def.Key(),
			Enabled:   result.Value.On(),
			Variant:   result.Value.Variant(),
			ID:        def.ID(),
			Version:   def.Version(),
			Reason:    result.Reason.String(),
			Condition: result.Condition,
			Failed:    !result.Decided(),
		}
		if has, known := def.HasExperiment(); known {
			f.HasExperiment = &has
		}
		if text, ok := def.Payload(result.Value); ok {
			f.Payload, _ = json.Marshal(text) // a string has a JSON text
		}
		answer = append(answer, f)
	}
	return answer
}

// query is whom a request asks about. Its maps may be changed.
func query(r sink.FlagRequest, person map[string]any) *flags.Query {
	q := &flags.Query{
		DistinctID:      r.DistinctID,
		DeviceID:        r.DeviceID,
		Person:          map[string]any{},
		Groups:          map[string]string{},
		GroupProperties: map[string]map[string]any{},
		Now:             time.Now(),
	}
	maps.Copy(q.Person, person)
	maps.Copy(q.Person, r.PersonProperties)
	for group, key := range r.Groups {
		switch key := key.(type) {
		case string:
			q.Groups[group] = key
		case json.Number:
			q.Groups[group] = key.String()
		}
		q.GroupProperties[group] = map[string]any{}
		maps.Copy(q.GroupProperties[group], r.GroupProperties[group])
	}
	return q
}

// complete evaluates all flags and adds to the query that there is no such property, for
// each that is missing, until no other is.
func complete(d *flags.Definitions, q *flags.Query) []flags.Result {
	results := d.EvaluateAll(q, nil)
	for {
		more := false
		for i, r := range results {
			if r.Decided() {
				continue
			}
			// Not only what is to blame: another property may decide the flag all the same.
			for _, need := range d.Explain(d.At(i).Key(), q).Missing {
				more = unset(q, need) || more
			}
		}
		if !more {
			return results
		}
		results = d.EvaluateAll(q, results)
	}
}

// unset adds to the query that there is no such property, if a property is what is
// missing. It reports whether it did.
func unset(q *flags.Query, need flags.Need) bool {
	var properties map[string]any
	switch need.Kind {
	case flags.NeedPersonProperty:
		properties = q.Person
	case flags.NeedGroupProperty:
		properties = q.GroupProperties[need.Group]
	}
	if _, there := properties[need.Name]; there || properties == nil {
		return false
	}
	properties[need.Name] = flags.Unset
	return true
}
