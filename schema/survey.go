package schema

import "slices"

// allSurveys compiles the section surveys.
func (c *compiler) allSurveys() {
	ids := map[string]*Survey{}
	c.each("surveys", func(e *entry) {
		c.wireName(e.key, "survey name", e.name())
		v := e.value
		s := &Survey{
			Pos:         e.key.pos(),
			Key:         e.name(),
			ID:          c.text(v, "id"),
			Name:        c.prose(v, "name"),
			Description: c.prose(v, "description"),
			Owner:       c.ownerOf(v, c.plan.Defaults.Owner),
			Go:          c.goName(v),
		}
		switch first := ids[s.ID]; {
		case v.hides("id"):
		case v.at("id") == nil:
			c.report(e.key.pos(), "PH430", "copy it from PostHog", "the survey %q has no id", s.Key)
		case first != nil:
			c.report(v.at("id").pos(), "PH430", "copy the right one from PostHog", "the survey id %q is that of %q at %s", s.ID, first.Key, first.Pos)
		default:
			ids[s.ID] = s
		}
		if n := v.at("questions"); n != nil {
			c.questions(n, s)
		}
		c.plan.Surveys = append(c.plan.Surveys, s)
	})
}

// questions reads the questions of a survey.
func (c *compiler) questions(n *node, s *Survey) {
	if len(n.items) == 0 && !n.torn() {
		c.report(n.pos(), "PH430", "add one", "the survey %q has no questions", s.Key)
	}
	ids, keys := map[string]Pos{}, map[string]Pos{}
	for _, v := range n.items {
		q := c.question(v)
		c.unique(v, "id", ids)
		c.unique(v, "key", keys)
		s.Questions = append(s.Questions, q)
	}
}

// unique checks that a question has its own id and key.
func (c *compiler) unique(v *node, key string, seen map[string]Pos) {
	n := v.at(key)
	if v.hides(key) {
		return
	}
	if n == nil {
		c.report(v.pos(), "PH430", "add it", "the question lacks the key %q", key)
		return
	}
	if first, ok := seen[n.text]; ok {
		c.report(n.pos(), "PH430", "each question has its own", "the question %s %q is already at %s", key, n.text, first)
		return
	}
	seen[n.text] = n.pos()
}

// questionKeys are the keys that each type of question takes beyond the common
// ones.
var questionKeys = map[string][]string{
	"open":            {"max_length"},
	"rating":          {"min", "max"},
	"single_choice":   {"choices", "open_choice"},
	"multiple_choice": {"choices", "open_choice"},
	"link":            nil,
}

// question reads one question.
func (c *compiler) question(v *node) *Question {
	q := &Question{
		Pos:         v.pos(),
		ID:          c.text(v, "id"),
		Key:         c.text(v, "key"),
		Text:        c.prose(v, "question"),
		Type:        c.text(v, "type"),
		Required:    v.flag("required"),
		Description: c.prose(v, "description"),
		PII:         c.pii(v),
		Go:          c.goName(v),
		MaxLength:   c.count(v, "max_length"),
		OpenChoice:  v.flag("open_choice"),
	}
	for _, key := range []string{"max_length", "min", "max", "choices", "open_choice"} {
		k, _ := v.pair(key)
		takes := slices.Contains(questionKeys[q.Type], key)
		switch {
		case q.Type == "": // reported
		case k != nil && !takes:
			c.report(k.pos(), "PH116", "remove it", "%q does not apply to a question of type %q", key, q.Type)
		case k == nil && takes && !v.hides(key) && (key == "min" || key == "max" || key == "choices"):
			c.report(v.pos(), "PH109", "add it", "a question of type %q lacks the key %q", q.Type, key)
		}
	}
	if low, high := c.whole(v, "min"), c.whole(v, "max"); low != nil && high != nil && q.Type == "rating" {
		if q.Min, q.Max = *low, *high; q.Min > q.Max {
			c.crossed(v, "min", "max")
		}
	}
	if n := v.at("choices"); n != nil && slices.Contains(questionKeys[q.Type], "choices") {
		q.Choices = c.choices(n, "PH214", "choice", nil)
		c.siblingChoices(n, q.Choices)
	}
	c.questionPII(v, q)
	return q
}

// questionPII checks the action against the type of the answer.
func (c *compiler) questionPII(v *node, q *Question) {
	if q.PII == nil || q.Type == "" || v.hides("open_choice") {
		return
	}
	kind := String
	switch {
	case q.Type == "link":
		c.report(q.PII.Pos, "PH502", "remove it", "a question of type %q has no answer", q.Type)
		return
	case q.Type == "rating":
		kind = Int
	case q.Type != "open" && !q.OpenChoice:
		kind = Enum
	}
	c.fitPII(v.at("pii"), q.PII, &Type{Kind: kind})
}
