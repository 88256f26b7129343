package phai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

const secret = "s3cret-prompt"

// talkative says the secret wherever it is asked.
type talkative struct{}

func (talkative) Error() string                { return "the model said " + secret }
func (talkative) MarshalJSON() ([]byte, error) { return json.Marshal("as JSON: " + secret) }

// secrets are events with the secret in one place each.
func secrets() map[string]interface {
	Capture(context.Context, ...Option) uuid.UUID
} {
	type capturer = interface {
		Capture(context.Context, ...Option) uuid.UUID
	}
	all := map[string]capturer{}
	for name, v := range map[string]any{
		"text":     "tell me " + secret,
		"messages": []Message{{Role: "user", Content: secret}},
		"parts":    []Message{{Role: "user", Content: []Part{{Type: "text", Text: secret}}}},
		"call":     []Message{{Role: "assistant", ToolCalls: []ToolCall{{Function: Function{Name: "f", Arguments: secret}}}}},
		"raw":      json.RawMessage(`{"a":"` + secret + `"}`),
		"broken":   json.RawMessage(`{"a":"` + secret),
		"bytes":    []byte(secret),
		"map":      map[string]any{secret: []any{secret}},
		"foreign":  struct{ A talkative }{},
	} {
		all["trace input "+name] = &TraceEvent{Input: v}
		all["trace output "+name] = &TraceEvent{Output: v}
		all["span input "+name] = &SpanEvent{Input: v}
		all["span output "+name] = &SpanEvent{Output: v}
		all["span custom "+name] = &SpanEvent{CustomData: v}
		all["span data "+name] = &SpanEvent{SpanData: v}
		all["span mcp "+name] = &SpanEvent{MCPData: v}
		all["generation input "+name] = &GenerationEvent{Input: v}
		all["generation output "+name] = &GenerationEvent{Output: v}
		all["generation custom "+name] = &GenerationEvent{CustomData: v}
		all["embedding input "+name] = &EmbeddingEvent{Input: v}
		for key := range redacted {
			all["extra "+key+" "+name] = &GenerationEvent{Step: Step{Extra: ph.Props{key: v}}}
		}
	}
	all["instructions"] = &GenerationEvent{Instructions: secret}
	for name, err := range map[string]error{
		"plain": errors.New(secret), "wrapped": fmt.Errorf("model: %w", errors.New(secret)), "joined": errors.Join(errors.New(secret)), "foreign": talkative{},
	} {
		all["trace error "+name] = &TraceEvent{Step: Step{Err: err}}
		all["span error "+name] = &SpanEvent{Step: Step{Err: err}}
		all["generation error "+name] = &GenerationEvent{Step: Step{Err: err}}
		all["embedding error "+name] = &EmbeddingEvent{Step: Step{Err: err}}
	}
	return all
}

func TestPrivacy(t *testing.T) {
	for _, test := range []struct {
		name string
		opts []Option
		want bool // that the secret is sent
	}{
		{"default", nil, false},
		{"redact", []Option{Privacy(Redact)}, false},
		{"keep", []Option{Privacy(Keep)}, true},
		{"the last counts", []Option{Privacy(Keep), Privacy(Redact)}, false},
		{"feature redacts", []Option{WithFeature(ticket{Redact}), Privacy(Keep)}, false},
		{"feature keeps", []Option{WithFeature(ticket{Keep})}, true},
		{"feature keeps, redact in front", []Option{Privacy(Redact), WithFeature(ticket{Keep})}, false},
		{"feature keeps, redact behind", []Option{WithFeature(ticket{Keep}), Privacy(Redact)}, false},
		{"both keep", []Option{WithFeature(ticket{Keep}), Privacy(Keep)}, true},
		{"no policy", []Option{Privacy(7)}, false},
		{"ordinary", []Option{Lane(false)}, false},
		{"exceptions", []Option{CaptureExceptions(true)}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for where, e := range secrets() {
				r := newRig(t)
				if e.Capture(r.ctx(), test.opts...) == uuid.Nil {
					t.Errorf("%s: refused", where)
				}
				if got := strings.Contains(r.bytes(), secret); got != test.want {
					t.Errorf("%s: the secret was sent: %t, want %t: %s", where, got, test.want, r.bytes())
				}
			}
		})
	}
}

// What a run is told while it goes on is redacted as what an event holds.
func TestPrivacyOfRuns(t *testing.T) {
	r := newRig(t)
	ctx, trace := Trace(r.ctx(), "run", CaptureExceptions(true), WithProps(ph.Props{keyInput: secret}))
	trace.Input(secret)
	trace.Output(secret)
	trace.Property(keyOutput, secret)
	_, call := Generation(ctx, Model{})
	call.Input(secret)
	call.Chunk(secret)
	err := errors.New(secret)
	call.End(err)
	_, embedding := Embedding(ctx, Model{})
	embedding.Input([]string{secret})
	embedding.End(err)
	trace.End(err)
	if got := r.bytes(); strings.Contains(got, secret) {
		t.Errorf("the secret was sent: %s", got)
	}
}

// Neither the policy nor where a file is lets it out.
func TestFilesAreNeverSent(t *testing.T) {
	long := strings.Repeat("QUJD", 100)
	jpeg := append([]byte{0xff, 0xd8, 0xff}, strings.Repeat("JFIF", 100)...)
	for name, v := range map[string]any{
		"url":   "data:image/png;base64," + long,
		"raw":   json.RawMessage(`{"inline_data":{"data":"` + long + `"}}`),
		"bytes": map[string]any{"anything": jpeg},
		"list":  []any{jpeg},
		"alone": jpeg,
		"part":  []Message{{Content: []Part{{Type: "image", Image: jpeg}, {Type: "image", Image: long}}}},
		"struct": struct {
			Data []byte `json:"data"`
		}{jpeg},
	} {
		r := newRig(t)
		(&GenerationEvent{Input: v, Step: Step{Extra: ph.Props{"mine": v}}}).Capture(r.ctx(), Privacy(Keep))
		sent := r.one().text
		if strings.Contains(sent, "QUJDQUJD") || strings.Contains(sent, "/9j/SkZJRkp") || strings.Contains(sent, "SkZJRkpGSU") || strings.Contains(sent, "JFIFJFIF") {
			t.Errorf("%s: the file was sent: %s", name, sent)
		}
		if got := strings.Count(sent, " redacted]"); got < 2 {
			t.Errorf("%s: %d files are said to be redacted, want 2 or more: %s", name, got, sent)
		}
	}
}
