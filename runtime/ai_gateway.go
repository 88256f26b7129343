package runtime

import (
	"context"
	"log/slog"
)

// WarnAIGateway logs, once for each host, that model calls to a gateway of PostHog's are not
// captured. It is for package phai.
func WarnAIGateway(ctx context.Context, host string) {
	ClientOf(ctx).warnSeldom(warning{event: shorten(host), rule: "ai_gateway"}, forever,
		"model calls through a gateway of PostHog's are not captured here: the gateway captures them",
		slog.String("host", shorten(host)))
}
