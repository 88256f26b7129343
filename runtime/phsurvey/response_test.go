package phsurvey

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// survey is one of each type of question.
func survey(t *testing.T, more string) *Survey {
	t.Helper()
	list, err := Parse([]byte(`{"surveys":[{"id":"s","name":"NPS","type":"api",` + more + `"questions":[
		{"id":"score","type":"rating","question":"How likely?","scale":10},
		{"id":"why","type":"open","question":"Why?","optional":true,"validation":[{"type":"min_length","value":3},{"type":"max_length","value":5}]},
		{"id":"plan","type":"single_choice","question":"Which plan?","choices":["Free","Pro"]},
		{"id":"uses","type":"multiple_choice","question":"Which parts?","choices":["A","B","Other"],"hasOpenChoice":true,"optional":true},
		{"id":"read","type":"link","question":"Read this","link":"https://example.com"},
		{"type":"open","question":"Else?","optional":true}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

var submission = uuid.MustParse("0190c8a4-1111-7222-8333-444455556666")

type text string

// Every event, as it is on the wire.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		s := survey(t, `"current_iteration":2,"current_iteration_start_date":"1999-12-01T00:00:00Z",`)
		ctx := WithLastSeen(r.ctx, time.Now().Add(-time.Hour))
		all := Response{
			Answers:      Answers{"score": 0, "why": text("Good"), "plan": "Pro", "uses": []any{"A", "mine"}, "read": "followed", "5": "No"},
			SubmissionID: submission, Language: "de", TraceID: "trace",
		}
		some := Response{Answers: Answers{"score": json.Number("9"), "why": nil}, SubmissionID: submission, Partial: true}
		for _, send := range []func() (uuid.UUID, error){
			func() (uuid.UUID, error) { return Shown(ctx, s, all) },
			func() (uuid.UUID, error) { return Sent(r.ctx, s, some) },
			func() (uuid.UUID, error) { return Sent(ctx, s, all) },
			func() (uuid.UUID, error) { return Dismissed(r.ctx, survey(t, ""), Response{}) },
			func() (uuid.UUID, error) { return Dismissed(r.ctx, s, Response{Answers: Answers{"why": "x"}}) },
			func() (uuid.UUID, error) {
				return Abandoned(r.ctx, s, Response{Answers: Answers{"uses": []string{}}}, ph.As("bob"))
			},
		} {
			if id, err := send(); id == uuid.Nil || err != nil {
				t.Fatalf("got %v, %v", id, err)
			}
		}
		questions := func(answers ...any) []any {
			list := []any{
				map[string]any{"id": "score", "question": "How likely?"},
				map[string]any{"id": "why", "question": "Why?"},
				map[string]any{"id": "plan", "question": "Which plan?"},
				map[string]any{"id": "uses", "question": "Which parts?"},
				map[string]any{"id": "read", "question": "Read this"},
				map[string]any{"id": "", "question": "Else?"},
			}
			for i, a := range answers {
				if a != nil {
					list[i].(map[string]any)["response"] = a
				}
			}
			return list
		}
		iteration := func(props map[string]any) map[string]any {
			props["$survey_id"], props["$survey_name"] = "s", "NPS"
			props["$survey_iteration"], props["$survey_iteration_start_date"] = 2., "1999-12-01T00:00:00Z"
			return props
		}
		for name, want := range map[string][]map[string]any{
			"survey shown": {iteration(map[string]any{
				"$survey_submission_id": submission.String(), "$survey_language": "de", "$ai_trace_id": "trace", "$survey_last_seen_date": "1999-12-31T23:00:00Z",
			})},
			"survey sent": {
				iteration(map[string]any{
					"$survey_submission_id": submission.String(), "$survey_completed": false,
					"$survey_response": 9., "$survey_response_score": 9., "$survey_questions": questions(9.),
					"$set": map[string]any{"$survey_responded/s/2": true},
				}),
				iteration(map[string]any{
					"$survey_submission_id": submission.String(), "$survey_language": "de", "$ai_trace_id": "trace", "$survey_last_seen_date": "1999-12-31T23:00:00Z",
					"$survey_completed": true,
					"$survey_response":  0., "$survey_response_score": 0., "$survey_response_1": "Good", "$survey_response_why": "Good",
					"$survey_response_2": "Pro", "$survey_response_plan": "Pro", "$survey_response_3": []any{"A", "mine"}, "$survey_response_uses": []any{"A", "mine"},
					"$survey_response_4": "followed", "$survey_response_read": "followed", "$survey_response_5": "No",
					"$survey_questions": questions(0., "Good", "Pro", []any{"A", "mine"}, "followed", "No"),
					"$set":              map[string]any{"$survey_responded/s/2": true},
				}),
			},
			"survey dismissed": {
				{"$survey_id": "s", "$survey_name": "NPS", "$survey_partially_completed": false, "$survey_questions": questions(), "$set": map[string]any{"$survey_dismissed/s": true}},
				iteration(map[string]any{
					"$survey_partially_completed": true, "$survey_response_1": "x", "$survey_response_why": "x", "$survey_questions": questions(nil, "x"),
					"$set": map[string]any{"$survey_dismissed/s/2": true},
				}),
			},
			"survey abandoned": {iteration(map[string]any{
				"$survey_partially_completed": true, "$survey_response_3": []any{}, "$survey_response_uses": []any{}, "$survey_questions": questions(nil, nil, nil, []any{}),
			})},
		} {
			if diff := cmp.Diff(r.events(name), want); diff != "" {
				t.Errorf("%s (-got +want):\n%s", name, diff)
			}
		}
	})
}

// Iterations count from one; without one nothing says any, and the person has answered for good.
func TestIterations(t *testing.T) {
	for _, tt := range []struct{ definition, want string }{
		{`"current_iteration":null,"current_iteration_start_date":null,`, "<nil> <nil> $survey_responded/s $survey_dismissed/s"},
		{`"current_iteration":0,"current_iteration_start_date":"2026-01-02T00:00:00Z",`, "<nil> <nil> $survey_responded/s $survey_dismissed/s"},
		{`"current_iteration":-1,"current_iteration_start_date":"2026-01-02T00:00:00Z",`, "<nil> <nil> $survey_responded/s $survey_dismissed/s"},
		{`"current_iteration":1,`, "1 <nil> $survey_responded/s/1 $survey_dismissed/s/1"},
		{`"current_iteration":12,"current_iteration_start_date":"2026-01-02T03:04:05+02:00",`, "12 2026-01-02T01:04:05Z $survey_responded/s/12 $survey_dismissed/s/12"},
	} {
		r := newRig(t)
		s := survey(t, tt.definition)
		for _, send := range []func() (uuid.UUID, error){
			func() (uuid.UUID, error) {
				return Sent(r.ctx, s, Response{Answers: Answers{"score": 1, "plan": "Pro"}})
			},
			func() (uuid.UUID, error) { return Dismissed(r.ctx, s, Response{}) },
		} {
			if _, err := send(); err != nil {
				t.Fatal(err)
			}
		}
		sent, dismissed := r.events("survey sent")[0], r.events("survey dismissed")[0]
		key := func(props map[string]any) string {
			for key := range props["$set"].(map[string]any) {
				return key
			}
			return ""
		}
		got := fmt.Sprint(sent["$survey_iteration"], " ", sent["$survey_iteration_start_date"], " ", key(sent), " ", key(dismissed))
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.definition, got, tt.want)
		}
	}
}

// An ID that is another question's index keeps its own answer.
func TestIDLikeIndex(t *testing.T) {
	r := newRig(t)
	list, err := Parse([]byte(`{"surveys":[{"id":"s","name":"n","type":"api","questions":[{"id":"1","type":"open"},{"id":"0","type":"open"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sent(r.ctx, list[0], Response{Answers: Answers{"1": "first", "0": "second"}}); err != nil {
		t.Fatal(err)
	}
	got := r.events("survey sent")[0]
	for key, want := range map[string]any{"$survey_response": "first", "$survey_response_1": "first", "$survey_response_0": "second"} {
		if got[key] != want {
			t.Errorf("%s: got %v, want %v", key, got[key], want)
		}
	}
}

// What does not fit is a typed error that says what would, and nothing is sent.
func TestWrongAnswers(t *testing.T) {
	r := newRig(t)
	s := survey(t, "")
	right := Answers{"score": 9, "plan": "Pro"}
	for _, tt := range []struct {
		id, rule string
		want     string
		answers  []any
	}{
		{"score", "type", "a whole number from 0 to 10", []any{"9", 9.5, true, []int{9}, math.NaN(), math.Inf(1), 1e300, json.Number("x"), json.Number("1e400"), uint64(math.MaxUint64), struct{}{}, func() {}, Answers{}, &s}},
		{"score", "min", "a whole number from 0 to 10", []any{-1, int8(-1), -1.0, json.Number("-1")}},
		{"score", "max", "a whole number from 0 to 10", []any{11, uint8(11), 1e15, json.Number("1e3")}},
		{"score", "required", "an answer", []any{nil}},
		{"plan", "type", "a string", []any{1, []string{"Pro"}, json.Number("1"), []byte("Pro")}},
		{"plan", "choices", "one of the choices", []any{"pro", "", "\x00", strings.Repeat("x", 1<<20)}},
		{"plan", "required", "an answer", []any{nil}},
		{"uses", "type", "a list of strings", []any{"A", []any{"A", 1}, []any{nil}, map[string]bool{"A": true}, [1]string{"A"}}},
		{"uses", "duplicate", "each choice once", []any{[]string{"A", "A"}}},
		{"uses", "choices", "some of the choices and one text of one's own", []any{[]string{"x", "y"}}},
		{"uses", "choices", "4 of the choices at most", []any{[]string{"A", "B", "Other", "x", "y"}, make([]string, 1<<20)}},
		{"why", "type", "a string", []any{1, []string{"x"}}},
		{"why", "min_length", "3 characters at least", []any{"äö"}},
		{"why", "max_length", "5 characters at most", []any{"äöüäöü", strings.Repeat("x", 1<<20)}},
		{"read", "type", "a string", []any{true}},
		{"gone", "question", "a question of the survey", []any{"x", nil}},
	} {
		for _, v := range tt.answers {
			answers := Answers{}
			for id, a := range right {
				answers[id] = a
			}
			answers[tt.id] = v
			id, err := Sent(r.ctx, s, Response{Answers: answers})
			var wrong *AnswerError
			if id != uuid.Nil || !errors.As(err, &wrong) || !errors.Is(err, ph.ErrInvalid) {
				t.Errorf("%s, %.40v: got %v, %v", tt.id, v, id, err)
				continue
			}
			if want := (AnswerError{SurveyID: "s", QuestionID: tt.id, Rule: tt.rule, Want: tt.want}); *wrong != want {
				t.Errorf("%s, %.40v: got %+v, want %+v", tt.id, v, *wrong, want)
			}
		}
	}
	_, err := Sent(r.ctx, s, Response{Answers: Answers{"score": 11, "why": 1, "x": 1}})
	const all = `phsurvey: survey "s": the answer to question "score" breaks max: want a whole number from 0 to 10` + "\n" +
		`phsurvey: survey "s": the answer to question "why" breaks type: want a string` + "\n" +
		`phsurvey: survey "s": the answer to question "x" breaks question: want a question of the survey`
	if err == nil || err.Error() != all {
		t.Errorf("got %v, want %s", err, all)
	}
	if _, err := Sent(r.ctx, s, Response{Partial: true}); err == nil || err.Error() != "ph: event is invalid: phsurvey: a partial response has no SubmissionID" {
		t.Errorf("partial: got %v", err)
	}
	for _, s := range []*Survey{nil, {Name: "without an ID"}} {
		for _, send := range []func() (uuid.UUID, error){
			func() (uuid.UUID, error) { return Shown(r.ctx, s, Response{}) },
			func() (uuid.UUID, error) { return Sent(r.ctx, s, Response{}) },
			func() (uuid.UUID, error) { return Dismissed(r.ctx, s, Response{}) },
			func() (uuid.UUID, error) { return Abandoned(r.ctx, s, Response{}) },
		} {
			if id, err := send(); id != uuid.Nil || !errors.Is(err, ph.ErrInvalid) {
				t.Errorf("no survey: got %v, %v", id, err)
			}
		}
	}
	if err := r.client.Flush(r.ctx); err != nil {
		t.Fatal(err)
	}
	if got := len(r.server.Events()); got != 0 {
		t.Errorf("got %d events, want none", got)
	}
}

// What a dismissed survey holds may be half written, but not of another kind.
func TestUnfinishedAnswers(t *testing.T) {
	r := newRig(t)
	s := survey(t, "")
	if _, err := Dismissed(r.ctx, s, Response{Answers: Answers{"why": "x"}}); err != nil {
		t.Error(err)
	}
	for _, send := range []func() (uuid.UUID, error){
		func() (uuid.UUID, error) { return Dismissed(r.ctx, s, Response{Answers: Answers{"score": "x"}}) },
		func() (uuid.UUID, error) { return Abandoned(r.ctx, s, Response{Answers: Answers{"plan": "x"}}) },
		func() (uuid.UUID, error) {
			return Sent(r.ctx, s, Response{Partial: true, SubmissionID: submission, Answers: Answers{"why": "x"}})
		},
	} {
		if _, err := send(); !errors.As(err, new(*AnswerError)) {
			t.Errorf("got %v, want an AnswerError", err)
		}
	}
}

// Only the questions that the answers lead to want an answer.
func TestRequiredByBranch(t *testing.T) {
	list, err := Parse([]byte(`{"surveys":[{"id":"s","name":"n","type":"api","questions":[
		{"id":"a","type":"single_choice","choices":["yes","no","loop"],"branching":{"type":"response_based","responseValues":{"yes":2,"no":"end","loop":1}}},
		{"id":"b","type":"open","branching":{"type":"specific_question","index":0}},
		{"id":"c","type":"open","optional":true},
		{"id":"d","type":"rating"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		answers Answers
		want    []string // questions that lack an answer
	}{
		{Answers{"a": "no"}, nil},
		{Answers{"a": "yes", "d": 1}, nil},
		{Answers{"a": "yes"}, []string{"d"}},
		{Answers{"a": "loop"}, []string{"b"}},
		{Answers{"a": "loop", "b": ""}, []string{"b"}},
		{Answers{"a": "loop", "b": "x"}, nil},
		{Answers{"d": 1}, []string{"a", "b"}},
		{nil, []string{"a", "b"}},
	} {
		_, err := list[0].checkAnswers(tt.answers, complete)
		var got []string
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, err := range joined.Unwrap() {
				got = append(got, err.(*AnswerError).QuestionID)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %v, want %v", tt.answers, got, tt.want)
		}
	}
}

// Hostile texts stay texts.
func TestHostileTexts(t *testing.T) {
	r := newRig(t)
	const evil = "\"},{\"$set\":{\"admin\":true}\u2028</script>%s\x00"
	name, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := Parse([]byte(`{"surveys":[{"id":` + string(name) + `,"name":` + string(name) + `,"type":"api","questions":[{"id":` + string(name) + `,"question":` + string(name) + `,"type":"open"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sent(r.ctx, list[0], Response{Answers: Answers{evil: evil + "\xff"}, Language: evil}); err != nil {
		t.Fatal(err)
	}
	clean := strings.ReplaceAll(evil, "\x00", "")
	got := r.events("survey sent")[0]
	want := map[string]any{
		"$survey_id": clean, "$survey_name": clean, "$survey_language": clean, "$survey_completed": true,
		"$survey_response": clean + "\uFFFD", "$survey_response_" + clean: clean + "\uFFFD",
		"$survey_questions": []any{map[string]any{"id": clean, "question": clean, "response": clean + "\uFFFD"}},
		"$set":              map[string]any{"$survey_responded/" + clean: true},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if _, err := Sent(r.ctx, list[0], Response{Answers: Answers{evil: strings.Repeat("x", 2<<20)}}); !errors.Is(err, ph.ErrTooLarge) {
		t.Errorf("a huge answer: got %v, want ErrTooLarge", err)
	}
}
