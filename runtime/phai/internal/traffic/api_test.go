package traffic_test

import (
	"testing"

	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

func TestOf(t *testing.T) {
	type answer struct {
		api  traffic.API
		base string
	}
	for path, want := range map[string]answer{
		"/v1/chat/completions":                   {traffic.Chat, "/v1"},
		"/v1/chat/completions/":                  {traffic.Chat, "/v1"},
		"/openai/deployments/d/chat/completions": {traffic.Chat, "/openai/deployments/d"},
		"/v1/responses":                          {traffic.Responses, "/v1"},
		"/embeddings":                            {traffic.Embeddings, ""},
		"/v1/messages":                           {traffic.Messages, "/v1"},
		"/v1/messages/count_tokens":              {},
		"/v1/messages/batches":                   {},
		"/v1/responses/resp_1/cancel":            {},
		"/v1/completions":                        {},
		"/v1/old-embeddings":                     {},
		"":                                       {},
	} {
		var got answer
		if got.api, got.base = traffic.Of(path); got != want {
			t.Errorf("Of(%q) = %+v, want %+v", path, got, want)
		}
	}
}

func TestProvider(t *testing.T) {
	for host, want := range map[string]string{
		"api.openai.com":        "openai",
		"eu.api.openai.com":     "openai",
		"API.Anthropic.com":     "anthropic",
		"mine.openai.azure.com": "azure",
		"openrouter.ai":         "openrouter",
		"notopenrouter.ai":      "openai",
		"127.0.0.1":             "openai",
		"":                      "openai",
	} {
		if got := traffic.Chat.Provider(host); got != want {
			t.Errorf("of Chat at %q: got %q, want %q", host, got, want)
		}
	}
	if got := traffic.Messages.Provider("localhost"); got != "anthropic" {
		t.Errorf("of Messages: got %q", got)
	}
	if !traffic.IsGateway("Gateway.us.posthog.com") || traffic.IsGateway("us.i.posthog.com") {
		t.Error("a gateway is not told from another host")
	}
}
