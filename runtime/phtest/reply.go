package phtest

import (
	"maps"
	"time"

	"github.com/phgen/phgen/internal/sink"
)

// A ReplyOption says more about the replies that [Server.Reply] programs. Options
// combine; of two that say the same the last one counts.
type ReplyOption func(*reply)

type reply struct {
	fault   sink.Fault
	times   int
	results map[string]sink.Verdict // by event name or UUID
}

// Times makes the next n requests meet the reply instead of one.
func Times(n int) ReplyOption { return func(r *reply) { r.times = n } }

// On makes the reply wait for a request to that path, such as "/i/v0/ai/batch/" for
// the events of ph.CaptureAI, which have requests of their own, or "/flags/". Others
// meet what was programmed behind it.
func On(path string) ReplyOption { return func(r *reply) { r.fault.Path = path } }

// Delay lets d pass before the reply. The events are kept before.
func Delay(d time.Duration) ReplyOption { return func(r *reply) { r.fault.Delay = d } }

// RetryAfter sends v as the header Retry-After: seconds or a date.
func RetryAfter(v string) ReplyOption { return func(r *reply) { r.fault.RetryAfter = v } }

// Keep keeps the events although the reply, or the lack of one, looks like a
// failure: a client that sends them again delivers them twice.
func Keep() ReplyOption { return func(r *reply) { r.fault.Keep = true } }

// Body replies with data of that content type instead of what PostHog says. The
// events are not kept: whoever talks like this is not PostHog. The caller must not
// change data afterwards.
func Body(contentType string, data []byte) ReplyOption {
	if data == nil {
		data = []byte{}
	}
	return func(r *reply) { r.fault.Body, r.fault.ContentType = data, contentType }
}

// RedirectTo replies that the endpoint is at url, with the status of the reply or
// 307.
func RedirectTo(url string) ReplyOption { return func(r *reply) { r.fault.Location = url } }

// Drip sends the body of the reply one byte at a time, so many in a second. Less
// than one a second is one.
func Drip(bytesPerSecond int) ReplyOption {
	return func(r *reply) { r.fault.Drip = time.Second / time.Duration(max(bytesPerSecond, 1)) }
}

// Endless sends a body that never ends.
func Endless() ReplyOption { return func(r *reply) { r.fault.Endless = true } }

// GzipBomb sends a body with Content-Encoding gzip that inflates to size bytes,
// rounded up to a MiB. What is sent is a thousandth of it.
func GzipBomb(size int64) ReplyOption { return func(r *reply) { r.fault.Bomb = size } }

// Cut closes the connection once n bytes of the reply's body were sent, although
// Content-Length announced all of it.
func Cut(n int64) ReplyOption { return endReply(sink.Closed, n) }

// ResetReply breaks the connection with an RST once n bytes of the reply's body
// were sent.
func ResetReply(n int64) ReplyOption { return endReply(sink.Reset, n) }

// HangReply sends n bytes of the reply's body, then nothing more. The connection
// stays.
func HangReply(n int64) ReplyOption { return endReply(sink.Hung, n) }

func endReply(e sink.Ending, n int64) ReplyOption {
	return func(r *reply) { r.fault.Reply, r.fault.ReplyBytes = e, n }
}

// Reset breaks the connection with an RST once n bytes of the request's body have
// arrived, or all of them, and sends no reply.
func Reset(n int64) ReplyOption { return endRequest(sink.Reset, n) }

// Stall stops reading once n bytes of the request's body have arrived, or all of
// them, and sends no reply. The connection stays.
func Stall(n int64) ReplyOption { return endRequest(sink.Hung, n) }

// Hang reads the whole request and sends no reply. The connection stays.
func Hang() ReplyOption { return endRequest(sink.Hung, sink.All) }

func endRequest(e sink.Ending, n int64) ReplyOption {
	return func(r *reply) { r.fault.Request, r.fault.RequestBytes = e, n }
}

// Result gives events of that name, or the one of that UUID, a result on the v1
// protocol: "ok", "warning", "drop", "retry", or a word that nobody knows yet.
// Empty leaves the event out of the results. Details may be empty. Dropped events
// and those to be retried are not kept. A reply may hold several; the others have
// the result that they deserve. On the other protocols it says nothing.
func Result(event, result, details string) ReplyOption {
	if result == "" {
		result = sink.Unmentioned
	}
	return func(r *reply) {
		if r.results == nil {
			r.results = map[string]sink.Verdict{}
		}
		r.results[event] = sink.Verdict{Result: result, Details: details}
	}
}

// verdict looks events up in the results; a UUID says more than a name.
func (r *reply) verdict() func(sink.Event) sink.Verdict {
	if r.results == nil {
		return nil
	}
	results := maps.Clone(r.results)
	return func(e sink.Event) sink.Verdict {
		if v, ok := results[e.UUID]; ok {
			return v
		}
		return results[e.Name]
	}
}
