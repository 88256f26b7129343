package coverage

import (
	"strings"

	"github.com/phgen/phgen/internal/shape"
	"github.com/phgen/phgen/schema"
)

// surveyEvents are the events that generated code has for each survey.
var surveyEvents = []string{"shown", "sent", "dismissed"}

const surveyPrefix = "survey "

// A survey is one of the plan with what of it can be used.
type survey struct {
	id      string
	events  map[string]*Item // by the event's name
	answers []answer
}

// An answer is that to a question of a survey.
type answer struct {
	key     string // of the property
	item    *Item
	choices map[string]*Item // by wire value; empty if the answer is none of a list
}

// plantSurveys makes the items of surveys: their events, the answers to their questions,
// and the choices of those.
func (c *Coverage) plantSurveys() {
	for _, s := range c.plan.Surveys {
		planted := survey{id: s.ID, events: map[string]*Item{}}
		for _, event := range surveyEvents {
			planted.events[surveyPrefix+event] = c.add(Survey, s.Key+" "+event, s.Owner, s.Pos)
		}
		for _, q := range s.Questions {
			if q.Type == "link" || q.PII != nil && q.PII.Action == "drop" {
				continue // nothing is ever answered
			}
			planted.answers = append(planted.answers, c.answer(s, q))
		}
		c.surveys = append(c.surveys, planted)
	}
}

func (c *Coverage) answer(s *schema.Survey, q *schema.Question) answer {
	name := s.Key + "." + q.Key
	a := answer{"$survey_response_" + q.ID, c.add(Question, name, s.Owner, q.Pos), map[string]*Item{}}
	if q.PII != nil && q.PII.Action != "allow" {
		return a // what is sent are other words
	}
	for _, v := range q.Choices {
		if v.Deprecated == nil {
			a.choices[v.Value] = c.add(Value, name+" "+v.Value, s.Owner, v.Pos)
		}
	}
	return a
}

// survey counts what an event about a survey uses.
func (c *Coverage) survey(event string, properties map[string]any) {
	id, _ := properties["$survey_id"].(string)
	for _, s := range c.surveys {
		if !shape.Is(id, s.id) {
			continue
		}
		count(s.events[event])
		for _, a := range s.answers {
			if v, there := shape.Field(properties, a.key); there && v != nil {
				count(a.item)
				a.chosen(v)
			}
		}
	}
}

// chosen counts the choices that an answer names.
func (a answer) chosen(v any) {
	switch v := v.(type) {
	case string:
		for choice, item := range a.choices {
			if shape.Is(v, choice) {
				count(item)
			}
		}
	case []any:
		for _, item := range v {
			a.chosen(item)
		}
	}
}

// silent adds what goes without saying: questions of a survey that nobody finished, and the
// choices of a question that nobody answered.
func (s survey) silent(items map[*Item]bool) {
	unasked := s.events[surveyPrefix+"sent"].Count+s.events[surveyPrefix+"dismissed"].Count == 0
	for _, a := range s.answers {
		if a.item.Count > 0 {
			continue
		}
		items[a.item] = items[a.item] || unasked
		for _, item := range a.choices {
			items[item] = true
		}
	}
}

func isSurvey(event string) bool { return strings.HasPrefix(event, surveyPrefix) }
