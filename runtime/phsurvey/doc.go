// Package phsurvey shows PostHog's surveys in an application that renders them itself.
//
// [Surveys] loads their definitions and tells which of them somebody should see:
//
//	surveys := phsurvey.New(client)
//	ctx = ph.With(ctx, ph.User("u_1"))
//	list, err := surveys.For(ctx)
//
// Shown, Sent, Dismissed and Abandoned then say what became of one. Answers are checked
// against its questions, and one that does not fit is an error and sends nothing:
//
//	phsurvey.Shown(ctx, survey, phsurvey.Response{SubmissionID: id})
//	phsurvey.Sent(ctx, survey, phsurvey.Response{SubmissionID: id, Answers: phsurvey.Answers{"q1": 9}})
//
// For surveys that the tracking plan describes, generated code does the same with typed
// answers. Where a survey appears, at which address, on which device, after which event,
// is the application's matter: [Conditions] holds what PostHog says about it.
package phsurvey
