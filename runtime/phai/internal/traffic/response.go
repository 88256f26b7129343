package traffic

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A Response is what a model answered.
type Response struct {
	ID         string
	Model      string
	StopReason string
	Output     json.RawMessage // a list of messages; nil if there are none
	Usage      Usage
	Failure    *Failure // what the provider says went wrong
	Complete   bool     // the answer came to its end
	Malformed  bool     // part of it was not what the shape has
	Omitted    int64    // bytes of content that were too large to keep
}

// A message is one message of a conversation.
type message struct {
	Role      string            `json:"role"`
	Content   any               `json:"content"` // text, a list of parts, or JSON
	Reasoning string            `json:"reasoning_content,omitempty"`
	Refusal   string            `json:"refusal,omitempty"`
	ToolCalls []json.RawMessage `json:"tool_calls,omitempty"`
}

// A Failure is an error as the provider tells it.
type Failure struct {
	Type    string // as "rate_limit_error"; empty unless it looks like one
	Message string
}

// NewResponse returns an Object that keeps what [API.Response] reads, up to limit bytes.
func (a API) NewResponse(limit int) *Object {
	return NewObject(limit, func(key []byte) bool {
		switch string(key) {
		case "id", "model", "usage", "error", "stop_reason", "status", "incomplete_details":
			return true
		case "choices":
			return a == Chat
		case "output":
			return a == Responses
		case "content", "role":
			return a == Messages
		default:
			return false
		}
	})
}

// Response returns what o has read; with keep the content too.
func (a API) Response(o *Object, keep bool) Response {
	r := Response{Omitted: o.Omitted(), Complete: o.Complete()}
	r.ID, r.Model = name(o.string("id")), name(o.string("model"))
	r.Failure = readFailure(o.value("error"))
	if o.Has("usage") {
		r.Malformed = !r.Usage.read(o.value("usage"))
	}
	switch a {
	case Chat:
		r.choices(o.value("choices"), keep)
	case Responses:
		r.outcome(o)
		if keep {
			r.items(o.value("output"))
		}
	case Messages:
		r.StopReason = o.string("stop_reason")
		if content := o.member("content"); content != nil && keep {
			r.Output = encode([]message{{Role: "assistant", Content: content}})
		}
	}
	if o.state == noObject || o.Complete() && empty(o) && r.Failure == nil {
		r.Malformed = true
	}
	return r
}

// empty reports whether o has nothing that an answer has.
func empty(o *Object) bool {
	for _, key := range [...]string{"choices", "output", "content", "usage"} {
		if o.Has(key) {
			return false
		}
	}
	return o.Omitted() == 0
}

// choices reads the choices of Chat.
func (r *Response) choices(raw json.RawMessage, keep bool) {
	if raw == nil {
		return
	}
	var choices []struct {
		Message      json.RawMessage `json:"message"`
		FinishReason string          `json:"finish_reason"`
	}
	r.Malformed = !decode(raw, &choices) || r.Malformed
	var messages []json.RawMessage
	for _, c := range choices {
		if r.StopReason == "" {
			r.StopReason = c.FinishReason
		}
		if keep && c.Message != nil {
			messages = append(messages, c.Message)
		}
	}
	if messages != nil {
		r.Output = encode(messages)
	}
}

// outcome reads how a response of Responses ended.
func (r *Response) outcome(o *Object) {
	r.StopReason = o.string("status")
	var why struct {
		Reason string `json:"reason"`
	}
	if o.decode("incomplete_details", &why) && why.Reason != "" {
		r.StopReason = why.Reason
	}
	if r.StopReason == "failed" && r.Failure == nil {
		r.Failure = &Failure{Type: "failed"}
	}
}

// items reads the output of Responses.
func (r *Response) items(raw json.RawMessage) {
	if raw == nil {
		return
	}
	var items []json.RawMessage
	r.Malformed = !decode(raw, &items) || r.Malformed
	var parts []any
	for _, item := range items {
		parts = appendItem(parts, item)
	}
	r.Output = answer("assistant", parts)
}

// answer returns one message of parts as Output; nil if there are none.
func answer(role string, parts []any) json.RawMessage {
	if parts == nil {
		return nil
	}
	return encode([]message{{Role: role, Content: parts}})
}

// encode returns v as JSON, of which nothing escapes but what must. All that v holds is text, or
// JSON that was read.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return json.RawMessage("null")
	}
	return trim(b.Bytes())
}

// ReadFailure reads the body of an answer that is an error.
func ReadFailure(o *Object) *Failure {
	if f := readFailure(o.value("error")); f != nil {
		return f
	}
	return &Failure{Message: o.string("message")}
}

// NewFailure returns an Object that keeps what [ReadFailure] reads, up to limit bytes.
func NewFailure(limit int) *Object {
	return NewObject(limit, func(key []byte) bool { return string(key) == "error" || string(key) == "message" })
}

// readFailure reads a member "error"; nil if there is none.
func readFailure(raw json.RawMessage) *Failure {
	raw = trim(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var f Failure
	if raw[0] == '"' {
		decode(raw, &f.Message)
		return &f
	}
	var e struct {
		Type    string          `json:"type"`
		Code    json.RawMessage `json:"code"`
		Message string          `json:"message"`
	}
	decode(raw, &e)
	f.Message, f.Type = e.Message, word(e.Type)
	if f.Type == "" {
		var code string
		decode(e.Code, &code)
		f.Type = word(code)
	}
	return &f
}

// maxWord is how long the name of a kind may be.
const maxWord = 64

// word returns s if it looks like the name of a kind of error, which says nothing of what the
// call was about.
func word(s string) string {
	if len(s) > maxWord {
		return ""
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.':
		default:
			return ""
		}
	}
	return s
}

// maxName is how long the name of a model or answer may be.
const maxName = 200

// name returns s, cut to what a name may be.
func name(s string) string {
	if len(s) <= maxName {
		return s
	}
	return strings.ToValidUTF8(s[:maxName], "")
}

func trim(raw json.RawMessage) json.RawMessage { return bytes.TrimSpace(raw) }
