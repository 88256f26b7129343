package wiretest

import (
	"context"
	"testing"

	"github.com/google/uuid"
	acme "github.com/phgen/phgen/examples/generated/surveys"
	"github.com/phgen/phgen/internal/wiretest/generated/surveys"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phsurvey"
	"github.com/phgen/phgen/runtime/phtest"
)

// surveyCases are the events about surveys.
var surveyCases = []wireCase{
	{name: "example-survey-shown", plan: examplePlan, capture: func(ctx context.Context) {
		acme.NPSShown().Capture(ctx, at, id)
	}},
	{name: "example-survey-sent", plan: examplePlan, capture: func(ctx context.Context) {
		acme.NPSSent(9).WithReason("Fast").WithSubmissionID(projectID).Capture(ctx, at, id)
	}},
	{name: "example-survey-dismissed", plan: examplePlan, capture: func(ctx context.Context) {
		acme.NPSDismissed().Capture(ctx, at, id)
	}},
	{name: "survey-shown-iteration", plan: wirePlan, capture: func(ctx context.Context) {
		surveys.FitShown().WithIteration(2, moment).WithSubmissionID(projectID).Capture(ctx, at, id)
	}},
	{name: "survey-sent", plan: wirePlan, capture: func(ctx context.Context) {
		surveys.FitSent(0, surveys.FitRolePM).
			WithReason("\"Fast\"").
			WithTeam("night shift").
			WithParts(surveys.FitPartsReplay, surveys.FitPartsFlags).
			WithMissing("sql", "a quicker horse").
			WithEmail("ada@example.com").
			WithIteration(2, moment).
			WithSubmissionID(projectID).
			Capture(ph.With(ctx, ph.Tag("region", "eu"), ph.Session("s_1")), at, id)
	}},
	{name: "survey-sent-bare", plan: wirePlan, capture: func(ctx context.Context) {
		surveys.FitSent(10, surveys.FitRoleDev).Capture(ctx, at, id)
	}},
	{name: "survey-sent-broken", plan: wirePlan, capture: func(ctx context.Context) {
		surveys.FitSent(11, 0).WithReason("more than twenty characters").WithParts().Capture(ctx, at, id)
	}},
	{name: "survey-dismissed", plan: wirePlan, capture: func(ctx context.Context) {
		surveys.FitDismissed().WithScore(3).WithEmail("ada@example.com").WithIteration(1, moment).Capture(ctx, at, id)
	}},
	{name: "survey-dismissed-dropped", plan: wirePlan, capture: func(ctx context.Context) {
		surveys.FitDismissed().WithEmail("ada@example.com").Capture(ctx, at, id)
	}},
}

// What functions of the plan send and what package phsurvey sends of the same survey,
// as PostHog defines it, have one shape.
func TestSurveyAgreement(t *testing.T) {
	list, err := phsurvey.Parse([]byte(`{"surveys":[{"id":"0190c8a4-9999-7222-8333-444455556666","name":"Product \"fit\"","type":"api",
		"current_iteration":2,"current_iteration_start_date":"2026-01-02T02:04:05.006Z","questions":[
		{"id":"q1","type":"rating","question":"How likely are you to recommend us?","scale":10},
		{"id":"q2","type":"open","question":"Why?","optional":true},
		{"id":"q3","type":"single_choice","question":"What do you do?","choices":["dev","product manager"]},
		{"id":"q4","type":"single_choice","question":"Which team?","choices":["ads","core"],"hasOpenChoice":true,"optional":true},
		{"id":"q5","type":"link","question":"Read the manual"},
		{"id":"q6","type":"multiple_choice","question":"Which parts?","choices":["flags","replay"],"optional":true},
		{"id":"q7","type":"multiple_choice","question":"What is missing?","choices":["sql"],"hasOpenChoice":true,"optional":true},
		{"id":"1","type":"open","question":"Your address?","optional":true}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	survey, rec := list[0], phtest.New(t)
	ctx := rec.Context(ph.User("u_1"))
	must := func(_ uuid.UUID, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	must(phsurvey.Shown(ctx, survey, phsurvey.Response{SubmissionID: projectID}))
	rec.Want(surveys.FitShown().WithIteration(2, moment).WithSubmissionID(projectID))

	must(phsurvey.Sent(ctx, survey, phsurvey.Response{Answers: phsurvey.Answers{"q1": 0, "q2": "Fast", "q3": "product manager", "q6": []string{"replay", "flags"}}}))
	rec.Want(surveys.FitSent(0, surveys.FitRolePM).WithReason("Fast").WithParts(surveys.FitPartsReplay, surveys.FitPartsFlags).WithIteration(2, moment))

	must(phsurvey.Dismissed(ctx, survey, phsurvey.Response{}))
	rec.Want(surveys.FitDismissed().WithIteration(2, moment))
	must(phsurvey.Dismissed(ctx, survey, phsurvey.Response{Answers: phsurvey.Answers{"q1": 3}}))
	rec.Want(surveys.FitDismissed().WithScore(3).WithIteration(2, moment))
}

// Other answers, another survey and another response are other events.
func TestWantOfSurveys(t *testing.T) {
	tb := &quietTB{TB: t}
	rec := phtest.New(tb)
	ctx := rec.Context(ph.User("u_1"))
	acme.NPSSent(9).WithSubmissionID(projectID).Capture(ctx)
	rec.Want(acme.NPSSent(9).WithSubmissionID(projectID))
	if tb.errors != 0 {
		t.Error("the event itself is not the wanted one")
	}
	for i, e := range []ph.Event{
		acme.NPSSent(8).WithSubmissionID(projectID), acme.NPSSent(9), acme.NPSSent(9).WithReason("").WithSubmissionID(projectID),
		acme.NPSSent(9).WithSubmissionID(projectID).WithIteration(1, moment), acme.NPSDismissed().WithScore(9).WithSubmissionID(projectID),
		surveys.FitSent(9, surveys.FitRoleDev).WithSubmissionID(projectID),
	} {
		if rec.Want(e); tb.errors != i+1 {
			t.Fatalf("event %d is taken for the one that was captured", i)
		}
	}
}

// A quietTB counts errors instead of failing.
type quietTB struct {
	testing.TB
	errors int
}

func (tb *quietTB) Errorf(string, ...any) { tb.errors++ }
