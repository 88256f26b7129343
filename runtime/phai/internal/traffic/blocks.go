package traffic

import "encoding/json"

// A blockStream is the content of Messages, joined.
type blockStream struct {
	role   string
	blocks indexed[block]
}

// A block is one part of the content.
type block struct {
	kind      string
	start     text // the block as it began
	text      text
	thinking  text
	arguments text
}

// blockEvent is one event of Messages.
type blockEvent struct {
	Type    string `json:"type"`
	Index   int    `json:"index"`
	Message struct {
		ID    string          `json:"id"`
		Model string          `json:"model"`
		Role  string          `json:"role"`
		Usage json.RawMessage `json:"usage"`
	} `json:"message"`
	ContentBlock json.RawMessage `json:"content_block"`
	Delta        struct {
		Text        string `json:"text"`
		Thinking    string `json:"thinking"`
		PartialJSON string `json:"partial_json"`
		StopReason  string `json:"stop_reason"`
	} `json:"delta"`
	Usage json.RawMessage `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// messagesEvent takes an event. It reports false if that is none of Messages.
func (s *Stream) messagesEvent(data []byte) bool {
	var e blockEvent
	if !decode(data, &e) {
		return false
	}
	switch e.Type {
	case "message_start":
		s.identify(e.Message.ID, e.Message.Model)
		s.blocks.role = e.Message.Role
		s.response.Usage.read(e.Message.Usage)
	case "content_block_start":
		s.startBlock(&e)
	case "content_block_delta":
		if to := s.blocks.blocks.at(e.Index); to != nil {
			s.add(&to.text, e.Delta.Text)
			s.add(&to.thinking, e.Delta.Thinking)
			s.add(&to.arguments, e.Delta.PartialJSON)
		}
	case "message_delta":
		if e.Delta.StopReason != "" {
			s.response.StopReason = e.Delta.StopReason
		}
		if e.Usage != nil {
			s.response.Usage.read(e.Usage)
		}
	case "message_stop":
		s.response.Complete = true
	case "error":
		if s.response.Failure = readFailure(e.Error); s.response.Failure == nil {
			s.response.Failure = &Failure{}
		}
	}
	return true
}

func (s *Stream) startBlock(e *blockEvent) {
	to := s.blocks.blocks.at(e.Index)
	if to == nil {
		return
	}
	var head struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		Thinking string `json:"thinking"`
	}
	decode(e.ContentBlock, &head)
	to.kind = head.Type
	switch head.Type {
	case "text":
		s.add(&to.text, head.Text)
	case "thinking":
		s.add(&to.thinking, head.Thinking)
	default:
		s.raw(&to.start, e.ContentBlock)
	}
}

// output returns one message with what has come.
func (b *blockStream) output() json.RawMessage {
	var parts []any
	for _, from := range b.blocks.values {
		parts = from.append(parts)
	}
	role := b.role
	if role == "" {
		role = "assistant"
	}
	return answer(role, parts)
}

// append adds the block as an answer that is no stream has it, or not at all if nothing of it
// was kept.
func (b *block) append(parts []any) []any {
	switch {
	case b.kind == "thinking":
		if len(b.thinking) == 0 {
			return parts
		}
		return append(parts, struct {
			Type     string `json:"type"`
			Thinking string `json:"thinking"`
		}{"thinking", string(b.thinking)})
	case len(b.start) == 0:
		if len(b.text) == 0 {
			return parts
		}
		return append(parts, textPart{"text", string(b.text)})
	case len(b.arguments) == 0:
		return append(parts, json.RawMessage(b.start))
	}
	var call map[string]json.RawMessage
	if !decode(b.start, &call) || call == nil {
		return append(parts, json.RawMessage(b.start))
	}
	if call["input"] = json.RawMessage(b.arguments); !json.Valid(b.arguments) {
		call["input"] = encode(string(b.arguments)) // broken off
	}
	return append(parts, call)
}
