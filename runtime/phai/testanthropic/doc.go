// Package testanthropic proves phai.Transport against Anthropic's own client, which the runtime
// does not import.
package testanthropic
