package runtime

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/internal/transport"
)

// What TryCapture answers when it refuses an event. An event that is refused was
// never accepted: Stats counts it under Refused, and nothing of it is sent.
var (
	// ErrClosed says that the client was closed before the event came.
	ErrClosed = errors.New("ph: client is closed")

	// ErrQueueFull says that QueueSize or QueueBytes is reached. A client with
	// OnFull Block gives it only when the call's context ends while it waits, and
	// wraps that context's error as well.
	ErrQueueFull = errors.New("ph: queue is full")

	// ErrTooLarge says that the encoded event is larger than PostHog takes: 900 KiB, or
	// 8 MiB of CaptureAI.
	ErrTooLarge = errors.New("ph: event is too large")

	// ErrDisabled says that nothing is sent at all: Config.Disabled or SetDisabled says
	// so, New reported an error, or there is no client.
	ErrDisabled = errors.New("ph: no client, or it is disabled")

	// ErrSampled says that the plan's sampling left the event out.
	ErrSampled = errors.New("ph: event is sampled out")

	// ErrDropped says that somebody did not want the event: Config.BeforeSend returned
	// false or panicked, or the scope has OptOut. Stats tells the two apart.
	ErrDropped = errors.New("ph: event is dropped")

	// ErrInvalid says that the event breaks a rule of the plan whose on_invalid is
	// drop_event, or lacks what every event has: a name of at most 200 characters, or
	// the user, group or IDs that an update is about. The error wraps a Violation for
	// each broken rule.
	ErrInvalid = errors.New("ph: event is invalid")

	// ErrUnknownVariant says that a text is no value of its enum or flag.
	ErrUnknownVariant = errors.New("ph: unknown variant")
)

// A StatusError is an answer of the endpoint that is no success. The errors of LostEvent
// and UndeliveredError wrap one.
type StatusError = transport.StatusError

// A ResultError is what the endpoint says, with Protocol V1, about one event that it did not
// take. The error of a LostEvent wraps one.
type ResultError = transport.ResultError

// A ConfigError names the field of a Config that New refuses.
type ConfigError struct {
	Field  string
	Value  string // as given; empty when it is a secret or says nothing
	Reason string
}

// Error says which field is wrong and what it must be.
func (e *ConfigError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("ph: Config.%s: %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("ph: Config.%s %q: %s", e.Field, e.Value, e.Reason)
}

// An UndeliveredError reports events that Flush or Close waited for and that did
// not arrive. After Close they are lost, save those counted under "spooled", which wait on
// disk for the next process; after Flush those counted under "pending" are still queued.
type UndeliveredError struct {
	Events   int               // how many, all reasons together
	Bytes    int               // their JSON
	ByReason map[string]uint64 // the reasons of Stats.LostBy, and "pending"
	Spooled  int               // of Events, how many are safe on disk, for the next process to deliver; "spooled" in ByReason
	Err      error             // why: that of the ended context, else of the first attempt after which events were lost; nil if nobody knows
}

// Error lists the reasons in alphabetical order.
func (e *UndeliveredError) Error() string {
	var b strings.Builder
	noun := "events"
	if e.Events == 1 {
		noun = "event"
	}
	fmt.Fprintf(&b, "ph: %d %s undelivered", e.Events, noun)
	for i, reason := range slices.Sorted(maps.Keys(e.ByReason)) {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%d %s", sep, e.ByReason[reason], reason)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns Err, so that errors.Is finds context.DeadlineExceeded and errors.As the
// error of the network.
func (e *UndeliveredError) Unwrap() error { return e.Err }

// A LostEvent is an event that was accepted and then given up.
type LostEvent struct {
	UUID   uuid.UUID
	Event  string // its name
	Reason string // a key of Stats.LostBy
	Err    error  // the last error of the endpoint; nil if there was none
}

// Delivered describes one request that the endpoint took.
type Delivered struct {
	UUIDs    []uuid.UUID // of its events, oldest first
	Bytes    int         // their JSON, before compression
	Attempts int         // requests made with them, the last included
	Latency  time.Duration
}
