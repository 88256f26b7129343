package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/phgen/phgen/internal/sink"
)

// expected is what PostHog is to get: who, which event and of what, below what, and with which
// feature and tokens.
var expected = []string{
	`agent_ada $ai_generation gpt-5 in "answer ticket" of ticket_7: 40 tokens in, 10 out, tool_calls`,
	`agent_ada $ai_span look_up_customer in "answer ticket" of ticket_7`,
	`agent_ada $ai_generation gpt-5 in "answer ticket" of ticket_7: 60 tokens in, 10 out, tool_calls`,
	`agent_ada $ai_span search_articles in "answer ticket" of ticket_7`,
	`agent_ada $ai_generation gpt-5 in "answer ticket" of ticket_7: 80 tokens in, 10 out, stop`,
	`agent_ada $ai_trace answer ticket of ticket_7`,
	`nobody $ai_embedding text-embedding-3-small in "index articles": 16 tokens in`,
	`nobody $ai_embedding text-embedding-3-small in "index articles": 8 tokens in`,
	`nobody $ai_trace index articles`,
}

// complaint says how got differs from what was expected; nil if it does not.
func complaint(got []string) error {
	if slices.Equal(got, expected) {
		return nil
	}
	return fmt.Errorf("PostHog got other events than expected:\n%s", strings.Join(expected, "\n"))
}

// A posthog is a PostHog inside the program that also keeps every byte of the requests.
type posthog struct {
	*sink.Sink

	mu   sync.Mutex
	wire bytes.Buffer
}

func newPostHog() *posthog { return &posthog{Sink: sink.New(sink.Config{APIKey: "phc_agent"})} }

// RoundTrip implements http.RoundTripper.
func (p *posthog) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	fmt.Fprintln(&p.wire, r.URL, r.Header)
	p.wire.Write(body)
	p.mu.Unlock()
	forward := r.Clone(r.Context())
	forward.Body = io.NopCloser(bytes.NewReader(body))
	return p.Sink.RoundTrip(forward)
}

// overheard reports words that were not to be sent.
func (p *posthog) overheard() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, word := range words {
		if bytes.Contains(p.wire.Bytes(), []byte(word)) {
			return fmt.Errorf("PostHog was told %q", word)
		}
	}
	return nil
}

// lines are the events, one in each.
func (p *posthog) lines() []string {
	events := p.Events()
	names := map[any]any{} // of traces, by their IDs
	for _, e := range events {
		if e.Name == "$ai_trace" {
			names[e.Properties["$ai_trace_id"]] = e.Properties["$ai_span_name"]
		}
	}
	var all []string
	for _, e := range events {
		all = append(all, line(e, names))
	}
	return all
}

func line(e sink.Event, traces map[any]any) string {
	p := e.Properties
	who := e.DistinctID
	if who == p["$ai_trace_id"] && p["$process_person_profile"] == false {
		who = "nobody"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s ", who, e.Name)
	switch {
	case p["$ai_model"] != nil:
		fmt.Fprint(&b, p["$ai_model"])
	default:
		fmt.Fprint(&b, p["$ai_span_name"])
	}
	if e.Name != "$ai_trace" {
		fmt.Fprintf(&b, " in %q", traces[p["$ai_parent_id"]])
	}
	if p["ai_feature"] == "ticket_summary" {
		fmt.Fprintf(&b, " of %v", p["ticket_id"])
	}
	switch e.Name {
	case "$ai_generation":
		fmt.Fprintf(&b, ": %v tokens in, %v out, %v", p["$ai_input_tokens"], p["$ai_output_tokens"], p["$ai_stop_reason"])
	case "$ai_embedding":
		fmt.Fprintf(&b, ": %v tokens in", p["$ai_input_tokens"])
	}
	if p["$ai_is_error"] == true {
		fmt.Fprintf(&b, " failed: %v", p["$ai_error_type"])
	}
	return b.String()
}
