package phai

import (
	"context"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// A captured is an event of this package.
type captured interface {
	// step copies what the event has in common with others.
	step(s *Step)
	// survey adds the event's contents, those that are redacted only if keep is true.
	survey(s *survey, keep bool)
	// write writes the properties that are the event's own.
	write(w *writer)
}

// capture sends an event, filled in by opts and the place of ctx in a trace.
func capture(ctx context.Context, name string, e captured, opts []Option) uuid.UUID {
	if ctx == nil {
		ctx = context.Background()
	}
	if !ph.Capturing(ctx) {
		return uuid.Nil
	}
	return newNode(ctx, opts).capture(ctx, name, e)
}

// capture sends an event at n.
func (n *node) capture(ctx context.Context, name string, e captured) uuid.UUID {
	w := writers.Get().(*writer)
	defer w.release()
	e.step(&w.step)
	s := &w.step
	n.place(s, name)
	if s.TraceID == "" {
		return uuid.Nil // a metric or feedback with nothing to attach it to
	}
	w.policy, w.most, w.outer = n.policy(), n.maxText, n.props
	// Errors are the user's code: no batch is on loan while one says what it is.
	w.fail()
	e.survey(&w.looked, w.policy == Keep)
	w.look(n.props)
	w.look(s.Extra)
	var few [4]ph.Option
	send := few[:0]
	if !s.Timestamp.IsZero() {
		send = append(send, ph.At(s.Timestamp))
	}
	send = append(send, n.send...)
	event := ph.AIEvent{Name: name, TraceID: s.TraceID, Lane: !n.ordinary, Foreign: w.looked.foreign}
	w.Writer = ph.BeginAI(ctx, &event, send)
	n.writeStep(w)
	w.writeFailure()
	e.write(w)
	w.extra()
	n.writeFeature(w)
	if w.counts {
		w.fixed(keyTokensSource, w.tokensSource())
	}
	id, _ := w.End()
	return id
}

// place fills in where the event is.
func (n *node) place(s *Step, name string) {
	s.TraceID, s.SpanID, s.ParentID = cleanID(s.TraceID), cleanID(s.SpanID), cleanID(s.ParentID)
	isPart := name != "$ai_metric" && name != "$ai_feedback"
	if s.TraceID == "" {
		s.TraceID = n.traceID
	}
	if s.ParentID == "" && s.TraceID == n.traceID {
		s.ParentID = n.parent
	}
	if s.SpanID == "" {
		s.SpanID = n.spanID
	}
	if !isPart {
		s.SpanID, s.ParentID = "", ""
		return
	}
	if s.TraceID == "" {
		s.TraceID = newID()
	}
	switch {
	case name == "$ai_trace":
		s.SpanID, s.ParentID = "", ""
	case s.SpanID == "":
		s.SpanID = newID()
	}
}

// writeStep writes what the event has in common with others.
func (n *node) writeStep(w *writer) {
	s := &w.step
	w.text("$ai_trace_id", s.TraceID)
	w.text("$ai_session_id", first(cleanID(s.SessionID), n.session))
	w.text("$ai_group_id", first(cleanID(s.GroupID), n.group))
	w.text("$ai_span_id", s.SpanID)
	w.text("$ai_parent_id", s.ParentID)
	w.text("$ai_span_name", s.Name)
	w.text("$ai_trace_name", s.TraceName)
	w.text("$ai_framework", first(s.Framework, n.framework))
	w.text("$ai_lib", s.Lib)
	w.text("$ai_lib_version", s.LibVersion)
	w.seconds("$ai_latency", s.Latency)
	if n.feature != nil {
		w.fixed(keyFeature, n.feature.name)
	}
}

// writeFeature writes the properties of the plan's feature.
func (n *node) writeFeature(w *writer) {
	if n.feature == nil {
		return
	}
	for i := range n.feature.members {
		m := &n.feature.members[i]
		w.raw(m.key, m.json)
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
