package docs

import (
	"fmt"
	"strings"

	"github.com/phgen/phgen/schema"
)

func flagItem(f *schema.Flag) item {
	it := item{
		Description: f.Description, Owner: f.Owner, Tags: f.Tags, Deprecated: deprecation(f.Deprecated),
		Values: values(f.Variants), Rows: rows(f.Payload, nil),
	}
	if f.Status != "active" {
		it.Status = f.Status
	}
	if f.Deprecated != nil && f.Deprecated.Use != "" {
		it.Use = "flag/" + f.Deprecated.Use
	}
	text := func(name, text string) {
		if text != "" {
			it.Facts = append(it.Facts, fact{Name: name, Text: text})
		}
	}
	text("Kind", strings.ReplaceAll(f.Kind, "_", " "))
	fallback := f.Default
	if f.Kind == "multivariate" && fallback == "" {
		fallback = "off"
	}
	text("Without an answer", fallback)
	text("Evaluated", map[string]string{"local_first": "locally, else remotely", "local_only": "locally only", "remote": "remotely"}[f.Evaluate])
	text("Needs of the person", keys(f.DependsPerson))
	var groups []string
	for _, g := range f.DependsGroups {
		groups = append(groups, "group/"+g.Name)
	}
	if len(groups) > 0 {
		it.Facts = append(it.Facts, fact{Name: "Needs groups", Links: groups})
	}
	text("Expires", f.Expires)
	return it
}

func experimentItem(x *schema.Experiment) item {
	it := item{Description: x.Description, Owner: x.Owner}
	if x.Hypothesis != "" {
		it.Facts = append(it.Facts, fact{Name: "Hypothesis", Text: x.Hypothesis})
	}
	if x.Flag != nil {
		it.Facts = append(it.Facts, fact{Name: "Flag", Links: []string{"flag/" + x.Flag.Key}})
	}
	it.Facts = append(it.Facts, fact{Name: "Control", Text: x.Control})
	for _, m := range []struct {
		name   string
		events []*schema.Event
	}{{"Primary metrics", x.Primary}, {"Secondary metrics", x.Secondary}, {"Guardrails", x.Guardrail}} {
		var links []string
		for _, e := range m.events {
			links = append(links, "event/"+e.Name)
		}
		if len(links) > 0 {
			it.Facts = append(it.Facts, fact{Name: m.name, Links: links})
		}
	}
	it.Values = values(x.Variants)
	return it
}

func surveyItem(s *schema.Survey) item {
	it := item{Description: s.Description, Owner: s.Owner, Facts: []fact{{Name: "ID", Text: s.ID}}}
	if s.Name != "" && s.Name != s.Key {
		it.Facts = append(it.Facts, fact{Name: "Name", Text: s.Name})
	}
	for _, q := range s.Questions {
		doc := question{
			ID: q.ID, Key: q.Key, Text: q.Text, Type: strings.ReplaceAll(q.Type, "_", " "), Required: q.Required, Description: q.Description,
			Values: values(q.Choices), PII: piiText(q.PII), pii: q.PII,
		}
		if q.Type == "rating" {
			doc.Constraints = append(doc.Constraints, fmt.Sprintf("%d to %d", q.Min, q.Max))
		}
		span(&doc.Constraints, "length", "", intText(q.MaxLength))
		if q.OpenChoice {
			doc.Constraints = append(doc.Constraints, "or an answer of one's own")
		}
		it.Questions = append(it.Questions, doc)
	}
	return it
}
