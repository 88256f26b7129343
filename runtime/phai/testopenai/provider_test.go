package testopenai_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/phgen/phgen/runtime/phai"
)

// Everything that is said to a model or by it has this in it.
const secret = "xyzzy-plugh"

// A provider is a server on loopback that speaks the wire format of OpenAI.
type provider struct {
	*httptest.Server
	release chan struct{}

	mu       sync.Mutex
	requests []string // that it has read
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{release: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", p.chat)
	mux.HandleFunc("POST /v1/responses", p.responses)
	mux.HandleFunc("POST /v1/embeddings", p.embeddings)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// client returns OpenAI's client of the provider, with phai's transport in it.
func (p *provider) client(t *testing.T, opts ...phai.TransportOption) openai.Client {
	t.Helper()
	conns := new(http.Transport)
	t.Cleanup(conns.CloseIdleConnections)
	return openai.NewClient(
		option.WithBaseURL(p.URL+"/v1"),
		option.WithAPIKey("sk-"+secret),
		option.WithMaxRetries(1),
		option.WithHTTPClient(&http.Client{Transport: phai.Transport(conns, opts...)}),
	)
}

// first returns the first request.
func (p *provider) first() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.requests) == 0 {
		return ""
	}
	return p.requests[0]
}

// read decodes a request.
func (p *provider) read(r *http.Request) (request struct {
	Model    string            `json:"model"`
	Stream   bool              `json:"stream"`
	Messages []json.RawMessage `json:"messages"`
	Input    json.RawMessage   `json:"input"`
}) {
	var raw json.RawMessage
	if json.NewDecoder(r.Body).Decode(&raw) == nil {
		p.mu.Lock()
		p.requests = append(p.requests, string(raw))
		p.mu.Unlock()
		_ = json.Unmarshal(raw, &request)
	}
	return request
}

// chat asks for a tool twice and then answers. The model "broken" breaks off, "slow" waits, and
// "busy" refuses.
func (p *provider) chat(w http.ResponseWriter, r *http.Request) {
	asked := p.read(r)
	if asked.Model == "busy" {
		w.Header().Set("Retry-After-Ms", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = fmt.Fprintf(w, `{"error":{"type":"rate_limit_error","message":"not so fast: %s"}}`, secret)
		return
	}
	if !asked.Stream {
		p.round(w, len(asked.Messages))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	send(w, `{"id":"c1","object":"chat.completion.chunk","model":"gpt-test","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`)
	send(w, `{"id":"c1","object":"chat.completion.chunk","model":"gpt-test","choices":[{"index":0,"delta":{"content":"It is xyzzy"},"finish_reason":null}]}`)
	switch asked.Model {
	case "broken":
		panic(http.ErrAbortHandler)
	case "slow":
		select {
		case <-r.Context().Done():
		case <-p.release:
		}
		return
	}
	send(w, `{"id":"c1","object":"chat.completion.chunk","model":"gpt-test","choices":[{"index":0,"delta":{"content":"-plugh."},"finish_reason":null}]}`)
	send(w, `{"id":"c1","object":"chat.completion.chunk","model":"gpt-test","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`)
	send(w, `{"id":"c1","object":"chat.completion.chunk","model":"gpt-test","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":3}}}`)
	send(w, "[DONE]")
}

// round is one answer in a conversation of n messages.
func (p *provider) round(w http.ResponseWriter, n int) {
	w.Header().Set("Content-Type", "application/json")
	message, reason := `{"role":"assistant","content":"done: `+secret+`"}`, "stop"
	if n < 5 {
		message = fmt.Sprintf(`{"role":"assistant","content":null,"tool_calls":[{"id":"call_%d","type":"function","function":{"name":"look","arguments":"{\"at\":\"%s\"}"}}]}`, n, secret)
		reason = "tool_calls"
	}
	_, _ = fmt.Fprintf(w, `{"id":"c%d","object":"chat.completion","model":"gpt-test","choices":[{"index":0,"message":%s,"finish_reason":%q}],"usage":{"prompt_tokens":%d,"completion_tokens":5,"total_tokens":%d}}`, n, message, reason, n, n+5)
}

// responses streams an answer of the Responses API.
func (p *provider) responses(w http.ResponseWriter, r *http.Request) {
	p.read(r)
	w.Header().Set("Content-Type", "text/event-stream")
	send(w, `{"type":"response.created","sequence_number":0,"response":{"id":"r1","object":"response","model":"gpt-test","status":"in_progress","output":[]}}`)
	send(w, `{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"m1","type":"message","role":"assistant","status":"in_progress","content":[]}}`)
	send(w, `{"type":"response.output_text.delta","sequence_number":2,"item_id":"m1","output_index":0,"content_index":0,"delta":"It is `+secret+`"}`)
	send(w, `{"type":"response.completed","sequence_number":3,"response":{"id":"r1","object":"response","model":"gpt-test","status":"completed","output":[{"id":"m1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"It is `+secret+`","annotations":[]}]}],"usage":{"input_tokens":12,"output_tokens":6,"total_tokens":18,"input_tokens_details":{"cached_tokens":2},"output_tokens_details":{"reasoning_tokens":1}}}}`)
}

func (p *provider) embeddings(w http.ResponseWriter, r *http.Request) {
	p.read(r)
	w.Header().Set("Content-Type", "application/json")
	vector := strings.Repeat("0.125,", 1500) + "0.5"
	_, _ = fmt.Fprintf(w, `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[%s]}],"model":"embed-test","usage":{"prompt_tokens":4,"total_tokens":4}}`, vector)
}

// send sends one event at once.
func send(w http.ResponseWriter, data string) {
	_, _ = fmt.Fprintf(w, "data: %s\n\n", data)
	w.(http.Flusher).Flush()
}
