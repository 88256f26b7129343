// Package web has a request in reach, and nothing of posthog-go left in the end.
package web

import (
	"net/http"

	"github.com/posthog/posthog-go"
)

type server struct{ client posthog.Client }

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	s.client.Enqueue(posthog.Capture{
		DistinctId: r.Header.Get("X-User"),
		Event:      "page served",
		Properties: posthog.NewProperties().Set("path", r.URL.Path).Set("bytes", len(r.URL.Path)),
	})
	s.client.Enqueue(posthog.Capture{
		DistinctId: "u", // not the user's
		Event:      "page served",
		Properties: posthog.NewProperties().Set("path", "/").Set("bytes", 1),
	})
}
