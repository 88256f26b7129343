package runtime

import (
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// A SurveySpec is the constant part of the generated events about one survey. Its texts
// are JSON text without quotes, as Prop.Key is. Generated packages hold one per survey as
// static data; nothing may change it after the program started.
type SurveySpec struct {
	ID, Name  string
	Questions []SurveyQuestion
}

// A SurveyQuestion is one question of a [SurveySpec].
type SurveyQuestion struct {
	ID, Text string
	Legacy   string // the key of its answer by index; empty if that is the ID of another question
}

// A SurveyResponse says which response an event about a survey is part of. All of it may
// be left zero.
type SurveyResponse struct {
	SubmissionID uuid.UUID
	Iteration    int // from 1
	Start        time.Time
}

// SurveyEvent tells the events about a survey apart.
type SurveyEvent uint8

// The events.
const (
	SurveyShown SurveyEvent = iota
	SurveySent
	SurveyDismissed
)

// A surveying is the event about a survey that is being written.
type surveying struct {
	spec    *SurveySpec
	event   SurveyEvent
	of      SurveyResponse
	from    int    // in buf, where what the next answer writes begins
	answers []span // values in buf, by question; empty ones: no answer
}

// Survey writes what all events about a survey say. The answers follow, a value and
// Answer for each question, then EndSurvey.
func (w *Writer) Survey(s *SurveySpec, event SurveyEvent, of SurveyResponse) {
	if w.off {
		return
	}
	if of.Iteration < 1 {
		of.Iteration, of.Start = 0, time.Time{}
	}
	w.survey = surveying{spec: s, event: event, of: of, answers: w.survey.answers[:0]}
	w.surveyText("$survey_id", s.ID)
	w.surveyText("$survey_name", s.Name)
	if of.Iteration > 0 {
		start := w.surveyKey("$survey_iteration")
		w.buf = value.AppendInt(w.buf, int64(of.Iteration))
		w.cutOrKeep("$survey_iteration", start)
	}
	if validStamp(of.Start) {
		start := w.surveyKey("$survey_iteration_start_date")
		w.buf, _ = value.AppendTime(w.buf, of.Start)
		w.cutOrKeep("$survey_iteration_start_date", start)
	}
	if of.SubmissionID != uuid.Nil {
		start := w.surveyKey("$survey_submission_id")
		w.buf = value.AppendUUID(w.buf, of.SubmissionID)
		w.cutOrKeep("$survey_submission_id", start)
	}
	w.survey.from = len(w.buf)
}

// surveyKey begins a property and returns where.
func (w *Writer) surveyKey(key string) int {
	start := len(w.buf)
	w.key(key)
	if w.track {
		w.note(key, start)
	}
	return start
}

// surveyText writes a property whose value is JSON text without quotes.
func (w *Writer) surveyText(key, text string) {
	start := w.surveyKey(key)
	w.buf = appendQuoted(w.buf, text)
	w.cutOrKeep(key, start)
}

func appendQuoted(dst []byte, text string) []byte {
	dst = append(dst, '"')
	dst = append(dst, text...)
	return append(dst, '"')
}

// Answer ends the next question: what was written since the last one, as p, is its
// answer, after checks and pii, and is written under its other key as well. Without such,
// and for a nil p, there is no answer.
func (w *Writer) Answer(p *Prop) {
	if w.off {
		return
	}
	s := &w.survey
	i := len(s.answers)
	if p == nil || len(w.buf) == s.from || i >= len(s.spec.Questions) {
		s.answers = append(s.answers, span{})
		s.from = len(w.buf)
		return
	}
	at := s.from + len(p.Key) + len(`"":`)
	if w.buf[s.from] == ',' {
		at++
	}
	answer := span{at, len(w.buf)}
	s.answers = append(s.answers, answer)
	if key := s.spec.Questions[i].Legacy; key != "" {
		start := w.surveyKey(key)
		w.buf = append(w.buf, w.buf[answer.start:answer.end]...)
		w.cutOrKeep(key, start)
	}
	s.from = len(w.buf)
}

// EndSurvey writes the questions with the answers, how far they go, and what the person
// then has done.
func (w *Writer) EndSurvey() {
	if w.off || w.survey.spec == nil {
		return
	}
	some := w.surveyQuestions()
	switch w.survey.event {
	case SurveySent:
		w.surveyBool("$survey_completed", true)
		w.surveyDone("$survey_responded/")
	case SurveyDismissed:
		w.surveyBool("$survey_partially_completed", some)
		w.surveyDone("$survey_dismissed/")
	}
	w.survey = surveying{answers: w.survey.answers[:0]}
}

// surveyQuestions writes $survey_questions, unless nobody was asked yet, and reports
// whether there is an answer.
func (w *Writer) surveyQuestions() (some bool) {
	s := &w.survey
	if s.event == SurveyShown {
		return false
	}
	const key = "$survey_questions"
	start := w.surveyKey(key)
	b := append(w.buf, '[')
	for i := range s.spec.Questions {
		if i > 0 {
			b = append(b, ',')
		}
		q := &s.spec.Questions[i]
		b = append(b, `{"id":`...)
		b = appendQuoted(b, q.ID)
		b = append(b, `,"question":`...)
		b = appendQuoted(b, q.Text)
		if i < len(s.answers) && s.answers[i].end > 0 {
			answer := b[s.answers[i].start:s.answers[i].end]
			some = some || !isNull(answer)
			b = append(b, `,"response":`...)
			b = append(b, answer...)
		}
		b = append(b, '}')
	}
	w.buf = append(b, ']')
	w.cutOrKeep(key, start)
	return some
}

func (w *Writer) surveyBool(key string, v bool) {
	start := w.surveyKey(key)
	w.buf = appendBool(w.buf, v)
	w.cutOrKeep(key, start)
}

// surveyDone sets the person property by which PostHog knows whom not to ask again.
func (w *Writer) surveyDone(prefix string) {
	s := &w.survey
	w.Set()
	b := append(w.buf, '"')
	b = append(b, prefix...)
	b = append(b, s.spec.ID...)
	if s.of.Iteration > 0 {
		b = append(b, '/')
		b = strconv.AppendInt(b, int64(s.of.Iteration), 10)
	}
	w.buf = append(b, `":true`...)
	w.EndObject()
}
