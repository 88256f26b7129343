package traffic

import "strings"

// An API is one shape of traffic.
type API uint8

// The shapes that are known.
const (
	None       API = iota
	Chat           // OpenAI's Chat Completions
	Responses      // OpenAI's Responses
	Embeddings     // OpenAI's Embeddings
	Messages       // Anthropic's Messages
)

// routes are how the paths of the shapes end.
var routes = [...]struct {
	suffix string
	api    API
}{
	{"/chat/completions", Chat},
	{"/responses", Responses},
	{"/embeddings", Embeddings},
	{"/messages", Messages},
}

// Of returns the shape of what is posted to path, and the part of path that is the
// provider's: "/v1" of "/v1/messages".
func Of(path string) (api API, base string) {
	path = strings.TrimSuffix(path, "/")
	for _, r := range routes {
		if base, ok := strings.CutSuffix(path, r.suffix); ok {
			return r.api, base
		}
	}
	return None, ""
}

// providers are those whose hosts are known, by the end of the host's name.
var providers = [...]struct{ host, name string }{
	{"api.openai.com", "openai"},
	{"api.anthropic.com", "anthropic"},
	{".openai.azure.com", "azure"},
	{".cognitiveservices.azure.com", "azure"},
	{".services.ai.azure.com", "azure"},
	{"generativelanguage.googleapis.com", "gemini"},
	{"openrouter.ai", "openrouter"},
	{"api.groq.com", "groq"},
	{"api.mistral.ai", "mistral"},
	{"api.deepseek.com", "deepseek"},
	{"api.together.xyz", "together"},
	{"api.together.ai", "together"},
	{"api.fireworks.ai", "fireworks"},
	{"api.perplexity.ai", "perplexity"},
	{"api.cohere.ai", "cohere"},
	{"api.cohere.com", "cohere"},
	{"api.x.ai", "xai"},
}

// Provider returns who answers at a host without port; of hosts it does not know, whose API
// it is.
func (a API) Provider(host string) string {
	host = strings.ToLower(host)
	for _, p := range providers {
		rest, ok := strings.CutSuffix(host, p.host)
		if ok && (rest == "" || p.host[0] == '.' || strings.HasSuffix(rest, ".")) {
			return p.name
		}
	}
	if a == Messages {
		return "anthropic"
	}
	return "openai"
}

// gateways are PostHog's own: they capture the calls that pass through them.
var gateways = map[string]bool{
	"gateway.posthog.com":       true,
	"gateway.us.posthog.com":    true,
	"gateway.eu.posthog.com":    true,
	"ai-gateway.us.posthog.com": true,
	"ai-gateway.eu.posthog.com": true,
}

// IsGateway reports whether a host without port is a gateway of PostHog's.
func IsGateway(host string) bool { return gateways[strings.ToLower(host)] }
