package runtime

import (
	"slices"
	"strings"
	"testing"
)

// nps has the shape of a generated survey: a rating, a text, a link and a list.
var nps = SurveySpec{ID: "s", Name: `N\"PS`, Questions: []SurveyQuestion{
	{ID: "a", Text: "How?", Legacy: "$survey_response"},
	{ID: "b", Text: "Why?", Legacy: "$survey_response_1"},
	{ID: "c", Text: "Read"},
	{ID: "d", Text: "What?", Legacy: "$survey_response_3"},
}}

// An npsAnswer is the answers to nps; nil is none.
type npsAnswer struct {
	score   any
	reason  any
	choices []string
}

// survey is an event about nps.
func survey(event SurveyEvent, of SurveyResponse, a npsAnswer, change ...func(*EventSpec)) probe {
	spec := &EventSpec{Name: []string{"survey shown", "survey sent", "survey dismissed"}[event], Props: []Prop{
		{Key: "$survey_response_a", Ints: &IntRule{Max: 10}},
		{Key: "$survey_response_b", Text: &TextRule{MaxLength: 8}},
		{Key: "$survey_response_d"}, {},
	}}
	for _, f := range change {
		f(spec)
	}
	return probe{spec, func(w *Writer, p []Prop) {
		w.Survey(&nps, event, of)
		if event == SurveyShown {
			w.EndSurvey()
			return
		}
		if n, ok := a.score.(int); ok {
			w.Int(&p[0], int64(n))
		}
		w.Answer(&p[0])
		if s, ok := a.reason.(string); ok {
			w.String(&p[1], s)
		}
		w.Answer(&p[1])
		w.Answer(nil)
		if a.choices != nil {
			w.Strings(&p[2], &p[3], a.choices)
		}
		w.Answer(&p[2])
		w.EndSurvey()
	}}
}

func TestSurveys(t *testing.T) {
	const (
		head = `"$survey_id":"s","$survey_name":"N\"PS"`
		read = `{"id":"c","question":"Read"}`
	)
	pii := func(i int, action PII) func(*EventSpec) {
		return func(s *EventSpec) { s.Props[i].PII, s.Props[i].PIIKind = action, "email" }
	}
	full := npsAnswer{9, "Fast", []string{"x", `"`}}
	of := SurveyResponse{SubmissionID: projectID, Iteration: 2, Start: aMoment}
	for _, tt := range []struct {
		name   string
		event  probe
		want   string
		broken []string
	}{
		{"shown", survey(SurveyShown, SurveyResponse{}, npsAnswer{}), head, nil},
		{"shown of an iteration", survey(SurveyShown, of, npsAnswer{}),
			head + `,"$survey_iteration":2,"$survey_iteration_start_date":"2026-05-06T07:08:09.00000012Z","$survey_submission_id":"` + projectID.String() + `"`, nil},
		{"shown of no iteration", survey(SurveyShown, SurveyResponse{Iteration: -1, Start: aMoment}, npsAnswer{}), head, nil},
		{"sent", survey(SurveySent, SurveyResponse{Iteration: 3}, full),
			head + `,"$survey_iteration":3,"$survey_response_a":9,"$survey_response":9,"$survey_response_b":"Fast","$survey_response_1":"Fast","$survey_response_d":["x","\""],"$survey_response_3":["x","\""],` +
				`"$survey_questions":[{"id":"a","question":"How?","response":9},{"id":"b","question":"Why?","response":"Fast"},` + read + `,{"id":"d","question":"What?","response":["x","\""]}],` +
				`"$survey_completed":true,"$set":{"$survey_responded/s/3":true}`, nil},
		{"zero and empty", survey(SurveySent, SurveyResponse{}, npsAnswer{0, "", []string{}}),
			head + `,"$survey_response_a":0,"$survey_response":0,"$survey_response_b":"","$survey_response_1":"","$survey_response_d":[],"$survey_response_3":[],` +
				`"$survey_questions":[{"id":"a","question":"How?","response":0},{"id":"b","question":"Why?","response":""},` + read + `,{"id":"d","question":"What?","response":[]}],` +
				`"$survey_completed":true,"$set":{"$survey_responded/s":true}`, nil},
		{"dismissed", survey(SurveyDismissed, SurveyResponse{}, npsAnswer{}),
			head + `,"$survey_questions":[{"id":"a","question":"How?"},{"id":"b","question":"Why?"},` + read + `,{"id":"d","question":"What?"}],` +
				`"$survey_partially_completed":false,"$set":{"$survey_dismissed/s":true}`, nil},
		{"dismissed with an answer", survey(SurveyDismissed, SurveyResponse{}, npsAnswer{reason: "x"}),
			head + `,"$survey_response_b":"x","$survey_response_1":"x","$survey_questions":[{"id":"a","question":"How?"},{"id":"b","question":"Why?","response":"x"},` + read + `,{"id":"d","question":"What?"}],` +
				`"$survey_partially_completed":true,"$set":{"$survey_dismissed/s":true}`, nil},

		// Pii holds wherever the answer stands, and a broken rule is told once.
		{"masked", survey(SurveyDismissed, SurveyResponse{}, npsAnswer{reason: "secret"}, pii(1, PIIMask)),
			head + `,"$survey_response_b":"***","$survey_response_1":"***","$survey_questions":[{"id":"a","question":"How?"},{"id":"b","question":"Why?","response":"***"},` + read + `,{"id":"d","question":"What?"}],` +
				`"$survey_partially_completed":true,"$set":{"$survey_dismissed/s":true}`, nil},
		{"dropped", survey(SurveyDismissed, SurveyResponse{}, npsAnswer{1, "secret", []string{"secret"}}, pii(1, PIIDrop), pii(2, PIIDrop)),
			head + `,"$survey_response_a":1,"$survey_response":1,"$survey_questions":[{"id":"a","question":"How?","response":1},{"id":"b","question":"Why?"},` + read + `,{"id":"d","question":"What?"}],` +
				`"$survey_partially_completed":true,"$set":{"$survey_dismissed/s":true}`, nil},
		{"masked in a list", survey(SurveyDismissed, SurveyResponse{}, npsAnswer{choices: []string{"secret"}}, pii(3, PIIMask)),
			head + `,"$survey_response_d":["***"],"$survey_response_3":["***"],"$survey_questions":[{"id":"a","question":"How?"},{"id":"b","question":"Why?"},` + read + `,{"id":"d","question":"What?","response":["***"]}],` +
				`"$survey_partially_completed":true,"$set":{"$survey_dismissed/s":true}`, nil},
		{"broken", survey(SurveyDismissed, SurveyResponse{}, npsAnswer{score: 11}),
			head + `,"$survey_response_a":11,"$survey_response":11,"$survey_questions":[{"id":"a","question":"How?","response":11},{"id":"b","question":"Why?"},` + read + `,{"id":"d","question":"What?"}],` +
				`"$survey_partially_completed":true,"$set":{"$survey_dismissed/s":true}`, []string{"$survey_response_a max"}},
		{"broken and left out", survey(SurveyDismissed, SurveyResponse{}, npsAnswer{11, "123456789", nil}, func(s *EventSpec) { s.OnInvalid = DropProperty }),
			head + `,"$survey_questions":[{"id":"a","question":"How?"},{"id":"b","question":"Why?"},` + read + `,{"id":"d","question":"What?"}],` +
				`"$survey_partially_completed":false,"$set":{"$survey_dismissed/s":true}`, []string{"$survey_response_a max", "$survey_response_b max_length"}},
	} {
		r := newRig(t)
		if _, err := tt.event.TryCapture(r.ctx()); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := r.props(); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
		if got := r.broken(); !slices.Equal(got, tt.broken) {
			t.Errorf("%s: got violations %v, want %v", tt.name, got, tt.broken)
		}
	}
}

// What is refused writes nothing, and the next event begins anew.
func TestRefusedSurvey(t *testing.T) {
	r := newRig(t)
	drop := func(s *EventSpec) { s.OnInvalid = DropEvent }
	if _, err := survey(SurveySent, SurveyResponse{}, npsAnswer{score: 11}, drop).TryCapture(r.ctx()); err == nil || err.Error() != `ph: event "survey sent": property "$survey_response_a" breaks max` {
		t.Errorf("got %v", err)
	}
	if _, err := survey(SurveySent, SurveyResponse{}, npsAnswer{reason: strings.Repeat("x", 1<<19)}).TryCapture(r.ctx()); err == nil {
		t.Error("three times half a MiB: got no error")
	}
	if err := survey(SurveySent, SurveyResponse{}, npsAnswer{score: 11, reason: "123456789"}).Validate(); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %v, want two violations", err)
	}
	if _, err := survey(SurveyShown, SurveyResponse{}, npsAnswer{}).TryCapture(r.ctx()); err != nil {
		t.Error(err)
	}
	if got, want := r.props(), `"$survey_id":"s","$survey_name":"N\"PS"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEqualSurveys(t *testing.T) {
	sent := func(of SurveyResponse, a npsAnswer) probe {
		return survey(SurveySent, of, a, func(s *EventSpec) { s.Props[1].PII = PIIDrop })
	}
	a := sent(SurveyResponse{}, npsAnswer{score: 1})
	for _, tt := range []struct {
		name string
		b    probe
		want bool
	}{
		{"same", sent(SurveyResponse{}, npsAnswer{score: 1}), true},
		{"other answer", sent(SurveyResponse{}, npsAnswer{score: 2}), false},
		{"answer that is dropped", sent(SurveyResponse{}, npsAnswer{score: 1, reason: "x"}), false},
		{"other response", sent(SurveyResponse{SubmissionID: projectID}, npsAnswer{score: 1}), false},
		{"other iteration", sent(SurveyResponse{Iteration: 1}, npsAnswer{score: 1}), false},
	} {
		tt.b.spec = a.spec
		if got := Equal(a, tt.b); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A super property owns its key here too, and a tag does not take the survey's.
func TestSurveyPrecedence(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.SuperProperties = Props{"$survey_response": "super", "$survey_name": "super", "$survey_questions": "super"}
	})
	e := survey(SurveySent, SurveyResponse{}, npsAnswer{score: 9})
	if _, err := e.TryCapture(r.ctx(Tag("$survey_id", "tag"), Tag("$survey_completed", false))); err != nil {
		t.Fatal(err)
	}
	want := `"$survey_id":"s","$survey_response_a":9,"$survey_completed":true,"$set":{"$survey_responded/s":true},"$survey_name":"super","$survey_questions":"super","$survey_response":"super"`
	if got := r.props(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSurveyProtocols(t *testing.T) {
	for _, change := range []func(*Config){
		func(c *Config) { c.Protocol = V1 },
		func(c *Config) { c.BeforeSend = func(*Message) bool { return true } },
	} {
		r := newRig(t, change)
		if _, err := survey(SurveySent, SurveyResponse{}, npsAnswer{9, "Fast", []string{"x"}}).TryCapture(r.ctx(Session("s_1"))); err != nil {
			t.Fatal(err)
		}
		got := r.one()
		if n := strings.Count(got, `"Fast"`); n != 3 {
			t.Errorf("got %d times the answer, want 3: %s", n, got)
		}
	}
}
