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
// A [Server] is a PostHog on loopback for tests of delivery itself: it speaks all of
// the capture protocol over HTTP, keeps what it takes, and fails when told to, for
// one request or until further notice:
//
//	server := phtest.NewServer(t)
//	server.Reply(429, phtest.RetryAfter("2"), phtest.Times(3))
//	server.Reply(0, phtest.Cut(5))
//	server.Down(503)
//
// It serves feature flags as well, and remembers who asked for them:
//
//	server.SetFlag("new-checkout", "control", phtest.Payload(map[string]int{"steps": 3}))
//	server.SetFlag("new-checkout", "short", phtest.For("ann"))
//	server.Reply(504, phtest.On("/flags/"))
//	server.FlagRequests()
//
// and the definitions of surveys:
//
//	server.SetSurveys([]byte(`[{"id":"1","name":"NPS","type":"api","questions":[]}]`))
//
// Which parts of the tracking plan the tests of all packages used, phgen tells from a file
// that recorders write. It holds the names of events and properties and digests of values:
//
//	PHGEN_COVERAGE=$PWD/coverage.ndjson go test -count=1 ./...
//	phgen coverage coverage.ndjson
//
// The one of [NewMemoryServer] opens no socket, so that a test in a testing/synctest
// bubble lives through a day of outage in no time.
package phtest
