package phai

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

// The types of errors that only a transport has.
const (
	typeClosed    = "closed"
	typeTruncated = "truncated"
	typeMalformed = "malformed_response"
	typeProvider  = "provider_error"
)

// The properties of contents that were too large.
const (
	keyInputOmitted  = "ai_input_bytes_omitted"
	keyOutputOmitted = "ai_output_bytes_omitted"
)

// capture captures the exchange, which nobody else sees any more.
func (x *exchange) capture(err error) {
	asked := x.api.Request(x.request)
	var answered traffic.Response
	if x.answer != nil {
		answered = x.answer.Response()
	}
	if answered.Omitted > 0 {
		answered.Output = nil // part of an answer would pass for all of it
	}
	step := Step{Latency: elapsed(x.start), Extra: omitted(asked.Omitted, answered.Omitted)}
	if step.ErrorType, step.Err = x.failure(err, &answered); step.Err != nil {
		step.ExceptionID = x.node.link(x.ctx, step.Err, uuid.Nil)
	}
	model := Model{
		Provider:   x.api.Provider(x.host),
		Name:       first(answered.Model, asked.Model),
		BaseURL:    x.url,
		Parameters: parameters(&asked),
	}
	if x.api == traffic.Embeddings {
		e := EmbeddingEvent{Step: step, Model: model, Usage: x.usage(&answered), HTTPStatus: x.status}
		if asked.Input != nil {
			e.Input = asked.Input
		}
		x.node.capture(x.ctx, "$ai_embedding", &e)
		return
	}
	e := GenerationEvent{
		Step:         step,
		Model:        model,
		Usage:        x.usage(&answered),
		Instructions: asked.Instructions,
		StopReason:   answered.StopReason,
		ResponseID:   answered.ID,
		FirstToken:   x.first,
		HTTPStatus:   x.status,
	}
	if asked.Input != nil {
		e.Input = asked.Input
	}
	if answered.Output != nil {
		e.Output = answered.Output
	}
	if asked.Tools != nil {
		e.Tools = asked.Tools
	}
	x.node.capture(x.ctx, "$ai_generation", &e)
}

// omitted returns the properties that count what was too large.
func omitted(input, output int64) ph.Props {
	if input == 0 && output == 0 {
		return nil
	}
	props := ph.Props{}
	if input > 0 {
		props[keyInputOmitted] = input
	}
	if output > 0 {
		props[keyOutputOmitted] = output
	}
	return props
}

// failure returns what kind of error the call failed with, and why; nil if it did not.
func (x *exchange) failure(err error, r *traffic.Response) (kind string, cause error) {
	if f := r.Failure; f != nil {
		return x.provider(f)
	}
	atEnd := errors.Is(err, io.EOF)
	// Some providers end a stream without the event that says so, some callers stop before it.
	stopped := r.StopReason != "" && (atEnd || errors.Is(err, errClosed))
	switch complete := r.Complete || stopped || atEnd && r.Omitted > 0; {
	case complete && r.Malformed:
		return typeMalformed, errMalformed
	case complete:
		return "", nil
	case x.ctx.Err() != nil:
		return "", x.ctx.Err()
	case errors.Is(err, errClosed):
		return typeClosed, err
	case err != nil && x.answer == nil:
		return kindOf(err), x.hide(err.Error())
	case r.Malformed:
		return typeMalformed, errMalformed
	case err != nil && !errors.Is(err, io.EOF):
		return typeTruncated, x.hide(err.Error())
	default:
		return typeTruncated, errTruncated
	}
}

// provider returns an error that the provider tells of.
func (x *exchange) provider(f *traffic.Failure) (kind string, cause error) {
	kind = f.Type
	switch {
	case kind != "":
	case x.status >= http.StatusBadRequest:
		kind = "http_" + strconv.Itoa(x.status)
	default:
		kind = typeProvider
	}
	text := f.Message
	if text == "" {
		text = first(http.StatusText(x.status), kind)
	}
	return kind, x.hide(text)
}

// hide returns an error with text, without the keys that the request has shown.
func (x *exchange) hide(text string) error {
	for _, key := range x.keys {
		text = strings.ReplaceAll(text, key, "[key]")
	}
	return errors.New(text)
}

func parameters(r *traffic.Request) Parameters {
	p := &r.Parameters
	return Parameters{
		Temperature:         p.Temperature,
		TopP:                p.TopP,
		FrequencyPenalty:    p.FrequencyPenalty,
		PresencePenalty:     p.PresencePenalty,
		MaxTokens:           p.MaxTokens,
		MaxCompletionTokens: p.MaxCompletion,
		N:                   p.N,
		Stop:                p.Stop,
		Stream:              r.Stream,
	}
}

func (x *exchange) usage(r *traffic.Response) Usage {
	u := &r.Usage
	return Usage{
		InputTokens:           u.Input,
		OutputTokens:          u.Output,
		TotalTokens:           u.Total,
		ReasoningTokens:       u.Reasoning,
		CacheReadTokens:       u.CacheRead,
		CacheCreationTokens:   u.CacheWrite,
		CacheCreation5mTokens: u.CacheWrite5m,
		CacheCreation1hTokens: u.CacheWrite1h,
		CacheExclusive:        x.api == traffic.Messages && u.CacheRead+u.CacheWrite > 0,
		WebSearches:           u.WebSearches,
	}
}
