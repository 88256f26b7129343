package runtime

import (
	"log/slog"

	"github.com/phgen/phgen/runtime/value"
)

const (
	keyTrace = "$trace_id"
	keySpan  = "$span_id"

	maxTrace = 64 // characters; OpenTelemetry's have 32 and 16
)

// trace asks Config.TraceContext, before the event has a batch on loan.
func (w *Writer) trace() {
	defer func() {
		if recover() != nil {
			w.client.warnSeldom(warning{rule: "trace"}, warnEvery, "Config.TraceContext panicked: events have no trace",
				slog.String("event", w.name))
		}
	}()
	w.traceID, w.spanID = w.client.cfg.TraceContext(w.ctx)
}

// traces writes $trace_id and $span_id, unless the event has its own.
func (w *Writer) traces() {
	for _, m := range [...]struct{ key, text string }{{keyTrace, w.traceID}, {keySpan, w.spanID}} {
		if m.text != "" && len(m.text) <= maxTrace && !w.claimed(m.key) {
			w.note(m.key, len(w.buf))
			w.key(m.key)
			w.buf = value.AppendString(w.buf, m.text)
		}
	}
}
