package traffic

import (
	"encoding/json"
	"strings"
)

// A Request is what a call asks for. Members are as the caller wrote them, and nil if the
// request has none or they were not kept.
type Request struct {
	Model        string
	Stream       bool
	Parameters   Parameters
	Input        json.RawMessage // what the model is to read; a system prompt comes first
	Instructions string          // of Responses
	Tools        json.RawMessage // the definitions offered
	Omitted      int64           // bytes of content that were too large to keep
}

// Parameters say how a model is called. Texts at which it stops are content.
type Parameters struct {
	Temperature      *float64
	TopP             float64
	FrequencyPenalty float64
	PresencePenalty  float64
	MaxTokens        int64 // of Responses max_output_tokens
	MaxCompletion    int64
	N                int64
	Stop             []string
}

// NewRequest returns an Object that keeps what [API.Request] reads; with keep what was said
// too. It keeps limit bytes at most.
func (a API) NewRequest(limit int, keep bool) *Object {
	o := NewObject(limit, nil)
	o.wanted = func(key []byte) bool {
		switch string(key) {
		case "model", "stream", "tools", "temperature", "top_p", "frequency_penalty", "presence_penalty",
			"max_tokens", "max_output_tokens", "max_completion_tokens", "n":
			return true
		case "messages", "input", "system", "instructions", "stop", "stop_sequences":
			o.subject = o.subject || a.isSubject(key)
			return keep
		default:
			o.subject = o.subject || a.isSubject(key)
			return false
		}
	}
	return o
}

// subjects are the members of which a request of a shape has one.
var subjects = [...][]string{
	None:       nil,
	Chat:       {"messages"},
	Responses:  {"input", "prompt", "conversation", "previous_response_id"},
	Embeddings: {"input"},
	Messages:   {"messages"},
}

func (a API) isSubject(key []byte) bool {
	for _, s := range subjects[a] {
		if string(key) == s {
			return true
		}
	}
	return false
}

// IsRequest reports whether o has read a request of the shape, of which a path says little.
func (a API) IsRequest(o *Object) bool {
	return o.subject && o.state != noObject && (o.Has("model") || a == Responses)
}

// Request returns what o has read.
func (a API) Request(o *Object) Request {
	r := Request{Omitted: o.Omitted()}
	r.Model = name(o.string("model"))
	o.decode("stream", &r.Stream)
	r.Instructions = o.string("instructions")
	r.Tools = o.member("tools")
	r.Parameters.read(o)
	switch a {
	case Chat:
		r.Input = o.member("messages")
	case Messages:
		r.Input = withSystem(o.member("system"), o.member("messages"))
	case Responses:
		if r.Input = o.member("input"); r.Input != nil && r.Input[0] == '"' {
			r.Input = encode([]message{{Role: "user", Content: r.Input}})
		}
	case Embeddings:
		r.Input = o.member("input")
	}
	return r
}

func (p *Parameters) read(o *Object) {
	if raw := o.value("temperature"); raw != nil {
		var t *float64
		if json.Unmarshal(raw, &t) == nil {
			p.Temperature = t
		}
	}
	o.decode("top_p", &p.TopP)
	o.decode("frequency_penalty", &p.FrequencyPenalty)
	o.decode("presence_penalty", &p.PresencePenalty)
	o.decode("max_output_tokens", &p.MaxTokens)
	o.decode("max_tokens", &p.MaxTokens)
	o.decode("max_completion_tokens", &p.MaxCompletion)
	o.decode("n", &p.N)
	for _, key := range [...]string{"stop", "stop_sequences"} {
		if one := o.string(key); one != "" {
			p.Stop = []string{one}
			continue
		}
		o.decode(key, &p.Stop)
	}
}

// withSystem returns messages with the system prompt, if there is one, before them.
func withSystem(system, messages json.RawMessage) json.RawMessage {
	if system == nil {
		return messages
	}
	rest, ok := strings.CutPrefix(string(messages), "[")
	if !ok {
		rest = "]"
	}
	joined := append([]byte(`[{"role":"system","content":`), system...)
	joined = append(joined, '}')
	if strings.TrimLeft(rest, " \t\r\n") != "]" {
		joined = append(joined, ',')
	}
	return append(joined, rest...)
}

// member returns a member without space around it; nil if it is null, no JSON or not there.
func (o *Object) member(key string) json.RawMessage {
	raw := trim(o.value(key))
	if len(raw) == 0 || string(raw) == "null" || !json.Valid(raw) {
		return nil
	}
	return raw
}
