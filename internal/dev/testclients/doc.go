// Package testclients tries phgen dev with real Go clients: posthog-go, and phgen's own. It
// is a module of its own, so that posthog-go stays out of phgen's go.mod.
package testclients
