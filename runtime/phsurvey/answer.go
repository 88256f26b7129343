package phsurvey

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	ph "github.com/phgen/phgen/runtime"
)

// Answers are what somebody answered, by the IDs of questions; a question without an ID
// goes by its index, "0". The value is nil (no answer) or what the question's type takes:
// a string (open, single choice, link), a list of strings (multiple choice), a whole
// number (rating). Values decoded from JSON are fine.
type Answers map[string]any

// An AnswerError says why an answer does not fit its question. It never holds the answer.
type AnswerError struct {
	SurveyID   string
	QuestionID string // as in Answers

	// Rule is what is broken: "question" (the survey has none such), "type", "required",
	// "min", "max" (of a rating), "choices" (one that there is not), "duplicate" (a
	// choice twice), "min_length" or "max_length".
	Rule string
	Want string // what would fit, in words
}

// Error names the question and says what would fit.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("phsurvey: survey %q: the answer to question %q breaks %s: want %s",
		shorten(e.SurveyID), shorten(e.QuestionID), e.Rule, e.Want)
}

// Unwrap returns [ph.ErrInvalid].
func (e *AnswerError) Unwrap() error { return ph.ErrInvalid }

// A strictness says which rules answers must keep.
type strictness uint8

const (
	unfinished strictness = iota // those of the answers' kinds
	submitted                    // and those of their length
	complete                     // and those that want an answer
)

// checkAnswers returns the answers by index of their question, nil where there is none, and what
// is wrong with them, joined.
func (s *Survey) checkAnswers(answers Answers, strict strictness) ([]any, error) {
	var errs []error
	index := make(map[string]int, len(s.Questions))
	values := make([]any, len(s.Questions))
	for i := range s.Questions {
		id := s.questionID(i)
		index[id] = i
		v, wrong := s.Questions[i].read(answers[id])
		if wrong == nil && strict >= submitted {
			wrong = s.Questions[i].measure(v)
		}
		if wrong != nil {
			errs = append(errs, wrong.of(s, id))
			continue
		}
		values[i] = v
	}
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		if _, ok := index[id]; !ok && len(errs) < maxErrors {
			errs = append(errs, (&AnswerError{Rule: "question", Want: "a question of the survey"}).of(s, id))
		}
	}
	if strict == complete && len(errs) == 0 {
		errs = s.lacking(values)
	}
	return values, errors.Join(errs...)
}

// of completes an error.
func (e *AnswerError) of(s *Survey, questionID string) error {
	e.SurveyID, e.QuestionID = s.ID, questionID
	return e
}

// lacking reports the questions that somebody with these answers came to, had to answer
// and did not.
func (s *Survey) lacking(values []any) []error {
	var errs []error
	passed := make([]bool, len(s.Questions)) // definitions may lead in circles
	for i, ok := 0, len(s.Questions) > 0; ok && !passed[i]; i, ok = s.Next(i, values[i]) {
		passed[i] = true
		if q := &s.Questions[i]; !q.Optional && q.Type != Link && empty(values[i]) {
			errs = append(errs, (&AnswerError{Rule: "required", Want: "an answer"}).of(s, s.questionID(i)))
		}
	}
	return errs
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	}
	return false
}

// questionID returns the ID by which Answers know a question.
func (s *Survey) questionID(i int) string {
	if id := s.Questions[i].ID; id != "" {
		return id
	}
	return strconv.Itoa(i)
}

// read returns v as the question's type has it: nil, string, int64 or []string.
func (q *Question) read(v any) (any, *AnswerError) {
	if v == nil {
		return nil, nil
	}
	switch q.Type {
	case Rating:
		return q.rating(v)
	case MultipleChoice:
		return q.multiple(v)
	}
	text, ok := textOf(v)
	if !ok {
		return nil, &AnswerError{Rule: "type", Want: "a string"}
	}
	if q.Type == SingleChoice && !q.HasOpenChoice && !slices.Contains(q.Choices, text) {
		return nil, &AnswerError{Rule: "choices", Want: "one of the choices"}
	}
	return text, nil
}

// textOf returns v as text if it is a string of any type.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number: // a string to Go, and yet none
		return "", false
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.String {
		return r.String(), true
	}
	return "", false
}

func (q *Question) rating(v any) (any, *AnswerError) {
	n, ok := wholeOf(v)
	low, high, bounded := q.Range()
	want := "a whole number"
	if bounded {
		want = fmt.Sprintf("a whole number from %d to %d", low, high)
	}
	switch {
	case !ok:
		return nil, &AnswerError{Rule: "type", Want: want}
	case bounded && n < low:
		return nil, &AnswerError{Rule: "min", Want: want}
	case bounded && n > high:
		return nil, &AnswerError{Rule: "max", Want: want}
	}
	return n, nil
}

// wholeOf returns v as an integer if it is one of any type, or a float that is whole.
func wholeOf(v any) (int64, bool) {
	if n, ok := v.(json.Number); ok {
		if whole, err := n.Int64(); err == nil {
			return whole, true
		}
		f, err := n.Float64()
		if err != nil {
			return 0, false
		}
		v = f
	}
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return r.Int(), true
	case r.CanUint() && r.Uint() <= math.MaxInt64:
		return int64(r.Uint()), true
	case r.CanFloat() && r.Float() == math.Trunc(r.Float()) && math.Abs(r.Float()) < 1<<53:
		return int64(r.Float()), true
	}
	return 0, false
}

func (q *Question) multiple(v any) (any, *AnswerError) {
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Slice {
		return nil, &AnswerError{Rule: "type", Want: "a list of strings"}
	}
	if r.IsNil() {
		return nil, nil
	}
	most := len(q.Choices)
	if q.HasOpenChoice {
		most++ // the open choice may be given as such and as a text
	}
	if r.Len() > most {
		return nil, &AnswerError{Rule: "choices", Want: fmt.Sprintf("%d of the choices at most", most)}
	}
	choices := make([]string, r.Len())
	seen := make(map[string]bool, r.Len())
	own := 0
	for i := range choices {
		text, ok := textOf(r.Index(i).Interface())
		switch {
		case !ok:
			return nil, &AnswerError{Rule: "type", Want: "a list of strings"}
		case seen[text]:
			return nil, &AnswerError{Rule: "duplicate", Want: "each choice once"}
		case !slices.Contains(q.Choices, text):
			own++
		}
		seen[text] = true
		choices[i] = text
	}
	switch {
	case own > 1 && q.HasOpenChoice:
		return nil, &AnswerError{Rule: "choices", Want: "some of the choices and one text of one's own"}
	case own > 0 && !q.HasOpenChoice:
		return nil, &AnswerError{Rule: "choices", Want: "some of the choices"}
	}
	return choices, nil
}

// measure applies the rules about length to the answer of an open question. What is empty
// is a matter of whether an answer is wanted.
func (q *Question) measure(v any) *AnswerError {
	text, ok := v.(string)
	if !ok || q.Type != Open || text == "" {
		return nil
	}
	n := utf8.RuneCountInString(text)
	for _, rule := range q.Validation {
		switch {
		case rule.Value <= 0:
		case rule.Type == "min_length" && n < rule.Value:
			return &AnswerError{Rule: rule.Type, Want: fmt.Sprintf("%d characters at least", rule.Value)}
		case rule.Type == "max_length" && n > rule.Value:
			return &AnswerError{Rule: rule.Type, Want: fmt.Sprintf("%d characters at most", rule.Value)}
		}
	}
	return nil
}
