package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

const (
	chatModel      = "gpt-5"
	embeddingModel = "text-embedding-3-small"
)

// newModels serves a model that calls two tools before it answers, and one that makes
// embeddings.
func newModels() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", chat)
	mux.HandleFunc("POST /v1/embeddings", embed)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+modelKey {
			refuse(w, http.StatusUnauthorized, `{"error":{"message":"wrong key","type":"invalid_request_error"}}`)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

// chat streams the answer to a conversation: a tool for each result that is still missing, in two
// parts, or text.
func chat(w http.ResponseWriter, r *http.Request) {
	var ask chatRequest
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	results := 0
	for _, m := range ask.Messages {
		if m.Role == "tool" {
			results++
		}
	}
	var deltas []message
	reason := "tool_calls"
	switch results {
	case 0:
		deltas = callOf("call_1", "look_up_customer", lookUp)
	case 1:
		deltas = callOf("call_2", "search_articles", search)
	default:
		reason = "stop"
		deltas = []message{{Role: "assistant", Content: answer[:20]}, {Content: answer[20:]}}
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for i, delta := range deltas {
		c := choice{Delta: delta}
		if i == len(deltas)-1 {
			c.FinishReason = reason
		}
		event(w, chunk{ID: "chatcmpl_1", Model: chatModel, Choices: []choice{c}})
	}
	event(w, chunk{ID: "chatcmpl_1", Model: chatModel, Choices: []choice{}, Usage: &usage{PromptTokens: 40 + 20*results, CompletionTokens: 10}})
	fmt.Fprint(w, "data: [DONE]\n\n")
}

// callOf is a call of a tool as it is streamed: its arguments come in parts.
func callOf(id, name, arguments string) []message {
	return []message{
		{Role: "assistant", ToolCalls: []toolCall{{ID: id, Type: "function", Function: function{Name: name, Arguments: arguments[:9]}}}},
		{ToolCalls: []toolCall{{Function: function{Arguments: arguments[9:]}}}},
	}
}

func event(w http.ResponseWriter, c chunk) {
	text, err := json.Marshal(c)
	if err != nil {
		return // it always has JSON
	}
	fmt.Fprintf(w, "data: %s\n\n", text)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}

func embed(w http.ResponseWriter, r *http.Request) {
	var ask embeddingRequest
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply := embeddingReply{Model: embeddingModel}
	for i, text := range ask.Input {
		reply.Data = append(reply.Data, embedding{Index: i, Embedding: []float64{float64(len(text)), 1}})
		reply.Usage.PromptTokens += 8
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(reply) // the caller notices if it could not be written
}
