package transport

import (
	"encoding/binary"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/queue"
	"github.com/phgen/phgen/runtime/value"
)

// A Protocol is one way to hand PostHog a batch of events.
type Protocol uint8

// The protocols.
const (
	V0 Protocol = iota // what every PostHog speaks: an envelope around the events
	V1                 // the answer says what became of each event
	AI                 // V0 at the address that takes the large events of AI
)

// A protocol is a row of the table of protocols.
type protocol struct {
	path   string
	head   func(dst []byte, cfg *Config, r *queue.Request) []byte // the body up to the first event
	tail   string                                                 // the body behind the last
	codecs []Compression                                          // what the server can read; Gzip is what every one can
	query  bool                                                   // the server looks for the compression in the query first
	result int64                                                  // bytes that the answer may have for each event
	header func(h http.Header, t *Transport, r *queue.Request)    // adds what is in no body; nil: nothing
	accept func(t *Transport, s *scanner, r *queue.Request) reading
	refuse func(s *scanner) (code, description string) // reads why an answer is no success; nil: nobody says
}

var protocols = [...]protocol{
	V0: {
		path: "/batch/", head: headV0, tail: `]}`,
		codecs: []Compression{None, Gzip}, query: true,
		accept: acceptAnything,
	},
	V1: {
		path: "/i/v1/analytics/events", head: headV1, tail: `]}`,
		codecs: []Compression{None, Gzip, Zstd, Deflate},
		result: 200, header: headerV1, accept: acceptResults, refuse: refusal,
	},
	AI: {
		path: "/i/v0/ai/batch/", head: headV0, tail: `]}`,
		codecs: []Compression{None, Gzip}, query: true,
		accept: acceptAnything,
	},
}

// micros is a time of PostHog's, always of one length.
const micros = "2006-01-02T15:04:05.000000Z07:00"

func headV0(dst []byte, cfg *Config, _ *queue.Request) []byte {
	dst = append(dst, `{"api_key":`...)
	dst = value.AppendString(dst, cfg.APIKey)
	if cfg.HistoricalMigration {
		dst = append(dst, `,"historical_migration":true`...)
	}
	if cfg.SentAt != nil {
		dst = append(dst, `,"sent_at":"`...)
		dst = cfg.SentAt().UTC().AppendFormat(dst, micros)
		dst = append(dst, '"')
	}
	return append(dst, `,"batch":[`...)
}

func headV1(dst []byte, cfg *Config, r *queue.Request) []byte {
	dst = append(dst, `{"created_at":"`...)
	dst = r.Assembled.UTC().AppendFormat(dst, micros)
	dst = append(dst, '"')
	if cfg.HistoricalMigration {
		dst = append(dst, `,"historical_migration":true`...)
	}
	return append(dst, `,"batch":[`...)
}

// headerV1 adds the key and what PostHog wants to know about a request. The names are
// spelt as http.Header spells them, so that a RoundTripper finds them.
func headerV1(h http.Header, t *Transport, r *queue.Request) {
	now := time.Now
	if t.cfg.SentAt != nil {
		now = t.cfg.SentAt
	}
	h["Authorization"] = []string{"Bearer " + t.cfg.APIKey}
	h["Posthog-Sdk-Info"] = []string{t.cfg.Agent}
	h["Posthog-Attempt"] = []string{strconv.Itoa(r.Try)}
	h["Posthog-Request-Id"] = []string{t.requestID(r).String()}
	h["Posthog-Request-Timestamp"] = []string{now().UTC().Format(time.RFC3339Nano)}
}

// requestID returns a UUID of version 4 that is the same in every attempt of r and in
// no other request.
func (t *Transport) requestID(r *queue.Request) uuid.UUID {
	id := t.random
	binary.BigEndian.PutUint64(id[8:], r.Number)
	id[8] = id[8]&0x3f | 0x80 // the variant; the version stands in the first half
	return id
}
