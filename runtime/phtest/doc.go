// Package phtest tests code that captures events.
//
// A [Recorder] is a client with the real encoder, queue and delivery loop whose
// requests stay in memory. Every event is visible as soon as Capture returns, and
// every broken rule of the tracking plan fails the test:
//
//	rec := phtest.New(t)
//	svc.Create(rec.Context(ph.User("u1")), "Acme")
//	rec.Want(tracking.ProjectCreated(id, "Acme", tracking.ProjectSourceWeb))
//
// A [Server] is a PostHog on loopback for tests of delivery itself: it speaks the
// protocol over HTTP and fails when told to.
package phtest
