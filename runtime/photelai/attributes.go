package photelai

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// The attributes that are read in more than one place.
const (
	attrOperation    = "gen_ai.operation.name"
	attrProvider     = "gen_ai.provider.name"
	attrSystem       = "gen_ai.system" // what provider.name was called
	attrRequestModel = "gen_ai.request.model"
	attrInput        = "gen_ai.input.messages"
	attrOutput       = "gen_ai.output.messages"
	attrInstructions = "gen_ai.system_instructions"
	attrErrorType    = "error.type"
)

// attributes are those of a span that this package may read.
type attributes map[attribute.Key]attribute.Value

func attributesOf(all []attribute.KeyValue) attributes {
	var a attributes
	for _, kv := range all {
		if !isRead(kv.Key) {
			continue
		}
		if a == nil {
			a = make(attributes, len(all))
		}
		a[kv.Key] = kv.Value
	}
	return a
}

// isRead reports whether an attribute is of use.
func isRead(key attribute.Key) bool {
	switch key {
	case attrErrorType, "server.address", "server.port", "http.response.status_code":
		return true
	default:
		return strings.HasPrefix(string(key), "gen_ai.")
	}
}

// kind returns the operation that a span is of; empty if that is none of a language model.
func (a attributes) kind() string {
	if kind := a.text(attrOperation); kind != "" {
		return kind
	}
	if a.text(attrRequestModel) != "" && a.first(attrProvider, attrSystem) != "" {
		return "chat" // of an instrumentation older than the attribute
	}
	return ""
}

// withEvents adds the messages that events of the span have.
func (a attributes) withEvents(events []sdktrace.Event) attributes {
	var old conversation
	for _, e := range events {
		of := attributesOf(e.Attributes)
		for _, key := range [...]attribute.Key{attrInput, attrOutput, attrInstructions} {
			if v, ok := of[key]; ok && a.text(key) == "" {
				a[key] = v
			}
		}
		old.add(e.Name, e.Attributes)
	}
	for key, messages := range map[attribute.Key][]any{attrInput: old.input, attrOutput: old.output} {
		if messages != nil && a.text(key) == "" {
			a[key] = attribute.StringValue(encode(messages))
		}
	}
	return a
}

// text returns an attribute that is text.
func (a attributes) text(key attribute.Key) string {
	if v, ok := a[key]; ok && v.Type() == attribute.STRING {
		return v.AsString()
	}
	return ""
}

// first returns the first of the texts that is not empty.
func (a attributes) first(keys ...attribute.Key) string {
	for _, key := range keys {
		if v := a.text(key); v != "" {
			return v
		}
	}
	return ""
}

// texts returns an attribute that is a list of texts.
func (a attributes) texts(key attribute.Key) []string {
	if v, ok := a[key]; ok && v.Type() == attribute.STRINGSLICE {
		return v.AsStringSlice()
	}
	return nil
}

// integer returns the first of the numbers that is positive.
func (a attributes) integer(keys ...attribute.Key) int64 {
	for _, key := range keys {
		if n := a.number(key); n > 0 {
			return int64(n)
		}
	}
	return 0
}

// number returns an attribute that is a number; 0 if it is none.
func (a attributes) number(key attribute.Key) float64 {
	v, ok := a[key]
	switch {
	case ok && v.Type() == attribute.INT64:
		return float64(v.AsInt64())
	case ok && v.Type() == attribute.FLOAT64:
		return v.AsFloat64()
	default:
		return 0
	}
}
