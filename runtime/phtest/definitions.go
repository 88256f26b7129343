package phtest

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/phgen/phgen/internal/sink"
	"github.com/phgen/phgen/runtime/flags"
)

// SetDefinitions makes doc, PostHog's document for local evaluation, the definitions
// from now on, under an ETag of its own. Nil is a project without flags, as in the
// beginning. Requests for values are answered by evaluating doc, too: for a person
// who has the properties that kept events have set, and for groups that have none, but
// for those of the request, which win. A flag that depends on more than that, such as a
// static cohort, failed, unless [Server.SetFlag] sets it. A document that can not be
// evaluated fails the test at once; use [Server.Reply] with [On] and [Body] for one that a
// client must refuse.
func (s *Server) SetDefinitions(doc []byte) {
	s.t.Helper()
	if doc == nil {
		s.sink.SetDefinitions(nil)
		s.sink.AnswerFlags(nil)
		return
	}
	d, err := flags.Parse(doc)
	if err != nil {
		s.t.Fatalf("phtest: definitions: %v", err)
	}
	s.sink.SetDefinitions(doc)
	s.sink.AnswerFlags(func(r sink.FlagRequest) []sink.Flag { return evaluate(d, r, s.people) })
}

// evaluate returns what a server would answer that knows the people and the request.
// Like PostHog's it leaves out flags that are not active.
func evaluate(d *flags.Definitions, r sink.FlagRequest, p *people) []sink.Flag {
	results := complete(d, query(r, p))
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
func query(r sink.FlagRequest, p *people) *flags.Query {
	q := &flags.Query{
		DistinctID:      r.DistinctID,
		DeviceID:        r.DeviceID,
		Person:          map[string]any{},
		Groups:          map[string]string{},
		GroupProperties: map[string]map[string]any{},
		Now:             time.Now(),
	}
	maps.Copy(q.Person, p.of(r.DistinctID))
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

// complete evaluates all flags and adds to the query that there is no such property,
// for each that is missing, until no other is.
func complete(d *flags.Definitions, q *flags.Query) []flags.Result {
	for {
		results := d.EvaluateAll(q, nil)
		more := false
		for _, r := range results {
			properties := map[string]any(nil)
			switch r.Need.Kind {
			case flags.NeedPersonProperty:
				properties = q.Person
			case flags.NeedGroupProperty:
				properties = q.GroupProperties[r.Need.Group]
			}
			if _, there := properties[r.Need.Name]; !there && properties != nil {
				properties[r.Need.Name] = flags.Unset
				more = true
			}
		}
		if !more {
			return results
		}
	}
}
