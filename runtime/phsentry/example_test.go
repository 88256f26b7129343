package phsentry_test

import (
	"log"
	"net/http"
	"os"

	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
	"github.com/phgen/phgen/runtime/phhttp"
	"github.com/phgen/phgen/runtime/phsentry"
)

// A service whose errors link Sentry and PostHog. Its handlers do nothing for it.
func Example() {
	links := phsentry.New(
		phsentry.Organization("acme"),
		phsentry.PostHogURL("https://eu.posthog.com/project/42"),
	)
	err := sentry.Init(sentry.ClientOptions{
		Dsn:          os.Getenv("SENTRY_DSN"),
		Integrations: links.Install,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	handler := phhttp.Middleware()(links.Middleware(mux))
	handler = sentryhttp.New(sentryhttp.Options{Repanic: true}).Handle(handler)
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}
