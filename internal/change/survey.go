package change

import (
	"fmt"
	"slices"

	"github.com/phgen/phgen/schema"
)

// surveys compares the surveys.
func (c *comparer) surveys() {
	both, gone, come := byKey(c.old.Surveys, c.new.Surveys, func(x *schema.Survey) string { return x.Key })
	here := func(x *schema.Survey, old, new schema.Pos) spot {
		return c.top(fmt.Sprintf("survey %q", x.Key), "surveys."+x.Key, old, new)
	}
	for _, pair := range both {
		c.survey(here(pair[0], pair[0].Pos, pair[1].Pos), pair[0], pair[1])
	}
	for _, x := range come {
		c.added("PHB251", here(x, schema.Pos{}, x.Pos), "added")
	}
	for _, x := range gone {
		c.removed("PHB171", here(x, x.Pos, schema.Pos{}), "removed")
	}
}

// survey compares a survey that both plans have.
func (c *comparer) survey(s spot, x, y *schema.Survey) {
	c.ident(s, x.Go, y.Go, x.Key, y.Key)
	if x.ID != y.ID {
		c.changed("PHB172", s, "id changed from %q to %q", x.ID, y.ID)
	}
	pairs, gone, come := questions(x.Questions, y.Questions)
	at := func(q *schema.Question, old, new schema.Pos) spot {
		return s.part(fmt.Sprintf("question %q", q.Key), "questions."+q.Key, old, new)
	}
	for _, pair := range pairs {
		c.question(at(pair[1], pair[0].Pos, pair[1].Pos), pair[0], pair[1])
	}
	for _, q := range come {
		here, code, word := at(q, schema.Pos{}, q.Pos), "PHB252", "optional"
		if q.Required && q.Type != "link" {
			code, word = "PHB175", "required"
		}
		c.added(code, here, "%s %s added", word, here.what)
	}
	for _, q := range gone {
		here := at(q, q.Pos, schema.Pos{})
		c.removed("PHB173", here, "%s removed", here.what)
	}
	if !slices.IsSortedFunc(pairs, func(a, b [2]*schema.Question) int {
		return slices.Index(y.Questions, a[1]) - slices.Index(y.Questions, b[1])
	}) {
		c.changed("PHB179", s, "questions reordered: answers are stored by their number, too")
	}
	c.parameters(s, c.old.answers(x), c.new.answers(y))
	c.docs(s, []doc{{"description", x.Description}, {"owner", x.Owner}, {"name", x.Name}},
		[]doc{{"description", y.Description}, {"owner", y.Owner}, {"name", y.Name}})
}

// questions pairs questions by id, then by key, in the order of the old survey.
func questions(old, new []*schema.Question) (pairs [][2]*schema.Question, gone, come []*schema.Question) {
	partner := map[*schema.Question]*schema.Question{}
	taken := map[*schema.Question]bool{}
	for _, same := range []func(q, r *schema.Question) bool{
		func(q, r *schema.Question) bool { return q.ID == r.ID },
		func(q, r *schema.Question) bool { return q.Key == r.Key },
	} {
		for _, q := range old {
			for _, r := range new {
				if partner[q] == nil && !taken[r] && same(q, r) {
					partner[q], taken[r] = r, true
				}
			}
		}
	}
	for _, q := range old {
		if r := partner[q]; r != nil {
			pairs = append(pairs, [2]*schema.Question{q, r})
		} else {
			gone = append(gone, q)
		}
	}
	for _, r := range new {
		if !taken[r] {
			come = append(come, r)
		}
	}
	return pairs, gone, come
}

// answers are the parameters of the event that a survey was sent.
func (s side) answers(x *schema.Survey) []parameter {
	var all []parameter
	for _, q := range x.Questions {
		if typ := s.printer.AnswerType(q); typ != "" && q.Required {
			all = append(all, parameter{q.Key, typ})
		}
	}
	return all
}

// question compares a question that both plans have.
func (c *comparer) question(s spot, q, r *schema.Question) {
	c.ident(s, q.Go, r.Go, q.Key, r.Key)
	if q.ID != r.ID {
		c.changed("PHB174", s, "id of %s changed from %q to %q", s.what, q.ID, r.ID)
	}
	switch {
	case q.Type != r.Type || q.OpenChoice != r.OpenChoice:
		c.changed("PHB178", s, "type of %s changed from %s to %s", s.what, answerText(q), answerText(r))
	case q.Type == "single_choice" || q.Type == "multiple_choice":
		c.values(s, "choice", "choices", q.Choices, r.Choices, "PHB180", "PHB253")
	case q.Min != r.Min || q.Max != r.Max || !equalLimit(q.MaxLength, r.MaxLength):
		c.changed("PHB254", s, "limits of %s changed", s.what)
	}
	switch {
	case q.Required == r.Required:
	case r.Required:
		c.changed("PHB176", s, "%s made required", s.what)
	default:
		c.changed("PHB177", s, "%s made optional", s.what)
	}
	c.pii(s, &schema.Property{Type: &schema.Type{Kind: schema.String}, PII: q.PII}, &schema.Property{Type: &schema.Type{Kind: schema.String}, PII: r.PII})
	c.docs(s, []doc{{"description", q.Description}, {"question", q.Text}}, []doc{{"description", r.Description}, {"question", r.Text}})
}

func answerText(q *schema.Question) string {
	if q.OpenChoice {
		return q.Type + " with an open choice"
	}
	return q.Type
}

func equalLimit(a, b *int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// ai compares the section ai.
func (c *comparer) ai() {
	if c.old.File != "" && keepsContent(c.old) != keepsContent(c.new) {
		s := c.top("the section ai", "ai.privacy", c.old.AI.Pos, c.new.AI.Pos)
		if keepsContent(c.new) {
			c.changed("PHB262", s, "prompts and answers are sent: privacy is keep")
		} else {
			c.changed("PHB262", s, "prompts and answers are no longer sent: privacy is redact")
		}
	}
	both, gone, come := byKey(c.old.AI.Features, c.new.AI.Features, func(f *schema.Feature) string { return f.Name })
	here := func(f *schema.Feature, old, new schema.Pos) spot {
		s := c.top(fmt.Sprintf("AI feature %q", f.Name), "ai.features."+f.Name, old, new)
		s.place = inField
		return s
	}
	for _, pair := range both {
		f, g := pair[0], pair[1]
		s := here(f, f.Pos, g.Pos)
		c.ident(s, f.Go, g.Go, f.Name, g.Name)
		c.properties(s, f.Properties, g.Properties)
		c.parameters(s, c.old.params(f.Properties), c.new.params(g.Properties))
		c.docs(s, []doc{{"description", f.Description}, {"owner", f.Owner}, {"tags", setText(f.Tags)}},
			[]doc{{"description", g.Description}, {"owner", g.Owner}, {"tags", setText(g.Tags)}})
	}
	for _, f := range come {
		c.added("PHB261", here(f, schema.Pos{}, f.Pos), "added")
	}
	for _, f := range gone {
		c.removed("PHB181", here(f, f.Pos, schema.Pos{}), "removed")
	}
}

func keepsContent(s side) bool { return s.AI.Privacy == "keep" }
