package phai

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
)

// A model is a provider in memory: it answers every request.
type model func(r *http.Request) (*http.Response, error)

func (m model) RoundTrip(r *http.Request) (*http.Response, error) { return m(r) }

// answers returns a model that reads its request and answers with body.
func answers(status int, contentType, body string) model {
	return func(r *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		return response(status, contentType, strings.NewReader(body)), r.Body.Close()
	}
}

func response(status int, contentType string, body io.Reader) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(body)}
}

const (
	jsonType   = "application/json"
	streamType = "text/event-stream; charset=utf-8"

	chatAsked = `{"model":"gpt-5","messages":[{"role":"user","content":"my secret"}],"temperature":0.5,"stop":["secret stop"]}`
	chatSaid  = `{"id":"c1","model":"gpt-5-2025","choices":[{"index":0,"message":{"role":"assistant","content":"your secret"},"finish_reason":"stop"}],` +
		`"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":2}}}`
	chatStreamed = "data: {\"id\":\"c1\",\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"your \"}}]}\n\n" +
		"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"secret\"},\"finish_reason\":\"stop\"}]}\n\n" +
		"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n" +
		"data: [DONE]\n\n"
	responsesAsked = `{"model":"gpt-5","input":"my secret","instructions":"secret rule","max_output_tokens":50,"tools":[{"type":"function","name":"add"}]}`
	responsesSaid  = `{"id":"r1","model":"gpt-5","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"your secret"}]},` +
		`{"type":"function_call","call_id":"f1","name":"add","arguments":"{\"secret\":1}"}],"usage":{"input_tokens":3,"output_tokens":2}}`
	messagesAsked = `{"model":"claude-5","max_tokens":100,"system":"secret rule","messages":[{"role":"user","content":"my secret"}],"stream":true}`
	messagesSaid  = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"model\":\"claude-5\",\"role\":\"assistant\",\"usage\":{\"input_tokens\":25,\"output_tokens\":1,\"cache_read_input_tokens\":7}}}\n\n" +
		"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" +
		"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"your secret\"}}\n\n" +
		"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":15}}\n\n" +
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	embeddingsAsked = `{"model":"text-embedding-3-small","input":["secret one","secret two"],"dimensions":2}`
	embeddingsSaid  = `{"object":"list","data":[{"index":0,"embedding":[0.1,0.2]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}`
)

// do sends a request through a transport and returns what the caller reads.
func do(ctx context.Context, t *testing.T, rt http.RoundTripper, url, body string) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer sk-secret-key-of-mine")
	resp, err := rt.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return string(got), err
}

// models are the properties of an event that are about the model.
func models(t *testing.T, e event) map[string]any {
	t.Helper()
	for _, key := range []string{"$ai_latency", "$ai_trace_id", "$ai_span_id"} {
		if v := e.Properties[key]; v == nil || v == "" || v == 0.0 {
			t.Errorf("%s is %v", key, v)
		}
	}
	props := maps.Clone(e.Properties)
	maps.DeleteFunc(props, func(key string, _ any) bool {
		return !strings.HasPrefix(key, "$ai_") && !strings.HasPrefix(key, "ai_") ||
			slices.Contains([]string{"$ai_latency", "$ai_trace_id", "$ai_span_id", "$ai_time_to_first_token", "$ai_tokens_source"}, key)
	})
	return props
}

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func TestTransport(t *testing.T) {
	for _, tt := range []struct {
		name, url, asked, contentType, said string
		event, want                         string
	}{
		{
			"chat", "https://api.openai.com/v1/chat/completions?key=secret", chatAsked, jsonType, chatSaid, "$ai_generation",
			`{"$ai_provider":"openai","$ai_model":"gpt-5-2025","$ai_base_url":"https://api.openai.com/v1","$ai_http_status":200,
			"$ai_model_parameters":{"temperature":0.5,"stop":["secret stop"]},"$ai_temperature":0.5,
			"$ai_input":[{"role":"user","content":"my secret"}],"$ai_output_choices":[{"role":"assistant","content":"your secret"}],
			"$ai_input_tokens":9,"$ai_output_tokens":4,"$ai_total_tokens":13,"$ai_cache_read_input_tokens":5,"$ai_reasoning_tokens":2,
			"$ai_stop_reason":"stop","$ai_response_id":"c1"}`,
		},
		{
			"chat stream", "http://localhost:8080/v1/chat/completions", `{"stream":true,` + chatAsked[1:], streamType, chatStreamed, "$ai_generation",
			`{"$ai_provider":"openai","$ai_model":"gpt-5","$ai_base_url":"http://localhost:8080/v1","$ai_http_status":200,
			"$ai_model_parameters":{"temperature":0.5,"stop":["secret stop"],"stream":true},"$ai_temperature":0.5,"$ai_stream":true,
			"$ai_input":[{"role":"user","content":"my secret"}],"$ai_output_choices":[{"role":"assistant","content":"your secret"}],
			"$ai_input_tokens":9,"$ai_output_tokens":4,"$ai_stop_reason":"stop","$ai_response_id":"c1"}`,
		},
		{
			"responses", "https://mine.openai.azure.com/openai/v1/responses", responsesAsked, jsonType, responsesSaid, "$ai_generation",
			`{"$ai_provider":"azure","$ai_model":"gpt-5","$ai_base_url":"https://mine.openai.azure.com/openai/v1","$ai_http_status":200,
			"$ai_model_parameters":{"max_tokens":50},"$ai_max_tokens":50,"$ai_tools":[{"type":"function","name":"add"}],"$ai_instructions":"secret rule",
			"$ai_input":[{"role":"user","content":"my secret"}],
			"$ai_output_choices":[{"role":"assistant","content":[{"type":"text","text":"your secret"},{"type":"function","id":"f1","function":{"name":"add","arguments":"{\"secret\":1}"}}]}],
			"$ai_input_tokens":3,"$ai_output_tokens":2,"$ai_stop_reason":"completed","$ai_response_id":"r1"}`,
		},
		{
			"messages stream", "https://api.anthropic.com/v1/messages", messagesAsked, streamType, messagesSaid, "$ai_generation",
			`{"$ai_provider":"anthropic","$ai_model":"claude-5","$ai_base_url":"https://api.anthropic.com/v1","$ai_http_status":200,
			"$ai_model_parameters":{"max_tokens":100,"stream":true},"$ai_max_tokens":100,"$ai_stream":true,
			"$ai_input":[{"role":"system","content":"secret rule"},{"role":"user","content":"my secret"}],
			"$ai_output_choices":[{"role":"assistant","content":[{"type":"text","text":"your secret"}]}],
			"$ai_input_tokens":25,"$ai_output_tokens":15,"$ai_cache_read_input_tokens":7,"$ai_cache_reporting_exclusive":true,
			"$ai_stop_reason":"end_turn","$ai_response_id":"m1"}`,
		},
		{
			"embeddings", "https://api.openai.com/v1/embeddings", embeddingsAsked, jsonType, embeddingsSaid, "$ai_embedding",
			`{"$ai_provider":"openai","$ai_model":"text-embedding-3-small","$ai_base_url":"https://api.openai.com/v1","$ai_http_status":200,
			"$ai_input":["secret one","secret two"],"$ai_input_tokens":8,"$ai_total_tokens":8}`,
		},
	} {
		r := newRig(t)
		said, err := do(r.ctx(), t, Transport(answers(200, tt.contentType, tt.said), Privacy(Keep)), tt.url, tt.asked)
		if err != nil || said != tt.said {
			t.Errorf("%s: the caller read %q, %v", tt.name, said, err)
		}
		got := r.one()
		if got.Event != tt.event || got.DistinctID != "ann" {
			t.Errorf("%s: got %s of %s", tt.name, got.Event, got.DistinctID)
		}
		if diff := cmp.Diff(models(t, got), decoded(t, tt.want)); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.name, diff)
		}
		if _, timed := got.Properties["$ai_time_to_first_token"]; timed != (tt.contentType == streamType) {
			t.Errorf("%s: time to the first token: %v", tt.name, timed)
		}
	}
}

// Of a redacted call nothing that was said is anywhere in what is sent, and never a key.
func TestTransportRedacts(t *testing.T) {
	r := newRig(t)
	said := map[string][]string{
		"chat/completions": {chatAsked, chatSaid, chatStreamed},
		"responses":        {responsesAsked, responsesSaid},
		"messages":         {messagesAsked, messagesSaid},
		"embeddings":       {embeddingsAsked, embeddingsSaid},
	}
	failures := []string{`{"error":{"type":"secret and more","code":"a secret","message":"secret: sk-secret-key-of-mine"}}`, "the secret broke", `{"choices": secret`}
	calls := 0
	for path, bodies := range said {
		for _, body := range append(bodies[1:], failures...) {
			for _, status := range []int{200, 400, 500} {
				for _, contentType := range []string{jsonType, streamType} {
					for _, end := range []error{io.EOF, errors.New("secret reset"), context.Canceled} {
						m := func(*http.Request) (*http.Response, error) {
							return response(status, contentType, io.MultiReader(strings.NewReader(body), iotest.ErrReader(end))), nil
						}
						_, _ = do(r.ctx(), t, Transport(model(m)), "https://u:secret@h.example/v1/"+path+"?api-key=secret", bodies[0])
						calls++
					}
				}
			}
		}
		m := func(*http.Request) (*http.Response, error) { return nil, errors.New("dialing secret") }
		_, _ = do(r.ctx(), t, Transport(model(m)), "https://h.example/v1/"+path, bodies[0])
		calls++
	}
	if got := r.sent(); len(got) != calls {
		t.Errorf("got %d events of %d calls", len(got), calls)
	}
	if at := strings.Index(r.bytes(), "secret"); at >= 0 {
		t.Errorf("what was said is sent: …%s…", r.bytes()[max(0, at-300):at+20])
	}
}

func TestTransportFailures(t *testing.T) {
	failing := errors.New("connection reset")
	for _, tt := range []struct {
		name        string
		status      int
		contentType string
		body        io.Reader
		kind, text  string
	}{
		{"rate limit", 429, jsonType, strings.NewReader(`{"error":{"type":"rate_limit_error","message":"slow down, sk-secret-key-of-mine"}}`), "rate_limit_error", "slow down, [key]"},
		{"no JSON", 502, "text/html", strings.NewReader("<html>"), "http_502", "Bad Gateway"},
		{"nothing", 401, "", strings.NewReader(""), "http_401", "Unauthorized"},
		{"in the stream", 200, streamType, strings.NewReader("data: {\"error\":{\"message\":\"oops\"}}\n\n"), "provider_error", "oops"},
		{"stream breaks off", 200, streamType, strings.NewReader(chatStreamed[:150]), "truncated", "phai: the answer broke off"},
		{"stream is reset", 200, streamType, io.MultiReader(strings.NewReader(chatStreamed[:150]), iotest.ErrReader(failing)), "truncated", "connection reset"},
		{"stream is empty", 200, streamType, strings.NewReader(""), "truncated", "phai: the answer broke off"},
		{"stream is garbage", 200, streamType, strings.NewReader("data: garbage\n\ndata: [DONE]\n\n"), "malformed_response", "phai: the answer is none of its API"},
		{"object breaks off", 200, jsonType, strings.NewReader(chatSaid[:40]), "truncated", "phai: the answer broke off"},
		{"object is garbage", 200, jsonType, strings.NewReader("garbage"), "malformed_response", "phai: the answer is none of its API"},
		{"object is another", 200, jsonType, strings.NewReader(`{"hello":1}`), "malformed_response", "phai: the answer is none of its API"},
		{"no end, but a reason", 200, streamType, strings.NewReader(strings.TrimSuffix(chatStreamed, "data: [DONE]\n\n")), "", ""},
	} {
		r := newRig(t)
		m := func(*http.Request) (*http.Response, error) { return response(tt.status, tt.contentType, tt.body), nil }
		_, _ = do(r.ctx(), t, Transport(model(m), Privacy(Keep)), "http://localhost/v1/chat/completions", chatAsked)
		p := r.one().Properties
		kind, _ := p["$ai_error_type"].(string)
		text, _ := p["$ai_error"].(string)
		if kind != tt.kind || text != tt.text || p["$ai_http_status"] != float64(tt.status) || (p["$ai_is_error"] == true) != (tt.kind != "") {
			t.Errorf("%s: got %q, %q, status %v, error %v; want %q, %q", tt.name, kind, text, p["$ai_http_status"], p["$ai_is_error"], tt.kind, tt.text)
		}
		if p["$ai_model"] == nil || p["$ai_input"] == nil {
			t.Errorf("%s: the request is missing: %v", tt.name, p)
		}
	}
}

func TestTransportWithoutResponse(t *testing.T) {
	r := newRig(t)
	failing := errors.New("no route to sk-secret-key-of-mine")
	m := func(*http.Request) (*http.Response, error) { return nil, failing }
	if _, err := do(r.ctx(), t, Transport(model(m), Privacy(Keep)), "http://localhost/v1/chat/completions", chatAsked); !errors.Is(err, failing) {
		t.Errorf("the caller got %v", err)
	}
	p := r.one().Properties
	if p["$ai_error"] != "no route to [key]" || p["$ai_error_type"] != "*errors.errorString" || p["$ai_http_status"] != nil || p["$ai_model"] != "gpt-5" {
		t.Errorf("got %v", p)
	}
}

func TestTransportGzip(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, chatStreamed)
	_ = w.Close()
	for encoding, want := range map[string]any{"gzip": 4.0, "br": 0.0} {
		r := newRig(t)
		m := func(*http.Request) (*http.Response, error) {
			resp := response(200, streamType, bytes.NewReader(packed.Bytes()))
			resp.Header.Set("Content-Encoding", encoding)
			return resp, nil
		}
		said, err := do(r.ctx(), t, Transport(model(m), Privacy(Keep)), "http://localhost/v1/chat/completions", chatAsked)
		if err != nil || said != packed.String() {
			t.Errorf("%s: the caller read something else: %v", encoding, err)
		}
		p := r.one().Properties
		omitted, _ := p["ai_output_bytes_omitted"].(float64)
		if p["$ai_output_tokens"] != want || p["$ai_is_error"] != nil || (encoding == "br") != (int(omitted) == packed.Len()) {
			t.Errorf("%s: got %v", encoding, p)
		}
	}
}

// What is too large is counted and left out; the caller has all of it.
func TestTransportBound(t *testing.T) {
	long := strings.Repeat("a", maxContent)
	r := newRig(t)
	said := strings.Replace(chatSaid, "your secret", long, 1)
	got, err := do(r.ctx(), t, Transport(answers(200, jsonType, said), Privacy(Keep)), "http://localhost/v1/chat/completions",
		strings.Replace(chatAsked, "my secret", long, 1))
	if err != nil || got != said {
		t.Errorf("the caller read %d bytes, %v", len(got), err)
	}
	p := r.one().Properties
	for _, key := range []string{"ai_input_bytes_omitted", "ai_output_bytes_omitted"} {
		if n, _ := p[key].(float64); n < maxContent || n > maxContent+200 {
			t.Errorf("%s is %v", key, p[key])
		}
	}
	if p["$ai_input"] != nil || p["$ai_output_choices"] != nil || p["$ai_model"] != "gpt-5-2025" || p["$ai_output_tokens"] != 4.0 || p["$ai_is_error"] != nil {
		t.Errorf("got %v", p)
	}
}

func TestTransportInTrace(t *testing.T) {
	r := newRig(t)
	ctx, trace := Trace(r.ctx(), "run", Session("s1"))
	ctx, span := Span(ctx, "step")
	_, err := do(ctx, t, Transport(answers(200, jsonType, chatSaid)), "http://localhost/v1/chat/completions", chatAsked)
	if err != nil {
		t.Fatal(err)
	}
	span.End(nil)
	trace.End(nil)
	got := r.sent()
	if len(got) != 3 {
		t.Fatalf("got %d events", len(got))
	}
	call, step := got[0].Properties, got[1].Properties
	if call["$ai_trace_id"] != trace.TraceID() || call["$ai_parent_id"] != step["$ai_span_id"] || call["$ai_session_id"] != "s1" {
		t.Errorf("got %v in %v", call, step)
	}
}

func TestTransportGatewayWarns(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, func(cfg *ph.Config) { cfg.Logger = textLogger(&log) })
	for range 2 {
		if _, err := do(r.ctx(), t, Transport(answers(200, jsonType, chatSaid)), "https://Gateway.us.posthog.com/v1/chat/completions", chatAsked); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.c.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := "level=WARN msg=\"model calls through a gateway of PostHog's are not captured here: the gateway captures them\" host=gateway.us.posthog.com\n"
	if got := log.String(); got != want {
		t.Errorf("logged %q, want %q", got, want)
	}
}

// The caller reads what comes when it comes.
func TestTransportReadsAsTheCaller(t *testing.T) {
	r := newRig(t)
	in, out := io.Pipe()
	m := func(*http.Request) (*http.Response, error) { return response(200, streamType, in), nil }
	req, err := http.NewRequestWithContext(r.ctx(), http.MethodPost, "http://localhost/v1/chat/completions", strings.NewReader(chatAsked))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := Transport(model(m)).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1<<10)
	for _, piece := range strings.SplitAfter(chatStreamed, "\n\n") {
		if piece == "" {
			continue
		}
		go func() { _, _ = io.WriteString(out, piece) }() // until it is read
		n, err := resp.Body.Read(buf)
		if got := string(buf[:n]); got != piece || err != nil {
			t.Errorf("read %q, %v; want %q", got, err, piece)
		}
	}
	if got := r.one(); got.Properties["$ai_output_tokens"] != 4.0 {
		t.Errorf("got %v", got.Properties)
	}
}

// textLogger logs without the time.
func textLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}
