package phai_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phai"
)

// A client whose calls of models are captured, each in the trace of its context.
func ExampleTransport() {
	client := &http.Client{Transport: phai.Transport(provider{}, phai.Hosts("api.example.com"))}

	ctx := ph.With(context.Background(), ph.User("ann"))
	ctx, trace := phai.Trace(ctx, "answer")
	defer trace.End(nil)

	body := strings.NewReader(`{"model":"gpt-5","messages":[{"role":"user","content":"What is this?"}]}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.example.com/v1/chat/completions", body)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	fmt.Println(string(said), err)
	// Output: {"choices":[{"message":{"role":"assistant","content":"A cat."}}]} <nil>
}

// A provider stands for the network.
type provider struct{}

func (provider) RoundTrip(*http.Request) (*http.Response, error) {
	body := `{"choices":[{"message":{"role":"assistant","content":"A cat."}}]}`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}
