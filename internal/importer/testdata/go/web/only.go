package web

import "github.com/posthog/posthog-go"

var client interface{ Enqueue(posthog.Message) error }
