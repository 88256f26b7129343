package phsentry

import "strings"

// An Option is given to [New].
type Option func(*Integration)

// Organization is the organization's slug in Sentry, without which there is no $sentry_url.
func Organization(slug string) Option {
	return func(i *Integration) { i.organization = slug }
}

// Project is the project's number in Sentry, instead of that in the DSN.
func Project(id string) Option {
	return func(i *Integration) { i.project = id }
}

// SentryURL is where people look at Sentry, "https://sentry.io" by default.
func SentryURL(base string) Option {
	return func(i *Integration) { i.sentryURL = strings.TrimRight(base, "/") }
}

// PostHogURL is where people look at PostHog, "https://us.posthog.com" by default. It may
// name a project: "https://eu.posthog.com/project/42".
func PostHogURL(base string) Option {
	return func(i *Integration) { i.postHogURL = strings.TrimRight(base, "/") }
}
