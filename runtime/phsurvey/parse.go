package phsurvey

import (
	"encoding/json"
	"errors"
	"fmt"
)

const (
	maxSurveys   = 10_000 // in a document
	maxQuestions = 1_000  // of a survey
	maxErrors    = 100    // told about a document
)

// A DefinitionError says what is wrong with the definition of one survey.
type DefinitionError struct {
	Index int    // in the document
	ID    string // of the survey; empty if that is what is wrong
	Err   error
}

// Error names the survey and says what is wrong.
func (e *DefinitionError) Error() string {
	return fmt.Sprintf("phsurvey: survey %d %q: %v", e.Index, e.ID, e.Err)
}

// Unwrap returns Err.
func (e *DefinitionError) Unwrap() error { return e.Err }

// Parse reads a document of surveys, {"surveys":[…]}. A survey that is not right is left
// out, and the error holds a *[DefinitionError] about it: of the first hundred. The list
// is nil only if the document is none.
func Parse(doc []byte) ([]*Survey, error) {
	var d struct {
		Surveys []json.RawMessage `json:"surveys"`
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		return nil, fmt.Errorf("phsurvey: reading surveys: %w", plain(err))
	}
	if d.Surveys == nil {
		return nil, errors.New("phsurvey: reading surveys: there is no list of them")
	}
	var errs []error
	report := func(err error) {
		if len(errs) < maxErrors {
			errs = append(errs, err)
		}
	}
	if n := len(d.Surveys); n > maxSurveys {
		report(fmt.Errorf("phsurvey: of %d surveys the first %d are read", n, maxSurveys))
		d.Surveys = d.Surveys[:maxSurveys]
	}
	list := make([]*Survey, 0, len(d.Surveys))
	seen := make(map[string]bool, len(d.Surveys))
	for i, raw := range d.Surveys {
		s := &Survey{}
		err := plain(json.Unmarshal(raw, s))
		if err == nil {
			err = s.check()
		}
		if err == nil && seen[s.ID] {
			err = errors.New("another survey has the same id")
		}
		if err != nil {
			report(&DefinitionError{Index: i, ID: shorten(s.ID), Err: err})
			continue
		}
		seen[s.ID] = true
		list = append(list, s)
	}
	return list, errors.Join(errs...)
}

// check looks for what a survey must have.
func (s *Survey) check() error {
	for _, f := range [...]struct{ key, value string }{{"id", s.ID}, {"name", s.Name}, {"type", string(s.Type)}} {
		if f.value == "" {
			return fmt.Errorf("it has no %s", f.key)
		}
	}
	switch n := len(s.Questions); {
	case s.Questions == nil:
		return errors.New("it has no questions")
	case n > maxQuestions:
		return fmt.Errorf("it has %d questions, more than %d", n, maxQuestions)
	}
	seen := make(map[string]bool, len(s.Questions))
	for i := range s.Questions {
		q := &s.Questions[i]
		if q.Type == "" {
			return fmt.Errorf("question %d has no type", i)
		}
		id := s.questionID(i)
		if seen[id] {
			return fmt.Errorf("question %d has the id of another", i)
		}
		seen[id] = true
	}
	return nil
}

// plain returns an error of package encoding/json without values of the document.
func plain(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kind):
		if kind.Field == "" {
			return errors.New("it is no object")
		}
		return fmt.Errorf("%s has the wrong type", shorten(kind.Field))
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no JSON: byte %d", syntax.Offset)
	}
	return errors.New("a date is no RFC 3339 timestamp") // the only type with a text of its own
}

// shorten bounds a text that comes from a document.
func shorten(s string) string {
	const most = 200
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
