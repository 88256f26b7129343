package traffic

import "encoding/json"

// A chatStream is the choices of Chat, joined.
type chatStream struct {
	choices indexed[choice]
}

// A choice is one of the messages that the model answers.
type choice struct {
	role                        string
	content, reasoning, refusal text
	calls                       indexed[toolCall]
}

// A toolCall is a call that the model asks for.
type toolCall struct {
	id, kind, name string
	arguments      text
}

// chatChunk is one event of Chat.
type chatChunk struct {
	ID      string          `json:"id"`
	Model   string          `json:"model"`
	Usage   json.RawMessage `json:"usage"`
	Error   json.RawMessage `json:"error"`
	Choices []struct {
		Index        int       `json:"index"`
		Delta        chatDelta `json:"delta"`
		FinishReason string    `json:"finish_reason"`
	} `json:"choices"`
}

type chatDelta struct {
	Role             string     `json:"role"`
	Content          string     `json:"content"`
	ReasoningContent string     `json:"reasoning_content"`
	Reasoning        string     `json:"reasoning"`
	Refusal          string     `json:"refusal"`
	ToolCalls        []callPart `json:"tool_calls"`
}

type callPart struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// chatEvent takes an event. It reports false if that is none of Chat.
func (s *Stream) chatEvent(data []byte) bool {
	if string(trim(data)) == "[DONE]" {
		s.response.Complete = true
		return true
	}
	var c chatChunk
	if !decode(data, &c) {
		return false
	}
	s.identify(c.ID, c.Model)
	if f := readFailure(c.Error); f != nil {
		s.response.Failure = f
	}
	if c.Usage != nil {
		s.response.Usage.read(c.Usage)
	}
	for i := range c.Choices {
		if reason := c.Choices[i].FinishReason; reason != "" && s.response.StopReason == "" {
			s.response.StopReason = reason
		}
		if to := s.chat.choices.at(c.Choices[i].Index); to != nil {
			s.delta(to, &c.Choices[i].Delta)
		}
	}
	return true
}

func (s *Stream) delta(to *choice, d *chatDelta) {
	if to.role == "" {
		to.role = d.Role
	}
	s.add(&to.content, d.Content)
	s.add(&to.reasoning, d.ReasoningContent)
	if d.ReasoningContent == "" {
		s.add(&to.reasoning, d.Reasoning)
	}
	s.add(&to.refusal, d.Refusal)
	for i := range d.ToolCalls {
		part := &d.ToolCalls[i]
		call := to.calls.at(part.Index)
		if call == nil {
			continue
		}
		s.started = true
		if call.id == "" {
			call.id = part.ID
		}
		if call.kind == "" {
			call.kind = part.Type
		}
		if call.name == "" {
			call.name = part.Function.Name
		}
		s.add(&call.arguments, part.Function.Arguments)
	}
}

// output returns the messages in the order of their choices' first events.
func (c *chatStream) output() json.RawMessage {
	var messages []message
	for _, from := range c.choices.values {
		m := message{
			Role:      "assistant",
			Content:   string(from.content),
			Reasoning: string(from.reasoning),
			Refusal:   string(from.refusal),
		}
		if from.role != "" {
			m.Role = from.role
		}
		for _, call := range from.calls.values {
			m.ToolCalls = append(m.ToolCalls, call.json())
		}
		if m.ToolCalls != nil && len(from.content) == 0 {
			m.Content = nil
		}
		messages = append(messages, m)
	}
	if messages == nil {
		return nil
	}
	return encode(messages)
}

// json returns a call as an answer that is no stream has it.
func (c *toolCall) json() json.RawMessage {
	kind := c.kind
	if kind == "" {
		kind = "function"
	}
	return encode(struct {
		ID       string   `json:"id"`
		Type     string   `json:"type"`
		Function function `json:"function"`
	}{c.id, kind, function{c.name, string(c.arguments)}})
}

// A function is what a call names.
type function struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}
