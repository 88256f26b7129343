package transport

import (
	"github.com/phgen/phgen/runtime/value"
)

// A protocol is one way to hand PostHog a batch of events.
type protocol struct {
	path string
	head func(dst []byte, cfg Config) []byte // the body up to the first event
	tail string                              // the body behind the last
}

// v0 is the protocol that every PostHog speaks: an envelope around the events.
var v0 = protocol{
	path: "/batch/",
	head: func(dst []byte, cfg Config) []byte {
		dst = append(dst, `{"api_key":`...)
		dst = value.AppendString(dst, cfg.APIKey)
		if cfg.HistoricalMigration {
			dst = append(dst, `,"historical_migration":true`...)
		}
		if cfg.SentAt != nil {
			dst = append(dst, `,"sent_at":"`...)
			dst = cfg.SentAt().UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z07:00")
			dst = append(dst, '"')
		}
		return append(dst, `,"batch":[`...)
	},
	tail: `]}`,
}
