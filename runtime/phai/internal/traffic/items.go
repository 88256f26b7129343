package traffic

import "encoding/json"

// An itemStream is the output of Responses, joined: of use only if the stream breaks off,
// since its last event has everything.
type itemStream struct {
	items indexed[item]
}

// An item is one part of the output.
type item struct {
	head      itemHead
	whole     text // the item as its last event has it
	text      text
	refusal   text
	arguments text
}

// itemHead is what an item says of itself.
type itemHead struct {
	Type   string `json:"type"`
	CallID string `json:"call_id"`
	Name   string `json:"name"`
}

// itemEvent is one event of Responses.
type itemEvent struct {
	Type     string          `json:"type"`
	Index    int             `json:"output_index"`
	Delta    json.RawMessage `json:"delta"`
	Item     json.RawMessage `json:"item"`
	Response json.RawMessage `json:"response"`
	Error    json.RawMessage `json:"error"`
	Code     string          `json:"code"`
	Message  string          `json:"message"`
}

// responsesEvent takes an event. It reports false if that is none of Responses.
func (s *Stream) responsesEvent(data []byte) bool {
	if string(trim(data)) == "[DONE]" {
		return true
	}
	var e itemEvent
	if !decode(data, &e) {
		return false
	}
	switch e.Type {
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
		s.whole(e.Response)
		s.response.Complete = true
	case "response.created", "response.in_progress", "response.queued":
		var head struct{ ID, Model string }
		decode(e.Response, &head)
		s.identify(head.ID, head.Model)
	case "error":
		s.response.Failure = &Failure{Type: word(e.Code), Message: e.Message}
		if f := readFailure(e.Error); f != nil {
			s.response.Failure = f
		}
	default:
		s.itemEvent(&e)
	}
	return true
}

// whole takes the answer that the last event repeats.
func (s *Stream) whole(raw json.RawMessage) {
	o := Responses.NewResponse(s.scanner.limit)
	_, _ = o.Write(raw) // it has no errors
	r := Responses.Response(o, s.keep)
	r.Malformed = r.Malformed || s.response.Malformed
	s.identify(r.ID, r.Model)
	r.ID, r.Model = s.response.ID, s.response.Model
	if r.Output != nil {
		r.Omitted = 0 // what was too large in pieces is here
	} else {
		r.Omitted = s.response.Omitted
	}
	s.response = r
}

func (s *Stream) itemEvent(e *itemEvent) {
	to := s.items.items.at(e.Index)
	if to == nil {
		return
	}
	var delta string
	switch e.Type {
	case "response.output_item.added":
		decode(e.Item, &to.head)
	case "response.output_item.done":
		decode(e.Item, &to.head)
		s.raw(&to.whole, e.Item)
	case "response.output_text.delta":
		decode(e.Delta, &delta)
		s.add(&to.text, delta)
	case "response.refusal.delta":
		decode(e.Delta, &delta)
		s.add(&to.refusal, delta)
	case "response.function_call_arguments.delta":
		decode(e.Delta, &delta)
		s.add(&to.arguments, delta)
	case "response.reasoning_text.delta", "response.reasoning_summary_text.delta":
		s.started = true
	}
}

// output returns one message with what has come.
func (x *itemStream) output() json.RawMessage {
	var parts []any
	for _, from := range x.items.values {
		switch {
		case len(from.whole) > 0:
			parts = appendItem(parts, json.RawMessage(from.whole))
		case from.head.Type == "function_call":
			parts = append(parts, callPartOf(from.head.CallID, from.head.Name, string(from.arguments)))
		default:
			if len(from.text) > 0 {
				parts = append(parts, textPart{"text", string(from.text)})
			}
			if len(from.refusal) > 0 {
				parts = append(parts, refusalPart{"refusal", string(from.refusal)})
			}
		}
	}
	return answer("assistant", parts)
}

// The parts of a message, as PostHog shows them.
type (
	textPart struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	refusalPart struct {
		Type    string `json:"type"`
		Refusal string `json:"refusal"`
	}
	functionPart struct {
		Type     string   `json:"type"`
		ID       string   `json:"id"`
		Function function `json:"function"`
	}
)

func callPartOf(id, name, arguments string) functionPart {
	return functionPart{"function", id, function{name, arguments}}
}

// appendItem adds an item of Responses as parts; one that is neither message nor call as it
// is.
func appendItem(parts []any, raw json.RawMessage) []any {
	var it struct {
		itemHead
		Arguments string `json:"arguments"`
		Content   []struct {
			Type    string `json:"type"`
			Text    string `json:"text"`
			Refusal string `json:"refusal"`
		} `json:"content"`
	}
	decode(raw, &it)
	switch it.Type {
	case "message":
		for _, c := range it.Content {
			if c.Type == "refusal" {
				parts = append(parts, refusalPart{"refusal", c.Refusal})
			} else {
				parts = append(parts, textPart{"text", c.Text})
			}
		}
		return parts
	case "function_call":
		return append(parts, callPartOf(it.CallID, it.Name, it.Arguments))
	default:
		return append(parts, raw)
	}
}
