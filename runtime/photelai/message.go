package photelai

import (
	"encoding/json"

	"go.opentelemetry.io/otel/attribute"
)

// maxText is the longest attribute that is read; no larger event is taken.
const maxText = 8 << 20

// A part is one part of a message of the conventions.
type part struct {
	Type      string          `json:"type"`
	Content   json.RawMessage `json:"content"`
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
	Response  json.RawMessage `json:"response"`
	Result    json.RawMessage `json:"result"` // what response was called
}

// messages returns a list of messages as PostHog shows them. Text that is no such list is
// returned as it is; nil is returned for none.
func messages(text string) any {
	if text == "" || len(text) > maxText {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil {
		return text
	}
	all := make([]any, 0, len(list))
	for _, raw := range list {
		var m struct {
			Role  string            `json:"role"`
			Parts []json.RawMessage `json:"parts"`
		}
		if json.Unmarshal(raw, &m) != nil || m.Parts == nil {
			all = append(all, raw)
			continue
		}
		all = append(all, message(m.Role, m.Parts))
	}
	return all
}

// message returns one message. One that is nothing but the answer of a tool says of which call.
func message(role string, raws []json.RawMessage) map[string]any {
	m := map[string]any{"role": role}
	parts := make([]any, 0, len(raws))
	for _, raw := range raws {
		var p part
		if json.Unmarshal(raw, &p) != nil {
			parts = append(parts, raw)
			continue
		}
		switch p.Type {
		case "text":
			parts = append(parts, map[string]any{"type": "text", "text": p.Content})
		case "tool_call":
			parts = append(parts, map[string]any{"type": "function", "id": p.ID, "function": map[string]any{"name": p.Name, "arguments": p.Arguments}})
		case "tool_call_response":
			response := p.Response
			if response == nil {
				response = p.Result
			}
			if len(raws) == 1 {
				m["content"], m["tool_call_id"] = response, p.ID
				return m
			}
			parts = append(parts, raw)
		default:
			parts = append(parts, raw)
		}
	}
	m["content"] = parts
	return m
}

// withSystem returns the system's instructions, a list of parts or text, as the message before all
// others.
func withSystem(instructions string, input any) any {
	if instructions == "" || len(instructions) > maxText {
		return input
	}
	var parts []json.RawMessage
	system := map[string]any{"role": "system", "content": instructions}
	if json.Unmarshal([]byte(instructions), &parts) == nil {
		system = message("system", parts)
	}
	switch input := input.(type) {
	case []any:
		return append([]any{system}, input...)
	case nil:
		return []any{system}
	default:
		return []any{system, map[string]any{"role": "user", "content": input}}
	}
}

// content returns text that may be JSON.
func content(text string) any {
	switch {
	case text == "" || len(text) > maxText:
		return nil
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	default:
		return text
	}
}

// A conversation is what the events say that were there before the attributes.
type conversation struct {
	input, output []any
	size          int
}

// roles are those of the events that are one message.
var roles = map[string]string{
	"gen_ai.system.message":    "system",
	"gen_ai.user.message":      "user",
	"gen_ai.assistant.message": "assistant",
	"gen_ai.tool.message":      "tool",
}

// add adds what an event says, if it is one of those.
func (c *conversation) add(name string, all []attribute.KeyValue) {
	role, isMessage := roles[name]
	if !isMessage && name != "gen_ai.choice" && name != "gen_ai.content.prompt" && name != "gen_ai.content.completion" {
		return
	}
	of := make(map[attribute.Key]string, len(all))
	for _, kv := range all {
		if kv.Value.Type() == attribute.STRING {
			of[kv.Key] = kv.Value.AsString()
			c.size += len(of[kv.Key])
		}
	}
	if c.size > maxText {
		return
	}
	switch {
	case isMessage:
		c.input = append(c.input, oldMessage(role, of))
	case name == "gen_ai.choice":
		if m, ok := content(of["message"]).(json.RawMessage); ok {
			c.output = append(c.output, m)
			return
		}
		c.output = append(c.output, oldMessage("assistant", of))
	case name == "gen_ai.content.prompt":
		c.input = append(c.input, oldMessage("user", map[attribute.Key]string{"content": of["gen_ai.prompt"]}))
	default:
		c.output = append(c.output, oldMessage("assistant", map[attribute.Key]string{"content": of["gen_ai.completion"]}))
	}
}

func oldMessage(role string, of map[attribute.Key]string) any {
	m := map[string]any{"role": role, "content": of["content"]}
	if r := of["role"]; r != "" {
		m["role"] = r
	}
	if id := of["id"]; id != "" && role == "tool" {
		m["tool_call_id"] = id
	}
	if calls, ok := content(of["tool_calls"]).(json.RawMessage); ok {
		m["tool_calls"] = calls
	}
	return m
}

// encode returns messages as the attribute that took their place.
func encode(messages []any) string {
	text, err := json.Marshal(messages)
	if err != nil {
		return ""
	}
	return string(text)
}
