package phai

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Whatever is answered, and in whatever pieces, reaches the caller, and is one event.
func FuzzTransport(f *testing.F) {
	f.Add("chat/completions", []byte(chatAsked), []byte(chatStreamed), true, 200)
	f.Add("messages", []byte(messagesAsked), []byte(messagesSaid), true, 200)
	f.Add("responses", []byte(responsesAsked), []byte(responsesSaid), false, 200)
	f.Add("embeddings", []byte(embeddingsAsked), []byte(embeddingsSaid), false, 500)
	f.Fuzz(func(t *testing.T, path string, asked, said []byte, stream bool, status int) {
		r := newRig(t)
		contentType := jsonType
		if stream {
			contentType = streamType
		}
		req := &http.Request{Method: http.MethodPost, Header: http.Header{}}
		req = req.WithContext(r.ctx())
		var err error
		if req.URL, err = req.URL.Parse("http://localhost/v1/"); err != nil {
			t.Fatal(err)
		}
		req.URL.Path += path
		setBody(req, string(asked))
		m := func(*http.Request) (*http.Response, error) {
			return response(status, contentType, bytes.NewReader(said)), nil
		}
		resp, err := Transport(model(m), Privacy(Keep)).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || !bytes.Equal(got, said) {
			t.Errorf("the caller read %q, %v", got, err)
		}
		if n := len(r.sent()); n > 1 {
			t.Errorf("%d events", n)
		}
	})
}

// What a call costs in a transport, the model's none and the event's redacted. Next to nothing of
// "small" is reading bodies.
func BenchmarkTransport(b *testing.B) {
	for _, bench := range []struct{ name, asked, said string }{
		{"small", `{"model":"m","messages":[]}`, `{"choices":[]}`},
		{"chat", chatAsked, chatSaid},
		{"4 MB", strings.Replace(chatAsked, "my secret", strings.Repeat("secret ", 4<<20/7), 1), chatSaid},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r := quiet(b)
			resp := response(200, jsonType, nil)
			m := func(*http.Request) (*http.Response, error) {
				resp.Body = io.NopCloser(strings.NewReader(bench.said))
				return resp, nil
			}
			rt := Transport(model(m))
			req, err := http.NewRequestWithContext(r.ctx(), http.MethodPost, "http://localhost/v1/chat/completions", strings.NewReader(bench.asked))
			if err != nil {
				b.Fatal(err)
			}
			buf := make([]byte, 4<<10)
			b.ReportAllocs()
			for b.Loop() {
				resp, err := rt.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = resp.Body.Read(buf)
				_ = resp.Body.Close()
			}
		})
	}
}
