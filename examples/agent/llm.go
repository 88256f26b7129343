package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// An llm calls models over HTTP, as any client of theirs does.
type llm struct {
	url  string
	http *http.Client
}

type message struct {
	Role       string     `json:"role"`
	Content    string     `json:"content"`
	ToolCalls  []toolCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

type toolCall struct {
	Index    int      `json:"index"`
	ID       string   `json:"id,omitempty"`
	Type     string   `json:"type,omitempty"`
	Function function `json:"function"`
}

type function struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"` // JSON as text
}

type chatRequest struct {
	Model         string         `json:"model"`
	Messages      []message      `json:"messages"`
	Tools         []any          `json:"tools,omitempty"`
	Stream        bool           `json:"stream"`
	StreamOptions map[string]any `json:"stream_options,omitempty"`
}

// A chunk is one event of a streamed answer.
type chunk struct {
	ID      string   `json:"id"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage,omitempty"`
}

type choice struct {
	Delta        message `json:"delta"`
	FinishReason string  `json:"finish_reason,omitempty"`
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens,omitempty"`
}

type embeddingRequest struct {
	Model string   `json:"model"`
	Input []string `json:"input"`
}

type embeddingReply struct {
	Model string      `json:"model"`
	Data  []embedding `json:"data"`
	Usage usage       `json:"usage"`
}

type embedding struct {
	Index     int       `json:"index"`
	Embedding []float64 `json:"embedding"`
}

// complete returns the model's answer, which is read as it comes.
func (l *llm) complete(ctx context.Context, messages []message) (message, error) {
	answer := message{Role: "assistant"}
	body, err := l.post(ctx, "/v1/chat/completions", chatRequest{
		Model: chatModel, Messages: messages, Tools: toolbox, Stream: true, StreamOptions: map[string]any{"include_usage": true},
	})
	if err != nil {
		return answer, err
	}
	defer body.Close()
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || data == "[DONE]" {
			continue
		}
		var c chunk
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			return answer, fmt.Errorf("reading the stream: %w", err)
		}
		for _, choice := range c.Choices {
			answer.add(choice.Delta)
		}
	}
	return answer, lines.Err()
}

// add appends a part of an answer.
func (m *message) add(delta message) {
	m.Content += delta.Content
	for _, part := range delta.ToolCalls {
		if part.Index == len(m.ToolCalls) {
			m.ToolCalls = append(m.ToolCalls, part)
		} else {
			m.ToolCalls[part.Index].Function.Arguments += part.Function.Arguments
		}
	}
}

// embed returns a vector for each text.
func (l *llm) embed(ctx context.Context, texts []string) ([][]float64, error) {
	body, err := l.post(ctx, "/v1/embeddings", embeddingRequest{Model: embeddingModel, Input: texts})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var reply embeddingReply
	if err := json.NewDecoder(body).Decode(&reply); err != nil {
		return nil, fmt.Errorf("reading embeddings: %w", err)
	}
	vectors := make([][]float64, len(reply.Data))
	for i, e := range reply.Data {
		vectors[i] = e.Embedding
	}
	return vectors, nil
}

// post returns the body of the answer, which the caller closes.
func (l *llm) post(ctx context.Context, path string, v any) (io.ReadCloser, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+modelKey)
	r.Header.Set("Content-Type", "application/json")
	reply, err := l.http.Do(r)
	if err != nil {
		return nil, err
	}
	if reply.StatusCode != http.StatusOK {
		defer reply.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(reply.Body, 64<<10)) // so that the connection serves the next call
		return nil, fmt.Errorf("model: %s", reply.Status)
	}
	return reply.Body, nil
}
