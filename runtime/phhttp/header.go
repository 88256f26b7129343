package phhttp

// The tracing headers, which PostHog's browser library sends, in canonical form.
const (
	headerUser    = "X-Posthog-Distinct-Id"
	headerSession = "X-Posthog-Session-Id"
	headerWindow  = "X-Posthog-Window-Id"
)
