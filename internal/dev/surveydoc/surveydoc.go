// Package surveydoc writes the surveys of a plan as PostHog serves them, for phgen dev.
package surveydoc

import (
	"encoding/json"

	"github.com/phgen/phgen/schema"
)

// The document, and as much of a definition as a plan knows.
type (
	document struct {
		Surveys []survey `json:"surveys"`
	}
	survey struct {
		ID          string     `json:"id"`
		Name        string     `json:"name"`
		Description string     `json:"description,omitempty"`
		Type        string     `json:"type"`
		Schedule    string     `json:"schedule"`
		StartDate   string     `json:"start_date"`
		EndDate     *string    `json:"end_date"`
		Questions   []question `json:"questions"`
	}
	question struct {
		ID            string       `json:"id"`
		Type          string       `json:"type"`
		Question      string       `json:"question"`
		Description   string       `json:"description,omitempty"`
		Optional      bool         `json:"optional"`
		Choices       []string     `json:"choices,omitempty"`
		HasOpenChoice bool         `json:"hasOpenChoice,omitempty"`
		Display       string       `json:"display,omitempty"`
		Scale         int64        `json:"scale,omitempty"`
		Validation    []validation `json:"validation,omitempty"`
	}
	validation struct {
		Type  string `json:"type"`
		Value int    `json:"value"`
	}
)

// started is long ago: all surveys of a plan run.
const started = "2020-01-01T00:00:00Z"

// openChoice is what an answer in one's own words is called.
const openChoice = "Other"

// Document returns the surveys of p, running, for everyone and shown once to each. They are
// of the type "api": the application shows them itself. A plan does not say who is to see a
// survey. A nil plan has none.
func Document(p *schema.Plan) []byte {
	doc := document{Surveys: []survey{}}
	if p != nil {
		for _, s := range p.Surveys {
			doc.Surveys = append(doc.Surveys, define(s))
		}
	}
	text, _ := json.Marshal(doc) // texts and numbers always have their JSON
	return text
}

func define(s *schema.Survey) survey {
	d := survey{ID: s.ID, Name: s.Name, Description: s.Description, Type: "api", Schedule: "once", StartDate: started, Questions: []question{}}
	if d.Name == "" {
		d.Name = s.Key
	}
	for _, q := range s.Questions {
		d.Questions = append(d.Questions, ask(q))
	}
	return d
}

func ask(q *schema.Question) question {
	d := question{ID: q.ID, Type: q.Type, Question: q.Text, Description: q.Description, Optional: !q.Required}
	if d.Question == "" {
		d.Question = q.Key
	}
	switch q.Type {
	case "open":
		if q.MaxLength != nil {
			d.Validation = []validation{{"max_length", *q.MaxLength}}
		}
	case "rating":
		d.Display, d.Scale = "number", q.Max
	case "single_choice", "multiple_choice":
		for _, c := range q.Choices {
			d.Choices = append(d.Choices, c.Value)
		}
		if d.HasOpenChoice = q.OpenChoice; q.OpenChoice {
			d.Choices = append(d.Choices, openChoice)
		}
	}
	return d
}
