package phsurvey

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// A Response is what somebody made of a survey.
type Response struct {
	Answers Answers

	// SubmissionID joins the events of one response: make one with uuid.NewRandom when
	// the survey is shown, and keep it until it is sent. Without one each event stands
	// for itself.
	SubmissionID uuid.UUID

	// Partial says that more answers follow. [Sent] then wants no answer, but a
	// SubmissionID. The last event holds all answers again.
	Partial bool

	Language string // that the survey was shown in; empty: nobody says
	TraceID  string // $ai_trace_id of what the survey is about; empty: none
}

// Shown sends "survey shown": the user of ctx sees the survey. It returns the event's
// UUID, or the zero UUID and why it was refused, as [ph.TryCapture] does. Answers are
// not looked at.
func Shown(ctx context.Context, s *Survey, r Response, opts ...ph.Option) (uuid.UUID, error) {
	return capture(ctx, "survey shown", s, common(ctx, s, r), opts)
}

// Sent sends "survey sent" with the answers. They must fit the questions, and unless the
// response is partial every question that the answers lead to must have one if it is not
// optional. Otherwise nothing is sent, and the error holds an *[AnswerError] for each that
// is wrong. The person gets [Survey.RespondedProperty], so that PostHog does not target
// them again.
func Sent(ctx context.Context, s *Survey, r Response, opts ...ph.Option) (uuid.UUID, error) {
	strict := complete
	if r.Partial {
		strict = submitted
		if r.SubmissionID == uuid.Nil {
			return uuid.Nil, fmt.Errorf("%w: phsurvey: a partial response has no SubmissionID", ph.ErrInvalid)
		}
	}
	props, _, err := answered(ctx, s, r, strict)
	if err != nil {
		return uuid.Nil, err
	}
	props["$survey_completed"] = !r.Partial
	props["$set"] = map[string]any{s.RespondedProperty(): true}
	return capture(ctx, "survey sent", s, props, opts)
}

// Dismissed sends "survey dismissed" with the answers so far, which may be none. They are
// checked as those of a partial response, save for their length. The person gets
// [Survey.DismissedProperty].
func Dismissed(ctx context.Context, s *Survey, r Response, opts ...ph.Option) (uuid.UUID, error) {
	props, some, err := answered(ctx, s, r, unfinished)
	if err != nil {
		return uuid.Nil, err
	}
	props["$survey_partially_completed"] = some
	props["$set"] = map[string]any{s.DismissedProperty(): true}
	return capture(ctx, "survey dismissed", s, props, opts)
}

// Abandoned sends "survey abandoned": the user went away, and may see the survey again. It
// is otherwise like [Dismissed].
func Abandoned(ctx context.Context, s *Survey, r Response, opts ...ph.Option) (uuid.UUID, error) {
	props, some, err := answered(ctx, s, r, unfinished)
	if err != nil {
		return uuid.Nil, err
	}
	props["$survey_partially_completed"] = some
	return capture(ctx, "survey abandoned", s, props, opts)
}

var errNoSurvey = fmt.Errorf("%w: phsurvey: there is no survey, or it has no ID", ph.ErrInvalid)

func capture(ctx context.Context, event string, s *Survey, props ph.Props, opts []ph.Option) (uuid.UUID, error) {
	if s == nil || s.ID == "" {
		return uuid.Nil, errNoSurvey
	}
	return ph.TryCapture(ctx, event, props, opts...)
}

// common returns what every event about a survey says.
func common(ctx context.Context, s *Survey, r Response) ph.Props {
	if s == nil {
		return nil
	}
	props := ph.Props{"$survey_id": s.ID, "$survey_name": s.Name}
	if s.Iteration > 0 {
		props["$survey_iteration"] = s.Iteration
		if t := s.IterationStartDate; !t.IsZero() {
			props["$survey_iteration_start_date"] = t
		}
	}
	if r.SubmissionID != uuid.Nil {
		props["$survey_submission_id"] = r.SubmissionID.String()
	}
	if t := lastSeen(ctx); !t.IsZero() {
		props["$survey_last_seen_date"] = t.UTC().Truncate(time.Millisecond)
	}
	if r.Language != "" {
		props["$survey_language"] = r.Language
	}
	if r.TraceID != "" {
		props["$ai_trace_id"] = r.TraceID
	}
	return props
}

// answered returns common with the answers, in all the forms that PostHog reads, and
// whether there is one.
func answered(ctx context.Context, s *Survey, r Response, strict strictness) (props ph.Props, some bool, err error) {
	if s == nil {
		return nil, false, errNoSurvey
	}
	values, err := s.checkAnswers(r.Answers, strict)
	if err != nil {
		return nil, false, err
	}
	props = common(ctx, s, r)
	questions := make([]any, len(s.Questions))
	for i, v := range values {
		q := &s.Questions[i]
		question := map[string]any{"id": q.ID, "question": q.Question}
		questions[i] = question
		if v == nil {
			continue
		}
		some = true
		question["response"] = v
		if key := s.legacyKey(i); key != "" {
			props[key] = v
		}
		if q.ID != "" {
			props["$survey_response_"+q.ID] = v
		}
	}
	props["$survey_questions"] = questions
	return props, some, nil
}

// legacyKey is the property that held an answer before questions had IDs; empty if that
// is now the answer to another question.
func (s *Survey) legacyKey(index int) string {
	if index == 0 {
		return "$survey_response"
	}
	n := strconv.Itoa(index)
	for i := range s.Questions {
		if s.Questions[i].ID == n {
			return ""
		}
	}
	return "$survey_response_" + n
}
