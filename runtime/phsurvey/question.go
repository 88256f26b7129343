package phsurvey

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// A Question is one question of a survey.
type Question struct {
	ID                     string          `json:"id"` // empty in old surveys: its index then stands for it
	Type                   QuestionType    `json:"type"`
	Question               string          `json:"question"`
	Description            string          `json:"description"`
	DescriptionContentType string          `json:"descriptionContentType"` // "html" or "text"
	Optional               bool            `json:"optional"`
	ButtonText             string          `json:"buttonText"`
	Validation             []Validation    `json:"validation"` // of an open question
	Branching              Branching       `json:"branching"`
	Translations           json.RawMessage `json:"translations"` // JSON, an object by language; nil: none

	// Of choices.
	Choices        []string `json:"choices"`
	HasOpenChoice  bool     `json:"hasOpenChoice"` // the last choice takes a text of one's own
	ShuffleOptions bool     `json:"shuffleOptions"`

	// Of a rating.
	Display         string `json:"display"` // "number" or "emoji"
	Scale           int    `json:"scale"`
	LowerBoundLabel string `json:"lowerBoundLabel"`
	UpperBoundLabel string `json:"upperBoundLabel"`

	Link string `json:"link"` // of a link
}

// QuestionType says what a question's answer is. PostHog may know more types than these.
type QuestionType string

// The types of questions, with the answers that [Answers] takes.
const (
	Open           QuestionType = "open"            // string
	SingleChoice   QuestionType = "single_choice"   // string
	MultipleChoice QuestionType = "multiple_choice" // []string
	Rating         QuestionType = "rating"          // a whole number
	Link           QuestionType = "link"            // nil, or a string that says it was followed
)

// A Validation is a rule for the text of an answer.
type Validation struct {
	Type         string `json:"type"` // "min_length" or "max_length", in characters
	Value        int    `json:"value"`
	ErrorMessage string `json:"errorMessage"`
}

// Range returns the bounds of a rating, which it may have itself. It reports false for
// another question, and for a scale that is not known.
func (q *Question) Range() (low, high int64, ok bool) {
	switch {
	case q.Type != Rating || q.Scale < 2 || q.Scale > 100:
		return 0, 0, false
	case q.Scale == 10:
		return 0, 10, true
	}
	return 1, int64(q.Scale), true
}

// A Branching says which question follows.
type Branching struct {
	Type  string `json:"type"` // "next_question", "end", "response_based" or "specific_question"; empty: the next
	Index Step   `json:"index"`

	// Steps by answer: the index of a choice, what a rating amounts to, such as
	// "detractors" or "negative", or the answer itself.
	ResponseValues map[string]Step `json:"responseValues"`
}

// UnmarshalJSON reads an object; without an index its Index is [Next].
func (b *Branching) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	type object Branching
	o := object{Index: Next}
	err := json.Unmarshal(data, &o)
	*b = Branching(o)
	return err
}

// A Step is where a survey goes on: the index of a question, or one of these.
type Step int

// The steps that are no index.
const (
	Next Step = -1
	End  Step = -2
)

// UnmarshalJSON reads an index or "end". What else there may be is the next question.
func (s *Step) UnmarshalJSON(data []byte) error {
	*s = Next
	if n, err := strconv.Atoi(string(data)); err == nil && n >= 0 {
		*s = Step(n)
	} else if bytes.Equal(data, []byte(`"end"`)) {
		*s = End
	}
	return nil
}

// Next returns the index of the question that follows the one at index, whose answer is
// nil if there is none. It reports false if the survey ends there. An answer that does not
// fit the question counts as none.
func (s *Survey) Next(index int, answer any) (next int, ok bool) {
	if index < 0 || index >= len(s.Questions) {
		return 0, false
	}
	q := &s.Questions[index]
	step := Next
	switch q.Branching.Type {
	case "end":
		step = End
	case "specific_question":
		step = q.Branching.Index
	case "response_based":
		step = q.step(answer)
	}
	if step == Next {
		step = Step(index + 1)
	}
	if step < 0 || int(step) >= len(s.Questions) {
		return 0, false
	}
	return int(step), true
}

// step returns where an answer leads.
func (q *Question) step(answer any) Step {
	v, wrong := q.read(answer)
	if wrong != nil {
		return Next
	}
	var keys []string
	switch v := v.(type) {
	case string:
		if q.Type == SingleChoice {
			i := slices.Index(q.Choices, v)
			if i < 0 {
				i = len(q.Choices) - 1 // the open one
			}
			keys = []string{strconv.Itoa(i), v}
		}
	case int64:
		keys = []string{q.bucket(v), strconv.FormatInt(v, 10)}
	}
	for _, key := range keys {
		if step, ok := q.Branching.ResponseValues[key]; ok {
			return step
		}
	}
	return Next
}

// bucket returns what a rating amounts to.
func (q *Question) bucket(v int64) string {
	words := [...]string{"negative", "neutral", "positive"}
	low, high := int64(0), int64(0) // from which on it is no longer the first word, and the last
	switch q.Scale {
	case 2: // thumbs: up is 1
		return map[int64]string{1: "positive", 2: "negative"}[v]
	case 3:
		low, high = 2, 3
	case 5:
		low, high = 3, 4
	case 7:
		low, high = 4, 5
	case 10:
		words = [...]string{"detractors", "passives", "promoters"}
		low, high = 7, 9
	default:
		return ""
	}
	switch {
	case v < low:
		return words[0]
	case v < high:
		return words[1]
	}
	return words[2]
}
