// Package phsentry links the errors of Sentry and PostHog to each other.
//
//	links := phsentry.New(phsentry.Organization("acme"), phsentry.PostHogURL("https://eu.posthog.com"))
//	err := sentry.Init(sentry.ClientOptions{
//		Dsn:          os.Getenv("SENTRY_DSN"),
//		Integrations: links.Install,
//	})
//	http.ListenAndServe(":8080", sentryhttp.New(sentryhttp.Options{Repanic: true}).Handle(
//		phhttp.Middleware()(links.Middleware(mux))))
//
// Every error that Sentry is given, at level error or fatal, then is an $exception of
// PostHog as well, with the Go errors it consists of. It has $sentry_event_id and, if the
// organization is known, $sentry_url. In Sentry the event has the tags posthog_distinct_id
// and posthog_person_url, if the user is known, and a context "PostHog" that has the UUID
// of the exception in PostHog as well.
//
// # Whose error it is
//
// Sentry hands no context.Context to CaptureException, so a hub must know the scope it
// works for. [Integration.Middleware] tells the hub of each request, and [Integration.Bind]
// that of a job; neither takes a call where an error is captured. What ph.SetUser says
// later counts. A hub that knows no scope has its errors captured with the default client,
// for nobody.
//
// An error that was captured with ph.CaptureException before, in the same scope, is not
// captured again, and so has no link to Sentry.
package phsentry
