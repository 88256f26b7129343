package testanthropic_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/phgen/phgen/runtime/phai"
)

// Everything that is said to a model or by it has this in it.
const secret = "xyzzy-plugh"

// A provider is a server on loopback that speaks the wire format of Anthropic.
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
	mux.HandleFunc("POST /v1/messages", p.messages)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// client returns Anthropic's client of the provider, with phai's transport in it.
func (p *provider) client(t *testing.T, opts ...phai.TransportOption) anthropic.Client {
	t.Helper()
	conns := new(http.Transport)
	t.Cleanup(conns.CloseIdleConnections)
	return anthropic.NewClient(
		option.WithBaseURL(p.URL),
		option.WithAPIKey("sk-"+secret),
		option.WithMaxRetries(0),
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

// messages asks for a tool twice and then answers. The model "broken" breaks off, "failing" says
// that it does, "slow" waits, and "busy" refuses.
func (p *provider) messages(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	var asked struct {
		Model    string            `json:"model"`
		Stream   bool              `json:"stream"`
		Messages []json.RawMessage `json:"messages"`
	}
	if json.NewDecoder(r.Body).Decode(&raw) != nil || json.Unmarshal(raw, &asked) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	p.requests = append(p.requests, string(raw))
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case asked.Model == "busy":
		w.WriteHeader(529)
		_, _ = fmt.Fprintf(w, `{"type":"error","error":{"type":"overloaded_error","message":"no room for %s"}}`, secret)
	case asked.Stream:
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		p.stream(w, r, asked.Model, len(asked.Messages))
	default:
		_, _ = fmt.Fprintf(w, `{"id":"msg_0","type":"message","role":"assistant","model":"claude-test","content":[{"type":"text","text":"It is %s"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":4}}`, secret)
	}
}

func (p *provider) stream(w http.ResponseWriter, r *http.Request, model string, n int) {
	send(w, "message_start", fmt.Sprintf(`{"type":"message_start","message":{"id":"msg_%d","type":"message","role":"assistant","model":"claude-test","content":[],"stop_reason":null,`+
		`"usage":{"input_tokens":%d,"output_tokens":1,"cache_creation_input_tokens":6,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":4}}}}`, n, 10+n))
	send(w, "ping", `{"type":"ping"}`)
	send(w, "content_block_start", `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`)
	send(w, "content_block_delta", `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"It is xyzzy"}}`)
	switch model {
	case "broken":
		panic(http.ErrAbortHandler)
	case "failing":
		send(w, "error", `{"type":"error","error":{"type":"api_error","message":"lost `+secret+`"}}`)
		return
	case "slow":
		select {
		case <-r.Context().Done():
		case <-p.release:
		}
		return
	}
	send(w, "content_block_delta", `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"-plugh."}}`)
	send(w, "content_block_stop", `{"type":"content_block_stop","index":0}`)
	reason := "end_turn"
	if n < 5 {
		reason = "tool_use"
		send(w, "content_block_start", fmt.Sprintf(`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_%d","name":"look","input":{}}}`, n))
		send(w, "content_block_delta", `{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"at\": \"xyzzy"}}`)
		send(w, "content_block_delta", `{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"-plugh\"}"}}`)
		send(w, "content_block_stop", `{"type":"content_block_stop","index":1}`)
	}
	send(w, "message_delta", fmt.Sprintf(`{"type":"message_delta","delta":{"stop_reason":%q,"stop_sequence":null},"usage":{"output_tokens":9,"server_tool_use":{"web_search_requests":1}}}`, reason))
	send(w, "message_stop", `{"type":"message_stop"}`)
}

// send sends one event at once.
func send(w http.ResponseWriter, name, data string) {
	_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data)
	w.(http.Flusher).Flush()
}
